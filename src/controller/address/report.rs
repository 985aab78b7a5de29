//! The last beat of a pass over an address: statuses and events. It runs whatever happened before.

use super::{facts::Observed, notices, status::status};
use crate::{
    cluster::{
        leadership::Term,
        store::{Notice, REQUEST_DEADLINE, StoreError},
    },
    controller::{Controller, domain::facts::Trouble},
};

impl Controller {
    /// Writes each status that has changed, at most once, then publishes what there is to tell.
    pub(super) async fn report_address(
        &self,
        seen: &Observed,
        mut notices: Vec<Notice>,
        term: Term,
    ) -> Result<(), Trouble> {
        let now = self.ports.clock.now();
        let mut result = Ok(());
        for candidate in &seen.candidates {
            let status = status(seen, candidate, now);
            if candidate.object.status.as_ref() == Some(&status) {
                continue;
            }
            self.lead(term, REQUEST_DEADLINE).await?;
            match self.ports.store.apply_status(&candidate.object, &status).await {
                Ok(()) => notices.extend(notices::of_status(candidate, &status, seen.plan.is_some())),
                // Gone, or made anew: there is nobody left to tell.
                Err(StoreError::NotFound | StoreError::Conflict) => {}
                Err(error) => {
                    tracing::warn!(domain = %seen.address.domain(), %error, "status not written");
                    result = Err(Trouble::Store(error));
                }
            }
        }
        let name = self.name_of_claim(&seen.address);
        notices.extend(notices::order_refused(seen, &name, self.me.approval));
        for notice in &notices {
            self.lead(term, REQUEST_DEADLINE).await?;
            self.ports.store.notify(notice).await;
        }
        result
    }
}
