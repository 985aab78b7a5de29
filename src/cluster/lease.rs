//! Leader election: one process of a release writes, the others stand by.
//!
//! Every write of the Lease object is conditional on what was read, so of two that take it at the same moment one fails.
//! Who may take it is judged in [`crate::model::lease`], until when this process may write stands in [`super::mandate`].

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{mandate::Mandate, store::StoreError};
use crate::model::lease::{Contender, Move, Record, Times};

/// The Lease object.
#[async_trait]
pub trait LeaseStore: Send + Sync {
    /// The lease as it stands; `None`: there is none.
    async fn read(&self) -> Result<Option<Record>, StoreError>;
    /// Makes the lease ours, or renews it, if it is still what `old` says. `holder` empty: frees it.
    async fn write(&self, old: Option<&Record>, holder: &str, duration: Duration) -> Result<(), StoreError>;
}

/// What one look at the lease led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Ours,
    Others(Duration),
}

/// One process' part in the election.
pub struct Election {
    store: Arc<dyn LeaseStore>,
    me: String,
    times: Times,
    mandate: Mandate,
    beat: Box<dyn Fn() + Send + Sync>,
}

impl Election {
    /// `me` names this process: no two that run at the same time may share it. `beat` is called at each attempt.
    pub fn new(
        store: Arc<dyn LeaseStore>,
        me: &str,
        times: Times,
        mandate: Mandate,
        beat: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self { store, me: me.to_owned(), times, mandate, beat: Box::new(beat) }
    }

    /// Takes part until `stop`. What has to be finished first is finished by then: the lease is freed at once.
    pub async fn run(&self, stop: &CancellationToken) {
        stop.run_until_cancelled(self.take_part()).await;
        if self.mandate.is_leading() {
            self.mandate.lost();
            let freed = timeout(self.times.attempt(), self.free()).await;
            if matches!(freed, Ok(Ok(()))) {
                tracing::info!("the lease is free for another replica");
            } else {
                tracing::warn!("the lease could not be freed; another replica leads when it has run out");
            }
        }
    }

    async fn take_part(&self) {
        let start = Instant::now();
        let mut contender = Contender::new(&self.me);
        let mut renewed = None;
        loop {
            (self.beat)();
            let begun = Instant::now();
            let now = begun.duration_since(start);
            let answer = timeout(self.times.attempt(), self.attempt(&mut contender, now)).await;
            let wait = match answer.unwrap_or(Err(StoreError::Unavailable)) {
                Ok(Standing::Ours) => {
                    if renewed.is_none() {
                        tracing::info!(replica = self.me, "this replica leads");
                    }
                    renewed = Some(begun);
                    self.mandate.renewed(begun, self.times.duration);
                    self.times.period()
                }
                Ok(Standing::Others(wait)) => {
                    if renewed.take().is_some() {
                        tracing::warn!(replica = self.me, "another replica leads by now; this one stands by");
                    }
                    self.mandate.lost();
                    wait.min(self.times.period())
                }
                // Somebody wrote in between: another replica, or ourselves by a request whose answer was lost.
                Err(StoreError::Conflict | StoreError::NotFound) => self.times.period() / 4,
                Err(error) => {
                    tracing::debug!(%error, "the lease could not be read or renewed");
                    if renewed.is_some_and(|begun: Instant| begun.elapsed() >= self.times.renew_deadline()) {
                        tracing::warn!(replica = self.me, %error, "the lease could not be renewed in time; this replica stands by");
                        renewed = None;
                        self.mandate.lost();
                    }
                    self.times.period()
                }
            };
            sleep(wait.saturating_sub(begun.elapsed())).await;
        }
    }

    async fn attempt(&self, contender: &mut Contender, now: Duration) -> Result<Standing, StoreError> {
        let record = self.store.read().await?;
        match contender.judge(record.as_ref(), now) {
            Move::Wait(wait) => Ok(Standing::Others(wait)),
            Move::Take => {
                // Another one may have led meanwhile: what this one knows is from before.
                self.mandate.lost();
                self.renew(record.as_ref()).await
            }
            Move::Renew => self.renew(record.as_ref()).await,
        }
    }

    async fn renew(&self, record: Option<&Record>) -> Result<Standing, StoreError> {
        self.store.write(record, &self.me, self.times.duration).await.map(|()| Standing::Ours)
    }

    async fn free(&self) -> Result<(), StoreError> {
        match self.store.read().await? {
            Some(record) if record.holder == self.me => self.store.write(Some(&record), "", self.times.duration).await,
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
#[path = "lease_tests.rs"]
mod tests;
