//! How fast calls to SES may follow each other: as fast as allowed, slower while SES throttles. Pure.

use std::time::Duration;

/// Turns lie this much farther apart than the rate says: calls travel for varying times, and two that leave a second
/// apart may arrive closer.
const MARGIN: f64 = 1.05;
/// A throttled answer halves the rate, once for all calls that were on their way together.
const CUT: f64 = 0.5;
/// The rate never falls below this share of the ceiling.
const FLOOR: f64 = 0.125;
/// An answer that is not throttled raises the rate by this share of the ceiling.
const RAISE: f64 = 0.05;

/// What an answer changed that is worth a line in the log: the begin and the end of a slow time, not each step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// SES throttles; the rate was at its ceiling before.
    Slowed,
    /// The rate is back at its ceiling.
    Recovered,
}

/// The pace: additive increase, multiplicative decrease. SES allows one management call a second for *all* clients of
/// the account and region, and gives no Retry-After, so the share that others leave has to be found by trying.
#[derive(Clone, Debug)]
pub struct Pace {
    ceiling: f64,
    rate: f64,
    cut_until: Duration,
    slowed: bool,
}

impl Pace {
    /// `ceiling` is in calls per second, above 0.
    pub fn new(ceiling: f64) -> Self {
        let ceiling = ceiling.max(0.001);
        Self { ceiling, rate: ceiling, cut_until: Duration::ZERO, slowed: false }
    }

    /// Calls per second at the moment.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// Time between two turns.
    pub fn interval(&self) -> Duration {
        Duration::from_secs_f64(MARGIN / self.rate)
    }

    /// A call was answered at `now` (time since the start).
    pub fn answered(&mut self, throttled: bool, now: Duration) -> Option<Change> {
        if throttled {
            if now >= self.cut_until {
                self.rate = (self.rate * CUT).max(self.ceiling * FLOOR);
                self.cut_until = now + self.interval() / 2;
            }
            return (!std::mem::replace(&mut self.slowed, true)).then_some(Change::Slowed);
        }
        self.rate = (self.rate + self.ceiling * RAISE).min(self.ceiling);
        let recovered = self.slowed && self.rate >= self.ceiling;
        self.slowed &= !recovered;
        recovered.then_some(Change::Recovered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_throttled_answer_halves_the_rate_down_to_an_eighth() {
        let mut pace = Pace::new(1.0);
        let mut rates = Vec::new();
        for n in 0..5 {
            pace.answered(true, secs(100 * n));
            rates.push(pace.rate());
        }
        assert_eq!(rates, [0.5, 0.25, 0.125, 0.125, 0.125]);
        assert_eq!(pace.interval(), Duration::from_millis(8400));
    }

    #[test]
    fn calls_that_were_throttled_together_count_once() {
        let mut pace = Pace::new(1.0);
        pace.answered(true, secs(10));
        pace.answered(true, secs(10));
        assert!((pace.rate() - 0.5).abs() < f64::EPSILON);
    }

    #[test]
    fn good_answers_bring_the_rate_back_to_its_ceiling_and_never_above() {
        let mut pace = Pace::new(2.0);
        pace.answered(true, secs(1));
        for _ in 0..9 {
            pace.answered(false, secs(2));
        }
        assert!(pace.rate() < 2.0);
        for _ in 0..9 {
            pace.answered(false, secs(2));
        }
        assert!((pace.rate() - 2.0).abs() < 1e-9);
    }

    #[test]
    fn only_the_begin_and_the_end_of_a_slow_time_are_told() {
        let mut pace = Pace::new(1.0);
        let throttled: Vec<_> = (0..3).map(|n| pace.answered(true, secs(100 * n))).collect();
        assert_eq!(throttled, [Some(Change::Slowed), None, None]);
        let told: Vec<_> = (0..30).filter_map(|n| pace.answered(false, secs(300 + n))).collect();
        assert_eq!(told, [Change::Recovered]);
    }
}
