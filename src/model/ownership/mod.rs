//! Ownership of a domain: the life of its claim, as one pure table.
//!
//! The proof that makes a tenant the holder differs by mode ([`first_come`], [`proven`]). Holding, releasing and
//! reclaiming are the same in both modes ([`question`]). Admin actions take precedence ([`ruling`]).

pub mod address;
pub mod first_come;
pub mod proven;
pub mod question;
mod ruling;

use jiff::Timestamp;

pub use self::question::{Asker, Block, Move, Question, Related};
use super::{
    claim::{Claim, IdentityFacts, State},
    policy::Required,
    proof::ProofKind,
};

/// The next transition.
pub fn decide(question: &Question<'_>) -> Move {
    if let Some(order) = ruling::decide(question) {
        return order;
    }
    match question.required {
        Required::FirstCome => first_come::decide(question),
        Required::Challenge | Required::Delegation(_) => proven::decide(question),
    }
}

/// The released form of a claim whose identity is gone, foreign, or retained.
pub fn release(claim: &Claim, retained: bool, now: Timestamp) -> Claim {
    let identity = if retained {
        IdentityFacts { retained: true, delete_time: None, verified_time: None, ..claim.identity.clone() }
    } else {
        IdentityFacts::default()
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
        sponsor: None,
        tenant: None,
        holder: None,
        holding: None,
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
