//! [`ClaimStore`] over kube.

use async_trait::async_trait;
use json_patch::{Patch as JsonPatch, PatchOperation, ReplaceOperation, jsonptr::PointerBuf};
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams, Preconditions};
use serde_json::json;

use super::{
    kube_store::KubeStore,
    request::{CLAIMS_PAGE, bounded, found, list},
    store::{ClaimStore, StoreError},
};
use crate::{
    api::{FIELD_MANAGER, SenderClaim, SenderClaimSpec},
    clock::whole_seconds,
    model::{
        admin_annotations::RequestedActions,
        claim::{Claim, StoredClaim},
    },
};

#[async_trait]
impl ClaimStore for KubeStore {
    async fn claim(&self, name: &str) -> Result<Option<StoredClaim>, StoreError> {
        found(self.claims.get(name)).await?.map(stored).transpose()
    }

    async fn create_claim(&self, name: &str, claim: &Claim) -> Result<StoredClaim, StoreError> {
        let object = SenderClaim::new(name, SenderClaimSpec { claim: claim.clone() });
        let params = PostParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PostParams::default() };
        stored(bounded(self.claims.create(&params, &object)).await?)
    }

    async fn swap_claim(&self, name: &str, old: &StoredClaim, new: &Claim) -> Result<StoredClaim, StoreError> {
        // With a resource version in the patch, the API server compares it. A patch leaves the metadata of other
        // writers unchanged.
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
        let all = list(&self.claims, ListParams::default(), CLAIMS_PAGE).await?;
        all.into_iter().map(stored).collect()
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
    let requested_actions =
        RequestedActions::of(&meta.annotations.unwrap_or_default(), object.spec.claim.subject.address.is_some());
    Ok(StoredClaim { claim: object.spec.claim, uid, version, created: whole_seconds(created.0), requested_actions })
}
