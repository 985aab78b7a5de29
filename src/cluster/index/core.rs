//! The index, and what its two kinds of subjects have in common.

use std::{collections::BTreeSet, hash::Hash, sync::Arc};

use super::{
    claims::{Change, Claims},
    entries::{ClaimEntry, Claimable},
    foreign::ForeignClaims,
    namespaces::Namespaces,
    objects::Objects,
    woken::Woken,
};
use crate::{
    cluster::key::Key,
    model::{address::Address, claim::State, name::Domain},
};

/// Objects and claims of one kind of subject.
#[derive(Debug)]
pub struct Subjects<S: Claimable> {
    pub(super) objects: Objects<S>,
    pub(super) claims: Claims<S>,
}

// Derived, it would demand a default subject.
impl<S: Claimable> Default for Subjects<S> {
    fn default() -> Self {
        Self { objects: Objects::default(), claims: Claims::default() }
    }
}

/// The index. Each change answers with the subjects that it concerns.
#[derive(Debug, Default)]
pub struct Index {
    pub(super) domains: Subjects<Domain>,
    pub(super) addresses: Subjects<Address>,
    pub(super) namespaces: Namespaces,
    pub(super) foreign: ForeignClaims,
}

/// A subject that the index keeps.
pub trait Indexed: Claimable + Hash + Into<Woken> {
    /// Its part of the index.
    fn of(index: &Index) -> &Subjects<Self>;
    /// The same, to change it.
    fn of_mut(index: &mut Index) -> &mut Subjects<Self>;
    /// Other subjects that a new or changed object concerns that claims this one.
    fn beside_object(&self, index: &Index) -> Woken;
    /// Other subjects that a change of its claim concerns.
    fn beside_claim(change: &Change<Self>, index: &Index) -> Woken;
}

impl Indexed for Domain {
    fn of(index: &Index) -> &Subjects<Self> {
        &index.domains
    }

    fn of_mut(index: &mut Index) -> &mut Subjects<Self> {
        &mut index.domains
    }

    fn beside_object(&self, index: &Index) -> Woken {
        index.addresses_of(self)
    }

    /// The domains above and below where its owner changes, and its addresses where what they depend on changes.
    fn beside_claim(change: &Change<Self>, index: &Index) -> Woken {
        type Entry = ClaimEntry<Domain>;
        let owner = |entry: &Entry| (entry.state, entry.tenant.clone());
        let tenure = |entry: &Entry| (entry.facts.tenure_id.clone(), entry.facts.verified);
        let (before, now) = (change.before.as_ref(), index.domains.claims.get(&change.subject));
        let same_owner = before.map(owner) == now.map(owner);
        let mut woken = Woken::default();
        if !same_owner {
            woken.extend(index.related(&change.subject));
        }
        if !same_owner || before.map(tenure) != now.map(tenure) {
            woken.extend([index.addresses_of(&change.subject)]);
        }
        woken
    }
}

impl Indexed for Address {
    fn of(index: &Index) -> &Subjects<Self> {
        &index.addresses
    }

    fn of_mut(index: &mut Index) -> &mut Subjects<Self> {
        &mut index.addresses
    }

    fn beside_object(&self, _index: &Index) -> Woken {
        Woken::default()
    }

    fn beside_claim(_change: &Change<Self>, _index: &Index) -> Woken {
        Woken::default()
    }
}

impl Index {
    /// The objects that claim a subject.
    pub fn claimants<S: Indexed>(&self, subject: &S) -> Vec<Key> {
        S::of(self).objects.claimants(subject).cloned().collect()
    }

    /// Number of objects that claim subjects of a kind.
    pub fn objects<S: Indexed>(&self) -> usize {
        S::of(self).objects.len()
    }

    /// How many claims of a kind are in a state.
    pub fn count<S: Indexed>(&self, state: State) -> usize {
        S::of(self).claims.all().filter(|entry| entry.state == state).count()
    }

    /// Every claim of a kind.
    pub fn claims<S: Indexed>(&self) -> Vec<ClaimEntry<S>> {
        S::of(self).claims.all().cloned().collect()
    }

    /// The group of a subject for fair scheduling: all subjects that one tenant claims. Good enough to be fair by; the
    /// owner is in the claim.
    pub fn group<S: Indexed>(&self, subject: &S) -> Arc<str> {
        let first = S::of(self).objects.claimants(subject).next();
        first.map_or_else(|| Arc::from(""), |(namespace, _)| self.namespaces.group(namespace))
    }

    /// Every subject of a kind that concerns an environment.
    pub fn subjects<S: Indexed>(&self, environment: &str) -> BTreeSet<&S> {
        let Subjects { objects, claims } = S::of(self);
        let claimed = claims.all().map(|entry| &entry.subject);
        objects.subjects().filter(|subject| self.has_served_claimant(environment, *subject)).chain(claimed).collect()
    }

    /// Whether there is anything to do about a subject: it has a claim, or a claimant in a namespace that this
    /// environment serves. The claimants of a namespace that was not observed yet are reconciled when it is.
    pub fn concerns<S: Indexed>(&self, environment: &str, subject: &S) -> bool {
        S::of(self).claims.get(subject).is_some() || self.has_served_claimant(environment, subject)
    }

    fn has_served_claimant<S: Indexed>(&self, environment: &str, subject: &S) -> bool {
        let mut claimants = S::of(self).objects.claimants(subject);
        claimants.any(|(namespace, _)| self.namespaces.is_served(environment, namespace))
    }

    /// Domains above and below one that have claimants.
    fn related(&self, domain: &Domain) -> Vec<Domain> {
        let objects = &self.domains.objects;
        let below = objects.at_or_below(domain).filter(|other| *other != domain).cloned();
        let above = domain.ancestors().filter(|above| objects.claimants(above).next().is_some());
        below.chain(above).collect()
    }

    /// Addresses with claimants or a claim at a domain and below it.
    fn addresses_of(&self, domain: &Domain) -> Woken {
        let Subjects { objects, claims } = &self.addresses;
        objects.at_or_below(domain).chain(claims.at_or_below(domain)).cloned().collect()
    }
}
