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

pub async fn write(context: &Context, seen: &mut Observation, claim: &Claim, term: Term) -> Result<(), ReconcileError> {
    let name = name_of_claim(context, &seen.address);
    let stored = claim_writes::write(context, term, &name, seen.claim.as_ref(), claim).await?;
    let before = seen.claim.as_ref().map(|stored| &stored.claim);
    let events = events::of_write(seen, before, &stored, &name);
    seen.progress.events.extend(events);
    seen.claim = Some(stored);
    Ok(())
}

/// Deletes a released claim.
pub async fn forget(context: &Context, seen: &mut Observation, term: Term) -> Result<(), ReconcileError> {
    let name = name_of_claim(context, &seen.address);
    claim_writes::delete(context, term, &name, seen.claim.as_ref()).await?;
    seen.claim = None;
    Ok(())
}
