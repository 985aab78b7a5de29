//! Writes the status of each claimant and publishes events, whatever happened before.

mod confirmed;
mod domain_ready;
pub mod events;
pub mod status;

use self::{
    events::{of_status, order_refused},
    status::status,
};
use super::{
    decide::assess::Assessment,
    observe::{name_of_claim, observation::Observation},
};
use crate::{
    api::SenderAddress,
    cluster::{leadership::Term, store::Notice},
    controller::{
        context::{Context, ReconcileError},
        report::write_report,
    },
};

/// Writes each status that has changed, at most once, then publishes the events.
pub async fn report(
    context: &Context,
    seen: &Observation,
    events: Vec<Notice>,
    term: Term,
) -> Result<(), ReconcileError> {
    let assessed = Assessment::of(&context.config, seen, context.ports.clock.now());
    let statuses = seen.claimants.iter().map(|claimant| (&claimant.object, status(&assessed, claimant))).collect();
    let planned = seen.progress.plan.is_some();
    let of_status = |object: &SenderAddress, status: &_| of_status(object, status, planned);
    let name = name_of_claim(context, &seen.address);
    let more = order_refused(seen, &name, context.config.approval);
    write_report(context, term, statuses, of_status, (events, more)).await
}
