//! The API server of the tests that run on virtual time.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use kube::ResourceExt;
use sender_operator::{
    api::{SenderAddress, SenderAddressSpec, SenderAddressStatus, SenderDomain, SenderDomainSpec, SenderDomainStatus},
    cluster::store::{NamespaceFacts, Notice, Store, StoreError},
    model::{
        address::Address,
        claim::{Claim, StoredClaim, claim_name},
        name::Domain,
        tenant::TENANT_LABEL,
    },
};
use tokio::sync::mpsc::UnboundedReceiver;

use super::{
    cluster::{Cluster, Seen},
    side::{Change, FINALIZER, Key, People, Side},
    words,
};

pub struct Model {
    cluster: Mutex<Cluster>,
    watch: Mutex<UnboundedReceiver<Seen>>,
}

impl Model {
    pub fn new(seed: u64) -> Self {
        let mut cluster = Cluster::seeded(seed);
        let watch = Mutex::new(cluster.watch());
        Self { cluster: Mutex::new(cluster), watch }
    }

    fn cluster(&self) -> MutexGuard<'_, Cluster> {
        self.cluster.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for Model {
    async fn claim(&self, name: &str) -> Result<Option<StoredClaim>, StoreError> {
        Ok(self.cluster().claims.get(name).cloned())
    }

    async fn create_claim(&self, name: &str, claim: &Claim) -> Result<StoredClaim, StoreError> {
        self.cluster().create_claim(name, claim, Timestamp::now())
    }

    async fn swap_claim(&self, name: &str, old: &StoredClaim, new: &Claim) -> Result<StoredClaim, StoreError> {
        self.cluster().swap_claim(name, old, new)
    }

    async fn delete_claim(&self, name: &str, old: &StoredClaim) -> Result<(), StoreError> {
        self.cluster().delete_claim(name, old)
    }

    async fn claims(&self) -> Result<Vec<StoredClaim>, StoreError> {
        Ok(self.cluster().claims.values().cloned().collect())
    }

    async fn sender_domain(&self, namespace: &str, name: &str) -> Result<Option<SenderDomain>, StoreError> {
        Ok(self.cluster().domains.get(&(namespace.to_owned(), name.to_owned())).cloned())
    }

    async fn sender_domains_for(&self, domain: &Domain) -> Result<Vec<SenderDomain>, StoreError> {
        Ok(self.cluster().sender_domains_for(domain))
    }

    async fn namespace(&self, name: &str) -> Result<Option<NamespaceFacts>, StoreError> {
        Ok(self.cluster().namespaces.get(name).cloned())
    }

    async fn apply_status(&self, object: &SenderDomain, status: &SenderDomainStatus) -> Result<(), StoreError> {
        self.cluster().apply_status(object, status).map(drop)
    }

    async fn sender_address(&self, namespace: &str, name: &str) -> Result<Option<SenderAddress>, StoreError> {
        Ok(self.cluster().addresses.get(&(namespace.to_owned(), name.to_owned())).cloned())
    }

    async fn sender_addresses_for(&self, address: &Address) -> Result<Vec<SenderAddress>, StoreError> {
        Ok(self.cluster().sender_addresses_for(address))
    }

    async fn apply_address_status(
        &self,
        object: &SenderAddress,
        status: &SenderAddressStatus,
    ) -> Result<(), StoreError> {
        self.cluster().apply_address_status(object, status).map(drop)
    }

    async fn notify(&self, _notice: &Notice) {}
}

impl Side for Model {
    fn store(&self) -> &dyn Store {
        self
    }
}

#[async_trait(?Send)]
impl People for Model {
    async fn create(&self, at: &Key, spec: SenderDomainSpec, kept: bool) -> Result<SenderDomain, StoreError> {
        self.cluster().create_domain(at, spec, kept.then_some(FINALIZER), Timestamp::now())
    }

    async fn suspend(&self, at: &Key, suspend: bool) -> Result<SenderDomain, StoreError> {
        self.cluster().edit_spec(at, |spec| spec.suspend = Some(suspend))
    }

    async fn turn(&self, at: &Key, domain: &str) -> Result<SenderDomain, StoreError> {
        self.cluster().edit_spec(at, |spec| domain.clone_into(&mut spec.domain))
    }

    async fn delete(&self, at: &Key) -> Result<(), StoreError> {
        self.cluster().delete_domain(at, Timestamp::now())
    }

    async fn remove_finalizers(&self, at: &Key) -> Result<(), StoreError> {
        self.cluster().remove_finalizers(at)
    }

    async fn ask(&self, at: &Key, spec: SenderAddressSpec) -> Result<SenderAddress, StoreError> {
        self.cluster().create_address(at, spec, Timestamp::now())
    }

    async fn stop_asking(&self, at: &Key) -> Result<(), StoreError> {
        self.cluster().delete_address(at)
    }

    async fn label(&self, namespace: &str, tenant: &str) -> Result<(), StoreError> {
        self.cluster().put_namespace(namespace, [(TENANT_LABEL.to_owned(), tenant.to_owned())].into());
        Ok(())
    }

    async fn seen(&self, _last: &[String]) -> anyhow::Result<Vec<Change>> {
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changes = Vec::new();
        while let Ok(seen) = watch.try_recv() {
            changes.extend(change(&seen));
        }
        Ok(changes)
    }
}

fn change(seen: &Seen) -> Option<Change> {
    let gone = matches!(seen, Seen::DomainGone(_) | Seen::AddressGone(_) | Seen::ClaimGone(_));
    match seen {
        Seen::Domain(object) | Seen::DomainGone(object) => Some(Change {
            about: words::about(object),
            gone,
            uid: object.uid().unwrap_or_default(),
            version: object.resource_version().unwrap_or_default(),
            now: words::domain(object),
        }),
        Seen::Address(object) | Seen::AddressGone(object) => Some(Change {
            about: words::about_address(object),
            gone,
            uid: object.uid().unwrap_or_default(),
            version: object.resource_version().unwrap_or_default(),
            now: words::address(object),
        }),
        Seen::Claim(stored) | Seen::ClaimGone(stored) => Some(Change {
            about: claim_name(&stored.claim.environment, &stored.claim.subject.domain),
            gone,
            uid: stored.uid.clone(),
            version: stored.version.clone(),
            now: words::claim(&stored.claim),
        }),
        Seen::Namespace(..) | Seen::NamespaceGone(_) | Seen::Begun => None,
    }
}
