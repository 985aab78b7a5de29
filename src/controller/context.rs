//! The state that all reconciles of a process share: settings, ports, queues, the index, leadership.

use std::{
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{config::Config, lookups::Lookups, queue::scheduler::Scheduler, sweep_timer::SweepTimer};
use crate::{
    clock::Clock,
    cluster::{
        index::{AffectedSubjects, Index},
        leadership::{Leadership, NotLeading, Term},
        probe::ApiServer,
        store::{Store, StoreError},
    },
    dns::Dns,
    model::{address::Address, name::Domain},
    serve::{
        health::{Health, Heartbeat},
        metrics::Metrics,
    },
    ses::{Ses, SesError, call_budget::CallBudget},
};

/// Everything outside the process, behind ports.
#[derive(Clone)]
pub struct Ports {
    pub store: Arc<dyn Store>,
    pub ses: Arc<dyn Ses>,
    /// Call budget of the SES management API.
    pub budget: Arc<dyn CallBudget>,
    /// Call budget of mails; SES has a separate rate for them.
    pub sends: Arc<dyn CallBudget>,
    pub dns: Arc<dyn Dns>,
    pub clock: Arc<dyn Clock>,
    /// Whether this replica may write.
    pub leadership: Leadership,
}

/// Why a reconcile did not finish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReconcileError {
    /// The background lane has no call left now; this is no failure.
    Deferred(Duration),
    /// Other subjects of this tenant go first; this is no failure.
    NoSlot(Arc<str>),
    /// This replica does not lead; another one continues.
    NotLeading,
    /// SES or STS failed.
    Ses(SesError),
    /// The API server failed.
    Store(StoreError),
}

/// The state that all reconciles of a process share.
pub struct Context {
    pub config: Config,
    pub ports: Ports,
    pub health: Health,
    pub metrics: Metrics,
    /// Domains to reconcile.
    pub domains: Scheduler<Domain>,
    /// Addresses to reconcile.
    pub addresses: Scheduler<Address>,
    /// Bounds on the DNS lookups under way.
    pub lookups: Lookups,
    /// When the next sweep is due.
    pub sweep: SweepTimer,
    /// Cancelled when the process stops.
    pub stopping: CancellationToken,
    index: Mutex<Index>,
    places: AtomicU64,
}

impl Context {
    /// A context with empty queues and an empty index.
    pub fn new(config: Config, ports: Ports, health: Health, metrics: Metrics) -> Arc<Self> {
        Arc::new(Self {
            config,
            ports,
            health,
            metrics,
            domains: Scheduler::default(),
            addresses: Scheduler::default(),
            lookups: Lookups::default(),
            sweep: SweepTimer::default(),
            stopping: CancellationToken::new(),
            index: Mutex::default(),
            places: AtomicU64::new(0),
        })
    }

    /// Shows in readiness whether the API server is reachable.
    pub fn show_api_server(&self, state: &ApiServer) {
        match state {
            ApiServer::Unreachable(why) => {
                tracing::error!(why, "the API server is unreachable");
                self.health.wait(
                    "apiserver",
                    format!("the Kubernetes API server {why}; reconciles resume when it is reachable again"),
                );
            }
            ApiServer::Reachable => {
                tracing::info!("the API server is reachable again");
                self.health.open("apiserver");
            }
        }
    }

    /// The index. Never hold it across an await.
    pub fn index(&self) -> MutexGuard<'_, Index> {
        // The methods of the index don't panic half-way, so a poisoned lock is usable.
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the index, and schedules the affected subjects of this environment. Subjects of other environments are
    /// skipped: tens of thousands of useless reconciles would follow.
    pub fn change_index(&self, change: impl FnOnce(&mut Index) -> AffectedSubjects) {
        let environment = &self.config.environment;
        let mut index = self.index();
        let affected = change(&mut index);
        for domain in affected.domains.into_iter().filter(|domain| index.concerns(environment, domain)) {
            let group = index.group(&domain);
            self.domains.enqueue(domain, &group);
        }
        for address in affected.addresses.into_iter().filter(|address| index.concerns(environment, address)) {
            let group = index.group(&address);
            self.addresses.enqueue(address, &group);
        }
    }

    /// A place behind all reconciles that wait for SES now.
    pub fn last_place(&self) -> u64 {
        self.places.fetch_add(1, Ordering::Relaxed)
    }

    /// Call right before a write of at most `write`: checks whether it may begin.
    pub async fn ensure_leading(&self, term: Term, write: Duration) -> Result<(), ReconcileError> {
        self.ports.leadership.ensure_valid_for(term, write).await.map_err(|NotLeading| ReconcileError::NotLeading)
    }

    /// Awaits `work` unless the process stops first.
    pub async fn unless_stopped<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        self.stopping.run_until_cancelled(work).await
    }

    /// Awaits `work` unless the process stops or the term ends first.
    pub async fn unless_over<T>(&self, term: Term, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            () = self.stopping.cancelled() => None,
            () = self.ports.leadership.lost(term) => None,
            done = work => Some(done),
        }
    }

    /// Sends heartbeats during the wait, so that liveness does not report a stuck loop.
    pub async fn with_heartbeat<T>(&self, heartbeat: Heartbeat, wait: impl Future<Output = T>) -> T {
        let mut wait = pin!(wait);
        loop {
            self.health.heartbeat(heartbeat);
            tokio::select! { done = &mut wait => return done, () = sleep(Duration::from_mins(1)) => {} }
        }
    }
}
