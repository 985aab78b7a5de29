//! The next step for a domain: pure, one step at a time.
//!
//! The engine decides again after every step, on the updated observation. So a crash between two steps needs no
//! recovery code: the next reconcile observes the same facts and decides the same.

pub mod assess;
mod drift;
mod due;
mod held;
mod proof;
pub mod releasing;
pub mod standing;
pub mod step;
mod takeover;

use jiff::Timestamp;

use self::{
    assess::{Assessment, IdentityState},
    step::{Decision, Read, Step, Write, read, write},
};
use crate::{
    api::reasons::EventReason,
    clock::after,
    model::{
        claim::{Claim, State},
        ownership::{self, DomainInput, DomainTransition},
    },
};

pub fn decide(assessed: &Assessment<'_>) -> Decision {
    if assessed.challenge_due().is_some_and(|due| due <= assessed.now) {
        return read(Read::Challenge);
    }
    match ownership(assessed) {
        DomainTransition::ReadRelated => return read(Read::Related),
        DomainTransition::ReadClaimants => return read(Read::Resources),
        DomainTransition::ReadChallenge => return read(Read::Challenge),
        DomainTransition::Write(claim) => {
            let event = claim_event(assessed, &claim);
            return write(Write::Claim(claim, event));
        }
        DomainTransition::Stay | DomainTransition::Refused(_) => {}
    }
    let next = about_identity(assessed);
    let observation = assessed.observation;
    let costs = matches!(next, Decision::Act(Step::Read(Read::Identity) | Step::Write(_)));
    let first_status = matches!(assessed.identity, IdentityState::Unknown) && observation.has_unreported_generation();
    if costs && (first_status || observation.somebody_lost()) {
        return Decision::ReportFirst;
    }
    match (next, ownership_due(assessed)) {
        (Decision::Settled(at), Some(due)) => Decision::Settled(Some(at.map_or(due, |at| at.min(due)))),
        (next, _) => next,
    }
}

/// The ownership transition of the claim.
fn ownership(assessed: &Assessment<'_>) -> DomainTransition {
    let (config, observation) = (assessed.config, assessed.observation);
    let input = DomainInput {
        environment: &config.environment,
        domain: &observation.domain,
        account: &config.account(),
        claim: observation.claim.as_ref(),
        claimants: &assessed.claimants(),
        related: observation.live.related.as_deref(),
        required: config.policy.required(&observation.domain),
        grace: config.policy.grace,
        provisional_time: config.policy.provisional_time,
        guarded: config.policy.is_own(&observation.domain),
        below_another: observation.below_another,
        claimants_live: observation.live.resources,
        challenge_live: observation.live.challenge,
        new_tenure_id: &observation.new_tenure_id,
        now: assessed.now,
    };
    ownership::decide(&input)
}

fn about_identity(assessed: &Assessment<'_>) -> Decision {
    let Some(stored) = &assessed.observation.claim else {
        let again = after(assessed.now, assessed.config.recheck_interval);
        return Decision::Settled((!assessed.observation.resources.is_empty()).then_some(again));
    };
    match stored.claim.state {
        State::Provisional | State::Held => held::decide(assessed, stored),
        State::Releasing | State::Released => releasing::decide(assessed, stored),
    }
}

/// When ownership may change without any event.
fn ownership_due(assessed: &Assessment<'_>) -> Option<Timestamp> {
    let claim = assessed.observation.claim.as_ref().map(|stored| &stored.claim);
    // A released claim keeps this time, which is over.
    let provisional = claim.filter(|claim| claim.state == State::Provisional);
    let expiry = provisional.and_then(|claim| claim.provisional_time);
    let expiry = expiry.map(|since| end_of(since, assessed.config.policy.provisional_time));
    let lost = claim.and_then(|claim| claim.proof.as_ref()).and_then(|proof| proof.lost_time);
    let displacement = lost.map(|lost| end_of(lost, assessed.config.policy.grace)).filter(|end| *end > assessed.now);
    // Older domains of the tenant may be proven or deleted at any time.
    let limited = assessed.observation.resources.iter().any(|resource| resource.claimant.beyond_open_limit);
    let limited = limited.then(|| after(assessed.now, assessed.config.recheck_interval));
    assessed.challenge_due().into_iter().chain(expiry).chain(displacement).chain(limited).min()
}

fn end_of(since: Timestamp, time: jiff::SignedDuration) -> Timestamp {
    since.saturating_add(time).unwrap_or(Timestamp::MAX)
}

fn claim_event(assessed: &Assessment<'_>, next: &Claim) -> Option<EventReason> {
    let before = assessed.observation.claim.as_ref().map(|stored| &stored.claim);
    let lost = |claim: &Claim| claim.proof.as_ref().and_then(|proof| proof.lost_time).is_some();
    if before.is_some_and(|before| {
        before.admin_actions.len() < next.admin_actions.len()
            || before.admin_actions.last() != next.admin_actions.last()
    }) {
        return Some(EventReason::AdminActionTaken);
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
