//! The assessment of one observation of an address: permission to request a confirmation, progress, refusals. Pure.
//!
//! `decide` acts on an assessment and the report words it, so a status never decides anything a second time.

use jiff::Timestamp;
use kube::ResourceExt;

use crate::{
    controller::{
        address::observe::observation::{AddressResource, HeldBack, Observation},
        config::Config,
    },
    model::{
        claim::State,
        confirmation::{
            AnswerKind, Request,
            request::{Due, RESEND, due},
        },
        coverage::Cover,
    },
    ses::SesError,
};

/// The assessment of one observation.
pub struct Assessment<'a> {
    pub config: &'a Config,
    pub observation: &'a Observation,
    pub now: Timestamp,
    /// The next step of the holder's request.
    pub due: Option<Due>,
}

/// The state of one claimant's request for confirmation.
#[derive(Clone, Debug, PartialEq)]
pub enum AddressStanding<'a> {
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
    SesFailed(&'a SesError),
    /// The next mail is about to be sent.
    Asking,
}

impl<'a> Assessment<'a> {
    pub fn of(config: &'a Config, observation: &'a Observation, now: Timestamp) -> Self {
        let (request, holder) = (observation.request(), observation.holder());
        let due = request.zip(holder).map(|(request, holder)| {
            let resend = holder.object.annotations().get(RESEND).map(String::as_str);
            due(request, resend, observation.declined_until(&holder.claimant.tenant, now), now)
        });
        Self { config, observation, now, due }
    }

    /// Whether this claimant holds the request.
    pub fn holds(&self, resource: &AddressResource) -> bool {
        self.observation.holder().is_some_and(|holder| holder.claimant.object.uid == resource.claimant.object.uid)
    }

    pub fn standing(&self, resource: &AddressResource) -> AddressStanding<'a> {
        let observation = self.observation;
        let tenant = &resource.claimant.tenant;
        let claim = observation.claim.as_ref().map(|stored| &stored.claim);
        if claim.is_some_and(|claim| claim.barred_tenant.as_ref() == Some(tenant)) {
            return AddressStanding::ForceReleased;
        }
        let mine = claim.is_some_and(|claim| claim.state == State::Held && claim.tenant.as_ref() == Some(tenant));
        let Some(request) = observation.request().filter(|_| mine) else {
            return match observation.declined_until(tenant, self.now) {
                Some(_) => AddressStanding::Answered(AnswerKind::Declined),
                None => AddressStanding::NotOwned,
            };
        };
        if !self.holds(resource) {
            return AddressStanding::Duplicate;
        }
        match request.answer.map(|answer| answer.kind) {
            Some(kind) => AddressStanding::Answered(kind),
            None => self.unanswered(request),
        }
    }

    fn unanswered(&self, request: &Request) -> AddressStanding<'a> {
        match self.due {
            Some(Due::Expired) => AddressStanding::Expired,
            Some(Due::Unacknowledged) => AddressStanding::Unacknowledged,
            Some(Due::Wait(_)) if request.attempt.sent_time.is_some() => AddressStanding::AwaitingOwner,
            _ => match (&self.observation.held_back, &self.observation.progress.attempts.ses_error) {
                (Some(held), _) => AddressStanding::HeldBack(held),
                (None, Some(error)) => AddressStanding::SesFailed(error),
                (None, None) => AddressStanding::Asking,
            },
        }
    }
}

/// No mail is sent for a domain that is being released or suspended.
pub fn may_request(observation: &Observation) -> bool {
    let cover = observation.holder().map(|holder| observation.suffixes.cover(&holder.claimant.tenant));
    matches!(cover, Some(Cover::Own { releasing: false, .. })) && !observation.domain_suspended
}
