//! The subjects that a change of the index affects.

use std::collections::BTreeSet;

use crate::model::{address::Address, name::Domain};

/// Subjects to reconcile after a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AffectedSubjects {
    pub domains: BTreeSet<Domain>,
    pub addresses: BTreeSet<Address>,
}

impl AffectedSubjects {
    pub fn is_empty(&self) -> bool {
        self.domains.is_empty() && self.addresses.is_empty()
    }
}

impl From<Domain> for AffectedSubjects {
    fn from(domain: Domain) -> Self {
        Self { domains: BTreeSet::from([domain]), ..Self::default() }
    }
}

impl From<Address> for AffectedSubjects {
    fn from(address: Address) -> Self {
        Self { addresses: BTreeSet::from([address]), ..Self::default() }
    }
}

impl<S: Into<Self>> Extend<S> for AffectedSubjects {
    fn extend<I: IntoIterator<Item = S>>(&mut self, more: I) {
        for more in more {
            let Self { domains, addresses } = more.into();
            self.domains.extend(domains);
            self.addresses.extend(addresses);
        }
    }
}

impl<S: Into<Self>> FromIterator<S> for AffectedSubjects {
    fn from_iter<I: IntoIterator<Item = S>>(all: I) -> Self {
        let mut affected = Self::default();
        affected.extend(all);
        affected
    }
}
