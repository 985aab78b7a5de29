//! When the next sweep is due. A reconcile that waits for SES to find records brings it forward.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

#[derive(Debug)]
pub struct SweepTimer {
    due: Mutex<Instant>,
    pages: AtomicU32,
    changed: Notify,
}

impl Default for SweepTimer {
    fn default() -> Self {
        Self { due: Mutex::new(Instant::now()), pages: AtomicU32::new(0), changed: Notify::new() }
    }
}

impl SweepTimer {
    /// Schedules the next sweep after this wait.
    pub fn set(&self, wait: Duration) {
        *self.lock() = Instant::now() + wait;
        self.changed.notify_one();
    }

    /// Schedules the next sweep after this wait at the latest. A list of many pages costs more calls, so its interval
    /// is at least `poll_interval` per page.
    pub fn hasten(&self, wait: Duration, poll_interval: Duration) {
        let shortest = poll_interval.saturating_mul(self.pages.load(Ordering::Relaxed));
        let at = Instant::now() + wait.max(shortest);
        {
            let mut due = self.lock();
            *due = at.min(*due);
        }
        self.changed.notify_one();
    }

    /// Records the number of pages of the last list.
    pub fn listed(&self, pages: usize) {
        self.pages.store(u32::try_from(pages).unwrap_or(u32::MAX), Ordering::Relaxed);
    }

    pub async fn until_due(&self) {
        loop {
            let due = *self.lock();
            if due <= Instant::now() {
                return;
            }
            tokio::select! { () = self.changed.notified() => {}, () = sleep_until(due) => {} }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Instant> {
        // No code panics while it holds this lock.
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
