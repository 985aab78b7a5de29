//! A real API server: the operator's port with the operator's role, tenants as their users.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use futures::{StreamExt, pin_mut};
use kube::{
    Api, Client, Resource, ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams, PostParams, WatchEvent, WatchParams},
};
use sender_operator::{
    api::{SenderAddress, SenderClaim, SenderDomain},
    cluster::{
        kube_store::KubeStore,
        scope::Scope,
        store::{ObjectStore, Store, StoreError},
    },
    model::tenant::TENANT_LABEL,
};
use sender_operator_harness::eventually;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{
    cluster::KeptObject,
    side::{Change, FINALIZER, Key, Objects, Side},
    words,
};

type Changes = Arc<Mutex<Vec<Change>>>;

/// The watches, and their position.
pub struct Real {
    store: KubeStore,
    /// The administrator: watches, labels namespaces, and sets foreign finalizers.
    admin: Client,
    /// By namespace.
    tenants: Vec<(String, Client)>,
    changes: Changes,
    _watching: JoinSet<()>,
}

impl Real {
    pub async fn new(operator: Client, admin: Client, tenants: Vec<(String, Client)>) -> anyhow::Result<Self> {
        let changes = Changes::default();
        let mut watching = JoinSet::new();
        let claims: Api<SenderClaim> = Api::all(operator.clone());
        let domains: Api<SenderDomain> = Api::all(operator.clone());
        let addresses: Api<SenderAddress> = Api::all(operator.clone());
        watch(claims, &changes, &mut watching, of_claim).await?;
        watch(domains, &changes, &mut watching, words::change).await?;
        watch(addresses, &changes, &mut watching, words::change).await?;
        let store = KubeStore::new(operator, Scope::default(), "conformance".to_owned());
        Ok(Self { store, admin, tenants, changes, _watching: watching })
    }

    fn client(&self, namespace: &str) -> Client {
        let tenant = self.tenants.iter().find(|(name, _)| name == namespace);
        tenant.map_or(&self.admin, |(_, client)| client).clone()
    }

    fn api<K: KeptObject>(&self, namespace: &str) -> Api<K> {
        Api::namespaced(self.client(namespace), namespace)
    }

    async fn merge<K: KeptObject>(&self, at: &Key, change: Value) -> Result<K, StoreError> {
        self.api(&at.0).patch(&at.1, &PatchParams::default(), &Patch::Merge(change)).await.map_err(class)
    }

    fn seen_so_far(&self) -> Vec<Change> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Watches from now on: each event as the API server sends it, without an initial list.
async fn watch<K>(
    api: Api<K>,
    changes: &Changes,
    watching: &mut JoinSet<()>,
    shown: fn(&K, bool) -> Change,
) -> anyhow::Result<()>
where
    K: Resource<DynamicType = ()> + DeserializeOwned + Clone + std::fmt::Debug + Send + 'static,
{
    let from = api.list(&ListParams::default().limit(1)).await?.metadata.resource_version.unwrap_or_default();
    let changes = changes.clone();
    watching.spawn(async move {
        let mut from = from;
        // A busy API server closes a watch whose reader is slow: continue at the last position.
        loop {
            let Ok(events) = api.watch(&WatchParams::default(), &from).await else { continue };
            pin_mut!(events);
            while let Some(Ok(event)) = events.next().await {
                let (object, gone) = match event {
                    WatchEvent::Added(object) | WatchEvent::Modified(object) => (object, false),
                    WatchEvent::Deleted(object) => (object, true),
                    WatchEvent::Bookmark(_) => continue,
                    WatchEvent::Error(_) => break,
                };
                let change = shown(&object, gone);
                from.clone_from(&change.version);
                changes.lock().unwrap_or_else(PoisonError::into_inner).push(change);
            }
        }
    });
    Ok(())
}

fn class(error: kube::Error) -> StoreError {
    match error {
        kube::Error::Api(status) => match status.code {
            404 => StoreError::NotFound,
            409 => StoreError::Conflict,
            403 => StoreError::Denied(status.message),
            422 => StoreError::Invalid(status.message),
            _ => StoreError::Unavailable,
        },
        _ => StoreError::Unavailable,
    }
}

/// The watch event of a claim.
fn of_claim(claim: &SenderClaim, gone: bool) -> Change {
    let (uid, version) = (claim.uid().unwrap_or_default(), claim.resource_version().unwrap_or_default());
    Change { about: claim.name_any(), gone, uid, version, now: words::claim(&claim.spec.claim) }
}

#[async_trait(?Send)]
impl<K: KeptObject> Objects<K> for Real {
    fn objects(&self) -> &dyn ObjectStore<K> {
        &self.store
    }

    async fn create(&self, at: &Key, spec: K::Spec, kept: bool) -> Result<K, StoreError> {
        let mut object = K::named(&at.1, spec);
        object.meta_mut().finalizers = kept.then(|| vec![FINALIZER.to_owned()]);
        self.api(&at.0).create(&PostParams::default(), &object).await.map_err(class)
    }

    async fn edit(&self, at: &Key, field: &str, value: Value) -> Result<K, StoreError> {
        self.merge(at, json!({ "spec": { field: value } })).await
    }

    async fn delete(&self, at: &Key) -> Result<(), StoreError> {
        self.api::<K>(&at.0).delete(&at.1, &DeleteParams::default()).await.map(drop).map_err(class)
    }

    async fn remove_finalizers(&self, at: &Key) -> Result<(), StoreError> {
        self.merge::<K>(at, json!({ "metadata": { "finalizers": null } })).await.map(drop)
    }
}

#[async_trait(?Send)]
impl Side for Real {
    fn store(&self) -> &dyn Store {
        &self.store
    }

    async fn label(&self, namespace: &str, tenant: &str) -> Result<(), StoreError> {
        let api: Api<k8s_openapi::api::core::v1::Namespace> = Api::all(self.admin.clone());
        let label = json!({ "metadata": { "labels": { TENANT_LABEL: tenant } } });
        api.patch(namespace, &PatchParams::default(), &Patch::Merge(label)).await.map(drop).map_err(class)
    }

    async fn seen(&self, last: &[String]) -> anyhow::Result<Vec<Change>> {
        eventually(&format!("watches show {last:?}"), async || {
            let changes = self.seen_so_far();
            let all = last.iter().all(|last| changes.iter().any(|change| change.about == *last));
            if all { Ok(changes) } else { Err(format!("{} changes", changes.len())) }
        })
        .await
    }
}
