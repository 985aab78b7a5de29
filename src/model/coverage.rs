//! Which domain covers an address: the longest suffix that any tenant holds. Pure.
//!
//! It covers the address for its own tenant only. A shorter suffix never replaces a longer one that another tenant
//! holds.

use super::{
    address::Address,
    claim::{Claim, State},
    holder::DomainTenure,
    name::Domain,
    tenant::Tenant,
};

/// The claims on an address's domain and on its parent domains, nearest first, from a live read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suffixes(Vec<Suffix>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Suffix {
    domain_tenure: DomainTenure,
    tenant: Tenant,
    state: State,
    taken: bool,
    verified: bool,
}

/// The domain that covers an address, from the point of view of one tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cover<'a> {
    /// No tenant holds the domain or a parent of it.
    Missing,
    /// Another tenant holds the covering domain.
    AnotherTenant(&'a Domain),
    /// The tenant itself holds the covering domain.
    Own {
        /// The domain and its current tenure.
        domain_tenure: &'a DomainTenure,
        /// The tenant released the domain and may still reclaim it.
        releasing: bool,
        /// An administrator took the domain from the tenant.
        taken: bool,
        /// SES has verified the domain.
        verified: bool,
    },
}

impl Suffixes {
    /// Builds the list from claims in any order; ignores claims on unrelated domains.
    pub fn of<'c>(address: &Address, claims: impl IntoIterator<Item = &'c Claim>) -> Self {
        let at = address.domain();
        let covers = |claim: &&Claim| {
            let domain = &claim.subject.domain;
            claim.subject.address.is_none() && (domain == at || at.is_below(domain))
        };
        let mut found: Vec<Suffix> = claims.into_iter().filter(covers).filter_map(Suffix::of).collect();
        found.sort_by_key(|suffix| std::cmp::Reverse(suffix.domain_tenure.domain.as_str().len()));
        Self(found)
    }

    /// The domain that covers the address for this tenant.
    pub fn cover(&self, tenant: &Tenant) -> Cover<'_> {
        match self.0.first() {
            None => Cover::Missing,
            Some(suffix) if suffix.tenant != *tenant => Cover::AnotherTenant(&suffix.domain_tenure.domain),
            Some(suffix) => Cover::Own {
                domain_tenure: &suffix.domain_tenure,
                releasing: suffix.state == State::Releasing,
                taken: suffix.taken,
                verified: suffix.verified,
            },
        }
    }

    /// The tenure that a request made under `domain_tenure` is valid under now, and its tenant. This is the same
    /// tenure, or the tenure of a longer suffix that the same tenant acquired since. The tenure names the tenant,
    /// because an approved namespace continues under another uid. `None`: the request is permanently void.
    pub fn current_tenure(&self, domain_tenure: &DomainTenure) -> Option<(&DomainTenure, &Tenant)> {
        let rests_on = self.0.iter().find(|suffix| suffix.domain_tenure == *domain_tenure)?;
        let nearest = self.0.first().filter(|suffix| suffix.tenant == rests_on.tenant)?;
        Some((&nearest.domain_tenure, &nearest.tenant))
    }
}

impl Suffix {
    /// A claim that a tenant holds or may still reclaim.
    fn of(claim: &Claim) -> Option<Self> {
        if !matches!(claim.state, State::Held | State::Releasing) {
            return None;
        }
        Some(Self {
            domain_tenure: DomainTenure { domain: claim.subject.domain.clone(), tenure_id: claim.tenure_id.clone()? },
            tenant: claim.tenant.clone()?,
            state: claim.state,
            taken: claim.barred_tenant.is_some() && claim.barred_tenant == claim.tenant,
            verified: claim.identity.verified_time.is_some() && !claim.identity.takeover_pending,
        })
    }
}

#[cfg(test)]
#[path = "coverage_tests.rs"]
mod tests;
