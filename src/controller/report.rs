//! The last phase of a reconcile: statuses and events. It runs whatever happened before.

use super::context::{Context, ReconcileError};
use crate::{
    cluster::{
        kinds::Claimant,
        leadership::Term,
        store::{Notice, ObjectStore, REQUEST_DEADLINE, Store, StoreError},
    },
    model::claim::StoredClaim,
};

/// Writes each status that has changed, at most once, then publishes `events`, then what the new statuses are worth
/// telling (`of_status`), then `more`.
pub async fn write_report<K>(
    context: &Context,
    term: Term,
    statuses: Vec<(&K, K::Status)>,
    of_status: impl Fn(&K, &K::Status) -> Vec<Notice>,
    (mut events, more): (Vec<Notice>, impl IntoIterator<Item = Notice>),
) -> Result<(), ReconcileError>
where
    K: Claimant<Status: PartialEq>,
    dyn Store: ObjectStore<K>,
{
    let result =
        write_statuses(context, term, statuses, |object, status| events.extend(of_status(object, status))).await;
    if result == Err(ReconcileError::NotLeading) {
        return result;
    }
    events.extend(more);
    for event in &events {
        context.ensure_leading(term, REQUEST_DEADLINE).await?;
        context.ports.store.notify(event).await;
    }
    result
}

/// Calls `written` for each status that was written. Goes on after a failure.
async fn write_statuses<K>(
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
                tracing::warn!(kind = K::KIND.as_str(), %error, "a status was not written");
                result = Err(ReconcileError::Store(error));
            }
        }
    }
    result
}

/// The message about an annotation on the claim that is not handled: it cannot be understood, or it was set before the
/// present holder had the subject.
pub fn not_carried_out(stored: &StoredClaim, subject: &str) -> Option<String> {
    let set_aside = || {
        let key = stored.annotation_set_aside()?;
        Some(format!(
            "{key} was set before {subject} had its present holder, so it was not handled. Remove the annotation. To act on the present holder, set it again."
        ))
    };
    stored.orders.problem.clone().or_else(set_aside)
}
