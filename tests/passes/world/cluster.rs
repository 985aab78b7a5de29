//! The API server's objects, with resource versions, uids and generations as it gives them, and what it answers.
//!
//! It knows nothing of the rest of the world: `tests/controllers/conformance.rs` puts the same requests to it and to a real
//! API server, and the answers must be the same.

use std::collections::BTreeMap;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt;
use sender_operator::{
    api::{SenderAddress, SenderDomain, SenderDomainSpec, SenderDomainStatus},
    cluster::store::{NamespaceFacts, StoreError},
    model::{
        claim::{Claim, StoredClaim},
        name::Domain,
        orders::Orders,
    },
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Namespace and name.
pub type Key = (String, String);

/// What a watch tells.
#[derive(Clone)]
pub enum Seen {
    Domain(Box<SenderDomain>),
    DomainGone(Box<SenderDomain>),
    Address(Box<SenderAddress>),
    AddressGone(Box<SenderAddress>),
    Claim(Box<StoredClaim>),
    ClaimGone(Box<StoredClaim>),
    Namespace(String, BTreeMap<String, String>),
    NamespaceGone(String),
    /// All that was there when a watch began has been told.
    Begun,
}

/// Everything the API server keeps.
#[derive(Default)]
pub struct Cluster {
    counter: u64,
    /// Two clusters with different seeds give different uids.
    seed: u64,
    pub claims: BTreeMap<String, StoredClaim>,
    pub domains: BTreeMap<Key, SenderDomain>,
    pub addresses: BTreeMap<Key, SenderAddress>,
    pub namespaces: BTreeMap<String, NamespaceFacts>,
    watchers: Vec<UnboundedSender<Seen>>,
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

    /// A watch: what is there, and then every change.
    pub fn watch(&mut self) -> UnboundedReceiver<Seen> {
        let (sender, receiver) = unbounded_channel();
        let domains = self.domains.values().map(|object| Seen::Domain(Box::new(object.clone())));
        let addresses = self.addresses.values().map(|object| Seen::Address(Box::new(object.clone())));
        let claims = self.claims.values().map(|claim| Seen::Claim(Box::new(claim.clone())));
        let namespaces =
            self.namespaces.iter().map(|(name, facts)| Seen::Namespace(name.clone(), facts.labels.clone()));
        for seen in domains.chain(addresses).chain(claims).chain(namespaces).chain([Seen::Begun]) {
            let _ = sender.send(seen);
        }
        self.watchers.push(sender);
        receiver
    }

    /// Tells every watcher.
    pub fn tell(&mut self, seen: &Seen) {
        self.watchers.retain(|watcher| watcher.send(seen.clone()).is_ok());
    }
}

/// Claims.
impl Cluster {
    pub fn create_claim(&mut self, name: &str, claim: &Claim, now: Timestamp) -> Result<StoredClaim, StoreError> {
        if self.claims.contains_key(name) {
            return Err(StoreError::Conflict);
        }
        let (uid, version) = (self.uid(), self.version());
        let stored = StoredClaim { claim: claim.clone(), uid, version, created: now, orders: Orders::default() };
        self.put_claim(name, stored.clone());
        Ok(stored)
    }

    pub fn swap_claim(&mut self, name: &str, old: &StoredClaim, new: &Claim) -> Result<StoredClaim, StoreError> {
        let stored = self.claims.get(name).cloned().ok_or(StoreError::NotFound)?;
        if stored.version != old.version {
            return Err(StoreError::Conflict);
        }
        // No two objects ever have the same version, so nobody who has seen this one gets here.
        if stored.uid != old.uid {
            return Err(StoreError::Invalid("the uid of an object never changes".to_owned()));
        }
        let same_subject = (&stored.claim.environment, &stored.claim.subject) == (&new.environment, &new.subject);
        if !same_subject {
            return Err(StoreError::Invalid("environment and subject of a claim never change".to_owned()));
        }
        if stored.claim == *new {
            return Ok(stored);
        }
        let stored = StoredClaim { claim: new.clone(), version: self.version(), ..stored };
        self.put_claim(name, stored.clone());
        Ok(stored)
    }

    pub fn delete_claim(&mut self, name: &str, old: &StoredClaim) -> Result<(), StoreError> {
        let Some(stored) = self.claims.get(name) else { return Ok(()) };
        if (&stored.uid, &stored.version) != (&old.uid, &old.version) {
            return Err(StoreError::Conflict);
        }
        self.remove_claim(name);
        Ok(())
    }

    /// Stores a claim under its new version and tells the watchers.
    pub fn put_claim(&mut self, name: &str, stored: StoredClaim) {
        self.claims.insert(name.to_owned(), stored.clone());
        self.tell(&Seen::Claim(Box::new(stored)));
    }

    pub fn remove_claim(&mut self, name: &str) {
        if let Some(stored) = self.claims.remove(name) {
            self.tell(&Seen::ClaimGone(Box::new(stored)));
        }
    }
}

/// Objects of tenants.
impl Cluster {
    /// `kubectl create`. A finalizer of somebody else keeps the object when it is deleted.
    pub fn create_domain(
        &mut self,
        key: &Key,
        spec: SenderDomainSpec,
        finalizer: Option<&str>,
        now: Timestamp,
    ) -> Result<SenderDomain, StoreError> {
        if self.domains.contains_key(key) {
            return Err(StoreError::Conflict);
        }
        let mut made = SenderDomain::new(&key.1, spec);
        made.metadata.namespace = Some(key.0.clone());
        made.metadata.uid = Some(self.uid());
        made.metadata.generation = Some(1);
        made.metadata.creation_timestamp = Some(Time(now));
        made.metadata.finalizers = finalizer.map(|finalizer| vec![finalizer.to_owned()]);
        made.status = Some(SenderDomainStatus { observed_generation: -1, ..SenderDomainStatus::default() });
        Ok(self.put_domain(made))
    }

    /// Changes a spec; a change that changes nothing is none.
    pub fn edit_spec(
        &mut self,
        key: &Key,
        change: impl FnOnce(&mut SenderDomainSpec),
    ) -> Result<SenderDomain, StoreError> {
        let mut object = self.domains.get(key).cloned().ok_or(StoreError::NotFound)?;
        let before = serde_json::to_value(&object.spec).ok();
        let domain = object.spec.domain.clone();
        change(&mut object.spec);
        if object.spec.domain != domain {
            return Err(StoreError::Invalid("the domain can't be changed".to_owned()));
        }
        if serde_json::to_value(&object.spec).ok() == before {
            return Ok(object);
        }
        object.metadata.generation = object.metadata.generation.map(|generation| generation + 1);
        Ok(self.put_domain(object))
    }

    /// `kubectl delete`: the object goes, or is kept by a finalizer and carries a deletion time.
    pub fn delete_domain(&mut self, key: &Key, now: Timestamp) -> Result<(), StoreError> {
        let mut object = self.domains.get(key).cloned().ok_or(StoreError::NotFound)?;
        if object.finalizers().is_empty() {
            self.remove_domain(key);
        } else if object.metadata.deletion_timestamp.is_none() {
            object.metadata.deletion_timestamp = Some(Time(now));
            // The API server counts that as a change of what is asked for.
            object.metadata.generation = object.metadata.generation.map(|generation| generation + 1);
            self.put_domain(object);
        }
        Ok(())
    }

    /// Whoever set a finalizer takes it away.
    pub fn remove_finalizers(&mut self, key: &Key) -> Result<(), StoreError> {
        let mut object = self.domains.get(key).cloned().ok_or(StoreError::NotFound)?;
        if object.metadata.deletion_timestamp.is_some() {
            self.remove_domain(key);
        } else if object.metadata.finalizers.take().is_some() {
            self.put_domain(object);
        }
        Ok(())
    }

    /// Applies a status to the object with this uid; one that changes nothing is none.
    pub fn apply_status(
        &mut self,
        object: &SenderDomain,
        status: &SenderDomainStatus,
    ) -> Result<SenderDomain, StoreError> {
        let key = (object.namespace().unwrap_or_default(), object.name_any());
        let mut stored = self.domains.get(&key).cloned().ok_or(StoreError::NotFound)?;
        if stored.uid() != object.uid() {
            return Err(StoreError::Conflict);
        }
        if stored.status.as_ref() == Some(status) {
            return Ok(stored);
        }
        stored.status = Some(status.clone());
        Ok(self.put_domain(stored))
    }

    pub fn sender_domains_for(&self, domain: &Domain) -> Vec<SenderDomain> {
        self.domains.values().filter(|object| object.spec.domain == domain.as_str()).cloned().collect()
    }

    /// Stores an object under a new version and tells the watchers.
    pub fn put_domain(&mut self, mut object: SenderDomain) -> SenderDomain {
        object.metadata.resource_version = Some(self.version());
        self.domains.insert((object.namespace().unwrap_or_default(), object.name_any()), object.clone());
        self.tell(&Seen::Domain(Box::new(object.clone())));
        object
    }

    fn remove_domain(&mut self, key: &Key) {
        if let Some(object) = self.domains.remove(key) {
            self.tell(&Seen::DomainGone(Box::new(object)));
        }
    }
}

/// Namespaces.
impl Cluster {
    /// A namespace with these labels; made, or relabelled.
    pub fn put_namespace(&mut self, name: &str, labels: BTreeMap<String, String>) {
        let uid = match self.namespaces.get(name) {
            Some(facts) => facts.uid.clone(),
            None => self.uid(),
        };
        self.namespaces.insert(name.to_owned(), NamespaceFacts { uid, labels: labels.clone() });
        self.tell(&Seen::Namespace(name.to_owned(), labels));
    }

    /// A namespace goes when nothing is in it any more.
    pub fn remove_namespace(&mut self, name: &str) {
        self.namespaces.remove(name);
        self.tell(&Seen::NamespaceGone(name.to_owned()));
    }
}
