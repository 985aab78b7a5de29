//! Rate limits in bounded memory.
//!
//! One time is kept for each key (the "theoretical arrival time" of the generic cell rate algorithm, ITU-T I.371): a
//! token bucket without counters. A key is dropped once its bucket would be full again.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// A token bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Requests without a wait.
    pub burst: u32,
    /// Time until one more request is allowed.
    pub refill: Duration,
}

impl Default for Rate {
    /// A single person never reaches it, nor do a hundred behind one address.
    fn default() -> Self {
        Self { burst: 60, refill: Duration::from_millis(500) }
    }
}

/// Wrong codes allowed per link.
pub(super) const WRONG_CODES: Rate = Rate { burst: 10, refill: Duration::from_mins(6) };

/// Limits each key separately.
#[derive(Debug)]
pub struct Limiter<K> {
    rate: Rate,
    keys: usize,
    arrivals: Mutex<Arrivals<K>>,
}

/// Two generations: dropping the older one only loses buckets that are full again.
#[derive(Debug)]
struct Arrivals<K> {
    young: HashMap<K, Instant>,
    old: HashMap<K, Instant>,
    turned: Option<Instant>,
}

impl<K: Copy + Eq + Hash> Limiter<K> {
    /// Keeps at most twice `keys` keys. If more arrive within the time of a bucket, the oldest are dropped. This limit
    /// cannot stop a client with so many addresses, but it never blocks others instead.
    pub fn new(rate: Rate, keys: usize) -> Self {
        Self { rate, keys, arrivals: Mutex::new(Arrivals { young: HashMap::new(), old: HashMap::new(), turned: None }) }
    }

    /// Takes one token, or returns the wait for the next.
    pub fn take(&self, key: K, now: Instant) -> Result<(), Duration> {
        let mut arrivals = self.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        let full_after = self.full_after();
        let due = arrivals.turned.is_none_or(|turned| now.saturating_duration_since(turned) >= full_after);
        if due || arrivals.young.len() >= self.keys {
            arrivals.old = std::mem::take(&mut arrivals.young);
            arrivals.turned = Some(now);
        }
        let arrival = arrivals.arrival(&key, now) + self.rate.refill;
        let ahead = arrival.saturating_duration_since(now);
        if let Some(wait) = ahead.checked_sub(full_after).filter(|wait| !wait.is_zero()) {
            return Err(wait);
        }
        arrivals.young.insert(key, arrival);
        Ok(())
    }

    /// Whether a token is available, or the wait for it. Takes none.
    pub fn peek(&self, key: K, now: Instant) -> Result<(), Duration> {
        let arrivals = self.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        let ahead = (arrivals.arrival(&key, now) + self.rate.refill).saturating_duration_since(now);
        ahead.checked_sub(self.full_after()).filter(|wait| !wait.is_zero()).map_or(Ok(()), Err)
    }

    fn full_after(&self) -> Duration {
        self.rate.refill * self.rate.burst
    }
}

impl<K: Eq + Hash> Arrivals<K> {
    /// An unknown key has a full bucket.
    fn arrival(&self, key: &K, now: Instant) -> Instant {
        self.young.get(key).or_else(|| self.old.get(key)).map_or(now, |arrival| now.max(*arrival))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { burst: 3, refill: Duration::from_secs(10) };

    fn limiter(keys: usize) -> (Limiter<u32>, impl Fn(u64) -> Instant) {
        let start = Instant::now();
        (Limiter::new(RATE, keys), move |seconds| start + Duration::from_secs(seconds))
    }

    #[test]
    fn a_burst_passes_and_then_one_at_a_time() {
        let (limiter, at) = limiter(100);
        for (second, expected) in [
            (0, Ok(())),
            (0, Ok(())),
            (0, Ok(())),
            (0, Err(10)),
            (4, Err(6)),
            (10, Ok(())),
            (10, Err(10)),
            (100, Ok(())),
            (100, Ok(())),
            (100, Ok(())),
            (100, Err(10)),
        ] {
            assert_eq!(limiter.peek(7, at(second)), expected.map_err(Duration::from_secs), "peek at {second} s");
            assert_eq!(limiter.take(7, at(second)), expected.map_err(Duration::from_secs), "at {second} s");
        }
    }

    #[test]
    fn one_does_not_hold_up_another_and_refusals_cost_nothing() {
        let (limiter, at) = limiter(100);
        for _ in 0..50 {
            let _ = limiter.take(1, at(0));
        }
        assert_eq!(limiter.take(2, at(0)), Ok(()));
        assert_eq!(limiter.take(1, at(10)), Ok(()), "who is refused waits no longer for it");
    }

    #[test]
    fn a_bucket_lives_on_when_a_generation_ends() {
        let (limiter, at) = limiter(100);
        let _ = limiter.take(0, at(0));
        for _ in 0..3 {
            assert_eq!(limiter.take(1, at(29)), Ok(()));
        }
        assert_eq!(limiter.take(2, at(30)), Ok(()), "turns the generation");
        assert_eq!(limiter.take(1, at(30)), Err(Duration::from_secs(9)));
        assert_eq!(limiter.take(1, at(39)), Ok(()));
        assert_eq!(limiter.take(1, at(39)), Err(Duration::from_secs(10)));
    }

    #[test]
    fn memory_is_bounded_and_a_crowd_holds_up_nobody_else() {
        let (limiter, at) = limiter(1000);
        for key in 0..100_000 {
            assert_eq!(limiter.take(key, at(0)), Ok(()));
        }
        let arrivals = limiter.arrivals.lock().unwrap();
        assert!(arrivals.young.len() + arrivals.old.len() <= 2000, "{} + {}", arrivals.young.len(), arrivals.old.len());
    }
}
