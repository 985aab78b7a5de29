//! Lists at SES that belong to one identity: all pages, or none.

use super::call::call;
use crate::{
    controller::{
        context::{Context, ReconcileError},
        domain::observe::observation::Observation,
        subject::Reconcile,
    },
    ses::SesError,
};

/// Upper bound on pages; SES documents no limit for one identity.
const MAX_PAGES: usize = 50;

/// SES tenants that the identity is associated with.
pub async fn associations(
    context: &Context,
    seen: &Observation,
    reconcile: &Reconcile<'_>,
) -> Result<Vec<String>, ReconcileError> {
    let (ses, arn) = (&context.ports.ses, context.config.caller.identity_arn(&seen.domain));
    let mut list = Pages::default();
    while list.goes_on()? {
        let page = || ses.associations(&arn, list.token.as_deref());
        let page = call(context, seen, reconcile, "ListResourceTenants", page).await?;
        list.add(page);
    }
    Ok(list.names)
}

/// Identities of addresses at the domain and below it.
pub async fn addresses(
    context: &Context,
    seen: &Observation,
    reconcile: &Reconcile<'_>,
) -> Result<Vec<String>, ReconcileError> {
    let ses = &context.ports.ses;
    let mut list = Pages::default();
    while list.goes_on()? {
        let page = || ses.addresses(&seen.domain, list.token.as_deref());
        let page = call(context, seen, reconcile, "ListEmailIdentities", page).await?;
        list.add(page);
    }
    Ok(list.names)
}

/// A list of names, page by page.
#[derive(Default)]
struct Pages {
    names: Vec<String>,
    token: Option<String>,
    read: usize,
}

impl Pages {
    /// Whether there is another page. A list that does not end is malformed.
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
