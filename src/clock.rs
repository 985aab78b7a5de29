//! The one source of the time of day.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// Says what time it is. Tests bring their own.
pub trait Clock: Send + Sync {
    /// Now, in whole seconds: what the API server keeps of a time.
    fn now(&self) -> Timestamp;
}

/// The clock of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        whole_seconds(Timestamp::now())
    }
}

/// Cuts a time to whole seconds.
pub fn whole_seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

/// `time` plus `wait`, at most the end of time.
pub fn after(time: Timestamp, wait: Duration) -> Timestamp {
    SignedDuration::try_from(wait).ok().and_then(|wait| time.checked_add(wait).ok()).unwrap_or(Timestamp::MAX)
}

/// The time from `now` to `at` in whole seconds, rounded up. The clock shows whole seconds only: a reconcile after a fraction of
/// one would find nothing due yet, and run again after the same fraction, until the second is over.
pub fn whole_seconds_until(at: Timestamp, now: Timestamp) -> Duration {
    let wait = Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO);
    Duration::from_secs(wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)))
}
