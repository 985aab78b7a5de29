//! The status of each claimant: words for an assessment. Pure; decides nothing.
//!
//! | situation | Ready | extra |
//! | --- | --- | --- |
//! | domain missing or not Ready; awaiting the owner; held back by a limit; the sender or SES in trouble | False | Reconciling |
//! | declined, withdrawn, expired, sends never acknowledged, another tenant's domain, duplicate, force-released | False | Stalled |
//! | dry run with a plan | False | |

use super::{confirmed::confirmed, domain_ready::domain_ready};
use crate::{
    api::{
        SenderAddressStatus,
        address::ConfirmationStatus,
        conditions::{Said, build},
        reasons::Reason,
    },
    controller::address::{
        decide::assess::Assessment,
        observe::observation::{Claimant, HeldBack, Observation},
    },
};

/// The status of one claimant.
pub fn status(assessed: &Assessment<'_>, claimant: &Claimant) -> SenderAddressStatus {
    let (seen, now) = (assessed.seen, assessed.now);
    let previous = claimant.object.status.clone().unwrap_or_default();
    let generation = claimant.object.metadata.generation.unwrap_or_default();
    let domain = domain_ready(seen, claimant);
    let confirmed = confirmed(assessed, claimant);
    let ready = ready(seen, &domain, &confirmed);
    let mut said = vec![("DomainReady", domain), ("Confirmed", confirmed), ("Ready", ready.clone())];
    if !ready.holds() && ready.reason != Reason::DryRun {
        let extra = if is_stalled(ready.reason) { "Stalled" } else { "Reconciling" };
        said.push((extra, Said::yes(ready.reason, ready.message.clone())));
    }
    SenderAddressStatus {
        observed_generation: generation,
        conditions: build(&said, &previous.conditions, generation, now),
        confirmation: confirmation(assessed, claimant),
        from: ready.holds().then(|| seen.address.to_string()),
    }
}

fn is_stalled(reason: Reason) -> bool {
    use Reason::{
        Declined, DomainOwnedByAnotherTenant, Duplicate, Expired, ForceReleased, SendUnacknowledged, Withdrawn,
    };
    let stalled =
        [Declined, DomainOwnedByAnotherTenant, Duplicate, Expired, ForceReleased, SendUnacknowledged, Withdrawn];
    stalled.contains(&reason)
}

fn ready(seen: &Observation, domain: &Said, confirmed: &Said) -> Said {
    let address = &seen.address;
    if domain.holds() && confirmed.holds() {
        return Said::yes(Reason::Ready, format!("Mail can be sent as {address}."));
    }
    if let Some(plan) = &seen.progress.plan {
        return Said::no(Reason::DryRun, format!("Dry run: {plan}."));
    }
    // What stands in the way for good is said first; else what comes first.
    let first = if !domain.holds() && !is_stalled(confirmed.reason) { domain } else { confirmed };
    let first = if is_stalled(domain.reason) { domain } else { first };
    Said::no(first.reason, first.message.clone())
}

/// How far asking has come, for the object that holds the claim.
fn confirmation(assessed: &Assessment<'_>, claimant: &Claimant) -> Option<ConfirmationStatus> {
    let seen = assessed.seen;
    let declined_until = seen.declined_until(&claimant.asker.tenant, assessed.now);
    let Some(request) = seen.request().filter(|_| assessed.holds(claimant)) else {
        return declined_until
            .map(|until| ConfirmationStatus { next_attempt_time: Some(until), ..ConfirmationStatus::default() });
    };
    let allowed = request.answer.filter(|answer| answer.kind.allows());
    let limited = match &seen.held_back {
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
