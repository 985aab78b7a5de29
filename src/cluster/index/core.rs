//! The index, and the parts that both kinds of subject share.

use std::{collections::BTreeSet, hash::Hash, sync::Arc};

use super::{
    affected::AffectedSubjects,
    claims::{Change, Claims},
    entries::{ClaimEntry, Claimable},
    foreign::ForeignClaims,
    namespaces::Namespaces,
    objects::Objects,
};
use crate::{
    cluster::key::Key,
    model::{address::Address, claim::State, name::Domain, tenant::Tenant},
};

#[derive(Debug)]
pub struct Subjects<S: Claimable> {
    pub(super) objects: Objects<S>,
    pub(super) claims: Claims<S>,
}

// A derived impl would require a default subject.
impl<S: Claimable> Default for Subjects<S> {
    fn default() -> Self {
        Self { objects: Objects::default(), claims: Claims::default() }
    }
}

/// The index. Each change returns the affected subjects.
#[derive(Debug, Default)]
pub struct Index {
    pub(super) domains: Subjects<Domain>,
    pub(super) addresses: Subjects<Address>,
    pub(super) namespaces: Namespaces,
    pub(super) foreign: ForeignClaims,
}

pub trait Indexed: Claimable + Hash + Into<AffectedSubjects> {
    /// The part of the index for this kind.
    fn of(index: &Index) -> &Subjects<Self>;
    fn of_mut(index: &mut Index) -> &mut Subjects<Self>;
    /// Other subjects that are affected by a new or changed object with this subject.
    fn beside_object(&self, index: &Index) -> AffectedSubjects;
    /// Other subjects that are affected by a change of this subject's claim.
    fn beside_claim(change: &Change<Self>, index: &Index) -> AffectedSubjects;
}

impl Indexed for Domain {
    fn of(index: &Index) -> &Subjects<Self> {
        &index.domains
    }

    fn of_mut(index: &mut Index) -> &mut Subjects<Self> {
        &mut index.domains
    }

    fn beside_object(&self, index: &Index) -> AffectedSubjects {
        index.addresses_of(self)
    }

    /// Related domains if the owner changes; addresses if a property that they depend on changes.
    fn beside_claim(change: &Change<Self>, index: &Index) -> AffectedSubjects {
        type Entry = ClaimEntry<Domain>;
        let owner = |entry: &Entry| (entry.state, entry.tenant.clone());
        let tenure = |entry: &Entry| (entry.details.tenure_id.clone(), entry.details.verified);
        let (before, now) = (change.before.as_ref(), index.domains.claims.get(&change.subject));
        let same_owner = before.map(owner) == now.map(owner);
        let mut affected = AffectedSubjects::default();
        if !same_owner {
            affected.extend(index.related(&change.subject));
        }
        if !same_owner || before.map(tenure) != now.map(tenure) {
            affected.extend([index.addresses_of(&change.subject)]);
        }
        affected
    }
}

impl Indexed for Address {
    fn of(index: &Index) -> &Subjects<Self> {
        &index.addresses
    }

    fn of_mut(index: &mut Index) -> &mut Subjects<Self> {
        &mut index.addresses
    }

    fn beside_object(&self, _index: &Index) -> AffectedSubjects {
        AffectedSubjects::default()
    }

    fn beside_claim(_change: &Change<Self>, _index: &Index) -> AffectedSubjects {
        AffectedSubjects::default()
    }
}

impl Index {
    pub fn claimants<S: Indexed>(&self, subject: &S) -> Vec<Key> {
        S::of(self).objects.claimants(subject).cloned().collect()
    }

    /// Number of objects of a kind.
    pub fn objects<S: Indexed>(&self) -> usize {
        S::of(self).objects.len()
    }

    /// Number of claims of a kind in a state.
    pub fn count<S: Indexed>(&self, state: State) -> usize {
        S::of(self).claims.all().filter(|entry| entry.state == state).count()
    }

    pub fn claims<S: Indexed>(&self) -> Vec<ClaimEntry<S>> {
        S::of(self).claims.all().cloned().collect()
    }

    /// The group of a subject for fair scheduling: the tenant of its claim, else that of its first claimant. Once a
    /// tenant has the subject, another tenant's resource never moves it into that tenant's queue. The index is
    /// precise enough for fairness; the claim alone decides ownership.
    pub fn group<S: Indexed>(&self, subject: &S) -> Arc<str> {
        let Subjects { objects, claims } = S::of(self);
        match claims.get(subject).and_then(|entry| entry.tenant.as_ref()) {
            Some(Tenant::Label(label)) => Arc::from(format!("tenant/{label}")),
            Some(Tenant::Namespace { name, .. }) => Arc::from(name.as_str()),
            None => {
                let first = objects.claimants(subject).next();
                first.map_or_else(|| Arc::from(""), |(namespace, _)| self.namespaces.group(namespace))
            }
        }
    }

    /// Every subject of a kind that this environment has to reconcile.
    pub fn subjects<S: Indexed>(&self, environment: &str) -> BTreeSet<&S> {
        let Subjects { objects, claims } = S::of(self);
        let claimed = claims.all().map(|entry| &entry.subject);
        objects.subjects().filter(|subject| self.has_served_claimant(environment, *subject)).chain(claimed).collect()
    }

    /// Whether a subject needs a reconcile: it has a claim, or a claimant in a namespace of this environment. A
    /// namespace that was not observed yet has its claimants reconciled once it is observed.
    pub fn concerns<S: Indexed>(&self, environment: &str, subject: &S) -> bool {
        S::of(self).claims.get(subject).is_some() || self.has_served_claimant(environment, subject)
    }

    fn has_served_claimant<S: Indexed>(&self, environment: &str, subject: &S) -> bool {
        let mut claimants = S::of(self).objects.claimants(subject);
        claimants.any(|(namespace, _)| self.namespaces.is_served(environment, namespace))
    }

    /// Domains with claimants, above and below this one.
    fn related(&self, domain: &Domain) -> Vec<Domain> {
        let objects = &self.domains.objects;
        let below = objects.at_or_below(domain).filter(|other| *other != domain).cloned();
        let above = domain.ancestors().filter(|above| objects.claimants(above).next().is_some());
        below.chain(above).collect()
    }

    /// Addresses with claimants or a claim, at a domain or below it.
    fn addresses_of(&self, domain: &Domain) -> AffectedSubjects {
        let Subjects { objects, claims } = &self.addresses;
        objects.at_or_below(domain).chain(claims.at_or_below(domain)).cloned().collect()
    }
}
