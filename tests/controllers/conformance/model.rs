//! The API server in memory, of the tests on virtual time.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use sender_operator::{
    cluster::store::{ClaimStore, ObjectStore, ObservedNamespace, PendingEvent, Store, StoreError},
    model::{
        claim::{Claim, StoredClaim, claim_name},
        tenant::TENANT_LABEL,
    },
};
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedReceiver;

use super::{
    cluster::{Cluster, KeptObject, Seen},
    side::{Change, FINALIZER, Key, Objects, Side},
    words,
};

pub struct Model {
    cluster: Mutex<Cluster>,
    watch: Mutex<UnboundedReceiver<Seen>>,
}

impl Model {
    pub fn new(seed: u64) -> Self {
        let mut cluster = Cluster::seeded(seed);
        let watch = Mutex::new(cluster.watch());
        Self { cluster: Mutex::new(cluster), watch }
    }

    fn cluster(&self) -> MutexGuard<'_, Cluster> {
        self.cluster.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl ClaimStore for Model {
    async fn claim(&self, name: &str) -> Result<Option<StoredClaim>, StoreError> {
        Ok(self.cluster().claims.get(name).cloned())
    }

    async fn create_claim(&self, name: &str, claim: &Claim) -> Result<StoredClaim, StoreError> {
        self.cluster().create_claim(name, claim, Timestamp::now())
    }

    async fn swap_claim(&self, name: &str, old: &StoredClaim, new: &Claim) -> Result<StoredClaim, StoreError> {
        self.cluster().swap_claim(name, old, new)
    }

    async fn delete_claim(&self, name: &str, old: &StoredClaim) -> Result<(), StoreError> {
        self.cluster().delete_claim(name, old)
    }

    async fn claims(&self) -> Result<Vec<StoredClaim>, StoreError> {
        Ok(self.cluster().claims.values().cloned().collect())
    }
}

#[async_trait]
impl<K: KeptObject> ObjectStore<K> for Model {
    async fn object(&self, namespace: &str, name: &str) -> Result<Option<K>, StoreError> {
        Ok(self.cluster().object(&(namespace.to_owned(), name.to_owned())))
    }

    async fn objects_for(&self, subject: &K::Subject) -> Result<Vec<K>, StoreError> {
        Ok(self.cluster().objects_for(subject))
    }

    async fn apply_status(&self, object: &K, status: &K::Status) -> Result<(), StoreError> {
        self.cluster().apply_status(object, status).map(drop)
    }
}

#[async_trait]
impl Store for Model {
    async fn namespace(&self, name: &str) -> Result<Option<ObservedNamespace>, StoreError> {
        Ok(self.cluster().namespaces.get(name).cloned())
    }

    async fn notify(&self, _event: &PendingEvent) {}
}

#[async_trait(?Send)]
impl<K: KeptObject> Objects<K> for Model {
    fn objects(&self) -> &dyn ObjectStore<K> {
        self
    }

    async fn create(&self, at: &Key, spec: K::Spec, kept: bool) -> Result<K, StoreError> {
        self.cluster().create(at, spec, kept.then_some(FINALIZER), Timestamp::now())
    }

    async fn edit(&self, at: &Key, field: &str, value: Value) -> Result<K, StoreError> {
        self.cluster().edit::<K>(at, |spec| {
            let mut all = json!(spec);
            all[field] = value;
            *spec = serde_json::from_value(all).unwrap();
        })
    }

    async fn delete(&self, at: &Key) -> Result<(), StoreError> {
        self.cluster().delete::<K>(at, Timestamp::now())
    }

    async fn remove_finalizers(&self, at: &Key) -> Result<(), StoreError> {
        self.cluster().remove_finalizers::<K>(at)
    }
}

#[async_trait(?Send)]
impl Side for Model {
    fn store(&self) -> &dyn Store {
        self
    }

    async fn label(&self, namespace: &str, tenant: &str) -> Result<(), StoreError> {
        self.cluster().put_namespace(namespace, [(TENANT_LABEL.to_owned(), tenant.to_owned())].into());
        Ok(())
    }

    async fn seen(&self, _last: &[String]) -> anyhow::Result<Vec<Change>> {
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changes = Vec::new();
        while let Ok(seen) = watch.try_recv() {
            changes.extend(change(&seen));
        }
        Ok(changes)
    }
}

fn change(seen: &Seen) -> Option<Change> {
    match seen {
        Seen::Domain { object, gone } => Some(words::change(&**object, *gone)),
        Seen::Address { object, gone } => Some(words::change(&**object, *gone)),
        Seen::Claim { stored, gone } => Some(Change {
            about: claim_name(&stored.claim.environment, &stored.claim.subject.domain),
            gone: *gone,
            uid: stored.uid.clone(),
            version: stored.version.clone(),
            now: words::claim(&stored.claim),
        }),
        Seen::Namespace(..) | Seen::Begun => None,
    }
}
