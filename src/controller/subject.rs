//! The differences between the kinds of subjects. The [`super::engine`] runs everything else.

use std::{fmt, hash::Hash, sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    context::ReconcileError,
    queue::{permit::Permit, scheduler::Scheduler},
};
use crate::{
    cluster::{
        leadership::Term,
        store::{PendingEvent, StoreError},
    },
    model::claim::StoredClaim,
    model::scheduling::lanes::Lane,
    serve::health::Heartbeat,
    ses::SesError,
};

/// A kind of subject: how to observe, decide, act and report.
///
/// The engine calls `observe` once, then `decide` and `act` in turns until nothing is left to do now, then `report`,
/// also after a failure. Reconciles of one subject never overlap.
#[async_trait]
pub trait Subject: Send + Sync + 'static {
    type Key: Clone + Ord + Hash + fmt::Display + Send + Sync + 'static;
    /// The cache of a subject between reconciles. Losing it costs reads, never correctness.
    type Cache: Clone + Default + Send + 'static;
    /// All facts about one subject in one reconcile.
    type Observation: SubjectObservation<Cache = Self::Cache>;
    /// One read or write.
    type Step: Send + Sync;

    /// Name of the kind in logs.
    const KIND: &'static str;
    /// The loop of this kind, for liveness.
    const HEARTBEAT: Heartbeat;

    fn scheduler(&self) -> &Scheduler<Self::Key>;
    /// Every subject that this environment has to reconcile.
    fn all(&self) -> Vec<Self::Key>;
    /// The group that shares turns with this subject: its tenant, as far as the index knows.
    fn group(&self, key: &Self::Key) -> Arc<str>;
    fn claim_name(&self, key: &Self::Key) -> String;
    /// Name of the subject in logs, without personal data.
    fn log_name(&self, key: &Self::Key) -> String;

    /// Reads the input of every reconcile. Every read is live.
    async fn observe(&self, key: &Self::Key, kept: Kept<Self::Cache>) -> Result<Self::Observation, StoreError>;
    fn decide(&self, observation: &mut Self::Observation, now: Timestamp) -> Decision<Self::Step>;
    /// Description of a step in a dry run; `None`: it only reads, and a dry run executes it too.
    fn plan(&self, observation: &Self::Observation, step: &Self::Step) -> Option<String>;
    /// Executes one step and adds its results to the observation.
    async fn act(
        &self,
        observation: &mut Self::Observation,
        step: Self::Step,
        reconcile: &Reconcile<'_>,
    ) -> Result<(), ReconcileError>;
    /// Writes each changed status at most once, and publishes the events.
    async fn report(
        &self,
        observation: &Self::Observation,
        events: Vec<PendingEvent>,
        term: Term,
    ) -> Result<(), ReconcileError>;

    /// Nothing is left to do now. Called before the report.
    fn settled(&self, _observation: &mut Self::Observation, _now: Timestamp) {}
    /// Longest time without a reconcile, even if nothing is due.
    fn longest_wait(&self, _observation: &Self::Observation) -> Option<Duration> {
        None
    }
}

/// The part of an observation that the engine uses.
pub trait SubjectObservation: Send + Sync {
    type Cache;

    fn claim(&self) -> Option<&StoredClaim>;
    /// Neither a claim nor a resource is left.
    fn is_gone(&self) -> bool;
    /// Whether a person waits for the next step.
    fn is_awaited(&self) -> bool {
        true
    }
    fn progress(&self) -> &Progress;
    fn progress_mut(&mut self) -> &mut Progress;
    /// The data for the next reconcile.
    fn into_cache(self) -> Self::Cache;
}

/// The next step of a reconcile.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision<S> {
    /// A read or a write.
    Act(S),
    /// Statuses first: the newest generation has no status yet, and the next step may have to wait for a call.
    ReportFirst,
    /// Nothing more until this time, or until a change.
    Settled(Option<Timestamp>),
}

/// The progress of a reconcile.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// Earlier reconciles.
    pub attempts: Attempts,
    /// The error of this one.
    pub error: Option<ReconcileError>,
    /// The plan of a dry run.
    pub plan: Option<String>,
    /// Pending events, published with the report.
    pub events: Vec<PendingEvent>,
}

/// The history of a subject's reconciles.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attempts {
    /// Consecutive failures.
    pub failures: u32,
    /// The last error of SES, until a reconcile succeeds.
    pub ses_error: Option<SesError>,
    /// Place among the tenant's subjects that wait for SES, kept from the first request for a call until its call.
    pub place: Option<u64>,
}

/// The engine's data about a subject between reconciles.
#[derive(Clone, Debug, Default)]
pub struct Kept<C> {
    pub attempts: Attempts,
    pub cache: C,
}

/// The context of one reconcile, as its steps use it.
pub struct Reconcile<'a> {
    /// Whether a person waits.
    pub lane: Lane,
    /// Place among the reconciles that wait for SES.
    pub place: u64,
    /// The worker permit; released while a step waits for a call.
    pub permit: &'a Permit,
    /// The term of leadership in which it began; its decisions are void in any other.
    pub term: Term,
}

impl fmt::Debug for Reconcile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reconcile").field("lane", &self.lane).field("place", &self.place).finish_non_exhaustive()
    }
}
