//! Admin actions: each is carried out once and recorded with the tenants before and after it.

use super::domain::{DomainInput, DomainTransition, taken_back};
use crate::model::{
    admin_annotations::{ActionKind, RequestedAction},
    claim::{Claim, State, StoredClaim},
    proof::{ProofEvidence, ProofKind},
    tenant::Tenant,
};

/// The transition of the first admin action that can be carried out now.
pub(super) fn decide(input: &DomainInput<'_>) -> Option<DomainTransition> {
    let stored = input.claim?;
    let claim = &stored.claim;
    if let Some(tidied) = stored.without_withdrawn() {
        return Some(DomainTransition::Write(Box::new(tidied)));
    }
    let force =
        stored.open_action(ActionKind::ForceRelease).and_then(|requested| force_release(input, claim, requested));
    let transfer = || stored.open_action(ActionKind::Transfer).and_then(|requested| transfer(input, claim, requested));
    let namespace = || {
        stored
            .open_action(ActionKind::ApproveNamespace)
            .and_then(|requested| approve_namespace(input, stored, requested))
    };
    let next = force.or_else(transfer).or_else(namespace)?;
    Some(DomainTransition::Write(Box::new(next)))
}

fn force_release(input: &DomainInput<'_>, claim: &Claim, requested: &RequestedAction) -> Option<Claim> {
    let tenant = claim.tenant.as_ref().filter(|_| matches!(claim.state, State::Held | State::Releasing))?;
    let mut next = Claim { barred_tenant: Some(tenant.clone()), ..claim.clone() };
    if claim.state == State::Held {
        (next.state, next.releasing_time) = (State::Releasing, Some(input.now));
    }
    next.record(requested, claim.tenant.as_ref(), input.now);
    Some(next)
}

/// Requires a claimant of that tenant: the admin action alone creates no holder.
fn transfer(input: &DomainInput<'_>, claim: &Claim, requested: &RequestedAction) -> Option<Claim> {
    let tenant: Tenant = requested.value.parse().ok()?;
    let claimant = input.eligible().find(|claimant| claimant.tenant == tenant)?;
    if claim.identity.delete_time.is_some() {
        return None;
    }
    let mut next = input.taken(claim, claimant, &ProofEvidence::of(ProofKind::Administrator));
    next.record(requested, claim.tenant.as_ref(), input.now);
    Some(next)
}

/// A recreated namespace continues with its claim and the observed proof.
fn approve_namespace(input: &DomainInput<'_>, stored: &StoredClaim, requested: &RequestedAction) -> Option<Claim> {
    let claim = &stored.claim;
    let Some(Tenant::Namespace { name, .. }) = &claim.tenant else { return None };
    let same = Tenant::Namespace { name: name.clone(), uid: requested.value.clone() };
    let claimant = input.eligible().find(|claimant| claimant.tenant == same)?;
    if claim.state != State::Releasing || claim.identity.delete_time.is_some() {
        return None;
    }
    let mut next = Claim { tenant: Some(same), ..taken_back(stored, claimant) };
    next.record(requested, claim.tenant.as_ref(), input.now);
    Some(next)
}

#[cfg(test)]
#[path = "admin_action_tests.rs"]
mod tests;
