//! Until when this process may write.
//!
//! A replica that was frozen wakes up and continues where it was, unaware that another one leads by now. So leadership
//! is not a flag that has to be cleared in time: it is a deadline, compared with the clock right before each write. And
//! a write begins only if the lease outlasts it, so none is still under way when another replica may lead.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

/// This process does not lead, or not for long enough: nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this replica is not the leader")]
pub struct NotLeading;

/// The clocks are not read at the same moment, and the wall clock is corrected by a little all the time.
const TOLERANCE: Duration = Duration::from_secs(1);

/// The end of the lease by both clocks: one stands still while the machine sleeps, the other may be set.
#[derive(Clone, Copy, Debug)]
struct End {
    monotonic: Instant,
    wall: SystemTime,
}

impl End {
    fn is_after(&self, wait: Duration) -> bool {
        let wall = SystemTime::now().checked_add(wait);
        Instant::now() + wait < self.monotonic && wall.is_some_and(|wall| wall <= self.wall + TOLERANCE)
    }
}

/// A time of leading without a break; a later one has a higher number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term(u64);

#[derive(Debug)]
struct Inner {
    end: Mutex<Option<End>>,
    terms: AtomicU64,
    term: watch::Sender<Option<Term>>,
}

/// Whether this process leads; clones share it.
#[derive(Clone, Debug)]
pub struct Leadership(Arc<Inner>);

impl Default for Leadership {
    fn default() -> Self {
        Self(Arc::new(Inner { end: Mutex::default(), terms: AtomicU64::new(0), term: watch::Sender::new(None) }))
    }
}

impl Leadership {
    fn end(&self) -> MutexGuard<'_, Option<End>> {
        // Nothing panics while it is held.
        self.0.end.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lease was renewed by a request that was begun at `begun`, and is good for so long from then.
    pub fn renewed(&self, begun: Instant, duration: Duration) {
        let left = duration.saturating_sub(begun.elapsed());
        let wall = SystemTime::now().checked_add(left).unwrap_or_else(SystemTime::now);
        *self.end() = Some(End { monotonic: begun + duration, wall });
        // Also where the term goes on: who waits for a longer lease has a look.
        let next = || Term(self.0.terms.fetch_add(1, Ordering::Relaxed));
        self.0.term.send_modify(|term| *term = Some(term.unwrap_or_else(next)));
    }

    /// The lease is another's, or could not be renewed in time.
    pub fn revoke(&self) {
        *self.end() = None;
        self.0.term.send_replace(None);
    }

    /// Whether this process leads at the moment.
    pub fn is_leading(&self) -> bool {
        self.outlasts(Duration::ZERO)
    }

    /// Whether the lease lasts longer than a write that takes at most so long.
    fn outlasts(&self, write: Duration) -> bool {
        self.end().is_some_and(|end| end.is_after(write))
    }

    /// To be called right before a write that takes at most so long, decided on in this term. Waits for a renewal where
    /// the lease is too short for it at the moment.
    pub async fn ensure_valid_for(&self, term: Term, write: Duration) -> Result<(), NotLeading> {
        let mut now = self.0.term.subscribe();
        loop {
            if *now.borrow_and_update() != Some(term) {
                return Err(NotLeading);
            }
            if self.outlasts(write) {
                return Ok(());
            }
            let Some(end) = *self.end() else { return Err(NotLeading) };
            tokio::select! {
                // The sender lives in `self`.
                _ = now.changed() => {}
                () = sleep_until(end.monotonic) => return Err(NotLeading),
            }
        }
    }

    /// Returns when this process leads, with the term that has begun.
    pub async fn acquired(&self) -> Term {
        let mut term = self.0.term.subscribe();
        loop {
            if let Some(term) = *term.borrow_and_update() {
                return term;
            }
            // The sender lives in `self`, so waiting can't fail.
            let _ = term.changed().await;
        }
    }

    /// Returns when this term is over.
    pub async fn lost(&self, term: Term) {
        let _ = self.0.term.subscribe().wait_for(|now| *now != Some(term)).await;
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{advance, timeout};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn a_write_begins_only_if_the_lease_outlasts_it() {
        let leadership = Leadership::default();
        leadership.renewed(Instant::now(), 15 * SECOND);
        let term = leadership.acquired().await;
        assert_eq!(leadership.ensure_valid_for(term, 11 * SECOND).await, Ok(()));
        advance(5 * SECOND).await;
        assert!(leadership.is_leading());
        let waiting = timeout(9 * SECOND, leadership.ensure_valid_for(term, 11 * SECOND)).await;
        assert!(waiting.is_err(), "it waits for a renewal");
        assert_eq!(leadership.ensure_valid_for(term, 11 * SECOND).await, Err(NotLeading), "until the lease is over");
        assert!(!leadership.is_leading(), "by the clock alone, whoever slept meanwhile");
    }

    #[tokio::test(start_paused = true)]
    async fn a_renewal_is_good_from_its_begin_and_lets_those_go_on_who_waited() {
        let leadership = Leadership::default();
        leadership.renewed(Instant::now(), 15 * SECOND);
        let term = leadership.acquired().await;
        advance(6 * SECOND).await;
        let writer = leadership.clone();
        let write = tokio::spawn(async move { writer.ensure_valid_for(term, 11 * SECOND).await });
        tokio::task::yield_now().await;
        leadership.renewed(Instant::now() - 3 * SECOND, 15 * SECOND);
        assert_eq!(write.await.unwrap(), Ok(()));
        assert!(leadership.outlasts(11 * SECOND) && !leadership.outlasts(12 * SECOND));
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_for_a_lease_that_goes_to_another_is_told() {
        let leadership = Leadership::default();
        leadership.renewed(Instant::now(), 15 * SECOND);
        let term = leadership.acquired().await;
        let writer = leadership.clone();
        let write = tokio::spawn(async move { writer.ensure_valid_for(term, 60 * SECOND).await });
        tokio::task::yield_now().await;
        leadership.revoke();
        assert_eq!(write.await.unwrap(), Err(NotLeading));
        leadership.renewed(Instant::now(), 15 * SECOND);
        leadership.lost(term).await;
        assert_ne!(leadership.acquired().await, term, "who leads again begins a new term");
        assert_eq!(
            leadership.ensure_valid_for(term, SECOND).await,
            Err(NotLeading),
            "and what was decided before is void"
        );
    }
}
