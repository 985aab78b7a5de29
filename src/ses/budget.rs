//! The budget of management calls: SES allows one a second per account and region, for everybody together
//! (<https://docs.aws.amazon.com/ses/latest/dg/quotas.html>).

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use tokio::time::{Instant, sleep_until};

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
    /// is held by waiting background work. `tenant` is on whose behalf the call is made.
    async fn turn(&self, lane: Lane, tenant: &str) -> Result<(), Deferred>;
}

/// Turns at a fixed pace, first come first served.
#[derive(Debug)]
pub struct Gate {
    pace: Duration,
    next: Mutex<Option<Instant>>,
}

/// Turns lie this much farther apart than the rate says: calls travel for varying times, and two that leave a second
/// apart may arrive closer.
const MARGIN: f64 = 1.05;

impl Gate {
    /// `rate` is in calls per second, above 0.
    pub fn new(rate: f64) -> Self {
        Self { pace: Duration::from_secs_f64(MARGIN / rate.max(0.001)), next: Mutex::new(None) }
    }

    /// The time of the turn that was just given, or how long a background call should stay away.
    fn reserve(&self, lane: Lane, now: Instant) -> Result<Instant, Deferred> {
        // A poisoned lock only means that another turn panicked after its arithmetic: the value is sound.
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let at = next.map_or(now, |next| next.max(now));
        if lane == Lane::Background && at > now {
            return Err(Deferred { wait: at - now });
        }
        *next = Some(at + self.pace);
        Ok(at)
    }
}

#[async_trait]
impl Budget for Gate {
    async fn turn(&self, lane: Lane, _tenant: &str) -> Result<(), Deferred> {
        let at = self.reserve(lane, Instant::now())?;
        sleep_until(at).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn no_two_turns_lie_closer_than_the_pace() {
        let gate = Gate::new(1.0);
        let start = Instant::now();
        for n in 0..5 {
            gate.turn(Lane::Interactive, "t").await.unwrap();
            assert_eq!(start.elapsed().as_millis(), n * 1050);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_background_call_is_put_back_and_takes_no_turn() {
        let gate = Gate::new(1.0);
        gate.turn(Lane::Background, "t").await.unwrap();
        let Err(deferred) = gate.turn(Lane::Background, "t").await else { panic!("a second turn at once") };
        assert_eq!(deferred.wait, Duration::from_millis(1050));
        tokio::time::advance(deferred.wait).await;
        gate.turn(Lane::Background, "t").await.unwrap();
    }
}
