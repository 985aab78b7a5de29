//! Which domain is looked at next: the one place that decides it.
//!
//! Every domain stands in the queue at most once, at the earliest time it was asked for. What a person waits for goes
//! before what is merely due. A domain is never handed out twice at the same time, and a wake-up during its pass leads
//! to another pass.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use crate::{model::name::Domain, ses::budget::Lane};

type Place = (Instant, Lane);

#[derive(Debug, Default)]
struct Inner {
    interactive: BTreeSet<(Instant, Domain)>,
    background: BTreeSet<(Instant, Domain)>,
    waiting: HashMap<Domain, Place>,
    running: HashMap<Domain, bool>,
    closed: bool,
}

impl Inner {
    fn lane(&mut self, lane: Lane) -> &mut BTreeSet<(Instant, Domain)> {
        match lane {
            Lane::Interactive => &mut self.interactive,
            Lane::Background => &mut self.background,
        }
    }

    /// Puts a domain in its place, or moves it to an earlier time or the faster lane.
    fn add(&mut self, domain: Domain, at: Instant, lane: Lane) {
        let (mut at, mut lane) = (at, lane);
        if let Some((old_at, old_lane)) = self.waiting.remove(&domain) {
            self.lane(old_lane).remove(&(old_at, domain.clone()));
            at = at.min(old_at);
            if old_lane == Lane::Interactive {
                lane = Lane::Interactive;
            }
        }
        self.lane(lane).insert((at, domain.clone()));
        self.waiting.insert(domain, (at, lane));
    }

    fn take(&mut self, now: Instant) -> Option<(Domain, Lane)> {
        for lane in [Lane::Interactive, Lane::Background] {
            let first = self.lane(lane).first().filter(|(at, _)| *at <= now).cloned();
            if let Some((at, domain)) = first {
                self.lane(lane).remove(&(at, domain.clone()));
                self.waiting.remove(&domain);
                self.running.insert(domain.clone(), false);
                return Some((domain, lane));
            }
        }
        None
    }

    fn next_time(&self) -> Option<Instant> {
        self.interactive.first().into_iter().chain(self.background.first()).map(|(at, _)| *at).min()
    }
}

/// The queue of domains.
#[derive(Debug, Default)]
pub struct Queue {
    inner: Mutex<Inner>,
    changed: Notify,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        // No method leaves the queue half-changed when it panics, so a poisoned lock is as good as any.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something about this domain has changed: look at it now.
    pub fn wake(&self, domain: Domain) {
        let mut inner = self.lock();
        if let Some(again) = inner.running.get_mut(&domain) {
            *again = true;
        } else {
            inner.add(domain, Instant::now(), Lane::Interactive);
        }
        drop(inner);
        self.changed.notify_waiters();
    }

    /// Waits for the next domain; `None` once the queue is closed.
    pub async fn take(&self) -> Option<(Domain, Lane)> {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let next = {
                let mut inner = self.lock();
                if inner.closed {
                    return None;
                }
                if let Some(taken) = inner.take(Instant::now()) {
                    return Some(taken);
                }
                inner.next_time()
            };
            match next {
                Some(at) => tokio::select! { () = changed => {}, () = sleep_until(at) => {} },
                None => changed.await,
            }
        }
    }

    /// The pass of a domain is over. `next`: when to look again, and in which lane.
    pub fn done(&self, domain: Domain, next: Option<(Duration, Lane)>) {
        let mut inner = self.lock();
        let again = inner.running.remove(&domain).unwrap_or(false);
        if again {
            inner.add(domain, Instant::now(), Lane::Interactive);
        } else if let Some((wait, lane)) = next {
            inner.add(domain, Instant::now() + wait, lane);
        }
        drop(inner);
        self.changed.notify_waiters();
    }

    /// No more domains are handed out.
    pub fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_waiters();
    }

    /// How many domains wait whose time has come.
    pub fn backlog(&self) -> usize {
        let now = Instant::now();
        self.lock().waiting.values().filter(|(at, _)| *at <= now).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(name: &str) -> Domain {
        Domain::parse(&format!("{name}.example.com")).unwrap()
    }

    async fn take(queue: &Queue) -> String {
        queue.take().await.unwrap().0.to_string()
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_person_waits_for_goes_first_then_what_was_due_first() {
        let queue = Queue::default();
        for (name, seconds) in [("late", 2), ("early", 1)] {
            queue.done(domain(name), Some((Duration::from_secs(seconds), Lane::Background)));
        }
        tokio::time::advance(Duration::from_secs(3)).await;
        queue.wake(domain("person"));
        assert_eq!(queue.backlog(), 3);
        for expected in ["person", "early", "late"] {
            assert_eq!(take(&queue).await, domain(expected).to_string());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_domain_waits_once_at_its_earliest_time() {
        let queue = Queue::default();
        let start = Instant::now();
        queue.done(domain("a"), Some((Duration::from_mins(1), Lane::Background)));
        queue.done(domain("a"), Some((Duration::from_secs(90), Lane::Background)));
        assert_eq!(take(&queue).await, domain("a").to_string());
        assert_eq!(start.elapsed().as_secs(), 60);
        queue.done(domain("a"), None);
        let nothing = tokio::time::timeout(Duration::from_hours(1), queue.take()).await;
        assert!(nothing.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_wake_up_during_a_pass_is_not_lost_and_passes_never_overlap() {
        let queue = Queue::default();
        queue.wake(domain("a"));
        take(&queue).await;
        queue.wake(domain("a"));
        let overlap = tokio::time::timeout(Duration::from_mins(1), queue.take()).await;
        assert!(overlap.is_err());
        queue.done(domain("a"), None);
        assert_eq!(take(&queue).await, domain("a").to_string());
    }

    #[tokio::test(start_paused = true)]
    async fn closing_ends_those_who_wait() {
        let queue = std::sync::Arc::new(Queue::default());
        let waiting = tokio::spawn({
            let queue = queue.clone();
            async move { queue.take().await }
        });
        tokio::task::yield_now().await;
        queue.close();
        assert_eq!(waiting.await.unwrap(), None);
    }
}
