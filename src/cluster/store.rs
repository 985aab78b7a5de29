//! The port to the API server. Every read is live; every write is conditional or idempotent.

#![warn(missing_docs)]

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use kube::ResourceExt;

use super::kinds::{Claimant, Kind};
use crate::{
    api::{SenderAddress, SenderDomain, reasons::EventReason},
    model::{
        claim::{Claim, Holder, StoredClaim, claim_name},
        error_class::ErrorClass,
        name::Domain,
    },
};

/// Deadline of each request; kube 5 has no read timeout of its own.
pub const REQUEST_DEADLINE: Duration = Duration::from_secs(10);

/// Why a request to the API server failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Another write came first: read again and decide again.
    #[error("the object was changed by another client")]
    Conflict,
    /// The object does not exist.
    #[error("the object does not exist")]
    NotFound,
    /// The operator's role lacks a permission.
    #[error("the API server denied the request ({0}): check the operator's ClusterRole")]
    Denied(String),
    /// The API server rejects the object: a CRD of another version, or a defect.
    #[error("the API server rejected the object as invalid: {0}")]
    Invalid(String),
    /// No answer in time, or a transient failure.
    #[error("the API server is unreachable or busy")]
    Unavailable,
}

impl StoreError {
    /// The error class.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Conflict | Self::NotFound => ErrorClass::Wait,
            Self::Unavailable => ErrorClass::Retry,
            Self::Denied(_) => ErrorClass::Stalled,
            Self::Invalid(_) => ErrorClass::Bug,
        }
    }
}

/// The namespace metadata that the operator needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedNamespace {
    /// Uid of the namespace.
    pub uid: String,
    /// Labels of the namespace.
    pub labels: BTreeMap<String, String>,
}

/// The object that an event is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Regarding {
    /// Kind of the object.
    pub kind: Kind,
    /// Namespace of the object; `None` for claims, which are cluster-scoped.
    pub namespace: Option<String>,
    /// Name of the object.
    pub name: String,
    /// Uid of the object.
    pub uid: String,
}

impl Regarding {
    /// Refers to the claim with this name.
    pub fn claim(name: &str, uid: &str) -> Self {
        Self { kind: Kind::Claim, namespace: None, name: name.to_owned(), uid: uid.to_owned() }
    }

    /// Refers to the object of this kind that holds a claim.
    pub fn holder(kind: Kind, holder: &Holder) -> Self {
        Self { kind, namespace: Some(holder.namespace.clone()), name: holder.name.clone(), uid: holder.uid.clone() }
    }

    /// Refers to a claimant.
    pub fn object<K: Claimant>(object: &K) -> Self {
        let uid = object.uid().unwrap_or_default();
        Self { kind: K::KIND, namespace: object.namespace(), name: object.name_any(), uid }
    }
}

/// A pending event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingEvent {
    /// The object that the event is about.
    pub regarding: Regarding,
    /// Machine-readable reason.
    pub reason: EventReason,
    /// Whether the event type is Warning.
    pub warning: bool,
    /// Human-readable note; at most 1,024 bytes are kept.
    pub note: String,
}

/// Reads and writes claims at the API server.
#[async_trait]
pub trait ClaimStore: Send + Sync {
    /// Reads a claim by object name.
    async fn claim(&self, name: &str) -> Result<Option<StoredClaim>, StoreError>;
    /// Creates a claim; [`StoreError::Conflict`] if it exists.
    async fn create_claim(&self, name: &str, claim: &Claim) -> Result<StoredClaim, StoreError>;
    /// Replaces the record of a claim if it still equals `old`; otherwise [`StoreError::Conflict`].
    async fn swap_claim(&self, name: &str, old: &StoredClaim, new: &Claim) -> Result<StoredClaim, StoreError>;
    /// Deletes a claim if it still equals `old`; a missing claim counts as deleted.
    async fn delete_claim(&self, name: &str, old: &StoredClaim) -> Result<(), StoreError>;
    /// Lists all claims from the API server, not from a watch cache.
    async fn claims(&self) -> Result<Vec<StoredClaim>, StoreError>;
    /// Reads the claims on a domain and on its parent domains, nearest first.
    async fn suffix_claims(&self, environment: &str, domain: &Domain) -> Result<Vec<StoredClaim>, StoreError> {
        let mut claims = Vec::new();
        for suffix in std::iter::once(domain.clone()).chain(domain.ancestors()) {
            claims.extend(self.claim(&claim_name(environment, &suffix)).await?);
        }
        Ok(claims)
    }
}

/// Reads objects of one kind and writes their status.
#[async_trait]
pub trait ObjectStore<K: Claimant>: Send + Sync {
    /// Reads one object.
    async fn object(&self, namespace: &str, name: &str) -> Result<Option<K>, StoreError>;
    /// Lists the objects of all namespaces that claim a subject, from the API server, not from a watch cache.
    async fn objects_for(&self, subject: &K::Subject) -> Result<Vec<K>, StoreError>;
    /// Applies the whole status of an object, which must still have the same uid.
    async fn apply_status(&self, object: &K, status: &K::Status) -> Result<(), StoreError>;
}

/// The whole port to the API server.
#[async_trait]
pub trait Store: ClaimStore + ObjectStore<SenderDomain> + ObjectStore<SenderAddress> {
    /// Reads a namespace.
    async fn namespace(&self, name: &str) -> Result<Option<ObservedNamespace>, StoreError>;
    /// Publishes an event. Best effort: a failure is only logged.
    async fn notify(&self, event: &PendingEvent);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_asks_for_one_thing() {
        for (error, class) in [
            (StoreError::Conflict, ErrorClass::Wait),
            (StoreError::NotFound, ErrorClass::Wait),
            (StoreError::Unavailable, ErrorClass::Retry),
            (StoreError::Denied(String::new()), ErrorClass::Stalled),
            (StoreError::Invalid(String::new()), ErrorClass::Bug),
        ] {
            assert_eq!(error.class(), class, "{error:?}");
        }
    }
}
