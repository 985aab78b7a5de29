//! Which domain covers an address: the longest suffix that anybody holds. Pure.
//!
//! It covers the address for its own tenant alone. A shorter suffix never steps in where a longer one is another tenant's.

use super::{
    address::Address,
    claim::{Claim, State},
    holder::Under,
    name::Domain,
    tenant::Tenant,
};

/// The claims on an address's domain and those above it, nearest first, as a live look showed them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suffixes(Vec<Suffix>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Suffix {
    under: Under,
    tenant: Tenant,
    state: State,
    taken: bool,
    verified: bool,
}

/// What covers an address for a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cover<'a> {
    /// Nobody holds the domain, or one above it.
    Missing,
    /// Another tenant's domain.
    AnotherTenant(&'a Domain),
    /// The tenant's own domain.
    Own {
        /// The holding.
        under: &'a Under,
        /// The tenant has let go of it; it may come back.
        releasing: bool,
        /// An administrator took it from the tenant.
        taken: bool,
        /// SES sends for it.
        verified: bool,
    },
}

impl Suffixes {
    /// From the claims on the address's domain and those above it, in any order.
    pub fn of<'c>(address: &Address, claims: impl IntoIterator<Item = &'c Claim>) -> Self {
        let at = address.domain();
        let covers = |claim: &&Claim| {
            let domain = &claim.subject.domain;
            claim.subject.address.is_none() && (domain == at || at.is_below(domain))
        };
        let mut found: Vec<Suffix> = claims.into_iter().filter(covers).filter_map(Suffix::of).collect();
        found.sort_by_key(|suffix| std::cmp::Reverse(suffix.under.domain.as_str().len()));
        Self(found)
    }

    /// What covers the address for this tenant.
    pub fn cover(&self, tenant: &Tenant) -> Cover<'_> {
        match self.0.first() {
            None => Cover::Missing,
            Some(suffix) if suffix.tenant != *tenant => Cover::AnotherTenant(&suffix.under.domain),
            Some(suffix) => Cover::Own {
                under: &suffix.under,
                releasing: suffix.state == State::Releasing,
                taken: suffix.taken,
                verified: suffix.verified,
            },
        }
    }

    /// Whether a request that rests on `under` still stands, on what, and whose it is: the same holding, or a longer suffix
    /// that the same tenant has got since. The holding says whose: a namespace that was made again and approved goes on under
    /// another uid. `None`: the request is void, for good.
    pub fn standing(&self, under: &Under) -> Option<(&Under, &Tenant)> {
        let rests_on = self.0.iter().find(|suffix| suffix.under == *under)?;
        let nearest = self.0.first().filter(|suffix| suffix.tenant == rests_on.tenant)?;
        Some((&nearest.under, &nearest.tenant))
    }
}

impl Suffix {
    /// A claim that somebody holds, or may still take back.
    fn of(claim: &Claim) -> Option<Self> {
        if !matches!(claim.state, State::Held | State::Releasing) {
            return None;
        }
        Some(Self {
            under: Under { domain: claim.subject.domain.clone(), holding: claim.holding.clone()? },
            tenant: claim.tenant.clone()?,
            state: claim.state,
            taken: claim.barred.is_some() && claim.barred == claim.tenant,
            verified: claim.identity.verified_time.is_some() && !claim.identity.hand_over,
        })
    }
}

#[cfg(test)]
#[path = "coverage_tests.rs"]
mod tests;
