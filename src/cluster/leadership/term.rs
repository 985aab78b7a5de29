//! Until when this process may write.
//!
//! A frozen replica may wake up and continue, unaware of a new leader. So leadership is not a flag that has to be
//! cleared in time. It is a deadline, compared with the clock right before each write. A write begins only if the lease
//! outlasts it, so no write is still running when another replica may lead.

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

/// This process does not lead, or not for long enough; nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this replica is not the leader")]
pub struct NotLeading;

/// The two clocks are read at different moments, and small corrections of the wall clock are common.
const TOLERANCE: Duration = Duration::from_secs(1);

/// The end of the lease by both clocks: the monotonic one stops during sleep, the wall clock may be changed.
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

/// An uninterrupted period of leadership; later terms have higher numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term(u64);

#[derive(Debug)]
struct LeadershipState {
    end: Mutex<Option<End>>,
    terms: AtomicU64,
    term: watch::Sender<Option<Term>>,
}

/// Whether this process leads; clones share the state.
#[derive(Clone, Debug)]
pub struct Leadership(Arc<LeadershipState>);

impl Default for Leadership {
    fn default() -> Self {
        Self(Arc::new(LeadershipState {
            end: Mutex::default(),
            terms: AtomicU64::new(0),
            term: watch::Sender::new(None),
        }))
    }
}

impl Leadership {
    fn end(&self) -> MutexGuard<'_, Option<End>> {
        // No code panics while it holds this lock.
        self.0.end.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lease was renewed by a request that began at `begun`; it is valid for `duration` from then.
    pub fn renewed(&self, begun: Instant, duration: Duration) {
        let left = duration.saturating_sub(begun.elapsed());
        let wall = SystemTime::now().checked_add(left).unwrap_or_else(SystemTime::now);
        *self.end() = Some(End { monotonic: begun + duration, wall });
        // Notify also if the term continues: writes that need a longer lease check it again.
        let next = || Term(self.0.terms.fetch_add(1, Ordering::Relaxed));
        self.0.term.send_modify(|term| *term = Some(term.unwrap_or_else(next)));
    }

    /// Another replica holds the lease, or a renewal failed for too long.
    pub fn revoke(&self) {
        *self.end() = None;
        self.0.term.send_replace(None);
    }

    pub fn is_leading(&self) -> bool {
        self.outlasts(Duration::ZERO)
    }

    /// Whether the lease outlasts a write of at most this duration.
    fn outlasts(&self, write: Duration) -> bool {
        self.end().is_some_and(|end| end.is_after(write))
    }

    /// Call right before a write of at most `write`, decided in this term. Waits for a renewal if the remaining lease
    /// is too short.
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

    /// Returns the new term once this process leads.
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

    /// Returns when this term has ended.
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
    async fn a_lease_ends_by_the_clock_that_is_ahead() {
        let (monotonic, wall) = (Instant::now() + 15 * SECOND, SystemTime::now() + 15 * SECOND);
        assert!(End { monotonic, wall }.is_after(10 * SECOND));
        let slept = End { monotonic, wall: wall - 60 * SECOND };
        assert!(!slept.is_after(Duration::ZERO), "the monotonic clock stood still while the machine slept");
        let set_back = End { monotonic: Instant::now(), wall };
        assert!(!set_back.is_after(Duration::ZERO), "somebody set the wall clock back");
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
