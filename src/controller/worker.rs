//! The right to work on a pass: there are as many as `--workers`. A pass that waits for its turn at SES lays it down, so that
//! waiting keeps nobody else from working.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

#[derive(Debug)]
struct Inner {
    permit: Option<OwnedSemaphorePermit>,
    worked: Duration,
    since: Option<Instant>,
}

/// One worker.
#[derive(Debug)]
pub struct Worker {
    all: Arc<Semaphore>,
    inner: Mutex<Inner>,
}

impl Worker {
    /// Waits until one of the workers is free.
    pub async fn free(all: &Arc<Semaphore>) -> Self {
        let permit = all.clone().acquire_owned().await.ok();
        let inner = Inner { permit, worked: Duration::ZERO, since: None };
        Self { all: all.clone(), inner: Mutex::new(inner) }
    }

    /// Lets others work while `wait` is awaited.
    pub async fn rest<T>(&self, wait: impl Future<Output = T>) -> T {
        self.change(|inner| {
            inner.permit = None;
            inner.worked += inner.since.take().map_or(Duration::ZERO, |since| since.elapsed());
        });
        let answer = wait.await;
        // The semaphore is never closed.
        let permit = self.all.clone().acquire_owned().await.ok();
        self.change(|inner| (inner.permit, inner.since) = (permit, Some(Instant::now())));
        answer
    }

    fn worked(&self) -> Duration {
        self.change(|inner| inner.worked + inner.since.map_or(Duration::ZERO, |since| since.elapsed()))
    }

    fn change<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        change(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Awaits `work` until it has worked so long, without its rests. `None`: it was given up.
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
    async fn who_rests_lets_others_work() {
        let all = Arc::new(Semaphore::new(1));
        let first = Worker::free(&all).await;
        assert!(timeout(SECOND, Worker::free(&all)).await.is_err());
        let second = first.rest(Worker::free(&all));
        let second = timeout(SECOND, second).await;
        assert!(second.is_err(), "who comes back needs a free worker again");
    }

    #[tokio::test(start_paused = true)]
    async fn only_work_counts_against_the_limit() {
        let all = Arc::new(Semaphore::new(1));
        let worker = Worker::free(&all).await;
        let done = worker.within(10 * SECOND, async {
            sleep(6 * SECOND).await;
            worker.rest(sleep(3600 * SECOND)).await;
            sleep(3 * SECOND).await;
        });
        assert!(done.await.is_some());
        sleep(60 * SECOND).await;
        let start = Instant::now();
        assert!(worker.within(10 * SECOND, sleep(60 * SECOND)).await.is_none(), "it does not work for ever");
        assert_eq!(start.elapsed(), 10 * SECOND, "what was before does not count");
    }
}
