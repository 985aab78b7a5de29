//! The rate limits, each a pure token bucket.
//!
//! AWS: all SES API actions except sending share one request per second per account and region, for all clients
//! together (SES quotas page). AWS does not document whether SES allows a burst; here the bucket holds one call.
//! Sending has a separate rate that counts recipients; its bucket holds the recipients of one second.

use std::time::Duration;

/// A token bucket over time since the start.
#[derive(Debug, Clone)]
pub(crate) struct Throttle {
    /// Calls per second; `None` lets everything pass.
    rate: Option<f64>,
    burst: f64,
    tokens: f64,
    seen: Duration,
}

impl Throttle {
    /// A full bucket. A `burst` below one call would block everything, so it is raised to one.
    pub(crate) fn new(rate: Option<f64>, burst: f64) -> Self {
        let burst = burst.max(1.0);
        Self { rate: rate.filter(|rate| rate.is_finite() && *rate >= 0.0), burst, tokens: burst, seen: Duration::ZERO }
    }

    pub(crate) fn rate(&self) -> Option<f64> {
        self.rate
    }

    /// Sets another rate from `now` on, with a full bucket.
    pub(crate) fn set_rate(&mut self, rate: Option<f64>, now: Duration) {
        self.set(rate, self.burst, now);
    }

    /// Sets another rate and another burst from `now` on, with a full bucket.
    pub(crate) fn set(&mut self, rate: Option<f64>, burst: f64, now: Duration) {
        *self = Self { seen: now, ..Self::new(rate, burst) };
    }

    /// Takes the cost of a call. The balance can be negative: a mail to many recipients passes as a whole, and the next
    /// ones wait until it is paid for.
    pub(crate) fn charge(&mut self, cost: f64) {
        if self.rate.is_some() {
            self.tokens -= cost;
        }
    }

    /// Whether a call passes at `now`. A refused call costs nothing.
    pub(crate) fn admit(&mut self, now: Duration) -> bool {
        let admitted = self.open(now);
        if admitted {
            self.charge(1.0);
        }
        admitted
    }

    /// Whether a call would pass at `now`.
    pub(crate) fn open(&mut self, now: Duration) -> bool {
        let Some(rate) = self.rate else { return true };
        let passed = now.saturating_sub(self.seen).as_secs_f64();
        self.seen = self.seen.max(now);
        self.tokens = (self.tokens + passed * rate).min(self.burst);
        // Nanoseconds become binary fractions above. Without the margin, a call exactly one second later could fail.
        self.tokens >= 1.0 - 1e-6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rate, burst, arrival times in milliseconds, expected results, and the reason.
    type Row<'a> = (Option<f64>, f64, &'a [u64], &'a [bool], &'a str);

    fn run(rate: Option<f64>, burst: f64, calls_ms: &[u64]) -> Vec<bool> {
        let mut throttle = Throttle::new(rate, burst);
        calls_ms.iter().map(|ms| throttle.admit(Duration::from_millis(*ms))).collect()
    }

    #[test]
    fn calls_pass_at_the_rate() {
        let table: &[Row<'_>] = &[
            (Some(1.0), 1.0, &[0, 1, 999], &[true, false, false], "one call per second"),
            (Some(1.0), 1.0, &[0, 1000, 2000], &[true, true, true], "exactly a second apart is enough"),
            (Some(1.0), 1.0, &[0, 500, 1000], &[true, false, true], "a refused call costs nothing"),
            (Some(1.0), 1.0, &[60_000, 60_001], &[true, false], "an idle minute is not saved up"),
            (Some(1.0), 3.0, &[0, 0, 0, 0, 1000], &[true, true, true, false, true], "a burst, when allowed"),
            (Some(10.0), 1.0, &[0, 100, 150], &[true, true, false], "another rate"),
            (Some(0.0), 1.0, &[0, 60_000], &[true, false], "rate zero: the first call only"),
            (None, 1.0, &[0, 0, 0], &[true, true, true], "off"),
            (Some(f64::NAN), 1.0, &[0, 0], &[true, true], "nonsense is off"),
        ];
        for (rate, burst, calls, expected, why) in table {
            assert_eq!(run(*rate, *burst, calls), *expected, "{why}");
        }
    }

    #[test]
    fn a_mail_to_many_passes_whole_and_the_next_waits_until_it_is_paid_for() {
        let mut throttle = Throttle::new(Some(1.0), 1.0);
        assert!(throttle.open(Duration::ZERO) && throttle.open(Duration::ZERO), "looking costs nothing");
        throttle.charge(5.0);
        let later: Vec<bool> = (1..=5).map(|second| throttle.admit(Duration::from_secs(second))).collect();
        assert_eq!(later, [false, false, false, false, true]);
    }

    #[test]
    fn a_new_rate_starts_with_a_full_bucket() {
        let mut throttle = Throttle::new(Some(1.0), 1.0);
        assert!(throttle.admit(Duration::ZERO));
        throttle.set_rate(Some(2.0), Duration::from_millis(10));
        assert!(throttle.admit(Duration::from_millis(10)));
        assert!(!throttle.admit(Duration::from_millis(20)));
    }
}
