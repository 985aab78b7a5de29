//! Domains that need a proof: a TXT record in the domain's DNS, or the administrator's table.
//!
//! The most specific proven claim wins: a record at `sub.example.com` is the DNS owner's consent for that subtree, even
//! if another tenant holds `example.com`. So claimants compete only for the domain itself, and its claim object is the
//! lock.

use super::domain::{DomainClaimant, DomainInput, DomainTransition, Refusal};
use crate::model::{
    claim::{Claim, State},
    proof::ProofEvidence,
    proof_policy::Required,
    suffix::is_public_suffix,
    tenant::Tenant,
};

/// The next transition.
pub(super) fn decide(input: &DomainInput<'_>) -> DomainTransition {
    match input.claim.map(|stored| stored.claim.state) {
        None | Some(State::Released) => when_free(input),
        Some(State::Provisional) => when_provisional(input),
        Some(State::Held) => when_held(input),
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
    if let Some((claimant, evidence)) = proven(input) {
        return after_fresh_challenge(input, || input.take(claimant, evidence));
    }
    match pending_tenant(input) {
        Ok(pending_tenant) => input.write(input.provisional(pending_tenant)),
        Err(why) => why,
    }
}

fn when_provisional(input: &DomainInput<'_>) -> DomainTransition {
    let Some(stored) = input.claim else { return DomainTransition::Stay };
    let claim = &stored.claim;
    if let Some((claimant, evidence)) = proven(input) {
        return after_fresh_challenge(input, || input.take(claimant, evidence));
    }
    let since = claim.provisional_time.unwrap_or(stored.created);
    if since.saturating_add(input.provisional_time).is_ok_and(|end| end <= input.now) {
        return input.start_release(&Claim { challenge_first: true, ..claim.clone() });
    }
    // The claim predates a change of the settings, or a proof disappeared between two writes.
    if input.guarded || matches!(input.required, Required::Delegation(_)) {
        return input.start_release(claim);
    }
    if input.below_another {
        let Some(related) = input.related else { return DomainTransition::ReadRelated };
        let another = |above: &Tenant| claim.pending_tenant.as_ref() != Some(above);
        if related
            .iter()
            .any(|other| other.above && other.state == State::Held && other.tenant.as_ref().is_some_and(another))
        {
            return input.start_release(claim);
        }
    }
    // A suspended claimant gains nothing, but keeps an existing claim.
    let is_pending = |claimant: &DomainClaimant| Some(&claimant.tenant) == claim.pending_tenant.as_ref();
    let asks = |claimant: &DomainClaimant| {
        !claimant.has_foreign_claim && claim.barred_tenant.as_ref() != Some(&claimant.tenant)
    };
    if input.claimants.iter().any(|claimant| is_pending(claimant) && asks(claimant)) {
        return DomainTransition::Stay;
    }
    match input.active().find(|claimant| claimant.within_limit) {
        Some(successor) => input.write(Claim { pending_tenant: Some(successor.tenant.clone()), ..claim.clone() }),
        None => input.start_release(claim),
    }
}

fn when_held(input: &DomainInput<'_>) -> DomainTransition {
    let Some(stored) = input.claim else { return DomainTransition::Stay };
    let claim = &stored.claim;
    let lost = claim.proof.as_ref().and_then(|proof| proof.lost_time);
    let over = lost.is_some_and(|lost| lost.saturating_add(input.grace).is_ok_and(|end| end <= input.now));
    let successor = proven(input).filter(|(claimant, _)| Some(&claimant.tenant) != claim.tenant.as_ref());
    // The holder's own proof, as observed in this reconcile, takes precedence: it may be back.
    match (input.keep_or_pass_on(), successor) {
        (DomainTransition::Stay, Some((claimant, evidence))) if over => {
            after_fresh_challenge(input, || input.take(claimant, evidence))
        }
        (next, _) => next,
    }
}

fn when_releasing(input: &DomainInput<'_>) -> DomainTransition {
    let Some(stored) = input.claim else { return DomainTransition::Stay };
    if let Some(back) = input.take_back() {
        return back;
    }
    if let Some((claimant, evidence)) = proven(input) {
        // A takeover by another tenant is irreversible.
        if stored.claim.tenant.is_some() && !input.claimants_live {
            return DomainTransition::ReadClaimants;
        }
        return after_fresh_challenge(input, || input.take(claimant, evidence));
    }
    if stored.claim.tenant.is_some() {
        return DomainTransition::Stay;
    }
    match pending_tenant(input) {
        Ok(pending_tenant) => input.write(Claim {
            state: State::Provisional,
            pending_tenant: Some(pending_tenant.clone()),
            // Keep the original start time, if any; the period of an identity that was created late starts now.
            provisional_time: stored.claim.provisional_time.or(Some(input.now)),
            releasing_time: None,
            ..stored.claim.clone()
        }),
        Err(why) => why,
    }
}

/// The oldest claimant with evidence.
fn proven<'a>(input: &DomainInput<'a>) -> Option<(&'a DomainClaimant, &'a ProofEvidence)> {
    input.active().find_map(|claimant| Some((claimant, claimant.proof_status.evidence()?)))
}

/// No claimant becomes holder through a DNS answer of an earlier reconcile.
fn after_fresh_challenge(input: &DomainInput<'_>, next: impl FnOnce() -> DomainTransition) -> DomainTransition {
    let by_dns = input.required == Required::Challenge;
    if by_dns && !input.challenge_live { DomainTransition::ReadChallenge } else { next() }
}

/// The tenant for which an identity may be created before any proof.
fn pending_tenant<'a>(input: &DomainInput<'a>) -> Result<&'a Tenant, DomainTransition> {
    let first = input.claim.is_some_and(|stored| stored.claim.challenge_first);
    if let Required::Delegation(_) = input.required {
        return Err(DomainTransition::Refused(Refusal::NotDelegated));
    }
    if first || input.guarded {
        return Err(DomainTransition::Refused(Refusal::ChallengeFirst));
    }
    let within_limits = input.active().filter(|claimant| claimant.within_limit).collect::<Vec<_>>();
    if within_limits.is_empty() {
        return Err(DomainTransition::Refused(Refusal::ChallengeFirst));
    }
    let Some(related) = input.related else { return Err(DomainTransition::ReadRelated) };
    let held_above = |tenant: &Tenant| {
        let others =
            related.iter().filter(|other| other.above && matches!(other.state, State::Held | State::Releasing));
        others.filter_map(|other| other.tenant.as_ref()).any(|above| above != tenant)
    };
    let free = within_limits.into_iter().find(|claimant| !held_above(&claimant.tenant));
    free.map(|claimant| &claimant.tenant).ok_or(DomainTransition::Refused(Refusal::ChallengeFirst))
}

#[cfg(test)]
#[path = "proven_tests.rs"]
mod tests;
