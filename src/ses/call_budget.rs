//! The call budget. SES allows one management call per second per account and region, for all clients together
//! (<https://docs.aws.amazon.com/ses/latest/dg/quotas.html>).
//!
//! [`super::call_scheduler`] decides which call is next, and [`super::adaptive_rate`] the interval between calls.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use super::{adaptive_rate::RateChange, call_scheduler::CallScheduler};
use crate::model::scheduling::lanes::Lane;

/// A call that needs a turn.
#[derive(Clone, Copy, Debug)]
pub struct CallRequest<'a> {
    /// Interactive or background lane.
    pub lane: Lane,
    /// The tenant of the call; tenants take turns.
    pub tenant: &'a Arc<str>,
    /// Place within the tenant: the reconcile whose first call came first gets all its turns first. No two waiting
    /// calls have the same place.
    pub place: u64,
    /// The subject; a background call keeps its place under this name.
    pub subject: &'a str,
}

/// A background call that has no turn yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deferred {
    /// Time until the next attempt is useful.
    pub wait: Duration,
}

/// Grants the turns of all calls of the process.
#[async_trait]
pub trait CallBudget: Send + Sync {
    /// Interactive lane: waits for a turn. Background lane: never waits, so deferred background work holds no worker.
    /// Returns the waiting time of the call.
    async fn acquire(&self, request: CallRequest<'_>) -> Result<Duration, Deferred>;
    /// Records the answer to a call. A throttled answer lowers the rate; any other raises it up to its ceiling.
    fn answered(&self, throttled: bool);
    /// Current calls per second.
    fn rate(&self) -> f64;
}

/// The budget that all calls of one process share.
#[derive(Debug)]
pub struct ProcessCallBudget {
    start: Instant,
    scheduler: Mutex<CallScheduler>,
    changed: Notify,
}

impl ProcessCallBudget {
    /// `ceiling`: calls per second, above 0.
    pub fn new(ceiling: f64) -> Self {
        Self { start: Instant::now(), scheduler: Mutex::new(CallScheduler::new(ceiling)), changed: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, CallScheduler> {
        // A poisoned lock only means that another call panicked after its arithmetic; the state is valid.
        self.scheduler.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn wait(&self, tenant: &Arc<str>, place: u64) -> Duration {
        let since = Instant::now();
        self.lock().enqueue(tenant, place);
        let _waiting = WaitingCall { budget: self, tenant, place };
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let answer = self.lock().try_interactive(place, self.start.elapsed());
            match answer {
                Ok(()) => return since.elapsed(),
                Err(at) => tokio::select! { () = changed => {}, () = sleep_until(self.start + at) => {} },
            }
        }
    }
}

/// A waiting interactive call; dropped with its reconcile, which frees its place.
struct WaitingCall<'b> {
    budget: &'b ProcessCallBudget,
    tenant: &'b Arc<str>,
    place: u64,
}

impl Drop for WaitingCall<'_> {
    fn drop(&mut self) {
        self.budget.lock().cancel(self.tenant, self.place);
        self.budget.changed.notify_waiters();
    }
}

#[async_trait]
impl CallBudget for ProcessCallBudget {
    async fn acquire(&self, request: CallRequest<'_>) -> Result<Duration, Deferred> {
        match request.lane {
            Lane::Interactive => Ok(self.wait(request.tenant, request.place).await),
            Lane::Background => {
                let answer = self.lock().try_background(request.subject, self.start.elapsed());
                answer.map_err(|wait| Deferred { wait })
            }
        }
    }

    fn answered(&self, throttled: bool) {
        let now = self.start.elapsed();
        let (change, rate) = {
            let mut scheduler = self.lock();
            (scheduler.answered(throttled, now), scheduler.rate())
        };
        match change {
            Some(RateChange::Slowed) => {
                tracing::warn!(rate, "SES is throttling the account; the operator lowers its call rate");
            }
            Some(RateChange::Recovered) => {
                tracing::info!(rate, "SES no longer throttles the account; the operator uses its full call rate");
            }
            None => {}
        }
    }

    fn rate(&self) -> f64 {
        self.lock().rate()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn acquire(budget: &ProcessCallBudget, lane: Lane, tenant: &str) -> Result<Duration, Deferred> {
        let (tenant, place) = (Arc::from(tenant), 0);
        budget.acquire(CallRequest { lane, tenant: &tenant, place, subject: "a.example.com" }).await
    }

    #[tokio::test(start_paused = true)]
    async fn no_two_turns_are_closer_than_the_rate_allows() {
        let budget = ProcessCallBudget::new(1.0);
        let start = Instant::now();
        for n in 0..5 {
            acquire(&budget, Lane::Interactive, "t").await.unwrap();
            assert_eq!(start.elapsed().as_millis(), n * 1050);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_background_call_is_deferred_until_the_time_of_its_turn() {
        let budget = ProcessCallBudget::new(1.0);
        acquire(&budget, Lane::Background, "t").await.unwrap();
        let Err(deferred) = acquire(&budget, Lane::Background, "t").await else { panic!("a second turn at once") };
        assert_eq!(deferred.wait, Duration::from_millis(1050));
        tokio::time::advance(deferred.wait).await;
        assert_eq!(acquire(&budget, Lane::Background, "t").await, Ok(deferred.wait));
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_call_frees_its_place() {
        let budget = ProcessCallBudget::new(1.0);
        acquire(&budget, Lane::Interactive, "t").await.unwrap();
        let cancelled = tokio::time::timeout(Duration::from_millis(10), acquire(&budget, Lane::Interactive, "a")).await;
        assert!(cancelled.is_err());
        let waited = acquire(&budget, Lane::Interactive, "b").await.unwrap();
        assert_eq!(waited, Duration::from_millis(1040));
    }

    #[tokio::test(start_paused = true)]
    async fn throttling_lowers_the_rate_and_good_answers_raise_it_again() {
        let budget = ProcessCallBudget::new(1.0);
        budget.answered(true);
        assert!(budget.rate() < 1.0);
        for _ in 0..20 {
            budget.answered(false);
        }
        assert!((budget.rate() - 1.0).abs() < f64::EPSILON);
    }
}
