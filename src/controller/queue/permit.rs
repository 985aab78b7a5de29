//! Worker permits: one per `--workers`. A reconcile releases its permit while it waits for SES, so waiting never blocks
//! other work.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

/// All permits; clones share them.
#[derive(Clone, Debug)]
pub struct Permits(Arc<Semaphore>);

impl Permits {
    /// One permit per worker, at least one.
    pub fn new(workers: usize) -> Self {
        Self(Arc::new(Semaphore::new(workers.max(1))))
    }

    pub async fn acquire(&self) -> Permit {
        let inner = PermitState { held: self.free().await, worked: Duration::ZERO, since: None };
        Permit { all: self.clone(), inner: Mutex::new(inner) }
    }

    async fn free(&self) -> Option<OwnedSemaphorePermit> {
        // The semaphore is never closed.
        self.0.clone().acquire_owned().await.ok()
    }
}

#[derive(Debug)]
struct PermitState {
    held: Option<OwnedSemaphorePermit>,
    worked: Duration,
    since: Option<Instant>,
}

/// The permit of one reconcile, which also measures its working time.
#[derive(Debug)]
pub struct Permit {
    all: Permits,
    inner: Mutex<PermitState>,
}

impl Permit {
    /// Releases the permit during `wait`, and acquires one again after it.
    pub async fn release_while<T>(&self, wait: impl Future<Output = T>) -> T {
        self.change(|inner| {
            inner.held = None;
            inner.worked += inner.since.take().map_or(Duration::ZERO, |since| since.elapsed());
        });
        let answer = wait.await;
        let held = self.all.free().await;
        self.change(|inner| (inner.held, inner.since) = (held, Some(Instant::now())));
        answer
    }

    fn worked(&self) -> Duration {
        self.change(|inner| inner.worked + inner.since.map_or(Duration::ZERO, |since| since.elapsed()))
    }

    fn change<T>(&self, change: impl FnOnce(&mut PermitState) -> T) -> T {
        change(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Limits the working time of `work`; waits in [`Self::release_while`] don't count. `None`: the limit was exceeded
    /// and the work was cancelled.
    pub async fn within<T>(&self, limit: Duration, work: impl Future<Output = T>) -> Option<T> {
        let mut work = std::pin::pin!(work);
        self.change(|inner| (inner.worked, inner.since) = (Duration::ZERO, Some(Instant::now())));
        loop {
            let left = limit.saturating_sub(self.worked());
            tokio::select! {
                biased;
                done = &mut work => return Some(done),
                () = tokio::time::sleep(left) => {
                    if self.worked() >= limit {
                        return None;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{sleep, timeout};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn a_released_permit_lets_others_work() {
        let permits = Permits::new(1);
        let first = permits.acquire().await;
        assert!(timeout(SECOND, permits.acquire()).await.is_err());
        let second = first.release_while(permits.acquire());
        let second = timeout(SECOND, second).await;
        assert!(second.is_err(), "work goes on only with a free permit");
    }

    #[tokio::test(start_paused = true)]
    async fn only_work_counts_against_the_limit() {
        let permit = Permits::new(1).acquire().await;
        let done = permit.within(10 * SECOND, async {
            sleep(6 * SECOND).await;
            permit.release_while(sleep(3600 * SECOND)).await;
            sleep(3 * SECOND).await;
        });
        assert!(done.await.is_some());
        sleep(60 * SECOND).await;
        let start = Instant::now();
        assert!(permit.within(10 * SECOND, sleep(60 * SECOND)).await.is_none(), "work has a limit");
        assert_eq!(start.elapsed(), 10 * SECOND, "earlier work does not count");
    }
}
