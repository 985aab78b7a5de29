//! The queues of domains and of addresses: [`super::order`] with a clock and those who wait.

use std::{
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use super::order::{Next, Order};
use crate::ses::budget::Lane;

#[derive(Debug)]
struct Inner<S> {
    order: Order<S>,
    closed: bool,
}

/// The queue of domains, or of addresses. One task takes from it.
#[derive(Debug)]
pub struct Queue<S> {
    start: Instant,
    inner: Mutex<Inner<S>>,
    changed: Notify,
}

impl<S> Default for Queue<S> {
    fn default() -> Self {
        let inner = Mutex::new(Inner { order: Order::default(), closed: false });
        Self { start: Instant::now(), inner, changed: Notify::new() }
    }
}

impl<S: Clone + Ord + Hash> Queue<S> {
    fn lock(&self) -> MutexGuard<'_, Inner<S>> {
        // No method leaves the order half-changed when it panics, so a poisoned lock is as good as any.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Order<S>, Duration) -> T) -> T {
        let answer = change(&mut self.lock().order, self.start.elapsed());
        self.changed.notify_one();
        answer
    }

    /// Something about this subject has changed: look at it now. `group`: who shares a turn with it.
    pub fn wake(&self, subject: S, group: &Arc<str>) {
        self.change(|order, now| order.wake(subject, group, now));
    }

    /// This subject is due for a look in `wait` that nobody waits for.
    pub fn remind(&self, subject: S, wait: Duration) {
        self.change(|order, now| order.remind(subject, now + wait));
    }

    /// Whether a running pass may wait for SES on behalf of this tenant; else it ends with [`Next::Seat`].
    pub fn sit_down(&self, subject: &S, tenant: &Arc<str>) -> bool {
        self.lock().order.sit_down(subject, tenant)
    }

    /// Waits for the next subject; `None` once the queue is closed.
    pub async fn take(&self) -> Option<(S, Lane)> {
        loop {
            let next = {
                let mut inner = self.lock();
                if inner.closed {
                    return None;
                }
                if let Some(taken) = inner.order.take(self.start.elapsed()) {
                    return Some(taken);
                }
                inner.order.next_time()
            };
            match next {
                Some(at) => {
                    tokio::select! { () = self.changed.notified() => {}, () = sleep_until(self.start + at) => {} }
                }
                None => self.changed.notified().await,
            }
        }
    }

    /// The pass of a subject is over.
    pub fn done(&self, subject: S, next: Next) {
        self.change(|order, now| order.done(subject, next, now));
    }

    /// No more subjects are handed out.
    pub fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_one();
    }

    /// How many subjects wait whose time has come.
    pub fn backlog(&self) -> usize {
        self.lock().order.backlog(self.start.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::name::Domain;

    fn domain(name: &str) -> Domain {
        Domain::parse(&format!("{name}.example.com")).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_domain_is_handed_out_when_its_time_has_come_and_not_before() {
        let queue = Queue::default();
        let start = Instant::now();
        queue.done(domain("a"), Next::After(Duration::from_mins(1), Lane::Background));
        assert_eq!(queue.take().await, Some((domain("a"), Lane::Background)));
        assert_eq!(start.elapsed().as_secs(), 60);
        let nothing = tokio::time::timeout(Duration::from_hours(1), queue.take()).await;
        assert!(nothing.is_err(), "it is not handed out twice");
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_learns_of_a_wake_up_and_of_the_end() {
        let queue = Arc::new(Queue::default());
        let waiting = tokio::spawn({
            let queue = queue.clone();
            async move { (queue.take().await, queue.take().await) }
        });
        tokio::task::yield_now().await;
        queue.wake(domain("a"), &Arc::from("acme"));
        tokio::task::yield_now().await;
        queue.close();
        assert_eq!(waiting.await.unwrap(), (Some((domain("a"), Lane::Interactive)), None));
    }
}
