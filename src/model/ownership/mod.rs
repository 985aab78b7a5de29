//! Ownership of a domain: the life of its claim, as one pure table.
//!
//! The proof that makes a tenant the holder differs by mode ([`first_come`], [`proven`]). Holding, releasing and
//! reclaiming are the same in both modes ([`domain`]). Admin actions take precedence ([`admin_action`]).

pub mod address;
mod admin_action;
pub mod domain;
pub mod first_come;
pub mod proven;

use jiff::Timestamp;

pub use self::domain::{DomainClaimant, DomainInput, DomainTransition, Refusal, Related};
use super::{
    claim::{Claim, ClaimedIdentity, State},
    proof::ProofKind,
    proof_policy::Required,
};

/// The next transition.
pub fn decide(input: &DomainInput<'_>) -> DomainTransition {
    if let Some(order) = admin_action::decide(input) {
        return order;
    }
    match input.required {
        Required::FirstCome => first_come::decide(input),
        Required::Challenge | Required::Delegation(_) => proven::decide(input),
    }
}

/// The released form of a claim whose identity is gone, foreign, or retained.
pub fn release(claim: &Claim, retained: bool, now: Timestamp) -> Claim {
    let identity = if retained {
        ClaimedIdentity { retained: true, delete_time: None, verified_time: None, ..claim.identity.clone() }
    } else {
        ClaimedIdentity::default()
    };
    // A holder without a proof never had a token that could become valid again. But if other former tenants are
    // recorded, the history must not name the last of them as the last holder.
    let proven = claim.proof.as_ref().is_some_and(|proof| proof.kind != ProofKind::None);
    let history = match &claim.tenant {
        Some(tenant) if proven || !claim.history.is_empty() => claim.history.left_by(tenant),
        _ => claim.history.clone(),
    };
    Claim {
        state: State::Released,
        pending_tenant: None,
        tenant: None,
        holder: None,
        tenure_id: None,
        proof: None,
        provisional_time: None,
        history,
        identity,
        // Keep `releasing_time`: releases within one hour count together, even after the first of them are complete.
        released_time: Some(now),
        ..claim.clone()
    }
}

#[cfg(test)]
mod cases;
