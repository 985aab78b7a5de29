//! SES calls: each waits for its turn, runs under its deadline, and is counted.

use std::{future::Future, time::Duration};

use super::context::{Context, ReconcileError};
use crate::{
    cluster::leadership::Term,
    model::scheduling::lanes::Lane,
    ses::{
        SesError,
        call_budget::{CallBudget, CallRequest},
    },
};

/// Consecutive throttled answers after which a reconcile is requeued.
pub const THROTTLED_TRIES: usize = 3;

impl Context {
    /// One management call. A throttled call had no effect: it waits for another turn, which comes later the longer SES
    /// throttles. In the end the reconcile is requeued. Throttling is no failure and appears in no status.
    pub async fn ses_call<T, F>(
        &self,
        term: Term,
        mut request: CallRequest<'_>,
        operation: &'static str,
        make: impl Fn() -> F,
    ) -> Result<T, ReconcileError>
    where
        F: Future<Output = Result<T, SesError>>,
    {
        let budget = &*self.ports.budget;
        for _ in 0..THROTTLED_TRIES {
            let waited = self.acquire_call(budget, term, request).await?;
            self.metrics.budget_wait(request.lane, waited);
            match self.make_call(budget, term, operation, make()).await? {
                Err(SesError::Throttled) => {}
                answer => return answer.map_err(ReconcileError::Ses),
            }
            // It had a turn, so it waits for the next one.
            request.lane = Lane::Interactive;
        }
        Err(ReconcileError::Deferred(Duration::from_secs_f64(1.0 / budget.rate())))
    }

    /// Waits for a turn. Returns the waiting time.
    pub async fn acquire_call(
        &self,
        budget: &dyn CallBudget,
        term: Term,
        request: CallRequest<'_>,
    ) -> Result<Duration, ReconcileError> {
        let granted = tokio::select! {
            biased;
            () = self.stopping.cancelled() => return Err(ReconcileError::Deferred(Duration::ZERO)),
            () = self.ports.leadership.lost(term) => return Err(ReconcileError::NotLeading),
            granted = budget.acquire(request) => granted,
        };
        granted.map_err(|deferred| ReconcileError::Deferred(deferred.wait))
    }

    /// Makes a call under its deadline and reports its result to the call budget. The outer result is an error if this
    /// replica may not make it.
    pub async fn make_call<T>(
        &self,
        budget: &dyn CallBudget,
        term: Term,
        operation: &'static str,
        call: impl Future<Output = Result<T, SesError>>,
    ) -> Result<Result<T, SesError>, ReconcileError> {
        let deadline = self.config.ses_timeout;
        self.ensure_leading(term, deadline).await?;
        let answer = tokio::time::timeout(deadline, call).await.unwrap_or(Err(SesError::Unreachable));
        self.metrics.ses_call(operation, answer.as_ref().err());
        match &answer {
            Err(SesError::Throttled) => budget.answered(true),
            // A missing answer gives no information about the rate.
            Err(SesError::Unreachable) => {}
            _ => budget.answered(false),
        }
        Ok(answer)
    }
}
