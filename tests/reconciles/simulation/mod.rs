//! The controller's environment in memory: an API server, Amazon SES, DNS, and time that advances only when everything
//! waits.
//!
//! The linter checks every applied status; [`invariants`] check every change of a claim and every write to SES. Any
//! fault fails the test when its simulation ends, whatever the test asserts.

mod account;
mod addresses;
mod addresses_invariants;
mod calls;
mod challenge;
mod challenges_invariants;
mod challenges_known;
mod challenges_people;
mod cluster;
mod failures;
mod identity;
mod interleaving;
mod invariants;
mod mail_invariants;
mod mails;
mod operator;
mod outcome;
mod people;
mod ports;
mod queries;
mod requests;
mod store;
mod watches;
mod writes;
mod zone;

use std::{
    collections::BTreeMap,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::{
    sync::{Notify, watch},
    time::{Instant, timeout_at},
};

use self::{
    account::Account, challenges_known::KnownAnswers, cluster::Cluster, interleaving::Interleaving, people::BEGINNING,
    requests::Requests, writes::Writes, zone::Zone,
};
pub use self::{
    account::SesCall,
    addresses::address_claim_name,
    challenge::table,
    failures::{HOW, How},
    mails::{Mailed, Sending},
    operator::Operator,
    people::record,
    store::StoreCall,
    writes::Which,
};

pub const SECOND: Duration = Duration::from_secs(1);
pub const MINUTE: Duration = Duration::from_mins(1);
pub const HOUR: Duration = Duration::from_hours(1);
pub const DAY: Duration = Duration::from_hours(24);

/// State shared by all ports.
pub struct Shared {
    start: Instant,
    cluster: Mutex<Cluster>,
    requests: Mutex<Requests>,
    account: Mutex<Account>,
    zone: Mutex<Zone>,
    writes: Mutex<Writes>,
    interleaving: Interleaving,
    watches_held: watch::Sender<bool>,
    changed: Notify,
    faults: Mutex<Vec<String>>,
    /// The total offset of the clock.
    moved: Mutex<SignedDuration>,
    /// The last write of a domain's claim: a reader immediately before could not know it.
    domains_written: Mutex<Option<Instant>>,
}

pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A port that panics on purpose must not break the simulation.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// The virtual time of day, in whole seconds.
    fn now(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.start.elapsed()).unwrap();
        Timestamp::from_second(BEGINNING).unwrap() + SignedDuration::from_secs(elapsed.as_secs()) + *lock(&self.moved)
    }

    fn fault(&self, what: impl Into<String>) {
        lock(&self.faults).push(format!("{}: {}", self.now(), what.into()));
    }

    fn faults(&self, what: Vec<String>) {
        for fault in what {
            self.fault(fault);
        }
    }
}

/// A simulation. Dropping it fails the test if a fault was found in it.
pub struct Simulation {
    shared: Arc<Shared>,
    /// The annotations of administrators, by the name of the claim.
    annotations: Mutex<BTreeMap<String, BTreeMap<String, String>>>,
}

impl Simulation {
    pub fn new() -> Self {
        Self::seeded(0)
    }

    /// A simulation with its own uids.
    pub fn seeded(seed: u64) -> Self {
        let shared = Shared {
            start: Instant::now(),
            cluster: Mutex::new(Cluster::seeded(seed)),
            requests: Mutex::default(),
            account: Mutex::default(),
            zone: Mutex::default(),
            writes: Mutex::default(),
            interleaving: Interleaving::default(),
            watches_held: watch::Sender::new(false),
            changed: Notify::new(),
            faults: Mutex::default(),
            moved: Mutex::default(),
            domains_written: Mutex::default(),
        };
        Self { shared: Arc::new(shared), annotations: Mutex::default() }
    }

    fn cluster(&self) -> MutexGuard<'_, Cluster> {
        lock(&self.shared.cluster)
    }

    fn account(&self) -> MutexGuard<'_, Account> {
        lock(&self.shared.account)
    }

    pub fn now(&self) -> Timestamp {
        self.shared.now()
    }

    /// Changes the clock of every machine; durations are not affected.
    pub fn move_clock(&self, by: SignedDuration) {
        *lock(&self.shared.moved) += by;
    }

    pub fn age(&self) -> Duration {
        self.shared.start.elapsed()
    }

    /// The time since this simulation had this age.
    pub fn since(&self, age: Duration) -> Duration {
        self.age().saturating_sub(age)
    }

    /// Advances virtual time to this age of the simulation.
    pub async fn until_age(&self, age: Duration) {
        self.advance(age.saturating_sub(self.age())).await;
    }

    /// Advances virtual time.
    pub async fn advance(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    /// Awaits a condition for at most an hour of virtual time.
    pub async fn until(&self, what: &str, condition: impl Fn() -> bool) {
        self.until_within(HOUR, what, condition).await;
    }

    /// Awaits a condition.
    pub async fn until_within(&self, time: Duration, what: &str, condition: impl Fn() -> bool) {
        let came = self.comes_within(time, MINUTE.max(time / 500), condition).await;
        assert!(came, "not within {time:?}: {what}\n{}", self.picture());
    }

    /// Awaits a condition that must not hold while `time` passes.
    pub async fn never_within(&self, time: Duration, what: &str, condition: impl Fn() -> bool) {
        let came = self.comes_within(time, MINUTE, condition).await;
        assert!(!came, "{what}\n{}", self.picture());
    }

    /// Checks the condition after every write, and periodically for other changes.
    async fn comes_within(&self, time: Duration, tick: Duration, condition: impl Fn() -> bool) -> bool {
        let deadline = Instant::now() + time;
        loop {
            let changed = self.shared.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if condition() {
                return true;
            }
            if Instant::now() >= deadline {
                return false;
            }
            let _ = timeout_at(deadline.min(Instant::now() + tick), changed).await;
        }
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        let faults = std::mem::take(&mut *lock(&self.shared.faults));
        let silent = faults.is_empty() || std::thread::panicking();
        assert!(silent, "faults:\n{}\n{}", faults.join("\n"), self.picture());
    }
}

/// Runs a future to its end, or never completes if the process is dead.
async fn unless_dead<T>(dead: bool, work: impl Future<Output = T>) -> T {
    if dead { std::future::pending().await } else { work.await }
}
