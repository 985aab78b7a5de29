//! Writes the status of each claimant and publishes events, whatever happened before.

mod dkim_ready;
pub mod events;
mod identity_verified;
mod owned;
mod ready;
pub mod status;

use self::{
    events::{of_status, order_notice, stuck_release},
    status::status,
};
use super::{decide::assess::Assessment, observe::observation::Observation};
use crate::{
    api::SenderDomain,
    cluster::{leadership::Term, store::Notice},
    controller::{
        context::{Context, ReconcileError},
        report::{publish, write_statuses},
    },
    model::claim::claim_name,
};

/// Writes each status that has changed, at most once, then publishes the events.
pub async fn report(
    context: &Context,
    seen: &Observation,
    mut events: Vec<Notice>,
    term: Term,
) -> Result<(), ReconcileError> {
    let assessed = Assessment::of(&context.config, seen, context.ports.clock.now());
    let statuses = seen.claimants.iter().map(|claimant| (&claimant.object, status(&assessed, claimant))).collect();
    let planned = seen.progress.plan.is_some();
    let written = write_statuses(context, term, statuses, |object: &SenderDomain, status| {
        events.extend(of_status(object, status, planned));
    });
    let result = written.await;
    if result == Err(ReconcileError::NotLeading) {
        return result;
    }
    let name = claim_name(&context.config.environment, &seen.domain);
    events.extend(stuck_release(seen, &name));
    events.extend(order_notice(seen, &name));
    publish(context, term, &events).await?;
    result
}
