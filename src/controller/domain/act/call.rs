//! One call to SES on behalf of a tenant.

use std::{future::Future, sync::Arc};

use crate::{
    controller::{
        context::{Context, ReconcileError},
        domain::observe::observation::Observation,
        subject::Reconcile,
    },
    model::scheduling::lanes::Lane,
    ses::{SesError, call_budget::CallRequest},
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
    if !begun && reconcile.lane == Lane::Interactive && !context.domains.try_acquire_slot(&seen.domain, &tenant) {
        return Err(ReconcileError::NoSlot(tenant));
    }
    let lane = if begun { Lane::Interactive } else { reconcile.lane };
    let request = CallRequest { lane, tenant: &tenant, place: reconcile.place, subject: seen.domain.as_str() };
    reconcile.permit.release_while(context.ses_call(reconcile.term, request, operation, make)).await
}
