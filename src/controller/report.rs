//! The last phase of a reconcile: statuses and events. It runs even if an earlier phase failed.

use super::context::{Context, ReconcileError};
use crate::{
    cluster::{
        kinds::Claimant,
        leadership::Term,
        store::{ObjectStore, PendingEvent, REQUEST_DEADLINE, Store, StoreError},
    },
    model::claim::StoredClaim,
};

/// Writes each changed status at most once. Then publishes `events`, the events of the new statuses (`of_status`), and
/// `more`.
pub async fn write_report<K>(
    context: &Context,
    term: Term,
    statuses: Vec<(&K, K::Status)>,
    of_status: impl Fn(&K, &K::Status) -> Vec<PendingEvent>,
    (mut events, more): (Vec<PendingEvent>, impl IntoIterator<Item = PendingEvent>),
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

/// Calls `written` for each written status. Continues after a failure.
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
            // Deleted or replaced by a new object: no status is needed.
            Err(StoreError::NotFound | StoreError::Conflict) => {}
            Err(error) => {
                tracing::warn!(kind = K::KIND.as_str(), %error, "a status was not written");
                result = Err(ReconcileError::Store(error));
            }
        }
    }
    result
}

/// Why an annotation on the claim is not carried out: it is invalid, or it was set before the current holder got the
/// subject.
pub fn not_handled(stored: &StoredClaim, subject: &str) -> Option<String> {
    let set_aside = || {
        let key = stored.annotation_set_aside()?;
        Some(format!(
            "{key} was set before the current holder got {subject}, so it was not handled. Remove the annotation. To act on the current holder, set it again."
        ))
    };
    stored.requested_actions.problem.clone().or_else(set_aside)
}
