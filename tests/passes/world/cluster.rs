//! The API server's objects, with resource versions, uids and generations as it gives them.

use std::{collections::BTreeMap, time::Duration};

use sender_operator::{
    api::{SenderDomain, SenderDomainStatus},
    cluster::store::{NamespaceFacts, Notice, StoreError},
    model::claim::StoredClaim,
};

use super::{failures::Failures, store::StoreCall, watches::Subscriber};

/// Namespace and name.
pub type Key = (String, String);

/// A status as it was applied.
pub struct Applied {
    pub key: Key,
    pub status: SenderDomainStatus,
}

/// Everything the API server keeps, and what was done to it.
#[derive(Default)]
pub struct Cluster {
    counter: u64,
    /// Two clusters with different seeds give different uids.
    seed: u64,
    pub claims: BTreeMap<String, StoredClaim>,
    pub domains: BTreeMap<Key, SenderDomain>,
    pub namespaces: BTreeMap<String, NamespaceFacts>,
    pub subscribers: Vec<Subscriber>,
    /// Writes by the operators, by kind.
    pub writes: BTreeMap<StoreCall, usize>,
    pub applied: Vec<Applied>,
    /// What people were told, and when.
    pub told: Vec<(Duration, Notice)>,
    pub failures: Failures<StoreCall, StoreError>,
}

impl Cluster {
    pub fn seeded(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    /// A resource version: a number that was never given before.
    pub fn version(&mut self) -> String {
        self.counter += 1;
        self.counter.to_string()
    }

    /// A uid. As with real ones, their order says nothing about the order in which they were given.
    pub fn uid(&mut self) -> String {
        self.counter += 1;
        // SplitMix64: every number comes once.
        let mut mixed = (self.counter ^ self.seed << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        format!("{:016x}", mixed ^ mixed >> 31)
    }
}
