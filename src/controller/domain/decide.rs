//! What to do next about a domain: pure, one step at a time.
//!
//! A pass asks again after every step, with what the step has shown. So a crash between two steps needs no thought of its
//! own: the next pass finds the same facts and gives the same answer.

use jiff::Timestamp;

use super::{
    facts::{Installation, Observed, Sight},
    holding, releasing,
    step::{Decision, Look, Write},
};
use crate::{
    api::reasons::EventReason,
    clock::after,
    model::{
        claim::{Claim, State},
        ownership::{self, Move},
    },
};

/// The next step for this domain.
pub fn decide(me: &Installation, seen: &Observed, now: Timestamp) -> Decision {
    if seen.challenge_due(me).is_some_and(|due| due <= now) {
        return Decision::Look(Look::Challenge);
    }
    let account = me.account();
    match ownership::decide(&seen.ownership(me, &account, &seen.askers(me), now)) {
        Move::LookRelated => return Decision::Look(Look::Related),
        Move::LookCandidates => return Decision::Look(Look::Candidates),
        Move::LookChallenge => return Decision::Look(Look::Challenge),
        Move::Write(claim) => {
            let event = claim_event(seen, &claim);
            return Decision::Write(Write::Claim(claim, event));
        }
        Move::Stay | Move::Blocked(_) => {}
    }
    let next = about_identity(me, seen, now);
    let costs = matches!(next, Decision::Look(Look::Identity) | Decision::Write(_));
    if costs && (seen.memory.identity == Sight::Unseen && seen.has_unseen_wish() || seen.somebody_lost()) {
        return Decision::ReportFirst;
    }
    match (next, ownership_due(me, seen, now)) {
        (Decision::Settled(at), Some(due)) => Decision::Settled(Some(at.map_or(due, |at| at.min(due)))),
        (next, _) => next,
    }
}

fn about_identity(me: &Installation, seen: &Observed, now: Timestamp) -> Decision {
    let Some(stored) = &seen.claim else {
        let again = after(now, me.recheck_interval);
        return Decision::Settled((!seen.candidates.is_empty()).then_some(again));
    };
    match stored.claim.state {
        State::Provisional | State::Held => holding::decide(me, seen, stored, now),
        State::Releasing | State::Released => releasing::decide(me, seen, stored, now),
    }
}

/// When ownership may change although nobody does anything.
fn ownership_due(me: &Installation, seen: &Observed, now: Timestamp) -> Option<Timestamp> {
    let claim = seen.claim.as_ref().map(|stored| &stored.claim);
    // One that was let go keeps the time, which is over.
    let provisional = claim.filter(|claim| claim.state == State::Provisional);
    let expiry = provisional.and_then(|claim| claim.provisional_time);
    let expiry = expiry.map(|since| end_of(since, me.policy.provisional_time));
    let lost = claim.and_then(|claim| claim.proof.as_ref()).and_then(|proof| proof.lost_time);
    let displacement = lost.map(|lost| end_of(lost, me.policy.grace)).filter(|end| *end > now);
    seen.challenge_due(me).into_iter().chain(expiry).chain(displacement).min()
}

fn end_of(since: Timestamp, time: jiff::SignedDuration) -> Timestamp {
    since.saturating_add(time).unwrap_or(Timestamp::MAX)
}

fn claim_event(seen: &Observed, next: &Claim) -> Option<EventReason> {
    let before = seen.claim.as_ref().map(|stored| &stored.claim);
    let lost = |claim: &Claim| claim.proof.as_ref().and_then(|proof| proof.lost_time).is_some();
    if before
        .is_some_and(|before| before.rulings.len() < next.rulings.len() || before.rulings.last() != next.rulings.last())
    {
        return Some(EventReason::Ruled);
    }
    match (before.map(|before| before.state), next.state) {
        (Some(State::Held), State::Held)
            if before.and_then(|before| before.tenant.as_ref()) != next.tenant.as_ref() =>
        {
            Some(EventReason::Displaced)
        }
        (Some(State::Held), State::Held) if !before.is_some_and(lost) && lost(next) => Some(EventReason::ProofLost),
        (Some(State::Held), State::Held) if before.is_some_and(lost) && !lost(next) => Some(EventReason::ProofSeen),
        (Some(State::Held), State::Held) => None,
        (_, State::Held) if before.is_none_or(|before| before.tenant != next.tenant) => Some(EventReason::Claimed),
        (Some(State::Held | State::Provisional), State::Releasing) => Some(EventReason::ReleaseStarted),
        _ => None,
    }
}
