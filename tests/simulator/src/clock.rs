//! The settable clock.
//!
//! Simulated time runs at the speed of real time from a configured start and can be moved by hand. Only the life cycle,
//! the journal's `time` and the timestamps in answers use it. Throttling and latency use real time, because the client
//! under test does.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use crate::core::time::plus;

/// Simulated time: a start, the real time since then, and manual jumps.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    started: Instant,
    base: Timestamp,
    shift: SignedDuration,
}

impl Clock {
    pub(crate) fn new(base: Timestamp) -> Self {
        Self { started: Instant::now(), base, shift: SignedDuration::ZERO }
    }

    pub(crate) fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.started.elapsed()).unwrap_or(SignedDuration::MAX);
        plus(self.base, self.shift.saturating_add(passed))
    }

    /// Real time since the start; never moved by hand.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    pub(crate) fn set(&mut self, to: Timestamp) {
        self.shift = self.shift.saturating_add(to.duration_since(self.now()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_moves_simulated_time_both_ways_and_leaves_real_time_alone() {
        let mut clock = Clock::new(Timestamp::UNIX_EPOCH);
        for target in [1_000_000, 10] {
            let target = Timestamp::from_second(target).unwrap();
            clock.set(target);
            assert!(clock.now().duration_since(target) < SignedDuration::from_secs(5));
            assert!(clock.now() >= target);
        }
        assert!(clock.elapsed() < Duration::from_secs(5));
    }
}
