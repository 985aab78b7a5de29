//! The budget of management calls: SES allows one a second per account and region, for everybody together
//! (<https://docs.aws.amazon.com/ses/latest/dg/quotas.html>).
//!
//! Who goes next is decided in [`super::turns`], how fast in [`super::pace`].

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use super::{pace::Change, turns::Turns};

/// Who waits for the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lane {
    /// A person: something was just applied, changed or deleted.
    Interactive,
    /// Nobody in particular: polling, refreshes, clean-up.
    Background,
}

impl Lane {
    /// Label for metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Interactive => "interactive",
            Self::Background => "background",
        }
    }
}

/// A call that wants a turn.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// The lane.
    pub lane: Lane,
    /// On whose behalf; tenants take turns.
    pub tenant: &'a Arc<str>,
    /// Place within the tenant: whose pass wanted its first turn first gets all its turns first. No two calls that wait
    /// have the same.
    pub place: u64,
    /// About what; a background call keeps its place by it.
    pub subject: &'a str,
}

/// A background call has no turn yet: come back then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deferred {
    /// How long until it is worth asking again.
    pub wait: Duration,
}

/// Hands out the turns of all management calls of the process.
#[async_trait]
pub trait Budget: Send + Sync {
    /// Waits for a turn in the interactive lane; gives the time to come back in the background lane, so that no worker
    /// is held by waiting background work. The answer is how long the call waited.
    async fn turn(&self, asking: Asking<'_>) -> Result<Duration, Deferred>;
    /// A call that had a turn was answered. SES throttles: the turns get slower, else faster up to their ceiling.
    fn answered(&self, throttled: bool);
    /// Calls per second at the moment.
    fn rate(&self) -> f64;
}

/// The budget of one process.
#[derive(Debug)]
pub struct Gate {
    start: Instant,
    turns: Mutex<Turns>,
    changed: Notify,
}

impl Gate {
    /// `ceiling` is in calls per second, above 0.
    pub fn new(ceiling: f64) -> Self {
        Self { start: Instant::now(), turns: Mutex::new(Turns::new(ceiling)), changed: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Turns> {
        // A poisoned lock only means that another call panicked after its arithmetic: the value is sound.
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn wait(&self, tenant: &Arc<str>, place: u64) -> Duration {
        let asked = Instant::now();
        self.lock().join(tenant, place);
        let _waiting = Waiting { gate: self, tenant, place };
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let answer = self.lock().interactive(place, self.start.elapsed());
            match answer {
                Ok(()) => return asked.elapsed(),
                Err(at) => tokio::select! { () = changed => {}, () = sleep_until(self.start + at) => {} },
            }
        }
    }
}

/// A place among those who wait; given up when the pass is.
struct Waiting<'g> {
    gate: &'g Gate,
    tenant: &'g Arc<str>,
    place: u64,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.gate.lock().leave(self.tenant, self.place);
        self.gate.changed.notify_waiters();
    }
}

#[async_trait]
impl Budget for Gate {
    async fn turn(&self, asking: Asking<'_>) -> Result<Duration, Deferred> {
        match asking.lane {
            Lane::Interactive => Ok(self.wait(asking.tenant, asking.place).await),
            Lane::Background => {
                let answer = self.lock().background(asking.subject, self.start.elapsed());
                answer.map_err(|wait| Deferred { wait })
            }
        }
    }

    fn answered(&self, throttled: bool) {
        let now = self.start.elapsed();
        let (change, rate) = {
            let mut turns = self.lock();
            (turns.answered(throttled, now), turns.rate())
        };
        match change {
            Some(Change::Slowed) => {
                tracing::warn!(rate, "SES throttles this account's calls; the operator slows down");
            }
            Some(Change::Recovered) => {
                tracing::info!(rate, "SES no longer throttles; the operator is at its full rate");
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

    async fn turn(gate: &Gate, lane: Lane, tenant: &str) -> Result<Duration, Deferred> {
        let (tenant, place) = (Arc::from(tenant), 0);
        gate.turn(Asking { lane, tenant: &tenant, place, subject: "a.example.com" }).await
    }

    #[tokio::test(start_paused = true)]
    async fn no_two_turns_lie_closer_than_the_pace() {
        let gate = Gate::new(1.0);
        let start = Instant::now();
        for n in 0..5 {
            turn(&gate, Lane::Interactive, "t").await.unwrap();
            assert_eq!(start.elapsed().as_millis(), n * 1050);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_background_call_is_put_back_and_told_when_to_come() {
        let gate = Gate::new(1.0);
        turn(&gate, Lane::Background, "t").await.unwrap();
        let Err(deferred) = turn(&gate, Lane::Background, "t").await else { panic!("a second turn at once") };
        assert_eq!(deferred.wait, Duration::from_millis(1050));
        tokio::time::advance(deferred.wait).await;
        assert_eq!(turn(&gate, Lane::Background, "t").await, Ok(deferred.wait));
    }

    #[tokio::test(start_paused = true)]
    async fn a_pass_that_is_given_up_gives_up_its_place() {
        let gate = Gate::new(1.0);
        turn(&gate, Lane::Interactive, "t").await.unwrap();
        let given_up = tokio::time::timeout(Duration::from_millis(10), turn(&gate, Lane::Interactive, "a")).await;
        assert!(given_up.is_err());
        let waited = turn(&gate, Lane::Interactive, "b").await.unwrap();
        assert_eq!(waited, Duration::from_millis(1040));
    }

    #[tokio::test(start_paused = true)]
    async fn throttling_slows_the_turns_and_good_answers_bring_them_back() {
        let gate = Gate::new(1.0);
        gate.answered(true);
        assert!(gate.rate() < 1.0);
        for _ in 0..20 {
            gate.answered(false);
        }
        assert!((gate.rate() - 1.0).abs() < f64::EPSILON);
    }
}
