//! The adaptive rate of SES calls: the ceiling, and less while SES throttles. Pure.

use std::time::Duration;

/// Calls are spaced this much farther apart than the rate requires. Latency varies, and two calls that leave a second
/// apart may arrive closer together.
const MARGIN: f64 = 1.05;
/// A throttled answer halves the rate, once for all calls that were in flight together.
const CUT: f64 = 0.5;
/// The rate never falls below this share of the ceiling.
const FLOOR: f64 = 0.125;
/// An answer that is not throttled raises the rate by this share of the ceiling.
const RAISE: f64 = 0.05;

/// A loggable change of the rate: the start and the end of a slow period, not each step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateChange {
    /// SES throttles; the rate was at its ceiling before.
    Slowed,
    /// The rate is back at its ceiling.
    Recovered,
}

/// Additive increase, multiplicative decrease. SES allows one management call per second for *all* clients of the
/// account and region, and gives no Retry-After. So only trial and error shows the share that other clients leave.
#[derive(Clone, Debug)]
pub struct AdaptiveRate {
    ceiling: f64,
    rate: f64,
    cut_until: Duration,
    slowed: bool,
}

impl AdaptiveRate {
    /// `ceiling`: calls per second, above 0.
    pub fn new(ceiling: f64) -> Self {
        let ceiling = ceiling.max(0.001);
        Self { ceiling, rate: ceiling, cut_until: Duration::ZERO, slowed: false }
    }

    /// Current calls per second.
    pub fn per_second(&self) -> f64 {
        self.rate
    }

    /// Time between two calls.
    pub fn interval(&self) -> Duration {
        Duration::from_secs_f64(MARGIN / self.rate)
    }

    /// Records an answer at `now` (time since the start).
    pub fn answered(&mut self, throttled: bool, now: Duration) -> Option<RateChange> {
        if throttled {
            if now >= self.cut_until {
                self.rate = (self.rate * CUT).max(self.ceiling * FLOOR);
                self.cut_until = now + self.interval() / 2;
            }
            return (!std::mem::replace(&mut self.slowed, true)).then_some(RateChange::Slowed);
        }
        self.rate = (self.rate + self.ceiling * RAISE).min(self.ceiling);
        let recovered = self.slowed && self.rate >= self.ceiling;
        self.slowed &= !recovered;
        recovered.then_some(RateChange::Recovered)
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
        let mut rate = AdaptiveRate::new(1.0);
        let mut rates = Vec::new();
        for n in 0..5 {
            rate.answered(true, secs(100 * n));
            rates.push(rate.per_second());
        }
        assert_eq!(rates, [0.5, 0.25, 0.125, 0.125, 0.125]);
        assert_eq!(rate.interval(), Duration::from_millis(8400));
    }

    #[test]
    fn calls_that_were_throttled_together_count_once() {
        let mut rate = AdaptiveRate::new(1.0);
        rate.answered(true, secs(10));
        rate.answered(true, secs(10));
        assert!((rate.per_second() - 0.5).abs() < f64::EPSILON);
    }

    #[test]
    fn good_answers_bring_the_rate_back_to_its_ceiling_and_never_above() {
        let mut rate = AdaptiveRate::new(2.0);
        rate.answered(true, secs(1));
        for _ in 0..9 {
            rate.answered(false, secs(2));
        }
        assert!(rate.per_second() < 2.0);
        for _ in 0..9 {
            rate.answered(false, secs(2));
        }
        assert!((rate.per_second() - 2.0).abs() < 1e-9);
    }

    #[test]
    fn only_the_start_and_the_end_of_a_slow_period_are_reported() {
        let mut rate = AdaptiveRate::new(1.0);
        let throttled: Vec<_> = (0..3).map(|n| rate.answered(true, secs(100 * n))).collect();
        assert_eq!(throttled, [Some(RateChange::Slowed), None, None]);
        let reported: Vec<_> = (0..30).filter_map(|n| rate.answered(false, secs(300 + n))).collect();
        assert_eq!(reported, [RateChange::Recovered]);
    }
}
