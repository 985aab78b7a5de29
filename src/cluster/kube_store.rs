//! [`Store`] over kube.

use async_trait::async_trait;
use k8s_openapi::api::core::v1::Namespace;
use kube::{Api, Client, ResourceExt};

use super::{
    events::Publisher,
    request::found,
    scope::Scope,
    store::{ObservedNamespace, PendingEvent, REQUEST_DEADLINE, Store, StoreError},
};
use crate::api::SenderClaim;

#[derive(Clone)]
pub struct KubeStore {
    pub(super) client: Client,
    pub(super) scope: Scope,
    pub(super) claims: Api<SenderClaim>,
    publisher: Publisher,
}

impl KubeStore {
    /// `instance` identifies this process in events.
    pub fn new(client: Client, scope: Scope, instance: String) -> Self {
        let claims = Api::all(client.clone());
        let publisher = Publisher::new(client.clone(), instance);
        Self { client, scope, claims, publisher }
    }
}

#[async_trait]
impl Store for KubeStore {
    async fn namespace(&self, name: &str) -> Result<Option<ObservedNamespace>, StoreError> {
        let found = found(Api::<Namespace>::all(self.client.clone()).get_metadata(name)).await?;
        Ok(found.map(|meta| ObservedNamespace { uid: meta.uid().unwrap_or_default(), labels: meta.labels().clone() }))
    }

    async fn notify(&self, event: &PendingEvent) {
        match tokio::time::timeout(REQUEST_DEADLINE, self.publisher.publish(event)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(reason = event.reason.as_str(), %error, "an event was not published"),
            Err(_) => tracing::warn!(reason = event.reason.as_str(), "an event was not published in time"),
        }
    }
}
