//! The port of the pages to the cluster.

use async_trait::async_trait;

use crate::{
    cluster::store::StoreError,
    mail::Language,
    model::claim::{Claim, Holder, StoredClaim},
};

/// What the resource that asks wants its owner to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// The language of the request.
    pub locale: Option<Language>,
    /// A note to the owner: the words of a stranger.
    pub note: Option<String>,
}

/// Claims, read live and written by compare-and-swap; and what the asking resource says. Pages need nothing else.
#[async_trait]
pub trait Desk: Send + Sync {
    /// A claim by the name of its object.
    async fn claim(&self, name: &str) -> Result<Option<StoredClaim>, StoreError>;
    /// Replaces the record of a claim if it still is what `old` says; else [`StoreError::Conflict`].
    async fn swap_claim(&self, name: &str, old: &StoredClaim, new: &Claim) -> Result<StoredClaim, StoreError>;
    /// What the resource says to the owner. `None` if it is gone, or another one has its name.
    async fn wish(&self, holder: &Holder) -> Result<Option<Wish>, StoreError>;
}
