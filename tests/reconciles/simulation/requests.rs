//! Requests to the API server: scripted failures, and a record of the writes.

use std::{collections::BTreeMap, sync::MutexGuard, time::Duration};

use sender_operator::{
    api::SenderDomainStatus,
    cluster::store::{PendingEvent, StoreError},
};

use super::{Simulation, cluster::Key, failures::Failures, lock, store::StoreCall};

/// Reads of one claim within a virtual minute; more means a hot loop. The busiest scenario makes a tenth of them.
const HOT: usize = 2_000;

/// An applied status.
pub struct Applied {
    pub key: Key,
    pub status: SenderDomainStatus,
}

/// The requests of all operators.
#[derive(Default)]
pub struct Requests {
    pub writes: BTreeMap<StoreCall, usize>,
    pub reads: BTreeMap<StoreCall, usize>,
    pub applied: Vec<Applied>,
    /// Events and their times.
    pub told: Vec<(Duration, PendingEvent)>,
    pub failures: Failures<StoreCall, StoreError>,
    /// The reads of each claim in the current virtual minute.
    claim_reads: (u64, BTreeMap<String, usize>),
}

impl Requests {
    /// Counts a read of a claim. Returns whether a hot loop reads it.
    pub fn is_hot(&mut self, claim: &str, elapsed: Duration) -> bool {
        let minute = elapsed.as_secs() / 60;
        if self.claim_reads.0 != minute {
            self.claim_reads = (minute, BTreeMap::new());
        }
        let count = self.claim_reads.1.entry(claim.to_owned()).or_default();
        *count += 1;
        *count > HOT
    }
}

impl Simulation {
    pub(super) fn requests(&self) -> MutexGuard<'_, Requests> {
        lock(&self.shared.requests)
    }
}
