//! The API server's objects and answers, with its resource versions, uids and generations.
//!
//! It is independent of the rest of the simulation: `tests/controllers/conformance.rs` sends the same requests to it
//! and to a real API server, and the answers must be the same.

use std::collections::BTreeMap;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::{
    ResourceExt,
    core::object::{HasSpec, HasStatus},
};
use sender_operator::{
    api::{SenderAddress, SenderAddressSpec, SenderDomain, SenderDomainSpec},
    cluster::{
        kinds::Claimant,
        store::{ObservedNamespace, StoreError},
    },
    model::{
        admin_annotations::RequestedActions,
        claim::{Claim, StoredClaim},
    },
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Namespace and name.
pub type Key = (String, String);

/// A watch event.
#[derive(Clone)]
pub enum Seen {
    Domain {
        object: Box<SenderDomain>,
        gone: bool,
    },
    Address {
        object: Box<SenderAddress>,
        gone: bool,
    },
    Claim {
        stored: Box<StoredClaim>,
        gone: bool,
    },
    /// Its labels; `None`: it is deleted.
    Namespace(String, Option<BTreeMap<String, String>>),
    /// The initial list is complete.
    Begun,
}

/// A kind of objects in the cluster.
pub trait KeptObject:
    Claimant
    + Serialize
    + HasSpec<Spec: Serialize + DeserializeOwned>
    + HasStatus<Status: Clone + PartialEq + DeserializeOwned>
{
    fn named(name: &str, spec: Self::Spec) -> Self;
    fn of(cluster: &Cluster) -> &BTreeMap<Key, Self>;
    fn of_mut(cluster: &mut Cluster) -> &mut BTreeMap<Key, Self>;
    fn seen(self, gone: bool) -> Seen;
}

macro_rules! kept {
    ($kind:ident, $spec:ident, $objects:ident, $seen:ident) => {
        impl KeptObject for $kind {
            fn named(name: &str, spec: $spec) -> Self {
                Self::new(name, spec)
            }

            fn of(cluster: &Cluster) -> &BTreeMap<Key, Self> {
                &cluster.$objects
            }

            fn of_mut(cluster: &mut Cluster) -> &mut BTreeMap<Key, Self> {
                &mut cluster.$objects
            }

            fn seen(self, gone: bool) -> Seen {
                Seen::$seen { object: Box::new(self), gone }
            }
        }
    };
}
kept!(SenderDomain, SenderDomainSpec, domains, Domain);
kept!(SenderAddress, SenderAddressSpec, addresses, Address);

/// Everything that the API server stores.
#[derive(Default)]
pub struct Cluster {
    counter: u64,
    /// Clusters with different seeds assign different uids.
    seed: u64,
    pub claims: BTreeMap<String, StoredClaim>,
    pub domains: BTreeMap<Key, SenderDomain>,
    pub addresses: BTreeMap<Key, SenderAddress>,
    pub namespaces: BTreeMap<String, ObservedNamespace>,
    watchers: Vec<UnboundedSender<Seen>>,
}

impl Cluster {
    pub fn seeded(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    /// A new, unique resource version.
    pub fn version(&mut self) -> String {
        self.counter += 1;
        self.counter.to_string()
    }

    /// A uid. As with real ones, their order does not depend on the order of creation.
    pub fn uid(&mut self) -> String {
        self.counter += 1;
        // SplitMix64: every number occurs once.
        let mut mixed = (self.counter ^ self.seed << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        format!("{:016x}", mixed ^ mixed >> 31)
    }

    /// A watch: the current objects, and then every change.
    pub fn watch(&mut self) -> UnboundedReceiver<Seen> {
        let (sender, receiver) = unbounded_channel();
        let domains = self.domains.values().map(|object| object.clone().seen(false));
        let addresses = self.addresses.values().map(|object| object.clone().seen(false));
        let claims = self.claims.values().map(|claim| Seen::Claim { stored: Box::new(claim.clone()), gone: false });
        let namespaces =
            self.namespaces.iter().map(|(name, facts)| Seen::Namespace(name.clone(), Some(facts.labels.clone())));
        for seen in domains.chain(addresses).chain(claims).chain(namespaces).chain([Seen::Begun]) {
            let _ = sender.send(seen);
        }
        self.watchers.push(sender);
        receiver
    }

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
        let stored = StoredClaim {
            claim: claim.clone(),
            uid,
            version,
            created: now,
            requested_actions: RequestedActions::default(),
        };
        self.put_claim(name, stored.clone());
        Ok(stored)
    }

    pub fn swap_claim(&mut self, name: &str, old: &StoredClaim, new: &Claim) -> Result<StoredClaim, StoreError> {
        let stored = self.claims.get(name).cloned().ok_or(StoreError::NotFound)?;
        if stored.version != old.version {
            return Err(StoreError::Conflict);
        }
        // No two objects ever have the same version, so a caller that has seen this one never gets here.
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

    /// Stores a claim under its new version and notifies the watches.
    pub fn put_claim(&mut self, name: &str, stored: StoredClaim) {
        self.claims.insert(name.to_owned(), stored.clone());
        self.tell(&Seen::Claim { stored: Box::new(stored), gone: false });
    }

    pub fn remove_claim(&mut self, name: &str) {
        if let Some(stored) = self.claims.remove(name) {
            self.tell(&Seen::Claim { stored: Box::new(stored), gone: true });
        }
    }
}

/// Objects of tenants.
impl Cluster {
    pub fn object<K: KeptObject>(&self, key: &Key) -> Option<K> {
        K::of(self).get(key).cloned()
    }

    pub fn objects_for<K: KeptObject>(&self, subject: &K::Subject) -> Vec<K> {
        let subject = subject.to_string();
        K::of(self).values().filter(|object| object.subject_text() == subject).cloned().collect()
    }

    /// `kubectl create`. A foreign finalizer keeps the object when it is deleted.
    pub fn create<K: KeptObject>(
        &mut self,
        key: &Key,
        spec: K::Spec,
        finalizer: Option<&str>,
        now: Timestamp,
    ) -> Result<K, StoreError> {
        if K::of(self).contains_key(key) {
            return Err(StoreError::Conflict);
        }
        let mut made = K::named(&key.1, spec);
        let uid = self.uid();
        let meta = made.meta_mut();
        meta.namespace = Some(key.0.clone());
        meta.uid = Some(uid);
        meta.generation = Some(1);
        meta.creation_timestamp = Some(Time(now));
        meta.finalizers = finalizer.map(|finalizer| vec![finalizer.to_owned()]);
        *made.status_mut() = serde_json::from_value(json!({ "observedGeneration": -1, "conditions": [] })).ok();
        Ok(self.put(made))
    }

    /// Edits a spec; an edit without effect gives no new version.
    pub fn edit<K: KeptObject>(&mut self, key: &Key, change: impl FnOnce(&mut K::Spec)) -> Result<K, StoreError> {
        let mut object: K = self.object(key).ok_or(StoreError::NotFound)?;
        let before = serde_json::to_value(object.spec()).ok();
        let subject = object.subject_text().to_owned();
        change(object.spec_mut());
        if object.subject_text() != subject {
            return Err(StoreError::Invalid(format!("{} can't be changed", K::FIELD)));
        }
        if serde_json::to_value(object.spec()).ok() == before {
            return Ok(object);
        }
        object.meta_mut().generation = object.meta().generation.map(|generation| generation + 1);
        Ok(self.put(object))
    }

    /// `kubectl delete`: the object is removed, or a finalizer keeps it with a deletion time.
    pub fn delete<K: KeptObject>(&mut self, key: &Key, now: Timestamp) -> Result<(), StoreError> {
        let mut object: K = self.object(key).ok_or(StoreError::NotFound)?;
        if object.finalizers().is_empty() {
            self.remove::<K>(key);
        } else if object.meta().deletion_timestamp.is_none() {
            object.meta_mut().deletion_timestamp = Some(Time(now));
            // The API server counts that as a change of the spec.
            object.meta_mut().generation = object.meta().generation.map(|generation| generation + 1);
            self.put(object);
        }
        Ok(())
    }

    pub fn remove_finalizers<K: KeptObject>(&mut self, key: &Key) -> Result<(), StoreError> {
        let mut object: K = self.object(key).ok_or(StoreError::NotFound)?;
        if object.meta().deletion_timestamp.is_some() {
            self.remove::<K>(key);
        } else if object.meta_mut().finalizers.take().is_some() {
            self.put(object);
        }
        Ok(())
    }

    /// Applies a status to the object with this uid; an identical one gives no new version.
    pub fn apply_status<K: KeptObject>(&mut self, object: &K, status: &K::Status) -> Result<K, StoreError> {
        let mut stored: K = self.object(&key_of(object)).ok_or(StoreError::NotFound)?;
        if stored.uid() != object.uid() {
            return Err(StoreError::Conflict);
        }
        if stored.status() == Some(status) {
            return Ok(stored);
        }
        *stored.status_mut() = Some(status.clone());
        Ok(self.put(stored))
    }

    /// Stores an object under a new version and notifies the watches.
    pub fn put<K: KeptObject>(&mut self, mut object: K) -> K {
        object.meta_mut().resource_version = Some(self.version());
        K::of_mut(self).insert(key_of(&object), object.clone());
        self.tell(&object.clone().seen(false));
        object
    }

    fn remove<K: KeptObject>(&mut self, key: &Key) {
        if let Some(object) = K::of_mut(self).remove(key) {
            self.tell(&object.seen(true));
        }
    }
}

pub fn key_of<K: KeptObject>(object: &K) -> Key {
    (object.namespace().unwrap_or_default(), object.name_any())
}

/// Namespaces.
impl Cluster {
    pub fn put_namespace(&mut self, name: &str, labels: BTreeMap<String, String>) {
        let uid = match self.namespaces.get(name) {
            Some(facts) => facts.uid.clone(),
            None => self.uid(),
        };
        self.namespaces.insert(name.to_owned(), ObservedNamespace { uid, labels: labels.clone() });
        self.tell(&Seen::Namespace(name.to_owned(), Some(labels)));
    }

    /// Removes a namespace once it is empty.
    pub fn remove_namespace(&mut self, name: &str) {
        self.namespaces.remove(name);
        self.tell(&Seen::Namespace(name.to_owned(), None));
    }
}
