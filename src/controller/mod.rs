//! The controller: takes a domain or an address from its queue, makes one pass over it, puts it back.

pub mod account;
pub mod address;
mod asking;
pub mod domain;
pub mod order;
pub mod queue;
mod recovery;
mod report;
mod sweep;
mod worker;

use std::{
    collections::HashMap,
    hash::Hash,
    panic::AssertUnwindSafe,
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures::FutureExt;
use tokio::{
    sync::{Semaphore, watch},
    task::JoinSet,
    time::sleep,
};
use tokio_util::sync::CancellationToken;

use self::{
    address::Sender,
    domain::facts::{Installation, Memory},
    order::Next,
    queue::Queue,
    sweep::Sweeper,
    worker::Worker,
};
use crate::{
    clock::Clock,
    cluster::{
        index::{Index, Woken},
        leadership::{Leadership, Term},
        sink::{Sink, Watch},
        store::Store,
    },
    dns::Dns,
    model::{address::Address, backoff, claim::State, name::Domain},
    serve::{
        health::{Beat, Health},
        metrics::{Metrics, Outcome},
    },
    ses::{
        Ses,
        budget::{Budget, Lane},
    },
};

/// A pass may work so long, not counting its waits for SES; it is given up and repeated after that. Each request has a
/// deadline of its own, and a pass makes a few dozen.
const PASS_DEADLINE: Duration = Duration::from_mins(3);

/// Everything outside the process, behind ports.
#[derive(Clone)]
pub struct Ports {
    /// The API server.
    pub store: Arc<dyn Store>,
    /// Amazon SES.
    pub ses: Arc<dyn Ses>,
    /// Turns for SES calls.
    pub budget: Arc<dyn Budget>,
    /// Turns for mails: SES has a rate of its own for them.
    pub sends: Arc<dyn Budget>,
    /// DNS.
    pub dns: Arc<dyn Dns>,
    /// The time of day.
    pub clock: Arc<dyn Clock>,
    /// Whether this replica may write.
    pub leadership: Leadership,
}

/// The controller of sender domains and addresses.
pub struct Controller {
    me: Installation,
    ports: Ports,
    queue: Queue<Domain>,
    mailboxes: Queue<Address>,
    index: Mutex<Index>,
    memories: Mutex<HashMap<Domain, Memory>>,
    address_memories: Mutex<HashMap<Address, address::facts::Memory>>,
    sender: Sender,
    counting: tokio::sync::Mutex<()>,
    synced: watch::Sender<Vec<Watch>>,
    stopping: CancellationToken,
    sweeper: Sweeper,
    places: AtomicU64,
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
            mailboxes: Queue::default(),
            index: Mutex::default(),
            memories: Mutex::default(),
            address_memories: Mutex::default(),
            sender: Sender::default(),
            counting: tokio::sync::Mutex::default(),
            synced: watch::Sender::new(Vec::new()),
            stopping: CancellationToken::new(),
            sweeper: Sweeper::default(),
            places: AtomicU64::new(0),
            health,
            metrics,
        })
    }

    /// Returns when every watch has delivered its first complete list.
    pub async fn synced(&self) {
        // The sender lives in `self`, so waiting can't fail.
        let _ = self.synced.subscribe().wait_for(|watches| watches.len() == Watch::ALL.len()).await;
    }

    /// Makes passes with this many workers whenever this replica leads, until [`Self::stop`]; a pass that runs then is
    /// finished first. Nothing starts before [`Self::synced`].
    pub async fn run(self: &Arc<Self>, workers: usize) {
        self.synced().await;
        let (domains, addresses) = {
            let index = self.index();
            (index.objects::<Domain>(), index.objects::<Address>())
        };
        tracing::info!(environment = self.me.environment, domains, addresses, "watches synced");
        self.health.open("watches");
        while let Some(term) = self.unless_stopped(self.beating(Beat::Passes, self.ports.leadership.acquired())).await {
            self.begin_term();
            let sweeping = self.unless_over(term, self.sweep_on(term));
            let domains = self.make_passes(&self.queue, Beat::Passes, workers, term, Self::work);
            let addresses = self.make_passes(&self.mailboxes, Beat::Addresses, workers, term, Self::work_on_address);
            tokio::join!(domains, addresses, sweeping);
            self.metrics.leading(false);
        }
    }

    /// What was learned in an earlier term is forgotten, and each subject is looked at: another replica may have led.
    fn begin_term(&self) {
        self.metrics.leading(true);
        self.memories.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.address_memories.lock().unwrap_or_else(PoisonError::into_inner).clear();
        let index = self.index();
        for domain in index.subjects::<Domain>(&self.me.environment) {
            self.queue.wake(domain.clone(), &index.group(domain));
        }
        for address in index.subjects::<Address>(&self.me.environment) {
            self.mailboxes.wake(address.clone(), &index.group(address));
        }
    }

    /// Looks at what a change of the index names. Of tens of thousands of other environments' objects, each would cost a pass
    /// for nothing.
    fn wake(&self, index: &Index, woken: Woken) {
        let environment = &self.me.environment;
        for domain in woken.domains.into_iter().filter(|domain| index.concerns(environment, domain)) {
            let group = index.group(&domain);
            self.queue.wake(domain, &group);
        }
        for address in woken.addresses.into_iter().filter(|address| index.concerns(environment, address)) {
            let group = index.group(&address);
            self.mailboxes.wake(address, &group);
        }
    }

    async fn make_passes<S, W>(
        self: &Arc<Self>,
        queue: &Queue<S>,
        beat: Beat,
        workers: usize,
        term: Term,
        work: impl Fn(Arc<Self>, S, Lane, Worker, Term) -> W,
    ) where
        S: Clone + Ord + Hash,
        W: Future<Output = ()> + Send + 'static,
    {
        let workers = Arc::new(Semaphore::new(workers.max(1)));
        let mut passes = JoinSet::new();
        while let Some(worker) = self.unless_over(term, Worker::free(&workers)).await {
            let next = self.unless_over(term, self.beating(beat, queue.take())).await;
            let Some((subject, lane)) = next.flatten() else { break };
            passes.spawn(work(self.clone(), subject, lane, worker, term));
            while passes.try_join_next().is_some() {}
        }
        while passes.join_next().await.is_some() {}
    }

    async fn unless_stopped<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        self.stopping.run_until_cancelled(work).await
    }

    async fn unless_over<T>(&self, term: Term, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            () = self.stopping.cancelled() => None,
            () = self.ports.leadership.lost(term) => None,
            done = work => Some(done),
        }
    }

    /// Waits, and shows that it is waiting and not stuck.
    async fn beating<T>(&self, beat: Beat, wait: impl Future<Output = T>) -> T {
        let mut wait = pin!(wait);
        loop {
            self.health.beat(beat);
            tokio::select! { done = &mut wait => return done, () = sleep(Duration::from_mins(1)) => {} }
        }
    }

    /// Sets the metrics that count what the index holds.
    pub fn measure(&self, metrics: &Metrics) {
        let index = self.index();
        metrics.objects(index.objects::<Domain>());
        metrics.addresses(index.objects::<Address>());
        for state in State::ALL {
            metrics.claims(state, index.count::<Domain>(state));
            metrics.address_claims(state, index.count::<Address>(state));
        }
        drop(index);
        let memories = self.memories.lock().unwrap_or_else(PoisonError::into_inner);
        metrics.held_back(memories.values().filter(|memory| memory.held_back).count());
        drop(memories);
        metrics.backlog(self.queue.backlog() + self.mailboxes.backlog());
        metrics.ses_rate(self.ports.budget.rate());
    }

    /// No more passes are begun, and none waits for SES any longer.
    pub fn stop(&self) {
        self.stopping.cancel();
        self.queue.close();
        self.mailboxes.close();
        // Releases `run` also where the watches never came.
        self.synced.send_replace(Watch::ALL.to_vec());
    }

    async fn work(self: Arc<Self>, domain: Domain, lane: Lane, worker: Worker, term: Term) {
        let end = self.one_pass(&domain, lane, &worker, term).await;
        self.metrics.pass(end.outcome);
        self.queue.done(domain, end.next);
    }

    async fn work_on_address(self: Arc<Self>, address: Address, lane: Lane, worker: Worker, term: Term) {
        let pass = AssertUnwindSafe(self.pass_over_address(&address, lane, &worker, term)).catch_unwind();
        let end = match Box::pin(worker.within(PASS_DEADLINE, pass)).await {
            Some(Ok(end)) => end,
            Some(Err(_)) => {
                tracing::error!(domain = %address.domain(), "a pass over an address panicked; this is a defect, please report it with the lines above");
                self.failed_address(&address, lane)
            }
            None => {
                tracing::warn!(domain = %address.domain(), "a pass over an address took too long and is repeated");
                self.failed_address(&address, lane)
            }
        };
        self.metrics.pass(end.outcome);
        self.mailboxes.done(address, end.next);
    }

    /// One pass under its deadline. A panic is a defect of this domain's pass and must not take the others along.
    async fn one_pass(&self, domain: &Domain, lane: Lane, worker: &Worker, term: Term) -> PassEnd {
        let pass = AssertUnwindSafe(self.pass(domain, lane, worker, term)).catch_unwind();
        match worker.within(PASS_DEADLINE, pass).await {
            Some(Ok(end)) => end,
            Some(Err(_)) => {
                tracing::error!(%domain, "a pass panicked; this is a defect, please report it with the lines above");
                self.failed(domain, lane)
            }
            None => {
                tracing::warn!(%domain, "a pass took too long and is repeated");
                self.failed(domain, lane)
            }
        }
    }

    /// A place behind all those who wait for SES now.
    fn last_place(&self) -> u64 {
        self.places.fetch_add(1, Ordering::Relaxed)
    }

    /// The end of a failed pass: it comes again after a wait that grows with the failures in a row.
    fn failed(&self, domain: &Domain, lane: Lane) -> PassEnd {
        let failures = self.with_memory(domain, |memory| {
            memory.failures = memory.failures.saturating_add(1);
            memory.failures
        });
        let wait = backoff::delay(failures, backoff::spread_of(domain.as_str(), u64::from(failures)));
        PassEnd { outcome: Outcome::Failed, next: Next::After(wait, lane) }
    }

    fn index(&self) -> MutexGuard<'_, Index> {
        // The index is changed by methods that don't panic half-way; a poisoned lock is as good as any.
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with_memory<T>(&self, domain: &Domain, change: impl FnOnce(&mut Memory) -> T) -> T {
        let mut memories = self.memories.lock().unwrap_or_else(PoisonError::into_inner);
        change(memories.entry(domain.clone()).or_default())
    }

    fn with_address_memory<T>(&self, address: &Address, change: impl FnOnce(&mut address::facts::Memory) -> T) -> T {
        let mut memories = self.address_memories.lock().unwrap_or_else(PoisonError::into_inner);
        change(memories.entry(address.clone()).or_default())
    }

    fn forget_address(&self, address: &Address) {
        self.address_memories.lock().unwrap_or_else(PoisonError::into_inner).remove(address);
    }

    fn forget(&self, domain: &Domain) {
        self.memories.lock().unwrap_or_else(PoisonError::into_inner).remove(domain);
    }
}

/// What a pass leaves behind.
#[derive(Clone, Debug, PartialEq, Eq)]
struct PassEnd {
    outcome: Outcome,
    next: Next,
}

impl Sink for Controller {
    fn change(&self, change: &mut dyn FnMut(&mut Index) -> Woken) {
        let mut index = self.index();
        let woken = change(&mut index);
        self.wake(&index, woken);
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
