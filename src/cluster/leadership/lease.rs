//! The election: takes, renews and frees the Lease object.
//!
//! Every write of it is conditional on what was read, so one of two replicas that take it at the same moment fails.
//! [`super::election`] decides which replica may take it; [`super::term`] says until when this process may write.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{
    election::{Action, Contender, Record, Times},
    term::Leadership,
};
use crate::cluster::store::StoreError;

/// The Lease object.
#[async_trait]
pub trait LeaseStore: Send + Sync {
    /// The lease as it stands; `None`: there is none.
    async fn read(&self) -> Result<Option<Record>, StoreError>;
    /// Makes the lease ours, or renews it, if it is still what `old` says. `holder` empty: frees it.
    async fn write(&self, old: Option<&Record>, holder: &str, duration: Duration) -> Result<(), StoreError>;
}

/// The lease after one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lease {
    Ours,
    Others(Duration),
}

/// One process' part in the election.
pub struct Election {
    store: Arc<dyn LeaseStore>,
    identity: String,
    times: Times,
    leadership: Leadership,
    heartbeat: Box<dyn Fn() + Send + Sync>,
}

impl Election {
    /// `identity` names this process: no two that run at the same time may share it. `heartbeat` is called at each
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

    /// Takes part until `stop`. What has to be finished first is finished by then: the lease is freed at once.
    pub async fn run(&self, stop: &CancellationToken) {
        stop.run_until_cancelled(self.take_part()).await;
        if self.leadership.is_leading() {
            self.leadership.revoke();
            let freed = timeout(self.times.attempt(), self.free()).await;
            if matches!(freed, Ok(Ok(()))) {
                tracing::info!("the lease was released; another replica can lead");
            } else {
                tracing::warn!("the lease could not be released; another replica leads after it expires");
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
                            "another replica is the leader now; this one is a standby"
                        );
                    }
                    self.leadership.revoke();
                    wait.min(self.times.period())
                }
                // Somebody wrote in between: another replica, or ourselves by a request whose answer was lost.
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
            Action::Wait(wait) => Ok(Lease::Others(wait)),
            Action::Take => {
                // Another one may have led meanwhile: what this one knows is from before.
                self.leadership.revoke();
                self.renew(record.as_ref()).await
            }
            Action::Renew => self.renew(record.as_ref()).await,
        }
    }

    async fn renew(&self, record: Option<&Record>) -> Result<Lease, StoreError> {
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
