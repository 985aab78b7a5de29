//! [`Store`] by kube.

use std::{fmt, future::Future};

use async_trait::async_trait;
use futures::future::try_join_all;
use json_patch::{Patch as JsonPatch, PatchOperation, ReplaceOperation, jsonptr::PointerBuf};
use k8s_openapi::api::core::v1::Namespace;
use kube::{
    Api, Client, Resource, ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams, PostParams, Preconditions},
    core::{NamespaceResourceScope, Status},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use super::{
    events::Publisher,
    scope::Scope,
    store::{NamespaceFacts, Notice, REQUEST_DEADLINE, Store, StoreError},
};
use crate::{
    api::{
        FIELD_MANAGER, GROUP, SenderAddress, SenderAddressStatus, SenderClaim, SenderClaimSpec, SenderDomain,
        SenderDomainStatus, VERSION,
    },
    clock::whole_seconds,
    model::{
        address::Address,
        claim::{Claim, StoredClaim},
        name::Domain,
        orders::Orders,
    },
};

/// So often a status is applied to an object that others are changing at the same time.
const APPLY_TRIES: usize = 4;

/// The API server behind the [`Store`] port.
#[derive(Clone)]
pub struct KubeStore {
    client: Client,
    scope: Scope,
    claims: Api<SenderClaim>,
    publisher: Publisher,
}

impl KubeStore {
    /// `instance` names this process in events.
    pub fn new(client: Client, scope: Scope, instance: String) -> Self {
        let claims = Api::all(client.clone());
        let publisher = Publisher::new(client.clone(), instance);
        Self { client, scope, claims, publisher }
    }

    fn in_namespace<K: OfTenants>(&self, namespace: &str) -> Api<K> {
        Api::namespaced(self.client.clone(), namespace)
    }

    /// Of all namespaces that are served. One that gives no answer is an error for all: it may hold the one that asks.
    async fn all_for<K: OfTenants>(&self, selector: String) -> Result<Vec<K>, StoreError> {
        let params = ListParams::default().fields(&selector);
        let apis = self.scope.apis::<K>(&self.client);
        let lists = try_join_all(apis.iter().map(|(_, api)| bounded(api.list(&params)))).await?;
        Ok(lists.into_iter().flat_map(|list| list.items).collect())
    }

    /// Only the resource version keeps the apply away from an object that was made anew under the same name: the API
    /// server ignores a uid in what is applied to a status.
    async fn apply_at<K: OfTenants>(
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

    /// The version that the object has now, if it still is this one.
    async fn version_of<K: OfTenants>(&self, object: &K) -> Result<Option<String>, StoreError> {
        let api = self.in_namespace::<K>(&object.namespace().unwrap_or_default());
        let now = bounded(api.get_metadata(&object.name_any())).await?;
        if now.uid() == object.uid() { Ok(now.resource_version()) } else { Err(StoreError::Conflict) }
    }

    async fn apply<K: OfTenants>(&self, object: &K, status: &impl Serialize) -> Result<(), StoreError> {
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
        // All tries together: the lease is only known to last for one request.
        tokio::time::timeout(REQUEST_DEADLINE, tries).await.unwrap_or(Err(StoreError::Unavailable))
    }
}

/// The kinds that tenants write.
trait OfTenants:
    Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + fmt::Debug + DeserializeOwned + Send + Sync
{
}

impl OfTenants for SenderDomain {}
impl OfTenants for SenderAddress {}

#[async_trait]
impl Store for KubeStore {
    async fn claim(&self, name: &str) -> Result<Option<StoredClaim>, StoreError> {
        found(self.claims.get(name)).await?.map(stored).transpose()
    }

    async fn create_claim(&self, name: &str, claim: &Claim) -> Result<StoredClaim, StoreError> {
        let object = SenderClaim::new(name, SenderClaimSpec { claim: claim.clone() });
        let params = PostParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PostParams::default() };
        stored(bounded(self.claims.create(&params, &object)).await?)
    }

    async fn swap_claim(&self, name: &str, old: &StoredClaim, new: &Claim) -> Result<StoredClaim, StoreError> {
        // Setting the resource version makes the API server compare it; metadata of others stays as it is.
        let patch = JsonPatch(vec![
            replace(&["metadata", "resourceVersion"], json!(old.version)),
            replace(&["metadata", "uid"], json!(old.uid)),
            replace(&["spec"], json!(new)),
        ]);
        let params = PatchParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PatchParams::default() };
        stored(bounded(self.claims.patch(name, &params, &Patch::Json::<()>(patch))).await?)
    }

    async fn delete_claim(&self, name: &str, old: &StoredClaim) -> Result<(), StoreError> {
        let preconditions = Preconditions { resource_version: Some(old.version.clone()), uid: Some(old.uid.clone()) };
        let params = DeleteParams { preconditions: Some(preconditions), ..DeleteParams::default() };
        match bounded(self.claims.delete(name, &params)).await {
            Ok(_) | Err(StoreError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn claims(&self) -> Result<Vec<StoredClaim>, StoreError> {
        let list = bounded(self.claims.list(&ListParams::default())).await?;
        list.items.into_iter().map(stored).collect()
    }

    async fn sender_domain(&self, namespace: &str, name: &str) -> Result<Option<SenderDomain>, StoreError> {
        found(self.in_namespace::<SenderDomain>(namespace).get(name)).await
    }

    async fn sender_domains_for(&self, domain: &Domain) -> Result<Vec<SenderDomain>, StoreError> {
        self.all_for(format!("spec.domain={domain}")).await
    }

    async fn sender_address(&self, namespace: &str, name: &str) -> Result<Option<SenderAddress>, StoreError> {
        found(self.in_namespace::<SenderAddress>(namespace).get(name)).await
    }

    async fn sender_addresses_for(&self, address: &Address) -> Result<Vec<SenderAddress>, StoreError> {
        self.all_for(format!("spec.address={address}")).await
    }

    async fn namespace(&self, name: &str) -> Result<Option<NamespaceFacts>, StoreError> {
        let found = found(Api::<Namespace>::all(self.client.clone()).get_metadata(name)).await?;
        Ok(found.map(|meta| NamespaceFacts { uid: meta.uid().unwrap_or_default(), labels: meta.labels().clone() }))
    }

    async fn apply_status(&self, object: &SenderDomain, status: &SenderDomainStatus) -> Result<(), StoreError> {
        self.apply(object, status).await
    }

    async fn apply_address_status(
        &self,
        object: &SenderAddress,
        status: &SenderAddressStatus,
    ) -> Result<(), StoreError> {
        self.apply(object, status).await
    }

    async fn notify(&self, notice: &Notice) {
        match tokio::time::timeout(REQUEST_DEADLINE, self.publisher.publish(notice)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(reason = notice.reason.as_str(), %error, "event not published"),
            Err(_) => tracing::warn!(reason = notice.reason.as_str(), "event not published in time"),
        }
    }
}

fn replace(path: &[&str], value: serde_json::Value) -> PatchOperation {
    PatchOperation::Replace(ReplaceOperation { path: PointerBuf::from_tokens(path.iter().copied()), value })
}

fn stored(object: SenderClaim) -> Result<StoredClaim, StoreError> {
    let meta = object.metadata;
    let (Some(uid), Some(version), Some(created)) = (meta.uid, meta.resource_version, meta.creation_timestamp) else {
        return Err(StoreError::Invalid("a claim without uid, resourceVersion or creationTimestamp".to_owned()));
    };
    let orders = Orders::of(&meta.annotations.unwrap_or_default(), object.spec.claim.subject.address.is_some());
    Ok(StoredClaim { claim: object.spec.claim, uid, version, created: whole_seconds(created.0), orders })
}

/// A request under its deadline.
pub(super) async fn bounded<T>(request: impl Future<Output = Result<T, kube::Error>> + Send) -> Result<T, StoreError> {
    match tokio::time::timeout(REQUEST_DEADLINE, request).await {
        Ok(answer) => answer.map_err(|error| classify(&error)),
        Err(_) => Err(StoreError::Unavailable),
    }
}

/// The object, or `None` if the API server says that there is none.
pub(super) async fn found<T>(
    request: impl Future<Output = Result<T, kube::Error>> + Send,
) -> Result<Option<T>, StoreError> {
    match bounded(request).await {
        Ok(object) => Ok(Some(object)),
        Err(StoreError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether it is the API server that says that one object does not exist, by its name. Another 404 comes from a proxy,
/// or from a server that does not serve the kind at the moment: it proves no absence.
pub(super) fn is_absence(status: &Status) -> bool {
    status.code == 404
        && status.reason == "NotFound"
        && status.details.as_ref().is_some_and(|details| !details.name.is_empty())
}

/// The class of a kube error.
fn classify(error: &kube::Error) -> StoreError {
    tracing::debug!(%error, "request to the API server failed");
    match error {
        kube::Error::Api(status) if is_absence(status) => StoreError::NotFound,
        kube::Error::Api(status) => match status.code {
            409 => StoreError::Conflict,
            401 | 403 => StoreError::Denied(status.message.clone()),
            400 | 422 => StoreError::Invalid(status.message.clone()),
            _ => StoreError::Unavailable,
        },
        kube::Error::SerdeError(_) => StoreError::Invalid("an object that this operator can't read".to_owned()),
        _ => StoreError::Unavailable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_api_servers_own_word_about_one_object_is_an_absence() {
        let status = |text: &str| serde_json::from_str::<Status>(text).unwrap();
        let gone = r#"{"status": "Failure", "reason": "NotFound", "details": {"name": "mail", "kind": "senderdomains"},
            "code": 404}"#;
        let unserved = r#"{"status": "Failure", "reason": "NotFound", "details": {}, "code": 404,
            "message": "the server could not find the requested resource"}"#;
        let page = Status::failure("404 page not found", "Failed to parse error data").with_code(404);
        for (status, expected) in [
            (status(gone), StoreError::NotFound),
            (status(unserved), StoreError::Unavailable),
            (page, StoreError::Unavailable),
        ] {
            assert_eq!(classify(&kube::Error::Api(status.clone().boxed())), expected, "{status:?}");
        }
    }
}
