//! Writes of the claim of an address, and their events.

use crate::{
    cluster::leadership::Term,
    controller::{
        address::{
            observe::{name_of_claim, observation::Observation},
            report::events,
        },
        claim_writes,
        context::{Context, ReconcileError},
    },
    model::claim::Claim,
};

pub async fn write(
    context: &Context,
    observation: &mut Observation,
    claim: &Claim,
    term: Term,
) -> Result<(), ReconcileError> {
    let name = name_of_claim(context, &observation.address);
    let stored = claim_writes::write(context, term, &name, observation.claim.as_ref(), claim).await?;
    let before = observation.claim.as_ref().map(|stored| &stored.claim);
    let events = events::of_write(observation, before, &stored, &name);
    observation.progress.events.extend(events);
    observation.claim = Some(stored);
    Ok(())
}

/// Deletes a released claim.
pub async fn forget(context: &Context, observation: &mut Observation, term: Term) -> Result<(), ReconcileError> {
    let name = name_of_claim(context, &observation.address);
    claim_writes::delete(context, term, &name, observation.claim.as_ref()).await?;
    observation.claim = None;
    Ok(())
}
