//! One of the two that are asked: the operator's port to the API server, and what tenants and administrators do there.

use async_trait::async_trait;
use sender_operator::{
    api::{SenderAddress, SenderAddressSpec, SenderDomain, SenderDomainSpec},
    cluster::store::{Store, StoreError},
};

/// A finalizer of somebody else.
pub const FINALIZER: &str = "example.com/keep";

/// Tenants and administrators.
#[async_trait(?Send)]
pub trait People: Sync {
    /// `kubectl create`.
    async fn create(&self, at: &Key, spec: SenderDomainSpec, kept: bool) -> Result<SenderDomain, StoreError>;
    /// Sets `spec.suspend`.
    async fn suspend(&self, at: &Key, suspend: bool) -> Result<SenderDomain, StoreError>;
    /// Sets `spec.domain`.
    async fn turn(&self, at: &Key, domain: &str) -> Result<SenderDomain, StoreError>;
    /// `kubectl delete`.
    async fn delete(&self, at: &Key) -> Result<(), StoreError>;
    /// Takes away all finalizers.
    async fn remove_finalizers(&self, at: &Key) -> Result<(), StoreError>;
    /// `kubectl create` of an address.
    async fn ask(&self, at: &Key, spec: SenderAddressSpec) -> Result<SenderAddress, StoreError>;
    /// `kubectl delete` of an address.
    async fn stop_asking(&self, at: &Key) -> Result<(), StoreError>;
    /// Sets the tenant's label.
    async fn label(&self, namespace: &str, tenant: &str) -> Result<(), StoreError>;
    /// What watches have shown of claims, domains and addresses, in order, at least up to the first sight of all of these.
    async fn seen(&self, last: &[String]) -> anyhow::Result<Vec<Change>>;
}

/// Namespace and name.
pub type Key = (String, String);

/// What a watch shows.
#[derive(Clone, Debug)]
pub struct Change {
    /// The claim, or `namespace/name`; that of an address begins with an `@`.
    pub about: String,
    pub gone: bool,
    pub uid: String,
    pub version: String,
    /// What it is now.
    pub now: String,
}

/// Both.
pub trait Side: People {
    /// The operator's port.
    fn store(&self) -> &dyn Store;
}
