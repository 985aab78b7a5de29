//! [`PageStore`] over the API server's port.

use std::sync::Arc;

use async_trait::async_trait;
use kube::ResourceExt;

use super::page_store::{PageStore, RequestDetails};
use crate::{
    api::SenderAddress,
    cluster::store::{Store, StoreError},
    mail::Language,
    model::claim::{Claim, Holder, StoredClaim},
};

/// The part of the store that pages need.
#[derive(Clone)]
pub struct ClusterPageStore(Arc<dyn Store>);

impl ClusterPageStore {
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self(store)
    }
}

#[async_trait]
impl PageStore for ClusterPageStore {
    async fn claim(&self, name: &str) -> Result<Option<StoredClaim>, StoreError> {
        self.0.claim(name).await
    }

    async fn swap_claim(&self, name: &str, old: &StoredClaim, new: &Claim) -> Result<StoredClaim, StoreError> {
        self.0.swap_claim(name, old, new).await
    }

    async fn request_details(&self, holder: &Holder) -> Result<Option<RequestDetails>, StoreError> {
        let object: Option<SenderAddress> = self.0.object(&holder.namespace, &holder.name).await?;
        let same = object.filter(|object| object.uid().as_ref() == Some(&holder.uid));
        Ok(same.map(|object| RequestDetails {
            locale: object.spec.locale.and_then(|locale| Language::of_tag(locale.tag())),
            note: object.spec.note,
        }))
    }
}
