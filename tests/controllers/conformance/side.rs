//! One of the two sides: the operator's port to the API server, and the requests of tenants and administrators.

use async_trait::async_trait;
use sender_operator::{
    api::{SenderAddress, SenderDomain},
    cluster::store::{ObjectStore, Store, StoreError},
};
use serde_json::Value;

use super::cluster::KeptObject;
pub use super::cluster::Key;

/// A foreign finalizer.
pub const FINALIZER: &str = "example.com/keep";

/// Requests of tenants about the objects of a kind.
#[async_trait(?Send)]
pub trait Objects<K: KeptObject>: Sync {
    /// The operator's port.
    fn objects(&self) -> &dyn ObjectStore<K>;
    /// `kubectl create`.
    async fn create(&self, at: &Key, spec: K::Spec, kept: bool) -> Result<K, StoreError>;
    /// Sets a field of the spec.
    async fn edit(&self, at: &Key, field: &str, value: Value) -> Result<K, StoreError>;
    async fn delete(&self, at: &Key) -> Result<(), StoreError>;
    /// Removes all finalizers.
    async fn remove_finalizers(&self, at: &Key) -> Result<(), StoreError>;
}

/// One of the two API servers.
#[async_trait(?Send)]
pub trait Side: Objects<SenderDomain> + Objects<SenderAddress> {
    /// The operator's port.
    fn store(&self) -> &dyn Store;
    /// Sets the tenant's label.
    async fn label(&self, namespace: &str, tenant: &str) -> Result<(), StoreError>;
    /// The watch events of claims, domains and addresses, in order, at least up to the first event of all of these.
    async fn seen(&self, last: &[String]) -> anyhow::Result<Vec<Change>>;
}

/// A watch event.
#[derive(Clone, Debug)]
pub struct Change {
    /// The claim, or `namespace/name`; an address starts with `@`.
    pub about: String,
    pub gone: bool,
    pub uid: String,
    pub version: String,
    /// The current state.
    pub now: String,
}
