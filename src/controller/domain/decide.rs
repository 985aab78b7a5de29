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
        ownership::Move,
    },
};

/// The next step for this domain.
pub fn decide(me: &Installation, seen: &Observed, now: Timestamp) -> Decision {
    let account = me.account();
    let askers: Vec<_> = seen.candidates.iter().map(|candidate| candidate.asker.clone()).collect();
    match seen.ownership(me, &account, &askers, now).decide() {
        Move::LookRelated => return Decision::Look(Look::Related),
        Move::Write(claim) => {
            let event = claim_event(seen, &claim);
            return Decision::Write(Write::Claim(claim, event));
        }
        Move::Stay | Move::Blocked(_) => {}
    }
    let Some(stored) = &seen.claim else {
        let again = after(now, me.recheck_interval);
        return Decision::Settled((!seen.candidates.is_empty()).then_some(again));
    };
    let next = match stored.claim.state {
        State::Provisional => Decision::Settled(Some(after(now, me.poll_interval))),
        State::Held => holding::decide(me, seen, stored, now),
        State::Releasing | State::Released => releasing::decide(me, seen, stored, now),
    };
    let costs = matches!(next, Decision::Look(Look::Identity) | Decision::Write(_));
    if costs && seen.memory.identity == Sight::Unseen && seen.has_unseen_wish() { Decision::ReportFirst } else { next }
}

fn claim_event(seen: &Observed, next: &Claim) -> Option<EventReason> {
    let before = seen.claim.as_ref().map(|stored| stored.claim.state);
    match next.state {
        State::Held if before == Some(State::Provisional) => Some(EventReason::Claimed),
        State::Releasing => Some(EventReason::ReleaseStarted),
        _ => None,
    }
}
