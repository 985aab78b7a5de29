//! Calls to SES: each waits for its turn, is made under its deadline, and is counted.

use std::{future::Future, sync::Arc, time::Duration};

use super::{
    Turns,
    facts::{Observed, Trouble},
};
use crate::{
    cluster::leadership::{NotLeading, Term},
    controller::Controller,
    ses::{
        SesError,
        budget::{Asking, Lane},
    },
};

/// So many throttled answers in a row put a pass back.
const THROTTLED_TRIES: usize = 3;
/// Pages of a list of associations or addresses that are read; SES documents no limit for one identity.
const MAX_PAGES: usize = 50;

impl Controller {
    /// One management call on behalf of the claim's tenant, while others work. A pass that had no turn yet needs a seat
    /// first. Once it had one it waits for its next ones: put back, it would begin with the same live read again, find no
    /// turn for the write again, and never get there.
    pub(super) async fn call<T, F>(
        &self,
        seen: &Observed,
        turns: &Turns<'_>,
        operation: &'static str,
        make: impl Fn() -> F,
    ) -> Result<T, Trouble>
    where
        F: Future<Output = Result<T, SesError>>,
    {
        let tenant: Arc<str> = seen.tenant().map(ToString::to_string).unwrap_or_default().into();
        let begun = seen.identity_live || seen.written_to_ses;
        if !begun && turns.lane == Lane::Interactive && !self.queue.sit_down(&seen.domain, &tenant) {
            return Err(Trouble::NoSeat(tenant));
        }
        let lane = if begun { Lane::Interactive } else { turns.lane };
        let asking = Asking { lane, tenant: &tenant, place: turns.place, subject: seen.domain.as_str() };
        turns.worker.rest(self.in_turn(turns.term, asking, operation, make)).await
    }

    /// Waits for a turn, makes the call under its deadline, and counts both. A throttled call had no effect; it waits
    /// for another turn, which comes later the longer SES throttles, and in the end puts the pass back. Throttling is
    /// nobody's failure and is told in no status.
    pub(crate) async fn in_turn<T, F>(
        &self,
        term: Term,
        mut asking: Asking<'_>,
        operation: &'static str,
        make: impl Fn() -> F,
    ) -> Result<T, Trouble>
    where
        F: Future<Output = Result<T, SesError>>,
    {
        let budget = &self.ports.budget;
        for _ in 0..THROTTLED_TRIES {
            let turn = tokio::select! {
                biased;
                () = self.stopping.cancelled() => return Err(Trouble::Deferred(Duration::ZERO)),
                () = self.ports.leadership.lost(term) => return Err(Trouble::NotLeading),
                turn = budget.turn(asking) => turn,
            };
            let waited = turn.map_err(|deferred| Trouble::Deferred(deferred.wait))?;
            self.metrics.budget_wait(asking.lane, waited);
            self.lead(term, self.me.ses_timeout).await?;
            let answer = tokio::time::timeout(self.me.ses_timeout, make()).await.unwrap_or(Err(SesError::Unreachable));
            self.metrics.ses_call(operation, answer.as_ref().err());
            match answer {
                Err(SesError::Throttled) => budget.answered(true),
                // No answer says nothing about the rate.
                Err(SesError::Unreachable) => return Err(Trouble::Ses(SesError::Unreachable)),
                other => {
                    budget.answered(false);
                    return other.map_err(Trouble::Ses);
                }
            }
            // It had a turn, so it waits for the next one.
            asking.lane = Lane::Interactive;
        }
        Err(Trouble::Deferred(Duration::from_secs_f64(1.0 / budget.rate())))
    }

    /// Right before a write that takes at most so long: whether it may begin.
    pub(crate) async fn lead(&self, term: Term, write: Duration) -> Result<(), Trouble> {
        self.ports.leadership.ensure_valid_for(term, write).await.map_err(|NotLeading| Trouble::NotLeading)
    }

    /// SES tenants that the identity is associated with: all pages, or none.
    pub(super) async fn associations(&self, seen: &Observed, turns: &Turns<'_>) -> Result<Vec<String>, Trouble> {
        let arn = self.me.caller.identity_arn(&seen.domain);
        let mut list = Pages::default();
        while list.goes_on()? {
            let page = || self.ports.ses.associations(&arn, list.token.as_deref());
            let page = self.call(seen, turns, "ListResourceTenants", page).await?;
            list.add(page);
        }
        Ok(list.names)
    }

    /// Identities of addresses at the domain and below it: all pages, or none.
    pub(super) async fn addresses(&self, seen: &Observed, turns: &Turns<'_>) -> Result<Vec<String>, Trouble> {
        let mut list = Pages::default();
        while list.goes_on()? {
            let page = || self.ports.ses.addresses(&seen.domain, list.token.as_deref());
            let page = self.call(seen, turns, "ListEmailIdentities", page).await?;
            list.add(page);
        }
        Ok(list.names)
    }
}

/// A list of names, page by page.
#[derive(Default)]
struct Pages {
    names: Vec<String>,
    token: Option<String>,
    read: usize,
}

impl Pages {
    /// Whether there is another page. A list without an end is no list.
    fn goes_on(&self) -> Result<bool, Trouble> {
        match self.read {
            0 => Ok(true),
            MAX_PAGES => Err(Trouble::Ses(SesError::Malformed)),
            _ => Ok(self.token.is_some()),
        }
    }

    fn add(&mut self, (names, next): (Vec<String>, Option<String>)) {
        self.names.extend(names);
        self.token = next;
        self.read += 1;
    }
}
