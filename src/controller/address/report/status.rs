//! The status of each claimant. Pure: it words an assessment and decides nothing.
//!
//! | situation | Ready | extra |
//! | --- | --- | --- |
//! | domain missing or not Ready; awaiting the owner; held back by a limit; a problem of the sender or of SES | False | Reconciling |
//! | declined, withdrawn, expired, sends never acknowledged, another tenant's domain, duplicate, force-released | False | Stalled |
//! | dry run with a plan | False | |

use super::{confirmed::confirmed, domain_ready::domain_ready};
use crate::{
    api::{
        SenderAddressStatus,
        address::ConfirmationStatus,
        conditions::{ConditionValue, build, with_summary},
        reasons::Reason,
    },
    controller::address::{
        decide::assess::Assessment,
        observe::observation::{AddressResource, HeldBack, Observation},
    },
};

/// The status of one claimant.
pub fn status(assessed: &Assessment<'_>, resource: &AddressResource) -> SenderAddressStatus {
    let (observation, now) = (assessed.observation, assessed.now);
    let previous = resource.object.status.clone().unwrap_or_default();
    let generation = resource.object.metadata.generation.unwrap_or_default();
    let domain = domain_ready(observation, resource);
    let confirmed = confirmed(assessed, resource);
    let ready = ready(observation, &domain, &confirmed);
    let from = ready.holds().then(|| observation.address.to_string());
    let values = with_summary(vec![("DomainReady", domain), ("Confirmed", confirmed)], ready);
    SenderAddressStatus {
        observed_generation: generation,
        conditions: build(&values, &previous.conditions, generation, now),
        confirmation: confirmation(assessed, resource),
        from,
    }
}

fn ready(observation: &Observation, domain: &ConditionValue, confirmed: &ConditionValue) -> ConditionValue {
    let address = &observation.address;
    if domain.holds() && confirmed.holds() {
        return ConditionValue::yes(Reason::Ready, format!("Mail can be sent as {address}."));
    }
    if let Some(plan) = &observation.progress.plan {
        return ConditionValue::no(Reason::DryRun, format!("Dry run: the operator {plan}."));
    }
    // A condition that stalls comes first; else the first condition that is not True.
    let first = if !domain.holds() && !confirmed.reason.stalls() { domain } else { confirmed };
    let first = if domain.reason.stalls() { domain } else { first };
    ConditionValue::no(first.reason, first.message.clone())
}

/// The state of the confirmation, for the resource that holds the claim.
fn confirmation(assessed: &Assessment<'_>, resource: &AddressResource) -> Option<ConfirmationStatus> {
    let observation = assessed.observation;
    let declined_until = observation.declined_until(&resource.claimant.tenant, assessed.now);
    let Some(request) = observation.request().filter(|_| assessed.holds(resource)) else {
        return declined_until
            .map(|until| ConfirmationStatus { next_attempt_time: Some(until), ..ConfirmationStatus::default() });
    };
    let allowed = request.answer.filter(|answer| answer.kind.allows());
    let limited = match &observation.held_back {
        Some(HeldBack::Limit(_, until)) => Some(*until),
        _ => None,
    };
    Some(ConfirmationStatus {
        attempt: request.attempt.number,
        sent_time: request.attempt.sent_time,
        expiry_time: request.attempt.expiry_time.filter(|_| request.answer.is_none()),
        confirmed_time: allowed.map(|answer| answer.time),
        next_attempt_time: declined_until.or(limited),
        last_handled_resend: request.last_handled_resend.clone(),
    })
}
