//! The backoff of a watch.

use std::time::Duration;

use kube::runtime::utils::Backoff;
use tokio::time::Instant;

use super::sink::Watch;
use crate::model::backoff::{doubled, spread_of};

/// The waits before a watch is started again: from half a second to 5 s, regardless of `Retry-After`. Three requests
/// within 5 s do not burden an API server, and a watch that resumes minutes late is useless.
#[derive(Debug)]
pub struct WatchBackoff {
    watch: Watch,
    failures: u32,
    last: Option<Instant>,
}

impl WatchBackoff {
    const FIRST: Duration = Duration::from_millis(500);
    const LONGEST: Duration = Duration::from_secs(5);
    /// Failures farther apart are not consecutive. kube calls [`Backoff::reset`] at the beginning of each list, so that
    /// is no proof of success.
    const CALM: Duration = Duration::from_mins(1);

    pub fn new(watch: Watch) -> Self {
        Self { watch, failures: 0, last: None }
    }
}

impl Iterator for WatchBackoff {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let full = doubled(Self::FIRST, self.failures, Self::LONGEST);
        // Spread over the upper half, so that watches that broke together do not restart together.
        let spread = spread_of(&format!("{:?}", self.watch), u64::from(self.failures));
        (self.failures, self.last) = (self.failures.saturating_add(1), Some(Instant::now()));
        Some(full.mul_f64(0.5 + 0.5 * spread))
    }
}

impl Backoff for WatchBackoff {
    fn reset(&mut self) {
        if self.last.is_none_or(|last| last.elapsed() >= Self::CALM) {
            self.failures = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn waits_grow_to_five_seconds_and_begin_anew_after_a_calm_minute() {
        let mut backoff = WatchBackoff::new(Watch::Domains);
        let waits: Vec<Duration> = backoff.by_ref().take(40).collect();
        assert!(
            waits[0] <= WatchBackoff::FIRST && waits.iter().all(|wait| *wait <= WatchBackoff::LONGEST),
            "{waits:?}"
        );
        assert!(waits[10..].iter().all(|wait| *wait >= WatchBackoff::LONGEST / 2), "{waits:?}");
        backoff.reset();
        assert!(backoff.next() >= Some(WatchBackoff::LONGEST / 2), "the begin of a list is no success");
        tokio::time::advance(WatchBackoff::CALM).await;
        backoff.reset();
        assert!(backoff.next() <= Some(WatchBackoff::FIRST));
    }
}
