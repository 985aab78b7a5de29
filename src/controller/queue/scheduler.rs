//! [`super::schedule`] with a clock: assigns each subject together with a worker permit.

use std::{
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use super::{
    permit::{Permit, Permits},
    schedule::{Next, Schedule},
};
use crate::model::scheduling::lanes::Lane;

/// Longest time between two heartbeats of a scheduler that waits for a subject.
const HEARTBEAT: Duration = Duration::from_mins(1);

/// A subject to reconcile.
#[derive(Debug)]
pub struct Assignment<S> {
    pub subject: S,
    /// The lane in which it waited.
    pub lane: Lane,
    pub permit: Permit,
}

#[derive(Debug)]
struct SchedulerState<S> {
    schedule: Schedule<S>,
    closed: bool,
}

/// The scheduler of one kind. One task takes subjects from it.
#[derive(Debug)]
pub struct Scheduler<S> {
    start: Instant,
    inner: Mutex<SchedulerState<S>>,
    changed: Notify,
}

impl<S> Default for Scheduler<S> {
    fn default() -> Self {
        let inner = Mutex::new(SchedulerState { schedule: Schedule::default(), closed: false });
        Self { start: Instant::now(), inner, changed: Notify::new() }
    }
}

impl<S: Clone + Ord + Hash> Scheduler<S> {
    fn lock(&self) -> MutexGuard<'_, SchedulerState<S>> {
        // No method leaves the schedule half-changed when it panics, so a poisoned lock is usable.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Schedule<S>, Duration) -> T) -> T {
        let answer = change(&mut self.lock().schedule, self.start.elapsed());
        self.changed.notify_one();
        answer
    }

    /// The subject has changed: reconcile it now. Subjects of one `group` share a turn.
    pub fn enqueue(&self, subject: S, group: &Arc<str>) {
        self.change(|schedule, now| schedule.enqueue(subject, group, now));
    }

    /// The subject is due after `wait` in the background lane.
    pub fn schedule(&self, subject: S, wait: Duration) {
        self.change(|schedule, now| schedule.schedule(subject, now + wait));
    }

    /// Whether a running reconcile may wait for SES on behalf of this tenant; otherwise it ends with
    /// [`Next::AwaitSlot`].
    pub fn try_acquire_slot(&self, subject: &S, tenant: &Arc<str>) -> bool {
        self.lock().schedule.try_acquire_slot(subject, tenant)
    }

    /// Waits for a permit, then for a subject. An assigned subject never waits for a worker, so a more urgent one can
    /// still overtake it. `None`: the scheduler is closed.
    ///
    /// Calls `heartbeat` at least once a minute while it waits for a subject, but not while it waits for a permit. If
    /// all workers are stuck, the heartbeat has to stop.
    pub async fn next(&self, permits: &Permits, heartbeat: impl Fn()) -> Option<Assignment<S>> {
        let permit = permits.acquire().await;
        loop {
            heartbeat();
            let now = self.start.elapsed();
            let next_time = {
                let mut inner = self.lock();
                if inner.closed {
                    return None;
                }
                if let Some((subject, lane)) = inner.schedule.next(now) {
                    return Some(Assignment { subject, lane, permit });
                }
                inner.schedule.next_time()
            };
            let latest = now + HEARTBEAT;
            let at = self.start + next_time.map_or(latest, |at| at.min(latest));
            tokio::select! { () = self.changed.notified() => {}, () = sleep_until(at) => {} }
        }
    }

    /// The reconcile of a subject has ended.
    pub fn finish(&self, subject: S, next: Next) {
        self.change(|schedule, now| schedule.finish(subject, next, now));
    }

    /// Ends all assignments.
    pub fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_one();
    }

    /// Number of subjects that are due and still wait.
    pub fn backlog(&self) -> usize {
        self.lock().schedule.backlog(self.start.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::time::timeout;

    use super::*;
    use crate::model::name::Domain;

    fn domain(name: &str) -> Domain {
        Domain::parse(&format!("{name}.example.com")).unwrap()
    }

    async fn next(scheduler: &Scheduler<Domain>, permits: &Permits) -> Option<(Domain, Lane)> {
        let assignment = scheduler.next(permits, || {}).await?;
        Some((assignment.subject, assignment.lane))
    }

    #[tokio::test(start_paused = true)]
    async fn a_domain_is_handed_out_when_its_time_has_come_and_not_before() {
        let (scheduler, permits) = (Scheduler::default(), Permits::new(1));
        let start = Instant::now();
        scheduler.finish(domain("a"), Next::After(Duration::from_mins(1), Lane::Background));
        assert_eq!(next(&scheduler, &permits).await, Some((domain("a"), Lane::Background)));
        assert_eq!(start.elapsed().as_secs(), 60);
        let nothing = timeout(Duration::from_hours(1), next(&scheduler, &permits)).await;
        assert!(nothing.is_err(), "it is not handed out twice");
    }

    #[tokio::test(start_paused = true)]
    async fn a_waiting_task_learns_of_a_change_and_of_the_end() {
        let scheduler = Arc::new(Scheduler::default());
        let waiting = tokio::spawn({
            let (scheduler, permits) = (scheduler.clone(), Permits::new(1));
            async move { (next(&scheduler, &permits).await, next(&scheduler, &permits).await) }
        });
        tokio::task::yield_now().await;
        scheduler.enqueue(domain("a"), &Arc::from("acme"));
        tokio::task::yield_now().await;
        scheduler.close();
        assert_eq!(waiting.await.unwrap(), (Some((domain("a"), Lane::Interactive)), None));
    }

    #[tokio::test(start_paused = true)]
    async fn while_all_workers_are_busy_a_more_urgent_domain_overtakes() {
        let (scheduler, permits) = (Scheduler::default(), Permits::new(1));
        scheduler.schedule(domain("due"), Duration::ZERO);
        scheduler.enqueue(domain("first"), &Arc::from("acme"));
        let first = scheduler.next(&permits, || {}).await.unwrap();
        assert!(timeout(Duration::from_secs(1), scheduler.next(&permits, || {})).await.is_err(), "no permit is free");
        scheduler.enqueue(domain("urgent"), &Arc::from("acme"));
        drop(first.permit);
        assert_eq!(next(&scheduler, &permits).await, Some((domain("urgent"), Lane::Interactive)));
        assert_eq!(next(&scheduler, &permits).await, Some((domain("due"), Lane::Background)));
    }

    #[tokio::test(start_paused = true)]
    async fn the_heartbeat_stops_while_no_permit_is_free() {
        let (scheduler, permits) = (Scheduler::<Domain>::default(), Permits::new(1));
        let beats = AtomicUsize::new(0);
        let heartbeat = || {
            beats.fetch_add(1, Ordering::Relaxed);
        };
        let an_hour = async || timeout(Duration::from_hours(1), scheduler.next(&permits, heartbeat)).await.is_err();
        assert!(an_hour().await);
        assert!(beats.swap(0, Ordering::Relaxed) >= 60, "an idle scheduler is not stuck");
        let _held = permits.acquire().await;
        assert!(an_hour().await);
        assert_eq!(beats.load(Ordering::Relaxed), 0, "all workers are stuck");
    }
}
