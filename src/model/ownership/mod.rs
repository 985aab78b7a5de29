//! Who owns a subject: the life of a claim, as one pure table.
//!
//! What may make a tenant the holder differs ([`first_come`], [`proven`]); what holding, letting go and coming back mean is
//! the same for both ([`question`]). Administrators' orders come before everything else ([`ruling`]).

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

/// The next move.
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
    // Who held it without a proof never had a token that could prove again; but where others are remembered, the last
    // one of them must not be taken for the last holder.
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
        // `releasing_time` stays: what let go within one hour counts together, also after the first are gone.
        released_time: Some(now),
        ..claim.clone()
    }
}

#[cfg(test)]
mod cases;
