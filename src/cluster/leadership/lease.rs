//! The election: takes, renews and frees the Lease object.
//!
//! Every write is conditional on the last read. So if two replicas take the lease at the same moment, one fails.
//! [`super::election`] decides which replica may take it; [`super::term`] limits how long this process may write.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{
    election::{Contender, LeaseAction, LeaseRecord, Times},
    term::Leadership,
};
use crate::cluster::store::StoreError;

#[async_trait]
pub trait LeaseStore: Send + Sync {
    /// The current lease; `None`: it does not exist.
    async fn read(&self) -> Result<Option<LeaseRecord>, StoreError>;
    /// Takes or renews the lease, if it still equals `old`. An empty `holder` frees it.
    async fn write(&self, old: Option<&LeaseRecord>, holder: &str, duration: Duration) -> Result<(), StoreError>;
}

/// The lease after one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lease {
    Ours,
    Others(Duration),
}

/// The participation of one process in the election.
pub struct Election {
    store: Arc<dyn LeaseStore>,
    identity: String,
    times: Times,
    leadership: Leadership,
    heartbeat: Box<dyn Fn() + Send + Sync>,
}

impl Election {
    /// `identity` identifies this process; it must be unique among running processes. `heartbeat` is called at each
    /// attempt.
    pub fn new(
        store: Arc<dyn LeaseStore>,
        identity: &str,
        times: Times,
        leadership: Leadership,
        heartbeat: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self { store, identity: identity.to_owned(), times, leadership, heartbeat: Box::new(heartbeat) }
    }

    /// Takes part until `stop`. The caller cancels `stop` after all other work has ended, because the lease is freed
    /// immediately.
    pub async fn run(&self, stop: &CancellationToken) {
        stop.run_until_cancelled(self.take_part()).await;
        if self.leadership.is_leading() {
            self.leadership.revoke();
            let freed = timeout(self.times.attempt(), self.free()).await;
            if matches!(freed, Ok(Ok(()))) {
                tracing::info!("the lease was released; another replica can become the leader");
            } else {
                tracing::warn!("the lease could not be released; another replica becomes the leader after it expires");
            }
        }
    }

    async fn take_part(&self) {
        let start = Instant::now();
        let mut contender = Contender::new(&self.identity);
        let mut renewed = None;
        loop {
            (self.heartbeat)();
            let begun = Instant::now();
            let now = begun.duration_since(start);
            let answer = timeout(self.times.attempt(), self.attempt(&mut contender, now)).await;
            let wait = match answer.unwrap_or(Err(StoreError::Unavailable)) {
                Ok(Lease::Ours) => {
                    if renewed.is_none() {
                        tracing::info!(replica = self.identity, "this replica is the leader");
                    }
                    renewed = Some(begun);
                    self.leadership.renewed(begun, self.times.duration);
                    self.times.period()
                }
                Ok(Lease::Others(wait)) => {
                    if renewed.take().is_some() {
                        tracing::warn!(
                            replica = self.identity,
                            "another replica is now the leader; this one is a standby"
                        );
                    }
                    self.leadership.revoke();
                    wait.min(self.times.period())
                }
                // Another write came first: by another replica, or by an own request whose answer was lost.
                Err(StoreError::Conflict | StoreError::NotFound) => self.times.period() / 4,
                Err(error) => {
                    tracing::debug!(%error, "the lease could not be read or renewed");
                    if renewed.is_some_and(|begun: Instant| begun.elapsed() >= self.times.renew_deadline()) {
                        tracing::warn!(replica = self.identity, %error, "the lease could not be renewed in time; this replica is a standby");
                        renewed = None;
                        self.leadership.revoke();
                    }
                    self.times.period()
                }
            };
            sleep(wait.saturating_sub(begun.elapsed())).await;
        }
    }

    async fn attempt(&self, contender: &mut Contender, now: Duration) -> Result<Lease, StoreError> {
        let record = self.store.read().await?;
        match contender.decide(record.as_ref(), now) {
            LeaseAction::Wait(wait) => Ok(Lease::Others(wait)),
            LeaseAction::Take => {
                // Another replica may have led meanwhile, so the knowledge of this term is stale.
                self.leadership.revoke();
                self.renew(record.as_ref()).await
            }
            LeaseAction::Renew => self.renew(record.as_ref()).await,
        }
    }

    async fn renew(&self, record: Option<&LeaseRecord>) -> Result<Lease, StoreError> {
        self.store.write(record, &self.identity, self.times.duration).await.map(|()| Lease::Ours)
    }

    async fn free(&self) -> Result<(), StoreError> {
        match self.store.read().await? {
            Some(record) if record.holder == self.identity => {
                self.store.write(Some(&record), "", self.times.duration).await
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
#[path = "lease_tests.rs"]
mod tests;
