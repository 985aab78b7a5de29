//! Writes the status of each claimant and publishes events, whatever happened before.

mod confirmed;
mod domain_ready;
pub mod events;
pub mod status;

use self::{
    events::{admin_action_refused, of_status},
    status::status,
};
use super::{
    decide::assess::Assessment,
    observe::{name_of_claim, observation::Observation},
};
use crate::{
    api::SenderAddress,
    cluster::{leadership::Term, store::PendingEvent},
    controller::{
        context::{Context, ReconcileError},
        report::write_report,
    },
};

/// Writes each status that has changed, at most once, then publishes the events.
pub async fn report(
    context: &Context,
    observation: &Observation,
    events: Vec<PendingEvent>,
    term: Term,
) -> Result<(), ReconcileError> {
    let assessed = Assessment::of(&context.config, observation, context.ports.clock.now());
    let statuses =
        observation.resources.iter().map(|resource| (&resource.object, status(&assessed, resource))).collect();
    let planned = observation.progress.plan.is_some();
    let of_status = |object: &SenderAddress, status: &_| of_status(object, status, planned);
    let name = name_of_claim(context, &observation.address);
    let more = admin_action_refused(observation, &name, context.config.approval);
    write_report(context, term, statuses, of_status, (events, more)).await
}
