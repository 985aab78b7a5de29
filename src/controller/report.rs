//! The last phase of a reconcile: statuses and events. It runs whatever happened before.

use super::context::{Context, ReconcileError};
use crate::cluster::{
    kinds::Claimant,
    leadership::Term,
    store::{Notice, ObjectStore, REQUEST_DEADLINE, Store, StoreError},
};

/// Writes each status that has changed, at most once, and calls `written` for it. Goes on after a failure.
pub async fn write_statuses<K>(
    context: &Context,
    term: Term,
    statuses: Vec<(&K, K::Status)>,
    mut written: impl FnMut(&K, &K::Status),
) -> Result<(), ReconcileError>
where
    K: Claimant<Status: PartialEq>,
    dyn Store: ObjectStore<K>,
{
    let mut result = Ok(());
    for (object, status) in statuses {
        if object.status() == Some(&status) {
            continue;
        }
        context.ensure_leading(term, REQUEST_DEADLINE).await?;
        match ObjectStore::<K>::apply_status(&*context.ports.store, object, &status).await {
            Ok(()) => written(object, &status),
            // Deleted, or replaced by a new object: there is nobody left to tell.
            Err(StoreError::NotFound | StoreError::Conflict) => {}
            Err(error) => {
                tracing::warn!(kind = K::KIND.as_str(), %error, "status not written");
                result = Err(ReconcileError::Store(error));
            }
        }
    }
    result
}

/// Publishes events, in their order.
pub async fn publish(context: &Context, term: Term, events: &[Notice]) -> Result<(), ReconcileError> {
    for event in events {
        context.ensure_leading(term, REQUEST_DEADLINE).await?;
        context.ports.store.notify(event).await;
    }
    Ok(())
}
