//! Waiting for a condition: the only place that sleeps. A wait ends in an error when nothing moves any more, not when a
//! machine is slow.

use std::{cell::RefCell, collections::HashSet, time::Duration};

use anyhow::bail;
use tokio::time::{Instant, sleep, timeout_at};

/// Time between two looks. Polling costs an API call or a DNS look-up each time, and what is awaited takes tens of
/// milliseconds at least.
const INTERVAL: Duration = Duration::from_millis(50);

/// Without progress for this long, a wait hangs. The longest pause that the product makes by itself in a test is a lease
/// of 15 s.
pub const HANG: Duration = Duration::from_mins(2);

/// A wait ends after this time even if there is progress, so that a report that never repeats can't last for ever.
const END: Duration = Duration::from_mins(30);

/// What the looks reported so far.
#[derive(Default)]
struct Reports {
    distinct: HashSet<String>,
    newest: Option<String>,
}

impl Reports {
    /// Progress is a report that no look gave before: flapping between two of them is none.
    fn take(&mut self, report: String) -> bool {
        let is_new = self.distinct.insert(report.clone());
        self.newest = Some(report);
        is_new
    }

    fn last(&self) -> &str {
        self.newest.as_deref().unwrap_or("nothing: the first look did not end")
    }
}

/// Looks again and again until `look` gives a value. As its error `look` reports what it saw instead. The wait ends when
/// no new report came for [`HANG`], also where a look itself hangs. A report says how far something is ("3 of 8 wait");
/// what changes by itself, such as an age or a counter of calls, has no place in it.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Result<T, String>) -> anyhow::Result<T> {
    let begun = Instant::now();
    let reports = RefCell::new(Reports::default());
    let mut progress = begun;
    loop {
        let limit = (progress + HANG).min(begun + END);
        let looking = async {
            loop {
                match look().await {
                    Ok(value) => return Some(value),
                    Err(report) => {
                        if reports.borrow_mut().take(report) {
                            return None;
                        }
                    }
                }
                // Every port here is watched by polling; there is nothing to be woken by.
                sleep(INTERVAL).await;
            }
        };
        match timeout_at(limit, looking).await {
            Ok(Some(value)) => return Ok(value),
            Ok(None) => progress = Instant::now(),
            Err(_) => {
                let (silent, reports) = (progress.elapsed(), reports.borrow());
                bail!(
                    "not seen within {:?}, of which the last {silent:?} without progress: {what}; seen last: {}",
                    begun.elapsed(),
                    reports.last()
                )
            }
        }
        sleep(INTERVAL).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How long a wait for something that never comes lasts, and what it says.
    async fn fails(look: impl AsyncFnMut() -> Result<(), String>) -> (Duration, String) {
        let begun = Instant::now();
        let error = eventually("a miracle", look).await.unwrap_err();
        (begun.elapsed(), error.to_string())
    }

    #[tokio::test(start_paused = true)]
    async fn gives_the_first_value() {
        let mut looks = 0;
        let value = eventually("three", async || {
            looks += 1;
            if looks == 3 { Ok(looks) } else { Err("not yet".to_owned()) }
        });
        assert_eq!(value.await.unwrap(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn what_moves_on_slowly_is_waited_for() {
        let begun = Instant::now();
        // Each step takes nearly as long as a hang, all of them many times as long.
        let value = eventually("eight steps", async || match begun.elapsed().as_secs() / 100 {
            8 => Ok("done"),
            steps => Err(format!("{steps} of 8 are done")),
        });
        assert_eq!(value.await.unwrap(), "done");
        assert!(begun.elapsed() > 6 * HANG);
    }

    #[tokio::test(start_paused = true)]
    async fn a_hang_ends_and_tells_what_was_awaited_and_what_was_seen_last() {
        let begun = Instant::now();
        let step = || if begun.elapsed() < HANG / 2 { "1 of 2" } else { "2 of 2, and it rains" };
        let (lasted, text) = fails(async || Err(step().to_owned())).await;
        assert!(lasted >= HANG * 3 / 2 && lasted < HANG * 3 / 2 + 4 * INTERVAL, "{lasted:?}");
        assert!(text.contains("a miracle") && text.ends_with("seen last: 2 of 2, and it rains"), "{text}");
    }

    #[tokio::test(start_paused = true)]
    async fn flapping_is_no_progress() {
        let mut looks = 0;
        let (lasted, text) = fails(async || {
            looks += 1;
            Err(if looks % 2 == 0 { "sun" } else { "rain" }.to_owned())
        })
        .await;
        assert!(lasted < HANG + 4 * INTERVAL, "{lasted:?}: {text}");
    }

    #[tokio::test(start_paused = true)]
    async fn reports_that_never_repeat_end_too() {
        let begun = Instant::now();
        let (lasted, _) = fails(async || Err(format!("{} s old", begun.elapsed().as_secs()))).await;
        assert!(lasted >= END && lasted < END + 4 * INTERVAL, "{lasted:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_look_that_hangs_ends_as_well() {
        let (lasted, text) = fails(async || std::future::pending().await).await;
        assert_eq!(lasted, HANG);
        assert!(text.contains("the first look did not end"), "{text}");
    }
}
