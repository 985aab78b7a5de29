//! The reconcile loop for every kind of subject: queue, cache, permits, deadline, panic barrier, backoff.
//!
//! A reconcile has four phases: observe → decide → act → report. Decide and act repeat, one step at a time, until
//! nothing is left to do now. So a crash between two steps needs no recovery code: the next reconcile observes the same
//! facts and decides the same.

use std::{
    collections::HashMap,
    fmt::Display,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::FutureExt;
use tokio::task::JoinSet;

use super::{
    context::{Context, ReconcileError},
    queue::{
        permit::{Permit, Permits},
        schedule::Next,
        scheduler::Assignment,
    },
    subject::{Attempts, Decision, Kept, Progress, Reconcile, Subject, SubjectObservation},
};
use crate::{
    clock::whole_seconds_until,
    cluster::{leadership::Term, store::StoreError},
    model::scheduling::lanes::Lane,
    model::{backoff, error_class::ErrorClass},
    serve::metrics::ReconcileOutcome,
};

/// Deadline of one reconcile, excluding its waits for SES. Each request has its own deadline, and a reconcile makes a
/// few dozen requests.
const DEADLINE: Duration = Duration::from_mins(3);
/// Upper bound on steps per reconcile. The longest sequence has about ten; more means that two steps undo each other.
const MAX_STEPS: usize = 24;
/// Delay before a subject is reconciled again after the term of its reconcile ended.
const NEW_TERM: Duration = Duration::from_secs(1);
/// Delay before a subject is reconciled again after a conflict on its claim.
const CONFLICT: Duration = Duration::from_millis(50);

/// Reconciles all subjects of one kind.
pub struct Engine<S: Subject> {
    subject: S,
    context: Arc<Context>,
    kept: Mutex<HashMap<S::Key, Kept<S::Cache>>>,
}

impl<S: Subject> Engine<S> {
    /// An engine that does nothing until [`Self::run`].
    pub fn new(subject: S, context: Arc<Context>) -> Arc<Self> {
        Arc::new(Self { subject, context, kept: Mutex::default() })
    }

    /// Runs this many workers until the term ends, then finishes the running reconciles.
    pub async fn run(self: &Arc<Self>, workers: usize, term: Term) {
        let (permits, context) = (Permits::new(workers), &self.context);
        let mut running = JoinSet::new();
        let next = || {
            let heartbeat = || context.health.heartbeat(S::HEARTBEAT);
            context.unless_over(term, self.subject.scheduler().next(&permits, heartbeat))
        };
        while let Some(Assignment { subject, lane, permit }) = next().await.flatten() {
            running.spawn(self.clone().reconcile_one(subject, lane, permit, term));
            while running.try_join_next().is_some() {}
        }
        while running.join_next().await.is_some() {}
    }

    /// Begins a term: clears the cache and schedules every subject, because another replica may have led.
    pub fn begin_term(&self) {
        self.lock().clear();
        for key in self.subject.all() {
            self.enqueue(key);
        }
    }

    /// Schedules an immediate reconcile.
    pub fn enqueue(&self, key: S::Key) {
        let group = self.subject.group(&key);
        self.subject.scheduler().enqueue(key, &group);
    }

    /// Changes the cache of a subject.
    pub fn with_cache<T>(&self, key: &S::Key, change: impl FnOnce(&mut S::Cache) -> T) -> T {
        change(&mut self.lock().entry(key.clone()).or_default().cache)
    }

    /// Number of subjects with a matching cache.
    pub fn count(&self, is: impl Fn(&S::Cache) -> bool) -> usize {
        self.lock().values().filter(|kept| is(&kept.cache)).count()
    }

    /// The API server has recovered: reconciles the subjects that failed only because of it. Their failures are reset,
    /// because a restarting server may reject again, and the next attempt should come soon.
    pub fn forgive(&self) {
        let mut forgiven = Vec::new();
        for (key, kept) in self.lock().iter_mut() {
            if kept.attempts.failures > 0 && kept.attempts.ses_error.is_none() {
                kept.attempts.failures = 0;
                forgiven.push(key.clone());
            }
        }
        for key in forgiven {
            self.enqueue(key);
        }
    }

    async fn reconcile_one(self: Arc<Self>, key: S::Key, lane: Lane, permit: Permit, term: Term) {
        // A panic is a defect in one subject's reconcile and must not affect the others.
        let run = AssertUnwindSafe(self.reconcile(&key, lane, &permit, term)).catch_unwind();
        let (outcome, next) = match Box::pin(permit.within(DEADLINE, run)).await {
            Some(Ok(end)) => end,
            Some(Err(_)) => {
                tracing::error!(
                    subject = self.log_name(&key),
                    kind = S::KIND,
                    "a reconcile panicked; this is a bug, please report it with the preceding log lines"
                );
                self.failed(&key, lane)
            }
            None => {
                tracing::warn!(
                    subject = self.log_name(&key),
                    kind = S::KIND,
                    "a reconcile exceeded its deadline; the operator retries"
                );
                self.failed(&key, lane)
            }
        };
        self.context.metrics.reconcile(outcome);
        self.subject.scheduler().finish(key, next);
    }

    async fn reconcile(&self, key: &S::Key, lane: Lane, permit: &Permit, term: Term) -> (ReconcileOutcome, Next) {
        let kept = self.lock().get(key).cloned().unwrap_or_default();
        let mut observation = match self.subject.observe(key, kept).await {
            Ok(observation) => observation,
            Err(error) => {
                tracing::warn!(subject = self.log_name(key), kind = S::KIND, %error, "the subject could not be read; the operator retries");
                return self.failed(key, lane);
            }
        };
        if self.context.is_of_another_account(&self.subject.claim_name(key), observation.claim()) {
            return (
                ReconcileOutcome::AccountMismatch,
                Next::After(self.context.config.recheck_interval, Lane::Background),
            );
        }
        let lane = if observation.is_awaited() { lane } else { Lane::Background };
        let place = observation.progress().attempts.place.unwrap_or_else(|| self.context.last_place());
        let reconcile = Reconcile { lane, place, permit, term };
        let next = self.steps(&mut observation, &reconcile, key).await;
        self.end(key, observation, next, &reconcile).await
    }

    /// Decides and acts until nothing is left to do now. Returns the time until the next step is due.
    async fn steps(
        &self,
        observation: &mut S::Observation,
        reconcile: &Reconcile<'_>,
        key: &S::Key,
    ) -> Option<Duration> {
        let config = &self.context.config;
        for _ in 0..MAX_STEPS {
            let now = self.context.ports.clock.now();
            let step = match self.subject.decide(observation, now) {
                Decision::Settled(until) => {
                    self.subject.settled(observation, now);
                    return until.map(|at| whole_seconds_until(at, now));
                }
                Decision::ReportFirst => {
                    observation.progress_mut().attempts.place = Some(reconcile.place);
                    return Some(Duration::ZERO);
                }
                Decision::Act(step) => step,
            };
            if config.dry_run
                && let Some(plan) = self.subject.plan(observation, &step)
            {
                observation.progress_mut().plan = Some(plan);
                return Some(config.recheck_interval);
            }
            if let Err(error) = self.subject.act(observation, step, reconcile).await {
                observation.progress_mut().error = Some(error);
                return None;
            }
        }
        tracing::error!(
            subject = self.log_name(key),
            kind = S::KIND,
            "a reconcile exceeded its step limit; this is a bug, please report it"
        );
        // Not Conflict, which is retried immediately: each attempt may cost many calls.
        observation.progress_mut().error = Some(ReconcileError::Store(StoreError::Unavailable));
        None
    }

    /// Reports in every case, and caches the data for the next reconcile.
    async fn end(
        &self,
        key: &S::Key,
        mut observation: S::Observation,
        next: Option<Duration>,
        reconcile: &Reconcile<'_>,
    ) -> (ReconcileOutcome, Next) {
        let lane = reconcile.lane;
        let failed = self.count_attempt(key, observation.progress_mut(), next, reconcile);
        let events = std::mem::take(&mut observation.progress_mut().events);
        let reported = self.subject.report(&observation, events, reconcile.term).await;
        let gone = observation.is_gone();
        let longest_wait = self.subject.longest_wait(&observation);
        let progress = std::mem::take(observation.progress_mut());
        // The backoff counts this failure.
        let failures = progress.attempts.failures.saturating_sub(u32::from(failed));
        let attempts = Attempts { failures, ..progress.attempts };
        self.lock().insert(key.clone(), Kept { attempts, cache: observation.into_cache() });
        match (progress.error, reported) {
            (Some(ReconcileError::NotLeading), _) | (_, Err(ReconcileError::NotLeading)) => {
                (ReconcileOutcome::Deferred, Next::After(NEW_TERM, lane))
            }
            (Some(ReconcileError::Deferred(wait)), Ok(())) => (ReconcileOutcome::Deferred, Next::After(wait, lane)),
            (Some(ReconcileError::NoSlot(slot)), Ok(())) => {
                (ReconcileOutcome::Deferred, Next::AwaitSlot(slot, reconcile.place, lane))
            }
            (Some(ReconcileError::Store(StoreError::Conflict)), Ok(())) => {
                (ReconcileOutcome::Settled, Next::After(CONFLICT, lane))
            }
            (None, Ok(())) => {
                if gone {
                    self.lock().remove(key);
                }
                let lane = if next == Some(Duration::ZERO) { lane } else { Lane::Background };
                let next = next.into_iter().chain(longest_wait).min();
                (ReconcileOutcome::Settled, next.map_or(Next::Never, |wait| Next::After(wait, lane)))
            }
            _ => self.failed(key, lane),
        }
    }

    /// Counts the result of a reconcile. Returns whether it failed.
    fn count_attempt(
        &self,
        key: &S::Key,
        progress: &mut Progress,
        next: Option<Duration>,
        reconcile: &Reconcile<'_>,
    ) -> bool {
        let attempts = &mut progress.attempts;
        if next != Some(Duration::ZERO) {
            attempts.place = None;
        }
        match &progress.error {
            None => (attempts.failures, attempts.ses_error) = (0, None),
            // Waiting for a call is no success: earlier failures still count, and their report remains valid.
            Some(ReconcileError::Deferred(_) | ReconcileError::NoSlot(_) | ReconcileError::NotLeading) => {
                attempts.place = (reconcile.lane == Lane::Interactive).then_some(reconcile.place);
            }
            Some(ReconcileError::Store(error)) => {
                self.log_failure(key, "kubernetes", error.class(), error);
                attempts.failures = attempts.failures.saturating_add(1);
                return true;
            }
            Some(ReconcileError::Ses(error)) => {
                self.log_failure(key, "ses", error.class(), error);
                attempts.failures = attempts.failures.saturating_add(1);
                attempts.ses_error = Some(error.clone());
                return true;
            }
        }
        false
    }

    /// For administrators; tenants read the status.
    fn log_failure(&self, key: &S::Key, service: &'static str, class: ErrorClass, error: &dyn Display) {
        self.context.metrics.reconcile_error(service, class);
        let (subject, kind) = (self.log_name(key), S::KIND);
        match class {
            ErrorClass::Wait => tracing::debug!(subject, kind, service, %error, "a reconcile is retried"),
            ErrorClass::Retry => tracing::warn!(subject, kind, service, %error, "a reconcile failed and is retried"),
            ErrorClass::Stalled => {
                tracing::warn!(subject, kind, service, %error, "a reconcile failed; an administrator must act");
            }
            ErrorClass::Bug => {
                tracing::error!(subject, kind, service, %error, "a reconcile failed; this is a bug, please report it");
            }
        }
    }

    /// The end of a failed reconcile: it is retried with a backoff that grows with consecutive failures.
    fn failed(&self, key: &S::Key, lane: Lane) -> (ReconcileOutcome, Next) {
        let failures = {
            let mut kept = self.lock();
            let attempts = &mut kept.entry(key.clone()).or_default().attempts;
            attempts.failures = attempts.failures.saturating_add(1);
            attempts.failures
        };
        let spread = backoff::spread_of(&key.to_string(), u64::from(failures));
        (ReconcileOutcome::Failed, Next::After(backoff::delay(failures, spread), lane))
    }

    fn log_name(&self, key: &S::Key) -> String {
        self.subject.log_name(key)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<S::Key, Kept<S::Cache>>> {
        // No change panics half-way, so a poisoned lock is usable.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
