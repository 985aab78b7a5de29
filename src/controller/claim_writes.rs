//! Writes of claims, for every kind of subject. Each is a compare-and-swap.

use super::context::{Context, ReconcileError};
use crate::{
    cluster::{leadership::Term, store::REQUEST_DEADLINE},
    model::claim::{Claim, StoredClaim},
};

/// Creates the claim, or replaces `old`.
pub async fn write(
    context: &Context,
    term: Term,
    name: &str,
    old: Option<&StoredClaim>,
    claim: &Claim,
) -> Result<StoredClaim, ReconcileError> {
    context.ensure_leading(term, REQUEST_DEADLINE).await?;
    let written = match old {
        None => context.ports.store.create_claim(name, claim).await,
        Some(old) => context.ports.store.swap_claim(name, old, claim).await,
    };
    let stored = written.map_err(ReconcileError::Store)?;
    note(context, &stored);
    Ok(stored)
}

/// Adds the operator's own write to the index, and schedules the affected subjects immediately. So its later watch
/// event wakes nothing.
pub fn note(context: &Context, stored: &StoredClaim) {
    context.change_index(|index| index.note_write(stored));
}

/// Deletes a claim whose retention time is over.
pub async fn delete(
    context: &Context,
    term: Term,
    name: &str,
    old: Option<&StoredClaim>,
) -> Result<(), ReconcileError> {
    context.ensure_leading(term, REQUEST_DEADLINE).await?;
    let Some(old) = old else { return Ok(()) };
    context.ports.store.delete_claim(name, old).await.map_err(ReconcileError::Store)
}
