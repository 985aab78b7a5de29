//! Writes the claim. Each write is a compare-and-swap.

use crate::{
    api::reasons::EventReason,
    cluster::{index::ClaimSeen, mandate::Term, store::REQUEST_DEADLINE},
    controller::{
        context::{Context, ReconcileError},
        domain::{
            observe::observation::{Invalidation, Observation},
            report::events::{address_notice, claim_notices},
        },
    },
    model::claim::{Claim, claim_name},
};

/// Creates the claim, or compares and swaps it.
pub async fn write(
    context: &Context,
    seen: &mut Observation,
    claim: &Claim,
    event: Option<EventReason>,
    term: Term,
) -> Result<(), ReconcileError> {
    context.ensure_leading(term, REQUEST_DEADLINE).await?;
    let name = claim_name(&context.config.environment, &seen.domain);
    let before = seen.claim.as_ref().map(|stored| stored.claim.clone());
    let written = match &seen.claim {
        None => context.ports.store.create_claim(&name, claim).await,
        Some(old) => context.ports.store.swap_claim(&name, old, claim).await,
    };
    let stored = written.map_err(ReconcileError::Store)?;
    if before.as_ref().is_some_and(|before| before.identity.hand_over) && !claim.identity.hand_over {
        seen.progress.events.extend(address_notice(seen, &name));
    }
    tracing::info!(domain = %seen.domain, state = claim.state.as_str(), "claim written");
    // The index knows of it before the watch does: its echo wakes nobody, and the subjects above and below hear of it at once.
    let noted = ClaimSeen::of(&stored.claim, &stored.version);
    context.change_index(Some(&seen.domain), |index| index.put_claim(&noted));
    seen.claim = Some(stored);
    seen.live.invalidate(Invalidation::ClaimWrite);
    if let Some(reason) = event {
        seen.progress.events.extend(claim_notices(seen, before.as_ref(), &name, reason));
    }
    Ok(())
}

/// Deletes a claim that has been free for long enough.
pub async fn forget(context: &Context, seen: &mut Observation, term: Term) -> Result<(), ReconcileError> {
    context.ensure_leading(term, REQUEST_DEADLINE).await?;
    if let Some(old) = &seen.claim {
        let name = claim_name(&context.config.environment, &seen.domain);
        context.ports.store.delete_claim(&name, old).await.map_err(ReconcileError::Store)?;
        tracing::info!(domain = %seen.domain, "free claim deleted");
    }
    seen.claim = None;
    seen.live.invalidate(Invalidation::ClaimWrite);
    Ok(())
}
