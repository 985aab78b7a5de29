//! What to do next about a domain: pure, one step at a time.
//!
//! A pass asks again after every step, with what the step has shown. So a crash between two steps needs no thought of its
//! own: the next pass finds the same facts and gives the same answer.

use jiff::Timestamp;

use super::{
    facts::{Installation, Observed, Sight},
    holding, releasing,
};
use crate::{
    api::reasons::EventReason,
    clock::after,
    model::{
        claim::{Claim, State},
        ownership::Move,
    },
};

/// The next step.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// Something has to be read.
    Look(Look),
    /// Something has to be written.
    Write(Write),
    /// Statuses first: nothing was said yet about the newest wish, and the next step may have to wait for its turn.
    ReportFirst,
    /// Nothing more until then (or until something changes).
    Settled(Option<Timestamp>),
}

/// A read that is made only when it is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Live list of the claims above and below.
    Related,
    /// Live list of the objects that ask.
    Candidates,
    /// The identity at SES: one management call.
    Identity,
    /// The records in DNS.
    Records,
}

/// A write.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// The claim becomes this (created, or compared and swapped).
    Claim(Box<Claim>, Option<EventReason>),
    /// The claim, free for long enough, is forgotten.
    ForgetClaim,
    /// Creates the identity. `true`: it had existed before and was gone.
    CreateIdentity(bool),
    /// Puts Easy DKIM on. `true`: restarts a verification that SES gave up; else puts right what somebody changed.
    StartEasyDkim(bool),
    /// Turns DKIM signing on again.
    EnableSigning,
    /// Marks the identity as retained, or takes the mark away.
    MarkRetained(bool),
    /// Deletes the identity.
    DeleteIdentity,
}

impl Write {
    /// What a dry run says of it.
    pub fn plan(&self, domain: &str) -> String {
        match self {
            Self::Claim(claim, _) => format!("would make the claim on {domain} {}", claim.state.as_str()),
            Self::ForgetClaim => format!("would forget the free claim on {domain}"),
            Self::CreateIdentity(_) => format!("would create the SES identity {domain}"),
            Self::StartEasyDkim(_) => format!("would start Easy DKIM for {domain}"),
            Self::EnableSigning => format!("would turn DKIM signing on for {domain}"),
            Self::MarkRetained(true) => format!("would tag the SES identity {domain} as retained"),
            Self::MarkRetained(false) => format!("would remove the tag for retained identities from {domain}"),
            Self::DeleteIdentity => format!("would delete the SES identity {domain}"),
        }
    }
}

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
        let again = after(now, me.refresh_interval);
        return Decision::Settled((!seen.candidates.is_empty()).then_some(again));
    };
    let next = match stored.claim.state {
        State::Provisional => Decision::Settled(Some(after(now, me.poll_interval))),
        State::Held => holding::decide(me, seen, stored, now),
        State::Releasing | State::Released => releasing::decide(me, seen, stored, now),
    };
    let costs = matches!(next, Decision::Look(Look::Identity) | Decision::Write(_));
    if costs && seen.memory.identity == Sight::Unseen && has_unseen_wish(seen) { Decision::ReportFirst } else { next }
}

/// Whether an object's newest generation has no status yet.
fn has_unseen_wish(seen: &Observed) -> bool {
    seen.candidates.iter().any(|candidate| {
        let observed = candidate.object.status.as_ref().map(|status| status.observed_generation);
        observed != candidate.object.metadata.generation
    })
}

fn claim_event(seen: &Observed, next: &Claim) -> Option<EventReason> {
    let before = seen.claim.as_ref().map(|stored| stored.claim.state);
    match next.state {
        State::Held if before == Some(State::Provisional) => Some(EventReason::Claimed),
        State::Releasing => Some(EventReason::ReleaseStarted),
        _ => None,
    }
}
