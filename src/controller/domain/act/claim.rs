//! Writes of the claim of a domain, and their events.

use crate::{
    api::reasons::EventReason,
    cluster::leadership::Term,
    controller::{
        claim_writes,
        context::{Context, ReconcileError},
        domain::{
            observe::observation::{Invalidation, Observation},
            report::events::{address_notice, claim_notices},
        },
    },
    model::claim::{Claim, claim_name},
};

pub async fn write(
    context: &Context,
    seen: &mut Observation,
    claim: &Claim,
    event: Option<EventReason>,
    term: Term,
) -> Result<(), ReconcileError> {
    let name = claim_name(&context.config.environment, &seen.domain);
    let stored = claim_writes::write(context, term, &name, seen.claim.as_ref(), claim).await?;
    let before = seen.claim.as_ref().map(|stored| stored.claim.clone());
    if before.as_ref().is_some_and(|before| before.identity.hand_over) && !claim.identity.hand_over {
        seen.progress.events.extend(address_notice(seen, &name));
    }
    tracing::info!(domain = %seen.domain, state = claim.state.as_str(), "a claim was written");
    seen.claim = Some(stored);
    seen.live.invalidate(Invalidation::ClaimWrite);
    if let Some(reason) = event {
        seen.progress.events.extend(claim_notices(seen, before.as_ref(), &name, reason));
    }
    Ok(())
}

/// Deletes a claim whose retention time is over.
pub async fn forget(context: &Context, seen: &mut Observation, term: Term) -> Result<(), ReconcileError> {
    let name = claim_name(&context.config.environment, &seen.domain);
    claim_writes::delete(context, term, &name, seen.claim.as_ref()).await?;
    tracing::info!(domain = %seen.domain, "a released claim was deleted");
    seen.claim = None;
    seen.live.invalidate(Invalidation::ClaimWrite);
    Ok(())
}
