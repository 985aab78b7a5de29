//! The assessment of one observation of an address: permission to request a confirmation, progress, refusals. Pure.
//!
//! `decide` acts on an assessment and the report words it, so a status never decides anything a second time.

use jiff::Timestamp;
use kube::ResourceExt;

use crate::{
    controller::{
        address::observe::observation::{Claimant, HeldBack, Observation},
        config::Config,
    },
    model::{
        claim::State,
        confirmation::{
            AnswerKind, Request,
            asking::{Due, RESEND, due},
        },
        coverage::Cover,
    },
    ses::SesError,
};

/// The assessment of one observation.
pub struct Assessment<'a> {
    pub config: &'a Config,
    pub seen: &'a Observation,
    pub now: Timestamp,
    /// The next step of the holder's request.
    pub due: Option<Due>,
}

/// The state of one claimant's request for confirmation.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing<'a> {
    /// An administrator took the address from its tenant.
    ForceReleased,
    /// Its tenant has no request for the address.
    NotOwned,
    /// Another resource of its tenant holds the request.
    Duplicate,
    /// The owner answered, or an administrator did in the owner's place.
    Answered(AnswerKind),
    /// The owner did not answer in time.
    Expired,
    /// SES never acknowledged the mail.
    Unacknowledged,
    /// A mail was sent, and the link is still valid.
    AwaitingOwner,
    /// The next mail is held back.
    HeldBack(&'a HeldBack),
    SesTrouble(&'a SesError),
    /// The next mail is about to be sent.
    Asking,
}

impl<'a> Assessment<'a> {
    pub fn of(config: &'a Config, seen: &'a Observation, now: Timestamp) -> Self {
        let (request, holder) = (seen.request(), seen.holder());
        let due = request.zip(holder).map(|(request, holder)| {
            let resend = holder.object.annotations().get(RESEND).map(String::as_str);
            due(request, resend, seen.declined_until(&holder.asker.tenant, now), now)
        });
        Self { config, seen, now, due }
    }

    /// Whether this claimant holds the request.
    pub fn holds(&self, claimant: &Claimant) -> bool {
        self.seen.holder().is_some_and(|holder| holder.asker.object.uid == claimant.asker.object.uid)
    }

    pub fn standing(&self, claimant: &Claimant) -> Standing<'a> {
        let seen = self.seen;
        let tenant = &claimant.asker.tenant;
        let claim = seen.claim.as_ref().map(|stored| &stored.claim);
        if claim.is_some_and(|claim| claim.barred.as_ref() == Some(tenant)) {
            return Standing::ForceReleased;
        }
        let mine = claim.is_some_and(|claim| claim.state == State::Held && claim.tenant.as_ref() == Some(tenant));
        let Some(request) = seen.request().filter(|_| mine) else {
            return match seen.declined_until(tenant, self.now) {
                Some(_) => Standing::Answered(AnswerKind::Declined),
                None => Standing::NotOwned,
            };
        };
        if !self.holds(claimant) {
            return Standing::Duplicate;
        }
        match request.answer.map(|answer| answer.kind) {
            Some(kind) => Standing::Answered(kind),
            None => self.unanswered(request),
        }
    }

    fn unanswered(&self, request: &Request) -> Standing<'a> {
        match self.due {
            Some(Due::Expired) => Standing::Expired,
            Some(Due::Unacknowledged) => Standing::Unacknowledged,
            Some(Due::Wait(_)) if request.attempt.sent_time.is_some() => Standing::AwaitingOwner,
            _ => match (&self.seen.held_back, &self.seen.progress.attempts.ses_error) {
                (Some(held), _) => Standing::HeldBack(held),
                (None, Some(error)) => Standing::SesTrouble(error),
                (None, None) => Standing::Asking,
            },
        }
    }
}

/// No mail is sent for a domain that is being released or suspended.
pub fn may_ask(seen: &Observation) -> bool {
    let cover = seen.holder().map(|holder| seen.suffixes.cover(&holder.asker.tenant));
    matches!(cover, Some(Cover::Own { releasing: false, .. })) && !seen.domain_suspended
}
