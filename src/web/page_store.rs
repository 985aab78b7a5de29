//! The port from the pages to the claims.

use async_trait::async_trait;

use crate::{
    cluster::store::StoreError,
    mail::Language,
    model::claim::{Claim, Holder, StoredClaim},
};

/// Details that the claimant's resource gives to the owner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestDetails {
    pub locale: Option<Language>,
    /// A note to the owner: untrusted text.
    pub note: Option<String>,
}

/// Claims, read live and written by compare-and-swap, and the details of a request. Pages need nothing else.
#[async_trait]
pub trait PageStore: Send + Sync {
    /// Reads a claim by object name.
    async fn claim(&self, name: &str) -> Result<Option<StoredClaim>, StoreError>;
    /// Replaces the record of a claim if it still equals `old`; otherwise [`StoreError::Conflict`].
    async fn swap_claim(&self, name: &str, old: &StoredClaim, new: &Claim) -> Result<StoredClaim, StoreError>;
    /// Reads the details of a request. `None`: the resource is gone or was replaced.
    async fn request_details(&self, holder: &Holder) -> Result<Option<RequestDetails>, StoreError>;
}
