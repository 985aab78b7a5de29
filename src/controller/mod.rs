//! The controller: takes a domain from the queue, makes one pass over it, puts it back.

pub mod account;
pub mod domain;
pub mod queue;
mod report;

use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::FutureExt;
use tokio::sync::watch;

use self::{
    domain::facts::{Installation, Memory},
    queue::Queue,
};
use crate::{
    clock::Clock,
    cluster::{
        index::Index,
        store::Store,
        watch::{Sink, Watch},
    },
    dns::Dns,
    model::{backoff, claim::State, name::Domain},
    serve::{
        health::Health,
        metrics::{Metrics, Outcome},
    },
    ses::{
        Ses,
        budget::{Budget, Lane},
    },
};

/// A whole pass may take so long; it is given up and repeated after that. Each call has a deadline of its own; what takes
/// long is waiting for a dozen turns behind the other workers while SES throttles.
const PASS_DEADLINE: Duration = Duration::from_mins(10);

/// Everything outside the process, behind ports.
#[derive(Clone)]
pub struct Ports {
    /// The API server.
    pub store: Arc<dyn Store>,
    /// Amazon SES.
    pub ses: Arc<dyn Ses>,
    /// Turns for SES calls.
    pub budget: Arc<dyn Budget>,
    /// DNS.
    pub dns: Arc<dyn Dns>,
    /// The time of day.
    pub clock: Arc<dyn Clock>,
}

/// The controller of sender domains.
pub struct Controller {
    me: Installation,
    ports: Ports,
    queue: Queue,
    index: Mutex<Index>,
    memories: Mutex<HashMap<Domain, Memory>>,
    synced: watch::Sender<Vec<Watch>>,
    health: Health,
    metrics: Metrics,
}

impl Controller {
    /// A controller that does nothing until watches feed it and [`Self::run`] is called.
    pub fn new(me: Installation, ports: Ports, health: Health, metrics: Metrics) -> Arc<Self> {
        Arc::new(Self {
            me,
            ports,
            queue: Queue::default(),
            index: Mutex::default(),
            memories: Mutex::default(),
            synced: watch::Sender::new(Vec::new()),
            health,
            metrics,
        })
    }

    /// Makes passes with this many workers until [`Self::stop`]; a pass that runs then is finished first. Nothing starts
    /// before every watch has delivered its first complete list.
    pub async fn run(self: &Arc<Self>, workers: usize) {
        let mut synced = self.synced.subscribe();
        // The sender lives in `self`, so waiting can't fail.
        let _ = synced.wait_for(|watches| watches.len() == 3).await;
        tracing::info!(environment = self.me.environment, domains = self.index().everything().len(), "watches synced");
        self.health.open("watches");
        let workers = (0..workers.max(1)).map(|_| tokio::spawn(self.clone().work()));
        futures::future::join_all(workers).await;
    }

    /// Sets the metrics that count what the index holds.
    pub fn measure(&self, metrics: &Metrics) {
        let index = self.index();
        metrics.objects(index.objects());
        for state in State::ALL {
            metrics.claims(state, index.count(state));
        }
        drop(index);
        metrics.backlog(self.queue.backlog());
        metrics.ses_rate(self.ports.budget.rate());
    }

    /// No more passes are begun.
    pub fn stop(&self) {
        self.queue.close();
        // Releases `run` also where the watches never came.
        self.synced.send_replace(vec![Watch::Domains, Watch::Claims, Watch::Namespaces]);
    }

    async fn work(self: Arc<Self>) {
        while let Some((domain, lane)) = self.queue.take().await {
            let next = self.one_pass(&domain, lane).await;
            self.metrics.backlog(self.queue.backlog());
            self.queue.done(domain, next);
        }
    }

    /// One pass under its deadline. A panic is a defect of this domain's pass and must not take the others along.
    async fn one_pass(&self, domain: &Domain, lane: Lane) -> Option<(Duration, Lane)> {
        let pass = AssertUnwindSafe(self.pass(domain, lane)).catch_unwind();
        let end = match tokio::time::timeout(PASS_DEADLINE, pass).await {
            Ok(Ok(end)) => end,
            Ok(Err(_)) => {
                tracing::error!(%domain, "a pass panicked; this is a defect, please report it with the lines above");
                self.failed(domain, lane)
            }
            Err(_) => {
                tracing::warn!(%domain, "a pass took too long and is repeated");
                self.failed(domain, lane)
            }
        };
        self.metrics.pass(end.outcome);
        end.next
    }

    /// The end of a failed pass: it comes again after a wait that grows with the failures in a row.
    fn failed(&self, domain: &Domain, lane: Lane) -> PassEnd {
        let failures = self.with_memory(domain, |memory| {
            memory.failures = memory.failures.saturating_add(1);
            memory.failures
        });
        let wait = backoff::delay(failures, backoff::spread_of(domain.as_str(), u64::from(failures)));
        PassEnd { outcome: Outcome::Failed, next: Some((wait, lane)) }
    }

    fn index(&self) -> MutexGuard<'_, Index> {
        // The index is changed by methods that don't panic half-way; a poisoned lock is as good as any.
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with_memory<T>(&self, domain: &Domain, change: impl FnOnce(&mut Memory) -> T) -> T {
        let mut memories = self.memories.lock().unwrap_or_else(PoisonError::into_inner);
        change(memories.entry(domain.clone()).or_default())
    }

    fn forget(&self, domain: &Domain) {
        self.memories.lock().unwrap_or_else(PoisonError::into_inner).remove(domain);
    }
}

/// What a pass leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct PassEnd {
    outcome: Outcome,
    next: Option<(Duration, Lane)>,
}

impl Sink for Controller {
    fn change(&self, change: &mut dyn FnMut(&mut Index) -> Vec<Domain>) {
        let woken = change(&mut self.index());
        for domain in woken {
            self.queue.wake(domain);
        }
    }

    fn synced(&self, watch: Watch) {
        self.synced.send_if_modified(|watches| {
            let new = !watches.contains(&watch);
            if new {
                watches.push(watch);
            }
            new
        });
    }
}
