//! The wall clock port.

#![warn(missing_docs)]

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// A source of the time of day; tests bring their own.
pub trait Clock: Send + Sync {
    /// The current time in whole seconds, the precision that the API server stores.
    fn now(&self) -> Timestamp;
}

/// The system clock of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        whole_seconds(Timestamp::now())
    }
}

/// Truncates a time to whole seconds.
pub fn whole_seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

/// `time` plus `wait`; saturates at [`Timestamp::MAX`].
pub fn after(time: Timestamp, wait: Duration) -> Timestamp {
    SignedDuration::try_from(wait).ok().and_then(|wait| time.checked_add(wait).ok()).unwrap_or(Timestamp::MAX)
}

/// The time from `now` to `at` in whole seconds, rounded up. The clock reports whole seconds only. A reconcile after a
/// fraction of a second would find nothing due and repeat until the second ends.
pub fn whole_seconds_until(at: Timestamp, now: Timestamp) -> Duration {
    let wait = Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO);
    Duration::from_secs(wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)))
}
