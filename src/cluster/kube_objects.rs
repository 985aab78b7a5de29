//! [`ObjectStore`] over kube, for every kind.

use async_trait::async_trait;
use futures::future::try_join_all;
use kube::{
    Api, ResourceExt,
    api::{ListParams, Patch, PatchParams},
};
use serde_json::json;

use super::{
    kinds::Claimant,
    kube_store::KubeStore,
    request::{PAGE, bounded, found, list},
    store::{ObjectStore, REQUEST_DEADLINE, StoreError},
};
use crate::api::{FIELD_MANAGER, GROUP, VERSION};

/// Attempts to apply a status to an object that others change at the same time.
const APPLY_TRIES: usize = 4;

#[async_trait]
impl<K: Claimant> ObjectStore<K> for KubeStore {
    async fn object(&self, namespace: &str, name: &str) -> Result<Option<K>, StoreError> {
        found(self.in_namespace::<K>(namespace).get(name)).await
    }

    /// One namespace without an answer fails the whole list, because it may contain a claimant.
    async fn objects_for(&self, subject: &K::Subject) -> Result<Vec<K>, StoreError> {
        let params = ListParams::default().fields(&format!("{}={subject}", K::FIELD));
        let apis = self.scope.apis::<K>(&self.client);
        let lists = try_join_all(apis.iter().map(|(_, api)| list(api, params.clone(), PAGE))).await?;
        Ok(lists.into_iter().flatten().collect())
    }

    async fn apply_status(&self, object: &K, status: &K::Status) -> Result<(), StoreError> {
        let status = json!(status);
        let tries = async {
            let mut version = object.resource_version();
            for _ in 0..APPLY_TRIES {
                match self.apply_at(object, version.as_ref(), &status).await {
                    Err(StoreError::Conflict) => version = self.version_of(object).await?,
                    other => return other,
                }
            }
            Err(StoreError::Unavailable)
        };
        // One deadline for all attempts, because leadership is only ensured for one request.
        tokio::time::timeout(REQUEST_DEADLINE, tries).await.unwrap_or(Err(StoreError::Unavailable))
    }
}

impl KubeStore {
    fn in_namespace<K: Claimant>(&self, namespace: &str) -> Api<K> {
        Api::namespaced(self.client.clone(), namespace)
    }

    /// Only the resource version protects a recreated object of the same name. The API server ignores the uid when a
    /// status is applied.
    async fn apply_at<K: Claimant>(
        &self,
        object: &K,
        version: Option<&String>,
        status: &serde_json::Value,
    ) -> Result<(), StoreError> {
        let name = object.name_any();
        let body = json!({
            "apiVersion": format!("{GROUP}/{VERSION}"),
            "kind": K::kind(&()),
            "metadata": { "name": name, "resourceVersion": version },
            "status": status,
        });
        let api = self.in_namespace::<K>(&object.namespace().unwrap_or_default());
        let params = PatchParams::apply(FIELD_MANAGER).force();
        bounded(api.patch_status(&name, &params, &Patch::Apply(body))).await.map(|_| ())
    }

    /// The object's current version, if it still is the same object.
    async fn version_of<K: Claimant>(&self, object: &K) -> Result<Option<String>, StoreError> {
        let api = self.in_namespace::<K>(&object.namespace().unwrap_or_default());
        let now = bounded(api.get_metadata(&object.name_any())).await?;
        if now.uid() == object.uid() { Ok(now.resource_version()) } else { Err(StoreError::Conflict) }
    }
}
