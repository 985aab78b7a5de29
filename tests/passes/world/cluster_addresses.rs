//! What the API server does with `SenderAddress`es. Like the rest of [`super::cluster`] it is held against a real one.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt;
use sender_operator::{
    api::{SenderAddress, SenderAddressSpec, SenderAddressStatus},
    cluster::store::StoreError,
    model::address::Address,
};

use super::cluster::{Cluster, Key, Seen};

impl Cluster {
    /// `kubectl create`.
    pub fn create_address(
        &mut self,
        key: &Key,
        spec: SenderAddressSpec,
        now: Timestamp,
    ) -> Result<SenderAddress, StoreError> {
        if self.addresses.contains_key(key) {
            return Err(StoreError::Conflict);
        }
        let mut made = SenderAddress::new(&key.1, spec);
        made.metadata.namespace = Some(key.0.clone());
        made.metadata.uid = Some(self.uid());
        made.metadata.generation = Some(1);
        made.metadata.creation_timestamp = Some(Time(now));
        made.status = Some(SenderAddressStatus { observed_generation: -1, ..SenderAddressStatus::default() });
        Ok(self.put_address(made))
    }

    /// Applies a status to the object with this uid; one that changes nothing is none.
    pub fn apply_address_status(
        &mut self,
        object: &SenderAddress,
        status: &SenderAddressStatus,
    ) -> Result<SenderAddress, StoreError> {
        let key = (object.namespace().unwrap_or_default(), object.name_any());
        let mut stored = self.addresses.get(&key).cloned().ok_or(StoreError::NotFound)?;
        if stored.uid() != object.uid() {
            return Err(StoreError::Conflict);
        }
        if stored.status.as_ref() == Some(status) {
            return Ok(stored);
        }
        stored.status = Some(status.clone());
        Ok(self.put_address(stored))
    }

    pub fn sender_addresses_for(&self, address: &Address) -> Vec<SenderAddress> {
        self.addresses.values().filter(|object| object.spec.address == address.to_string()).cloned().collect()
    }

    /// Stores an object under a new version and tells the watchers.
    pub fn put_address(&mut self, mut object: SenderAddress) -> SenderAddress {
        object.metadata.resource_version = Some(self.version());
        self.addresses.insert((object.namespace().unwrap_or_default(), object.name_any()), object.clone());
        self.tell(&Seen::Address(Box::new(object.clone())));
        object
    }

    /// `kubectl delete`.
    pub fn delete_address(&mut self, key: &Key) -> Result<(), StoreError> {
        let known = self.addresses.contains_key(key);
        self.remove_address(key);
        if known { Ok(()) } else { Err(StoreError::NotFound) }
    }

    pub fn remove_address(&mut self, key: &Key) {
        if let Some(object) = self.addresses.remove(key) {
            self.tell(&Seen::AddressGone(Box::new(object)));
        }
    }
}
