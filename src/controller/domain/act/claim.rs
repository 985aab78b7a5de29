//! Writes of the claim of a domain, and their events.

use crate::{
    api::reasons::EventReason,
    cluster::leadership::Term,
    controller::{
        claim_writes,
        context::{Context, ReconcileError},
        domain::{
            observe::observation::{Invalidation, Observation},
            report::events::{address_identities_event, claim_events},
        },
    },
    model::claim::{Claim, claim_name},
};

pub async fn write(
    context: &Context,
    observation: &mut Observation,
    claim: &Claim,
    event: Option<EventReason>,
    term: Term,
) -> Result<(), ReconcileError> {
    let name = claim_name(&context.config.environment, &observation.domain);
    let stored = claim_writes::write(context, term, &name, observation.claim.as_ref(), claim).await?;
    let before = observation.claim.as_ref().map(|stored| stored.claim.clone());
    if before.as_ref().is_some_and(|before| before.identity.takeover_pending) && !claim.identity.takeover_pending {
        observation.progress.events.extend(address_identities_event(observation, &name));
    }
    tracing::info!(domain = %observation.domain, state = claim.state.as_str(), "a claim was written");
    observation.claim = Some(stored);
    observation.live.invalidate(Invalidation::ClaimWrite);
    if let Some(reason) = event {
        observation.progress.events.extend(claim_events(observation, before.as_ref(), &name, reason));
    }
    Ok(())
}

/// Deletes a claim whose retention time is over.
pub async fn forget(context: &Context, observation: &mut Observation, term: Term) -> Result<(), ReconcileError> {
    let name = claim_name(&context.config.environment, &observation.domain);
    claim_writes::delete(context, term, &name, observation.claim.as_ref()).await?;
    tracing::info!(domain = %observation.domain, "a released claim was deleted");
    observation.claim = None;
    observation.live.invalidate(Invalidation::ClaimWrite);
    Ok(())
}
