//! Changes of the index: from the watches and from the operator's own writes.

use std::collections::{BTreeMap, HashSet};

use super::{
    affected::AffectedSubjects,
    claims::Change,
    core::{Index, Indexed},
    entries::{ClaimEntry, Claimable, ObjectEntry},
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
pub struct ListedClaims {
    domains: HashSet<Domain>,
    addresses: HashSet<Address>,
}

impl ListedClaims {
    pub fn insert(&mut self, claim: &Claim) {
        match &claim.subject.address {
            Some(address) => drop(self.addresses.insert(address.clone())),
            None => drop(self.domains.insert(claim.subject.domain.clone())),
        }
    }
}

impl Index {
    pub fn put_object<S: Indexed>(&mut self, key: Key, entry: ObjectEntry<S>) -> AffectedSubjects {
        let subject = entry.subject.clone();
        let changed = S::of_mut(self).objects.put(key, entry);
        if changed.is_empty() {
            return AffectedSubjects::default();
        }
        let mut affected: AffectedSubjects = changed.into_iter().collect();
        affected.extend([subject.beside_object(self)]);
        affected
    }

    /// The object was deleted or no longer claims anything.
    pub fn remove_object<S: Indexed>(&mut self, key: &Key) -> AffectedSubjects {
        S::of_mut(self).objects.remove(key).into_iter().collect()
    }

    /// Applies a complete list, of one namespace or of all: removes every object that is not in it.
    pub fn keep_objects<S: Indexed>(&mut self, namespace: Option<&str>, listed: &HashSet<Key>) -> AffectedSubjects {
        S::of_mut(self).objects.keep(namespace, listed).into_iter().collect()
    }
}

impl Index {
    /// Claims of other environments matter only on domains, and only their existence counts.
    pub fn observe_claim(&mut self, environment: &str, observed: ObservedClaim<'_>) -> AffectedSubjects {
        let ObservedClaim { claim, name, gone, .. } = observed;
        if claim.environment == environment {
            return [self.observe::<Domain>(observed), self.observe::<Address>(observed)].into_iter().collect();
        }
        let exists = !gone && matches!(claim.state, State::Held | State::Releasing);
        let domain = Domain::of_claim(claim);
        domain.map_or_else(AffectedSubjects::default, |domain| self.put_foreign_claim(&domain, name, exists))
    }

    fn observe<S: Indexed>(&mut self, observed: ObservedClaim<'_>) -> AffectedSubjects {
        match ClaimEntry::<S>::of(observed.claim, observed.version) {
            Some(entry) if observed.gone => self.remove_claim(&entry.subject),
            Some(entry) => self.put_claim(entry),
            None => AffectedSubjects::default(),
        }
    }

    /// Records the operator's own write. The claim's own subject is not affected: the reconcile knows its write, so the
    /// later watch event of that write affects no subject.
    pub fn note_write(&mut self, stored: &StoredClaim) -> AffectedSubjects {
        [self.note::<Domain>(stored), self.note::<Address>(stored)].into_iter().collect()
    }

    fn note<S: Indexed>(&mut self, stored: &StoredClaim) -> AffectedSubjects {
        let entry = ClaimEntry::<S>::of(&stored.claim, &stored.version);
        entry.map_or_else(AffectedSubjects::default, |entry| self.note_claim(entry))
    }

    pub fn put_claim<S: Indexed>(&mut self, entry: ClaimEntry<S>) -> AffectedSubjects {
        S::of_mut(self).claims.put(entry).into_iter().map(|change| self.affected_by(change)).collect()
    }

    pub(super) fn note_claim<S: Indexed>(&mut self, entry: ClaimEntry<S>) -> AffectedSubjects {
        let change = S::of_mut(self).claims.note(entry);
        S::beside_claim(&change, self)
    }

    pub fn remove_claim<S: Indexed>(&mut self, subject: &S) -> AffectedSubjects {
        S::of_mut(self).claims.remove(subject).into_iter().map(|change| self.affected_by(change)).collect()
    }

    /// Applies a complete list: removes every claim that is not in it.
    pub fn keep_claims(&mut self, listed: &ListedClaims) -> AffectedSubjects {
        let domains = self.domains.claims.keep(&listed.domains);
        let addresses = self.addresses.claims.keep(&listed.addresses);
        let mut affected: AffectedSubjects = domains.into_iter().map(|change| self.affected_by(change)).collect();
        affected.extend(addresses.into_iter().map(|change| self.affected_by(change)));
        affected
    }

    fn affected_by<S: Indexed>(&self, change: Change<S>) -> AffectedSubjects {
        let mut affected = S::beside_claim(&change, self);
        affected.extend([change.subject]);
        affected
    }

    /// A foreign claim affects only the claimants of this environment.
    fn put_foreign_claim(&mut self, domain: &Domain, name: &str, exists: bool) -> AffectedSubjects {
        let changed = self.foreign.put(domain, name, exists);
        let claimed = self.domains.objects.claimants(domain).next().is_some();
        Some(domain.clone()).filter(|_| changed && claimed).into_iter().collect()
    }
}

impl Index {
    /// `labels`: only those that matter to the operator.
    pub fn put_namespace(&mut self, name: &str, labels: &BTreeMap<String, String>) -> AffectedSubjects {
        if self.namespaces.put(name, labels) { self.claimed_in(name) } else { AffectedSubjects::default() }
    }

    pub fn remove_namespace(&mut self, name: &str) -> AffectedSubjects {
        if self.namespaces.remove(name) { self.claimed_in(name) } else { AffectedSubjects::default() }
    }

    fn claimed_in(&self, namespace: &str) -> AffectedSubjects {
        let mut affected: AffectedSubjects =
            self.domains.objects.in_namespace(namespace).map(|entry| entry.subject.clone()).collect();
        affected.extend(self.addresses.objects.in_namespace(namespace).map(|entry| entry.subject.clone()));
        affected
    }
}
