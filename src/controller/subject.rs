//! What differs between the kinds of subjects. The [`super::engine`] runs everything else.

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
        store::{Notice, StoreError},
    },
    model::claim::StoredClaim,
    model::scheduling::lanes::Lane,
    serve::health::Beat,
    ses::SesError,
};

/// A kind of subject: how one is observed, decided on, acted on and reported.
///
/// The engine calls `observe` once, then `decide` and `act` in turns until nothing is to be done now, then `report`, also after
/// a failure. Reconciles of one subject never overlap.
#[async_trait]
pub trait Subject: Send + Sync + 'static {
    /// What identifies a subject.
    type Key: Clone + Ord + Hash + fmt::Display + Send + Sync + 'static;
    /// What is kept of a subject between reconciles. Losing it costs reads, never correctness.
    type Cache: Clone + Default + Send + 'static;
    /// Everything known about one subject in one reconcile.
    type Observation: Observed<Cache = Self::Cache>;
    /// One read or write.
    type Step: Send + Sync;

    /// The kind, as the log names it.
    const KIND: &'static str;
    /// The loop of this kind, as liveness watches it.
    const HEARTBEAT: Beat;

    /// The scheduler of this kind.
    fn scheduler(&self) -> &Scheduler<Self::Key>;
    /// Every subject that concerns this environment.
    fn all(&self) -> Vec<Self::Key>;
    /// The group that shares turns with this subject: its tenant, as far as the index knows.
    fn group(&self, key: &Self::Key) -> Arc<str>;
    /// The name of its claim.
    fn claim_name(&self, key: &Self::Key) -> String;
    /// What the log says of it; no personal data.
    fn log_name(&self, key: &Self::Key) -> String;

    /// Reads what every reconcile needs. Every read is live.
    async fn observe(&self, key: &Self::Key, kept: Kept<Self::Cache>) -> Result<Self::Observation, StoreError>;
    /// The next step.
    fn decide(&self, observation: &mut Self::Observation, now: Timestamp) -> Decision<Self::Step>;
    /// What a dry run says of a step; `None`: it only reads, and a dry run takes it too.
    fn plan(&self, observation: &Self::Observation, step: &Self::Step) -> Option<String>;
    /// Carries out one step and adds to the observation what it showed.
    async fn act(
        &self,
        observation: &mut Self::Observation,
        step: Self::Step,
        reconcile: &Reconcile<'_>,
    ) -> Result<(), ReconcileError>;
    /// Writes each status that has changed, at most once, and publishes the events.
    async fn report(
        &self,
        observation: &Self::Observation,
        events: Vec<Notice>,
        term: Term,
    ) -> Result<(), ReconcileError>;

    /// Nothing more is to be done now. Called before the report.
    fn settled(&self, _observation: &mut Self::Observation, _now: Timestamp) {}
    /// Longest time without a reconcile, even if nothing is due.
    fn longest_wait(&self, _observation: &Self::Observation) -> Option<Duration> {
        None
    }
}

/// What the engine needs of an observation.
pub trait Observed: Send + Sync {
    /// What is kept of it.
    type Cache;

    /// The claim.
    fn claim(&self) -> Option<&StoredClaim>;
    /// Neither a claim nor a resource is left.
    fn is_gone(&self) -> bool;
    /// Whether a person waits for what comes next.
    fn is_awaited(&self) -> bool {
        true
    }
    /// How the reconcile goes.
    fn progress(&self) -> &Progress;
    /// The same, to be changed.
    fn progress_mut(&mut self) -> &mut Progress;
    /// What the next reconcile can use.
    fn into_cache(self) -> Self::Cache;
}

/// The next step of a reconcile.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision<S> {
    /// A read or a write.
    Act(S),
    /// Statuses first: the newest generation has no status yet, and the next step may have to wait for a call.
    ReportFirst,
    /// Nothing more until then, or until something changes.
    Settled(Option<Timestamp>),
}

/// How a reconcile goes, and what is kept of that.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// Earlier reconciles.
    pub attempts: Attempts,
    /// What went wrong in this one.
    pub error: Option<ReconcileError>,
    /// What would have been done (dry run).
    pub plan: Option<String>,
    /// Events to publish with the report.
    pub events: Vec<Notice>,
}

/// What is kept of the reconciles of a subject.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attempts {
    /// Failures in a row.
    pub failures: u32,
    /// The last error of SES, until a reconcile succeeds.
    pub ses_error: Option<SesError>,
    /// Place among the tenant's subjects that wait for SES, from the first time it wanted a call until it had one.
    pub place: Option<u64>,
}

/// What the engine keeps of a subject between reconciles.
#[derive(Clone, Debug, Default)]
pub struct Kept<C> {
    /// Of its reconciles.
    pub attempts: Attempts,
    /// Of the subject itself.
    pub cache: C,
}

/// One run of the engine over one subject, as its steps see it.
pub struct Reconcile<'a> {
    /// Whether a person waits.
    pub lane: Lane,
    /// Place among the reconciles that wait for SES.
    pub place: u64,
    /// The permit to work; released while a step waits for a call.
    pub permit: &'a Permit,
    /// The term of leadership in which it began: what it decides is void in another.
    pub term: Term,
}

impl fmt::Debug for Reconcile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reconcile").field("lane", &self.lane).field("place", &self.place).finish_non_exhaustive()
    }
}
