//! A real API server: the operator's port under the operator's role, tenants as their users.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use futures::{StreamExt, pin_mut};
use kube::{
    Api, Client, Resource, ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams, PostParams, WatchEvent, WatchParams},
};
use sender_operator::{
    api::{SenderAddress, SenderAddressSpec, SenderClaim, SenderDomain, SenderDomainSpec},
    cluster::{
        kube_store::KubeStore,
        scope::Scope,
        store::{Store, StoreError},
    },
    model::tenant::TENANT_LABEL,
};
use sender_operator_harness::eventually;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{
    side::{Change, FINALIZER, Key, People, Side},
    words,
};

type Changes = Arc<Mutex<Vec<Change>>>;

/// What is watched, and where the watch has got to.
pub struct Real {
    store: KubeStore,
    /// The administrator: watches, labels namespaces, and sets finalizers for others.
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
        watch(claims, &changes, &mut watching, |claim| (claim.name_any(), words::claim(&claim.spec.claim))).await?;
        watch(domains, &changes, &mut watching, |object| (words::about(object), words::domain(object))).await?;
        let addresses: Api<SenderAddress> = Api::all(operator.clone());
        watch(addresses, &changes, &mut watching, |object| (words::about_address(object), words::address(object)))
            .await?;
        let store = KubeStore::new(operator, Scope::default(), "conformance".to_owned());
        Ok(Self { store, admin, tenants, changes, _watching: watching })
    }

    fn client(&self, namespace: &str) -> Client {
        let tenant = self.tenants.iter().find(|(name, _)| name == namespace);
        tenant.map_or(&self.admin, |(_, client)| client).clone()
    }

    fn domains(&self, namespace: &str) -> Api<SenderDomain> {
        Api::namespaced(self.client(namespace), namespace)
    }

    fn addresses(&self, namespace: &str) -> Api<SenderAddress> {
        Api::namespaced(self.client(namespace), namespace)
    }

    async fn merge(&self, at: &Key, change: Value) -> Result<SenderDomain, StoreError> {
        let params = PatchParams::default();
        self.domains(&at.0).patch(&at.1, &params, &Patch::Merge(change)).await.map_err(class)
    }

    fn seen_so_far(&self) -> Vec<Change> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Watches from now on: each event as the API server sends it, with no list in between.
async fn watch<K>(
    api: Api<K>,
    changes: &Changes,
    watching: &mut JoinSet<()>,
    shown: impl Fn(&K) -> (String, String) + Send + 'static,
) -> anyhow::Result<()>
where
    K: Resource<DynamicType = ()> + DeserializeOwned + Clone + std::fmt::Debug + Send + 'static,
{
    let from = api.list(&ListParams::default().limit(1)).await?.metadata.resource_version.unwrap_or_default();
    let changes = changes.clone();
    watching.spawn(async move {
        let mut from = from;
        // A busy API server closes a watch whose reader is slow: it goes on where it was.
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
                let (about, now) = shown(&object);
                let uid = object.uid().unwrap_or_default();
                let version = object.resource_version().unwrap_or_default();
                from.clone_from(&version);
                let change = Change { about, gone, uid, version, now };
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

impl Side for Real {
    fn store(&self) -> &dyn Store {
        &self.store
    }
}

#[async_trait(?Send)]
impl People for Real {
    async fn create(&self, at: &Key, spec: SenderDomainSpec, kept: bool) -> Result<SenderDomain, StoreError> {
        let mut object = SenderDomain::new(&at.1, spec);
        object.metadata.finalizers = kept.then(|| vec![FINALIZER.to_owned()]);
        self.domains(&at.0).create(&PostParams::default(), &object).await.map_err(class)
    }

    async fn suspend(&self, at: &Key, suspend: bool) -> Result<SenderDomain, StoreError> {
        self.merge(at, json!({ "spec": { "suspend": suspend } })).await
    }

    async fn turn(&self, at: &Key, domain: &str) -> Result<SenderDomain, StoreError> {
        self.merge(at, json!({ "spec": { "domain": domain } })).await
    }

    async fn delete(&self, at: &Key) -> Result<(), StoreError> {
        self.domains(&at.0).delete(&at.1, &DeleteParams::default()).await.map(drop).map_err(class)
    }

    async fn remove_finalizers(&self, at: &Key) -> Result<(), StoreError> {
        self.merge(at, json!({ "metadata": { "finalizers": null } })).await.map(drop)
    }

    async fn ask(&self, at: &Key, spec: SenderAddressSpec) -> Result<SenderAddress, StoreError> {
        let object = SenderAddress::new(&at.1, spec);
        self.addresses(&at.0).create(&PostParams::default(), &object).await.map_err(class)
    }

    async fn stop_asking(&self, at: &Key) -> Result<(), StoreError> {
        self.addresses(&at.0).delete(&at.1, &DeleteParams::default()).await.map(drop).map_err(class)
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
