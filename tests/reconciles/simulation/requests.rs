//! Requests to the API server: scripted failures, and a record of the writes.

use std::{collections::BTreeMap, sync::MutexGuard, time::Duration};

use sender_operator::{
    api::SenderDomainStatus,
    cluster::store::{PendingEvent, StoreError},
};

use super::{Simulation, cluster::Key, failures::Failures, lock, store::StoreCall};

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
}

impl Simulation {
    pub(super) fn requests(&self) -> MutexGuard<'_, Requests> {
        lock(&self.shared.requests)
    }
}
