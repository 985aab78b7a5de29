//! The next step for an address: pure, one step at a time.

pub mod assess;

use jiff::SignedDuration;

use self::assess::{Assessment, may_ask};
use super::observe::observation::{HeldBack, Observation};
use crate::{
    clock::after,
    controller::subject,
    model::{
        claim::Claim,
        confirmation::{Confirmation, Request, asking::Due},
        ownership::address::{Asker, Move, Question},
    },
};

pub type Decision = subject::Decision<Step>;

/// One read or one write.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Reads the live list of the claimants.
    ReadClaimants,
    /// Replaces the claim.
    Write(Box<Claim>),
    /// Deletes the released claim.
    Forget,
    /// Sends a mail to the owner, if limits and SES allow it.
    Send,
}

impl Step {
    /// Description of the step in a dry run; `None`: the step only reads.
    pub fn plan(&self, seen: &Observation) -> Option<String> {
        let address = &seen.address;
        match self {
            Self::ReadClaimants => None,
            Self::Write(claim) => Some(format!("would set the claim on {address} to {}", claim.state.as_str())),
            Self::Forget => Some(format!("would delete the released claim on {address}")),
            Self::Send => Some(format!("would send a mail to the owner of {address}")),
        }
    }
}

pub fn decide(assessed: &Assessment<'_>) -> Decision {
    let (config, seen, now) = (assessed.config, assessed.seen, assessed.now);
    let ownership_due = match ownership(assessed) {
        Move::LookCandidates => return Decision::Act(Step::ReadClaimants),
        Move::Write(claim) => return Decision::Act(Step::Write(claim)),
        Move::Forget => return Decision::Act(Step::Forget),
        Move::Stay(until) => until,
    };
    let asking_due = match &assessed.due {
        Some(Due::Change(request)) => {
            if let Some(changed) = with_request(seen, (**request).clone()) {
                return Decision::Act(Step::Write(Box::new(changed)));
            }
            None
        }
        Some(Due::Send) if !may_ask(seen) => None,
        Some(Due::Send) => match &seen.held_back {
            // Mails wait for their turn, and a person waits for the first status.
            None if seen.has_unseen_wish() && !config.dry_run => return Decision::ReportFirst,
            None => return Decision::Act(Step::Send),
            Some(HeldBack::Limit(_, until)) => Some(*until),
            Some(HeldBack::NotConfigured) => None,
            Some(HeldBack::Sender(_) | HeldBack::Ses(_)) => Some(after(now, config.poll_interval)),
        },
        Some(Due::Wait(until) | Due::Declined(Some(until))) => Some(*until),
        Some(Due::Allowed | Due::Declined(None) | Due::Expired | Due::Unacknowledged) | None => None,
    };
    Decision::Settled(ownership_due.into_iter().chain(asking_due).min())
}

/// The ownership transition of the claim.
fn ownership(assessed: &Assessment<'_>) -> Move {
    let (config, seen) = (assessed.config, assessed.seen);
    let askers: Vec<Asker> = seen.claimants.iter().map(|claimant| claimant.asker.clone()).collect();
    let signed = |time| SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
    let question = Question {
        environment: &config.environment,
        address: &seen.address,
        account: &config.account(),
        claim: seen.claim.as_ref(),
        askers: &askers,
        askers_live: seen.claimants_live,
        suffixes: &seen.suffixes,
        new_ids: &seen.new_ids,
        release_delay: signed(config.release_delay),
        retention: signed(config.claim_retention),
        approval: config.approval,
        now: assessed.now,
    };
    question.decide()
}

/// The claim with its request replaced.
pub fn with_request(seen: &Observation, request: Request) -> Option<Claim> {
    let claim = &seen.claim.as_ref()?.claim;
    let confirmation = Confirmation { request: Some(request), ..seen.confirmation()?.clone() };
    Some(Claim { confirmation: Some(confirmation), ..claim.clone() })
}
