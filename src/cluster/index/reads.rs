//! Queries that a reconcile makes about claims of one kind.

use std::collections::HashMap;

use jiff::Timestamp;

use super::core::Index;
use crate::model::{
    claim::State, confirmation::limits::Counted, creation_limit::Creations, deletion_guard::together, name::Domain,
    tenant::Tenant,
};

impl Index {
    pub fn foreign_claims(&self, domain: &Domain) -> Vec<String> {
        self.foreign.names(domain).map(ToOwned::to_owned).collect()
    }

    /// Tenants that hold a domain above this one.
    pub fn held_above(&self, domain: &Domain) -> Vec<Tenant> {
        let above = domain.ancestors().filter_map(|above| self.domains.claims.get(&above));
        above.filter(|entry| entry.state == State::Held).filter_map(|entry| entry.tenant.clone()).collect()
    }

    /// Number of other domains with an unproven claim, in all and for each tenant. A claim that is being released
    /// counts until its identity is gone. Otherwise a tenant could exceed the limit by alternating creation and
    /// deletion.
    pub fn provisional_beside(&self, domain: &Domain) -> (usize, HashMap<&Tenant, usize>) {
        let (mut all, mut of) = (0, HashMap::new());
        for entry in self.domains.claims.all().filter(|entry| entry.details.unproven && entry.subject != *domain) {
            all += 1;
            if let Some(tenant) = &entry.tenant {
                *of.entry(tenant).or_default() += 1;
            }
        }
        (all, of)
    }

    /// Number of claims released within one hour of `time`, complete or not.
    pub fn releasing_together(&self, time: Timestamp) -> usize {
        together(time, self.domains.claims.all().filter_map(|entry| entry.details.releasing_time))
    }

    /// Recent creations for this tenant, one window per claim.
    pub fn creations_for(&self, tenant: &Tenant) -> Vec<Creations> {
        let all = self.domains.claims.all().filter_map(|entry| entry.details.creations.as_ref());
        all.filter(|creations| creations.tenant == *tenant).cloned().collect()
    }
}

impl Index {
    /// Recent mails of the environment.
    pub fn mails(&self) -> impl Iterator<Item = Counted<'_>> + Clone {
        self.addresses
            .claims
            .all()
            .flat_map(|entry| entry.details.iter().map(|mail| Counted { domain: entry.subject.domain(), mail }))
    }
}
