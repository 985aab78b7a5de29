//! Writes the status of each claimant and publishes events, whatever happened before.

mod dkim_ready;
pub mod events;
mod identity_verified;
mod owned;
mod ready;
pub mod status;

use self::{
    events::{admin_action_event, of_status, stuck_release},
    status::status,
};
use super::{decide::assess::Assessment, observe::observation::Observation};
use crate::{
    api::SenderDomain,
    cluster::{leadership::Term, store::PendingEvent},
    controller::{
        context::{Context, ReconcileError},
        report::write_report,
    },
    model::claim::claim_name,
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
    let of_status = |object: &SenderDomain, status: &_| of_status(object, status, planned);
    let name = claim_name(&context.config.environment, &observation.domain);
    let more = stuck_release(observation, &name).into_iter().chain(admin_action_event(observation, &name));
    write_report(context, term, statuses, of_status, (events, more)).await
}
