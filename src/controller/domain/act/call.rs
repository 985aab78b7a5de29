//! One call to SES on behalf of a tenant.

use std::{future::Future, sync::Arc};

use crate::{
    controller::{
        context::{Context, ReconcileError},
        domain::observe::observation::Observation,
        subject::Reconcile,
    },
    ses::{
        SesError,
        budget::{Asking, Lane},
    },
};

/// One management call on behalf of the claim's tenant, while others work. A reconcile that had no call yet needs a slot of its
/// tenant first. Once it had one it waits for its next ones: put back, it would begin with the same live read again, find no
/// call left for the write, and never get there.
pub async fn call<T, F>(
    context: &Context,
    seen: &Observation,
    reconcile: &Reconcile<'_>,
    operation: &'static str,
    make: impl Fn() -> F,
) -> Result<T, ReconcileError>
where
    F: Future<Output = Result<T, SesError>>,
{
    let tenant: Arc<str> = seen.tenant().map(ToString::to_string).unwrap_or_default().into();
    let begun = seen.live.identity || seen.live.written_to_ses;
    if !begun && reconcile.lane == Lane::Interactive && !context.domains.sit_down(&seen.domain, &tenant) {
        return Err(ReconcileError::NoSlot(tenant));
    }
    let lane = if begun { Lane::Interactive } else { reconcile.lane };
    let asking = Asking { lane, tenant: &tenant, place: reconcile.place, subject: seen.domain.as_str() };
    reconcile.permit.rest(context.ses_call(reconcile.term, asking, operation, make)).await
}
