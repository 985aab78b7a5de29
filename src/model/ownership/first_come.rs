//! Proof mode `None`, for clusters whose tenants trust each other. The first claimant gets the domain; a domain above
//! or below another tenant's domain is refused.
//!
//! # Why two tenants can't both become holder
//!
//! For one domain, the claim object is the lock: it is created once and then changed by compare-and-swap only. For
//! related domains, each side writes its Provisional claim *first* and lists the others *afterwards*, live. At least
//! one of two such sides sees the other. A side becomes Held only when a list made after its own write contains no
//! rival. Of two Provisional rivals, the later one in order gives way, and the other one waits for it. No clock and no
//! creation time has to be trusted for this; the order only decides which side gives way.

use super::domain::{DomainClaimant, DomainInput, DomainTransition, Refusal, Related};
use crate::model::{
    claim::{Claim, State},
    name::Domain,
    proof::{ProofEvidence, ProofKind},
    suffix::is_public_suffix,
    tenant::Tenant,
};

/// The next transition.
pub(super) fn decide(input: &DomainInput<'_>) -> DomainTransition {
    match input.claim.map(|stored| stored.claim.state) {
        None | Some(State::Released) => when_free(input),
        Some(State::Provisional) => when_provisional(input),
        Some(State::Held) => input.keep_or_pass_on(),
        Some(State::Releasing) => when_releasing(input),
    }
}

fn when_free(input: &DomainInput<'_>) -> DomainTransition {
    if input.active().next().is_none() {
        return DomainTransition::Stay;
    }
    if is_public_suffix(input.domain) {
        return DomainTransition::Refused(Refusal::PublicSuffix);
    }
    let Some(related) = input.related else { return DomainTransition::ReadRelated };
    match first_unrivalled(input, related) {
        Ok(claimant) => input.write(input.provisional(&claimant.tenant)),
        Err(refusal) => DomainTransition::Refused(refusal),
    }
}

fn when_provisional(input: &DomainInput<'_>) -> DomainTransition {
    let Some(stored) = input.claim else { return DomainTransition::Stay };
    let Some(related) = input.related else { return DomainTransition::ReadRelated };
    let asks = |tenant: &&Tenant| input.active().any(|claimant| claimant.tenant == **tenant);
    let Some(pending_tenant) = stored.claim.pending_tenant.as_ref().filter(asks) else {
        return match first_unrivalled(input, related) {
            Ok(successor) => {
                input.write(Claim { pending_tenant: Some(successor.tenant.clone()), ..stored.claim.clone() })
            }
            Err(_) => give_way(input, &stored.claim),
        };
    };
    let order = (stored.created, stored.uid.clone());
    let rivals = || related.iter().filter(|other| is_rival(other, pending_tenant));
    if rivals().any(|rival| rival.state != State::Provisional || rival.order < order) {
        return give_way(input, &stored.claim);
    }
    if rivals().next().is_some() {
        return DomainTransition::Refused(Refusal::AnotherTenantReleasing);
    }
    let claimant = input.active().find(|claimant| claimant.tenant == *pending_tenant);
    claimant.map_or(DomainTransition::Stay, |claimant| input.take(claimant, &ProofEvidence::of(ProofKind::None)))
}

/// Without proofs, another tenant waits until the release is complete; an immediate takeover would make a mistaken
/// deletion permanent.
fn when_releasing(input: &DomainInput<'_>) -> DomainTransition {
    input.take_back().unwrap_or(DomainTransition::Stay)
}

/// Releases a Provisional claim in favour of a rival. An identity that was created under another proof mode goes
/// through the usual release.
fn give_way(input: &DomainInput<'_>, claim: &Claim) -> DomainTransition {
    if claim.identity.created_time.is_some() {
        return input.start_release(claim);
    }
    input.write(Claim {
        state: State::Released,
        pending_tenant: None,
        provisional_time: None,
        released_time: Some(input.now),
        ..claim.clone()
    })
}

/// The oldest claimant whose tenant nothing blocks, or the refusal of the oldest one.
fn first_unrivalled<'a>(input: &DomainInput<'a>, related: &[Related]) -> Result<&'a DomainClaimant, Refusal> {
    let mut first_refusal = None;
    for claimant in input.active() {
        match refusal_for(&claimant.tenant, input.domain, related) {
            None => return Ok(claimant),
            Some(refusal) => first_refusal = first_refusal.or(Some(refusal)),
        }
    }
    Err(first_refusal.unwrap_or(Refusal::AnotherTenant))
}

fn is_rival(other: &Related, tenant: &Tenant) -> bool {
    other.state != State::Released && other.tenant.as_ref() != Some(tenant)
}

/// The refusal for a tenant, if any: a public suffix, or other tenants' claims on related domains.
pub fn refusal_for(tenant: &Tenant, domain: &Domain, related: &[Related]) -> Option<Refusal> {
    if is_public_suffix(domain) {
        return Some(Refusal::PublicSuffix);
    }
    let mut rivals = related.iter().filter(|other| is_rival(other, tenant)).peekable();
    rivals.peek()?;
    Some(if rivals.any(|rival| rival.state == State::Held) {
        Refusal::AnotherTenant
    } else {
        Refusal::AnotherTenantReleasing
    })
}

#[cfg(test)]
#[path = "first_come_tests.rs"]
mod tests;
