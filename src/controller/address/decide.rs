//! What to do next about an address: pure, one step at a time.

use jiff::Timestamp;
use kube::ResourceExt;

use super::facts::{HeldBack, Observed};
use crate::{
    clock::after,
    controller::domain::facts::Installation,
    model::{
        claim::Claim,
        confirmation::{
            Confirmation, Request,
            asking::{Due, RESEND, due},
        },
        coverage::Cover,
        ownership::address::{Asker, Move},
    },
};

/// The next step.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// The live list of the objects that ask.
    LookCandidates,
    /// The claim becomes this.
    Write(Box<Claim>),
    /// The free claim is forgotten.
    Forget,
    /// A mail to the owner, as far as limits and SES allow it.
    Send,
    /// Nothing more until then, or until something changes.
    Settled(Option<Timestamp>),
}

/// The next step for this address.
pub fn decide(me: &Installation, seen: &Observed, now: Timestamp) -> Decision {
    let askers: Vec<Asker> = seen.candidates.iter().map(|candidate| candidate.asker.clone()).collect();
    let account = me.account();
    let ownership_due = match seen.ownership(me, &account, &askers, now).decide() {
        Move::LookCandidates => return Decision::LookCandidates,
        Move::Write(claim) => return Decision::Write(claim),
        Move::Forget => return Decision::Forget,
        Move::Stay(until) => until,
    };
    let asking_due = match what_is_due(seen, now) {
        Some(Due::Change(request)) => {
            if let Some(changed) = with_request(seen, *request) {
                return Decision::Write(Box::new(changed));
            }
            None
        }
        Some(Due::Send) if !may_ask(seen) => None,
        Some(Due::Send) => match &seen.held_back {
            None => return Decision::Send,
            Some(HeldBack::Limit(_, until)) => Some(*until),
            Some(HeldBack::NotConfigured) => None,
            Some(HeldBack::Sender(_) | HeldBack::Ses(_)) => Some(after(now, me.poll_interval)),
        },
        Some(Due::Wait(until) | Due::Declined(Some(until))) => Some(until),
        Some(Due::Allowed | Due::Declined(None) | Due::Expired | Due::Unacknowledged) | None => None,
    };
    Decision::Settled(ownership_due.into_iter().chain(asking_due).min())
}

/// What is due for the holder's request.
pub fn what_is_due(seen: &Observed, now: Timestamp) -> Option<Due> {
    let (request, holder) = (seen.request()?, seen.holder()?);
    let resend = holder.object.annotations().get(RESEND).map(String::as_str);
    Some(due(request, resend, seen.declined_until(&holder.asker.tenant, now), now))
}

/// Nobody is asked on behalf of a domain that is about to go, or that rests.
pub(super) fn may_ask(seen: &Observed) -> bool {
    let cover = seen.holder().map(|holder| seen.suffixes.cover(&holder.asker.tenant));
    matches!(cover, Some(Cover::Own { releasing: false, .. })) && !seen.domain_suspended
}

/// The claim with this request in place of the present one.
pub fn with_request(seen: &Observed, request: Request) -> Option<Claim> {
    let claim = &seen.claim.as_ref()?.claim;
    let confirmation = Confirmation { request: Some(request), ..seen.confirmation()?.clone() };
    Some(Claim { confirmation: Some(confirmation), ..claim.clone() })
}
