//! Writes the claim on an address. Each write is a compare-and-swap.

use crate::{
    cluster::{mailboxes::AddressClaimSeen, mandate::Term, store::REQUEST_DEADLINE},
    controller::{
        address::{
            observe::{name_of_claim, observation::Observation},
            report::events,
        },
        context::{Context, ReconcileError},
    },
    model::claim::{Claim, StoredClaim},
};

/// Creates the claim, or compares and swaps it.
pub async fn write(context: &Context, seen: &mut Observation, claim: &Claim, term: Term) -> Result<(), ReconcileError> {
    context.ensure_leading(term, REQUEST_DEADLINE).await?;
    let name = name_of_claim(context, &seen.address);
    let before = seen.claim.as_ref().map(|stored| stored.claim.clone());
    let written = match &seen.claim {
        None => context.ports.store.create_claim(&name, claim).await,
        Some(old) => context.ports.store.swap_claim(&name, old, claim).await,
    };
    let stored = written.map_err(ReconcileError::Store)?;
    note(context, &stored);
    seen.progress.events.extend(events::of_write(seen, before.as_ref(), &stored, &name));
    seen.claim = Some(stored);
    Ok(())
}

/// Adds our own write to the index, so that its echo by the watch wakes nobody.
pub fn note(context: &Context, stored: &StoredClaim) {
    if let Some(noted) = AddressClaimSeen::of(&stored.claim, &stored.version) {
        context.index().mailboxes.note_claim(noted);
    }
}

/// Deletes a free claim.
pub async fn forget(context: &Context, seen: &mut Observation, term: Term) -> Result<(), ReconcileError> {
    context.ensure_leading(term, REQUEST_DEADLINE).await?;
    if let Some(old) = &seen.claim {
        let name = name_of_claim(context, &seen.address);
        context.ports.store.delete_claim(&name, old).await.map_err(ReconcileError::Store)?;
    }
    seen.claim = None;
    Ok(())
}
