//! The last beat of a pass: statuses and events. It runs whatever happened before.

use super::{
    Controller,
    domain::{
        facts::{Observed, Trouble},
        notices::order_notice,
        status::{WORTH_MENTIONING, status},
    },
};
use crate::{
    api::{SenderDomain, SenderDomainStatus, conditions::is_true, reasons::EventReason},
    cluster::{
        leadership::Term,
        store::{Notice, REQUEST_DEADLINE, Regarding, StoreError},
    },
    model::claim::{State, claim_name},
};

impl Controller {
    /// Writes each status that has changed, at most once, then publishes what there is to tell.
    pub(super) async fn report(&self, seen: &Observed, mut notices: Vec<Notice>, term: Term) -> Result<(), Trouble> {
        let now = self.ports.clock.now();
        let mut result = Ok(());
        for candidate in &seen.candidates {
            let status = status(&self.me, seen, candidate, now);
            if candidate.object.status.as_ref() == Some(&status) {
                continue;
            }
            self.lead(term, REQUEST_DEADLINE).await?;
            match self.ports.store.apply_status(&candidate.object, &status).await {
                Ok(()) => notices.extend(changes(&candidate.object, &status, seen.plan.as_deref())),
                // Gone, or made anew: there is nobody left to tell.
                Err(StoreError::NotFound | StoreError::Conflict) => {}
                Err(error) => {
                    tracing::warn!(domain = %seen.domain, %error, "status not written");
                    result = Err(Trouble::Store(error));
                }
            }
        }
        notices.extend(self.stuck_release(seen));
        notices.extend(order_notice(seen, &claim_name(&self.me.environment, &seen.domain)));
        for notice in &notices {
            self.lead(term, REQUEST_DEADLINE).await?;
            self.ports.store.notify(notice).await;
        }
        result
    }

    /// Tells administrators that SES keeps a release from going on: no object is left whose status could say so. Again
    /// after each dozen failures, about once an hour: that is how long the API server keeps events.
    fn stuck_release(&self, seen: &Observed) -> Option<Notice> {
        let stored = seen.claim.as_ref().filter(|stored| stored.claim.state == State::Releasing)?;
        let Some(Trouble::Ses(error)) = &seen.trouble else { return None };
        let since = seen.memory.failures.checked_sub(WORTH_MENTIONING)?;
        let note = format!("The SES identity {} is not released yet: {error}. The operator keeps trying.", seen.domain);
        let name = claim_name(&self.me.environment, &seen.domain);
        let regarding = Regarding::claim(&name, &stored.uid);
        let reason = EventReason::ReleaseHeldBack;
        since.is_multiple_of(12).then_some(Notice { regarding, reason, warning: true, note })
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
    let regarding = Regarding::object(object);
    Some(Notice { regarding, reason, warning, note: ready.message.clone() })
}
