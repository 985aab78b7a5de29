//! Backoff after failures.

use std::time::Duration;

/// Shortest wait after a failure.
pub const FIRST: Duration = Duration::from_secs(2);
/// Longest wait after many failures.
pub const LONGEST: Duration = Duration::from_mins(5);

/// The wait after `failures` consecutive failures (at least 1): doubled each time from [`FIRST`] to [`LONGEST`].
/// `spread` (0.0 ≤ spread < 1.0) moves it within its upper half, so that simultaneous failures are not retried
/// simultaneously.
pub fn delay(failures: u32, spread: f64) -> Duration {
    let full = doubled(FIRST, failures.saturating_sub(1), LONGEST);
    full.mul_f64(0.5 + 0.5 * spread.clamp(0.0, 1.0))
}

/// `first`, doubled so many times, and at most `longest`.
pub fn doubled(first: Duration, times: u32, longest: Duration) -> Duration {
    first.saturating_mul(1 << times.min(16)).min(longest)
}

/// A `spread` for [`delay`] derived from the subject: deterministic, so no random source is needed.
pub fn spread_of(subject: &str, salt: u64) -> f64 {
    // FNV-1a spreads names evenly; resistance to attacks is not needed.
    let hash = subject
        .bytes()
        .chain(salt.to_le_bytes())
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    f64::from(u32::try_from(hash >> 32).unwrap_or(0)) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        for (failures, seconds) in [(0, 2), (1, 2), (2, 4), (3, 8), (8, 256), (9, 300), (40, 300), (u32::MAX, 300)] {
            assert_eq!(delay(failures, 1.0), Duration::from_secs(seconds), "{failures} failures");
        }
        assert_eq!(delay(3, 0.0), Duration::from_secs(4));
    }

    #[test]
    fn the_spread_covers_its_range_and_is_stable() {
        let spreads: Vec<f64> = (0..100).map(|n| spread_of(&format!("d{n}.example.com"), 0)).collect();
        assert!(spreads.iter().all(|s| (0.0..1.0).contains(s)));
        assert!(spreads.iter().any(|s| *s < 0.2) && spreads.iter().any(|s| *s > 0.8));
        assert!((spread_of("a.example.com", 1) - spread_of("a.example.com", 1)).abs() < f64::EPSILON);
    }
}
