//! SES calls on behalf of a tenant: one call, or all pages of a list.

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

/// Upper bound on pages; SES documents no limit for one identity.
const MAX_PAGES: usize = 50;

/// One management call on behalf of the claim's tenant; other work continues meanwhile. The first call of a reconcile
/// needs a slot of the tenant. After it, the reconcile waits for its further calls instead of ending. If it ended, the
/// next reconcile would repeat the same live read, find no call left for the write, and never finish.
pub async fn call<T, F>(
    context: &Context,
    observation: &Observation,
    reconcile: &Reconcile<'_>,
    operation: &'static str,
    make: impl Fn() -> F,
) -> Result<T, ReconcileError>
where
    F: Future<Output = Result<T, SesError>>,
{
    let tenant: Arc<str> = observation.tenant().map(ToString::to_string).unwrap_or_default().into();
    let begun = observation.live.identity || observation.live.written_to_ses;
    if !begun && reconcile.lane == Lane::Interactive && !context.domains.try_acquire_slot(&observation.domain, &tenant)
    {
        return Err(ReconcileError::NoSlot(tenant));
    }
    let lane = if begun { Lane::Interactive } else { reconcile.lane };
    let request = CallRequest { lane, tenant: &tenant, place: reconcile.place, subject: observation.domain.as_str() };
    reconcile.permit.release_while(context.ses_call(reconcile.term, request, operation, make)).await
}

/// SES tenants that the identity is associated with.
pub async fn associations(
    context: &Context,
    observation: &Observation,
    reconcile: &Reconcile<'_>,
) -> Result<Vec<String>, ReconcileError> {
    let (ses, arn) = (&context.ports.ses, context.config.caller.identity_arn(&observation.domain));
    let mut list = PagedNames::default();
    while list.goes_on()? {
        let page = || ses.associations(&arn, list.token.as_deref());
        let page = call(context, observation, reconcile, "ListResourceTenants", page).await?;
        list.add(page);
    }
    Ok(list.names)
}

/// Identities of addresses at the domain or below it.
pub async fn addresses(
    context: &Context,
    observation: &Observation,
    reconcile: &Reconcile<'_>,
) -> Result<Vec<String>, ReconcileError> {
    let ses = &context.ports.ses;
    let mut list = PagedNames::default();
    while list.goes_on()? {
        let page = || ses.addresses(&observation.domain, list.token.as_deref());
        let page = call(context, observation, reconcile, "ListEmailIdentities", page).await?;
        list.add(page);
    }
    Ok(list.names)
}

/// A list of names, read page by page.
#[derive(Default)]
struct PagedNames {
    names: Vec<String>,
    token: Option<String>,
    read: usize,
}

impl PagedNames {
    /// Whether another page follows. A list without an end is malformed.
    fn goes_on(&self) -> Result<bool, ReconcileError> {
        match self.read {
            0 => Ok(true),
            MAX_PAGES => Err(ReconcileError::Ses(SesError::Malformed)),
            _ => Ok(self.token.is_some()),
        }
    }

    fn add(&mut self, (names, next): (Vec<String>, Option<String>)) {
        self.names.extend(names);
        self.token = next;
        self.read += 1;
    }
}
