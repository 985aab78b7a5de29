//! Writes the status of each claimant and publishes events, whatever happened before.

mod confirmed;
mod domain_ready;
pub mod events;
pub mod status;

use self::status::status;
use super::{
    decide::assess::Assessment,
    observe::{name_of_claim, observation::Observation},
};
use crate::{
    api::SenderAddress,
    cluster::{leadership::Term, store::Notice},
    controller::{
        context::{Context, ReconcileError},
        report::{publish, write_statuses},
    },
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
    let written = write_statuses(context, term, statuses, |object: &SenderAddress, status| {
        events.extend(events::of_status(object, status, planned));
    });
    let result = written.await;
    if result == Err(ReconcileError::NotLeading) {
        return result;
    }
    let name = name_of_claim(context, &seen.address);
    events.extend(events::order_refused(seen, &name, context.config.approval));
    publish(context, term, &events).await?;
    result
}
