//! The last beat of a pass: statuses and events. It runs whatever happened before.

use kube::ResourceExt;

use super::{
    Controller,
    domain::{facts::Observed, status::status},
};
use crate::{
    api::{SenderDomain, SenderDomainStatus, conditions::is_true, reasons::EventReason},
    cluster::store::{Notice, Regarding, StoreError},
};

impl Controller {
    /// Writes each status that has changed, at most once, then publishes what there is to tell.
    pub(super) async fn report(&self, seen: &Observed, mut notices: Vec<Notice>) -> Result<(), StoreError> {
        let now = self.ports.clock.now();
        let mut result = Ok(());
        for candidate in &seen.candidates {
            let status = status(&self.me, seen, candidate, now);
            if candidate.object.status.as_ref() == Some(&status) {
                continue;
            }
            match self.ports.store.apply_status(&candidate.object, &status).await {
                Ok(()) => notices.extend(changes(&candidate.object, &status, seen.plan.as_deref())),
                // Gone, or made anew: there is nobody left to tell.
                Err(StoreError::NotFound | StoreError::Conflict) => {}
                Err(error) => {
                    tracing::warn!(domain = %seen.domain, %error, "status not written");
                    result = Err(error);
                }
            }
        }
        for notice in &notices {
            self.ports.store.notify(notice).await;
        }
        result
    }
}

/// What a new status is worth telling as an event.
fn changes(object: &SenderDomain, status: &SenderDomainStatus, plan: Option<&str>) -> Option<Notice> {
    let before = object.status.as_ref().is_some_and(|status| is_true(&status.conditions, "Ready"));
    let ready = status.conditions.iter().find(|condition| condition.type_ == "Ready")?;
    let (reason, warning) = match (plan, before, ready.status == "True") {
        (Some(_), ..) => (EventReason::Planned, false),
        (None, false, true) => (EventReason::BecameReady, false),
        (None, true, false) => (EventReason::BecameUnready, true),
        _ => return None,
    };
    let regarding = Regarding::Domain {
        namespace: object.namespace().unwrap_or_default(),
        name: object.name_any(),
        uid: object.uid().unwrap_or_default(),
    };
    Some(Notice { regarding, reason, warning, note: ready.message.clone() })
}
