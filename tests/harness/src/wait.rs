//! Waits for a condition: the only place that sleeps. A wait fails if there is no progress, not if a machine is slow.

use std::{cell::RefCell, collections::HashSet, time::Duration};

use anyhow::bail;
use tokio::time::{Instant, sleep, timeout_at};

/// Time between two attempts. Each costs an API call or a DNS lookup, and most waits take tens of milliseconds at
/// least.
const INTERVAL: Duration = Duration::from_millis(50);

/// A wait hangs if it makes no progress for this time. The longest pause of the product in a test is a lease of 15 s.
pub const HANG: Duration = Duration::from_mins(2);

/// A wait ends after this time despite progress, so that a report that never repeats cannot last forever.
const END: Duration = Duration::from_mins(30);

/// The reports so far.
#[derive(Default)]
struct Reports {
    distinct: HashSet<String>,
    newest: Option<String>,
}

impl Reports {
    /// Progress is a new report: flapping between two reports is no progress.
    fn take(&mut self, report: String) -> bool {
        let is_new = self.distinct.insert(report.clone());
        self.newest = Some(report);
        is_new
    }

    fn last(&self) -> &str {
        self.newest.as_deref().unwrap_or("nothing: the first look did not end")
    }
}

/// Polls `look` until it returns a value. The error of `look` is a report of the state. The wait fails if no new report
/// came for [`HANG`], also if `look` itself hangs. A report describes progress ("3 of 8 wait"). It must not contain
/// values that always change, such as an age or a counter of calls.
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
                // Every port here is polled; nothing can wake this loop.
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

    /// Duration and error of a wait that fails.
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
    async fn slow_progress_is_awaited() {
        let begun = Instant::now();
        // Each step takes nearly as long as a hang, and all together many times as long.
        let value = eventually("eight steps", async || match begun.elapsed().as_secs() / 100 {
            8 => Ok("done"),
            steps => Err(format!("{steps} of 8 are done")),
        });
        assert_eq!(value.await.unwrap(), "done");
        assert!(begun.elapsed() > 6 * HANG);
    }

    #[tokio::test(start_paused = true)]
    async fn a_hang_fails_with_its_condition_and_the_last_report() {
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
    async fn a_hanging_look_ends_as_well() {
        let (lasted, text) = fails(async || std::future::pending().await).await;
        assert_eq!(lasted, HANG);
        assert!(text.contains("the first look did not end"), "{text}");
    }
}
