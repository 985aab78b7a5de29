//! The next step for an address: pure, one step at a time.

pub mod assess;

use jiff::SignedDuration;

use self::assess::{Assessment, may_request};
use super::observe::observation::{HeldBack, Observation};
use crate::{
    clock::after,
    controller::subject,
    model::{
        claim::Claim,
        confirmation::{Confirmation, Request, request::Due},
        ownership::address::{AddressClaimant, AddressInput, AddressTransition},
    },
};

pub type Decision = subject::Decision<Step>;

/// One read or one write.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Reads the live list of the claimants.
    ReadResources,
    /// Replaces the claim.
    Write(Box<Claim>),
    /// Deletes the released claim.
    Forget,
    /// Sends a mail to the owner, if limits and SES allow it.
    Send,
}

impl Step {
    /// Description of the step in a dry run; `None`: the step only reads.
    pub fn plan(&self, observation: &Observation) -> Option<String> {
        let address = &observation.address;
        match self {
            Self::ReadResources => None,
            Self::Write(claim) => Some(format!("would set the claim on {address} to {}", claim.state.as_str())),
            Self::Forget => Some(format!("would delete the released claim on {address}")),
            Self::Send => Some(format!("would send an email to the owner of {address}")),
        }
    }
}

pub fn decide(assessed: &Assessment<'_>) -> Decision {
    let (config, observation, now) = (assessed.config, assessed.observation, assessed.now);
    let ownership_due = match ownership(assessed) {
        AddressTransition::ReadClaimants => return Decision::Act(Step::ReadResources),
        AddressTransition::Write(claim) => return Decision::Act(Step::Write(claim)),
        AddressTransition::Forget => return Decision::Act(Step::Forget),
        AddressTransition::Stay(until) => until,
    };
    let request_due = match &assessed.due {
        Some(Due::Change(request)) => {
            if let Some(changed) = with_request(observation, (**request).clone()) {
                return Decision::Act(Step::Write(Box::new(changed)));
            }
            None
        }
        Some(Due::Send) if !may_request(observation) => None,
        Some(Due::Send) => match &observation.held_back {
            // Mails wait for their turn, and a person waits for the first status.
            None if observation.has_unreported_generation() && !config.dry_run => return Decision::ReportFirst,
            None => return Decision::Act(Step::Send),
            Some(HeldBack::Limit(_, until)) => Some(*until),
            Some(HeldBack::NotConfigured) => None,
            Some(HeldBack::Sender(_) | HeldBack::Ses(_)) => Some(after(now, config.poll_interval)),
        },
        Some(Due::Wait(until) | Due::Declined(Some(until))) => Some(*until),
        Some(Due::Allowed | Due::Declined(None) | Due::Expired | Due::Unacknowledged) | None => None,
    };
    Decision::Settled(ownership_due.into_iter().chain(request_due).min())
}

/// The ownership transition of the claim.
fn ownership(assessed: &Assessment<'_>) -> AddressTransition {
    let (config, observation) = (assessed.config, assessed.observation);
    let claimants: Vec<AddressClaimant> =
        observation.resources.iter().map(|resource| resource.claimant.clone()).collect();
    let signed = |time| SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
    let input = AddressInput {
        environment: &config.environment,
        address: &observation.address,
        account: &config.account(),
        claim: observation.claim.as_ref(),
        claimants: &claimants,
        claimants_live: observation.resources_live,
        suffixes: &observation.suffixes,
        new_ids: &observation.new_ids,
        release_delay: signed(config.release_delay),
        retention: signed(config.claim_retention),
        approval: config.approval,
        now: assessed.now,
    };
    input.decide()
}

/// The claim with its request replaced.
pub fn with_request(observation: &Observation, request: Request) -> Option<Claim> {
    let claim = &observation.claim.as_ref()?.claim;
    let confirmation = Confirmation { request: Some(request), ..observation.confirmation()?.clone() };
    Some(Claim { confirmation: Some(confirmation), ..claim.clone() })
}
