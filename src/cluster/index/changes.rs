//! Changes of the index: from the watches and from the operator's own writes.

use std::collections::{BTreeMap, HashSet};

use super::{
    claims::Change,
    core::{Index, Indexed},
    entries::{ClaimEntry, Claimable, ObjectEntry},
    woken::Woken,
};
use crate::{
    cluster::key::Key,
    model::{
        address::Address,
        claim::{Claim, State, StoredClaim},
        name::Domain,
    },
};

#[derive(Clone, Copy, Debug)]
pub struct ObservedClaim<'a> {
    pub claim: &'a Claim,
    /// Name of the claim object.
    pub name: &'a str,
    pub version: &'a str,
    pub gone: bool,
}

#[derive(Debug, Default)]
pub struct Listed {
    domains: HashSet<Domain>,
    addresses: HashSet<Address>,
}

impl Listed {
    pub fn insert(&mut self, claim: &Claim) {
        match &claim.subject.address {
            Some(address) => drop(self.addresses.insert(address.clone())),
            None => drop(self.domains.insert(claim.subject.domain.clone())),
        }
    }
}

impl Index {
    pub fn put_object<S: Indexed>(&mut self, key: Key, entry: ObjectEntry<S>) -> Woken {
        let subject = entry.subject.clone();
        let changed = S::of_mut(self).objects.put(key, entry);
        if changed.is_empty() {
            return Woken::default();
        }
        let mut woken: Woken = changed.into_iter().collect();
        woken.extend([subject.beside_object(self)]);
        woken
    }

    /// The object was deleted or no longer claims anything.
    pub fn remove_object<S: Indexed>(&mut self, key: &Key) -> Woken {
        S::of_mut(self).objects.remove(key).into_iter().collect()
    }

    /// Applies a complete list, of one namespace or of all: removes every object that is not in it.
    pub fn keep_objects<S: Indexed>(&mut self, namespace: Option<&str>, listed: &HashSet<Key>) -> Woken {
        S::of_mut(self).objects.keep(namespace, listed).into_iter().collect()
    }
}

impl Index {
    /// Claims of other environments matter only on domains, and only their existence counts.
    pub fn observe_claim(&mut self, environment: &str, observed: ObservedClaim<'_>) -> Woken {
        let ObservedClaim { claim, name, gone, .. } = observed;
        if claim.environment == environment {
            return [self.observe::<Domain>(observed), self.observe::<Address>(observed)].into_iter().collect();
        }
        let exists = !gone && matches!(claim.state, State::Held | State::Releasing);
        let domain = Domain::of_claim(claim);
        domain.map_or_else(Woken::default, |domain| self.put_foreign_claim(&domain, name, exists))
    }

    fn observe<S: Indexed>(&mut self, observed: ObservedClaim<'_>) -> Woken {
        match ClaimEntry::<S>::of(observed.claim, observed.version) {
            Some(entry) if observed.gone => self.remove_claim(&entry.subject),
            Some(entry) => self.put_claim(entry),
            None => Woken::default(),
        }
    }

    /// Records the operator's own write. The claim's own subject is not woken: the reconcile knows its write. So the
    /// later watch event of that write wakes nothing.
    pub fn note_write(&mut self, stored: &StoredClaim) -> Woken {
        [self.note::<Domain>(stored), self.note::<Address>(stored)].into_iter().collect()
    }

    fn note<S: Indexed>(&mut self, stored: &StoredClaim) -> Woken {
        let entry = ClaimEntry::<S>::of(&stored.claim, &stored.version);
        entry.map_or_else(Woken::default, |entry| self.note_claim(entry))
    }

    pub fn put_claim<S: Indexed>(&mut self, entry: ClaimEntry<S>) -> Woken {
        S::of_mut(self).claims.put(entry).into_iter().map(|change| self.woken_by(change)).collect()
    }

    pub(super) fn note_claim<S: Indexed>(&mut self, entry: ClaimEntry<S>) -> Woken {
        let change = S::of_mut(self).claims.note(entry);
        S::beside_claim(&change, self)
    }

    pub fn remove_claim<S: Indexed>(&mut self, subject: &S) -> Woken {
        S::of_mut(self).claims.remove(subject).into_iter().map(|change| self.woken_by(change)).collect()
    }

    /// Applies a complete list: removes every claim that is not in it.
    pub fn keep_claims(&mut self, listed: &Listed) -> Woken {
        let domains = self.domains.claims.keep(&listed.domains);
        let addresses = self.addresses.claims.keep(&listed.addresses);
        let mut woken: Woken = domains.into_iter().map(|change| self.woken_by(change)).collect();
        woken.extend(addresses.into_iter().map(|change| self.woken_by(change)));
        woken
    }

    fn woken_by<S: Indexed>(&self, change: Change<S>) -> Woken {
        let mut woken = S::beside_claim(&change, self);
        woken.extend([change.subject]);
        woken
    }

    /// A foreign claim affects only the claimants of this environment.
    fn put_foreign_claim(&mut self, domain: &Domain, name: &str, exists: bool) -> Woken {
        let changed = self.foreign.put(domain, name, exists);
        let claimed = self.domains.objects.claimants(domain).next().is_some();
        Some(domain.clone()).filter(|_| changed && claimed).into_iter().collect()
    }
}

impl Index {
    /// `labels`: only those that matter to the operator.
    pub fn put_namespace(&mut self, name: &str, labels: &BTreeMap<String, String>) -> Woken {
        if self.namespaces.put(name, labels) { self.claimed_in(name) } else { Woken::default() }
    }

    pub fn remove_namespace(&mut self, name: &str) -> Woken {
        if self.namespaces.remove(name) { self.claimed_in(name) } else { Woken::default() }
    }

    fn claimed_in(&self, namespace: &str) -> Woken {
        let mut woken: Woken = self.domains.objects.in_namespace(namespace).cloned().collect();
        woken.extend(self.addresses.objects.in_namespace(namespace).cloned());
        woken
    }
}
