//! The port to the API server: every read here is live, every write conditional or idempotent.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use kube::ResourceExt;

use super::kinds::{Claimant, Kind};
use crate::{
    api::{SenderAddress, SenderDomain, reasons::EventReason},
    model::{
        claim::{Claim, Holder, StoredClaim, claim_name},
        name::Domain,
        trouble::Class,
    },
};

/// Bound on each request: kube 5 has no read timeout of its own.
pub const REQUEST_DEADLINE: Duration = Duration::from_secs(10);

/// Why the API server did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Somebody else wrote in between: read again and decide anew.
    #[error("the object was changed by another client")]
    Conflict,
    /// The object is gone.
    #[error("the object does not exist")]
    NotFound,
    /// The operator's role lacks a permission.
    #[error("the API server denied the request ({0}): check the operator's ClusterRole")]
    Denied(String),
    /// The API server says the object is invalid: a CRD of another version, or a defect.
    #[error("the API server rejected the object as invalid: {0}")]
    Invalid(String),
    /// No answer in time, or a passing failure.
    #[error("the API server cannot be reached or is busy")]
    Unavailable,
}

impl StoreError {
    /// What it asks for.
    pub fn class(&self) -> Class {
        match self {
            Self::Conflict | Self::NotFound => Class::Wait,
            Self::Unavailable => Class::Retry,
            Self::Denied(_) => Class::Stalled,
            Self::Invalid(_) => Class::Bug,
        }
    }
}

/// What the operator needs of a namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamespaceFacts {
    /// Its uid.
    pub uid: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
}

/// The object of an event.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Regarding {
    /// Its kind.
    pub kind: Kind,
    /// Its namespace; claims have none.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
    /// Its uid.
    pub uid: String,
}

impl Regarding {
    /// The claim of this name.
    pub fn claim(name: &str, uid: &str) -> Self {
        Self { kind: Kind::Claim, namespace: None, name: name.to_owned(), uid: uid.to_owned() }
    }

    /// The object of this kind that holds a claim.
    pub fn holder(kind: Kind, holder: &Holder) -> Self {
        Self { kind, namespace: Some(holder.namespace.clone()), name: holder.name.clone(), uid: holder.uid.clone() }
    }

    /// An object that claims something.
    pub fn object<K: Claimant>(object: &K) -> Self {
        let uid = object.uid().unwrap_or_default();
        Self { kind: K::KIND, namespace: object.namespace(), name: object.name_any(), uid }
    }
}

/// Something to tell the people who look at an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The object.
    pub regarding: Regarding,
    /// What happened.
    pub reason: EventReason,
    /// Whether somebody should look into it.
    pub warning: bool,
    /// For a person; at most 1,024 bytes are kept.
    pub note: String,
}

/// Claims at the API server.
#[async_trait]
pub trait ClaimStore: Send + Sync {
    /// A claim by the name of its object.
    async fn claim(&self, name: &str) -> Result<Option<StoredClaim>, StoreError>;
    /// Creates a claim; [`StoreError::Conflict`] if it exists.
    async fn create_claim(&self, name: &str, claim: &Claim) -> Result<StoredClaim, StoreError>;
    /// Replaces the record of a claim if it still is what `old` says; else [`StoreError::Conflict`].
    async fn swap_claim(&self, name: &str, old: &StoredClaim, new: &Claim) -> Result<StoredClaim, StoreError>;
    /// Deletes a claim if it still is what `old` says; one that is gone counts as deleted.
    async fn delete_claim(&self, name: &str, old: &StoredClaim) -> Result<(), StoreError>;
    /// All claims, read from the API server and not from a watch cache.
    async fn claims(&self) -> Result<Vec<StoredClaim>, StoreError>;
    /// The claims on a domain and on those above it, nearest first.
    async fn suffix_claims(&self, environment: &str, domain: &Domain) -> Result<Vec<StoredClaim>, StoreError> {
        let mut claims = Vec::new();
        for suffix in std::iter::once(domain.clone()).chain(domain.ancestors()) {
            claims.extend(self.claim(&claim_name(environment, &suffix)).await?);
        }
        Ok(claims)
    }
}

/// Objects of one kind at the API server.
#[async_trait]
pub trait ObjectStore<K: Claimant>: Send + Sync {
    /// One object.
    async fn object(&self, namespace: &str, name: &str) -> Result<Option<K>, StoreError>;
    /// The objects of all namespaces that claim a subject, read from the API server and not from a watch cache.
    async fn objects_for(&self, subject: &K::Subject) -> Result<Vec<K>, StoreError>;
    /// Applies the whole status of an object, which must still have its uid.
    async fn apply_status(&self, object: &K, status: &K::Status) -> Result<(), StoreError>;
}

/// The API server.
#[async_trait]
pub trait Store: ClaimStore + ObjectStore<SenderDomain> + ObjectStore<SenderAddress> {
    /// A namespace.
    async fn namespace(&self, name: &str) -> Result<Option<NamespaceFacts>, StoreError>;
    /// Publishes an event. Best effort: a failure is logged and changes nothing.
    async fn notify(&self, notice: &Notice);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_asks_for_one_thing() {
        for (error, class) in [
            (StoreError::Conflict, Class::Wait),
            (StoreError::NotFound, Class::Wait),
            (StoreError::Unavailable, Class::Retry),
            (StoreError::Denied(String::new()), Class::Stalled),
            (StoreError::Invalid(String::new()), Class::Bug),
        ] {
            assert_eq!(error.class(), class, "{error:?}");
        }
    }
}
