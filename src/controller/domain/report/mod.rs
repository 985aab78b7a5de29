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
        report::write_report,
    },
    model::claim::claim_name,
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
    let of_status = |object: &SenderDomain, status: &_| of_status(object, status, planned);
    let name = claim_name(&context.config.environment, &seen.domain);
    let more = stuck_release(seen, &name).into_iter().chain(order_notice(seen, &name));
    write_report(context, term, statuses, of_status, (events, more)).await
}
