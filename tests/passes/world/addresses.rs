//! Addresses: the objects of the API server, and what people do with them.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt;
use sender_operator::{
    api::{SenderAddress, SenderAddressSpec, SenderAddressStatus, reasons::EventReason},
    cluster::{
        index::Index,
        mailboxes::AddressSeen,
        store::{Regarding, StoreError},
    },
    model::{
        address::{Address, claim_name},
        claim::{Claim, StoredClaim},
        confirmation::{Request, asking::RESEND},
    },
};

use super::{
    HOUR, World,
    cluster::{Cluster, Key, Seen},
    scene::key,
};

/// What the API server does with `SenderAddress`es.
impl Cluster {
    pub fn create_address(&mut self, key: &Key, spec: SenderAddressSpec, now: Timestamp) -> Result<(), StoreError> {
        if self.addresses.contains_key(key) {
            return Err(StoreError::Conflict);
        }
        let mut made = SenderAddress::new(&key.1, spec);
        made.metadata.namespace = Some(key.0.clone());
        made.metadata.uid = Some(self.uid());
        made.metadata.generation = Some(1);
        made.metadata.creation_timestamp = Some(Time(now));
        made.status = Some(SenderAddressStatus { observed_generation: -1, ..SenderAddressStatus::default() });
        self.put_address(made);
        Ok(())
    }

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
        if stored.status.as_ref() != Some(status) {
            stored.status = Some(status.clone());
            self.put_address(stored.clone());
        }
        Ok(stored)
    }

    pub fn sender_addresses_for(&self, address: &Address) -> Vec<SenderAddress> {
        self.addresses.values().filter(|object| object.spec.address == address.to_string()).cloned().collect()
    }

    /// Stores an object under a new version and tells the watchers.
    pub fn put_address(&mut self, mut object: SenderAddress) {
        object.metadata.resource_version = Some(self.version());
        self.addresses.insert((object.namespace().unwrap_or_default(), object.name_any()), object.clone());
        self.tell(&Seen::Address(Box::new(object)));
    }

    pub fn remove_address(&mut self, key: &Key) {
        if let Some(object) = self.addresses.remove(key) {
            self.tell(&Seen::AddressGone(Box::new(object)));
        }
    }
}

/// What the watch tells the index.
pub fn seen(index: &mut Index, object: &SenderAddress, gone: bool) {
    let key = (object.namespace().unwrap_or_default().into(), object.name_any().into());
    let asks = !gone && object.metadata.deletion_timestamp.is_none();
    match Address::parse(&object.spec.address).ok().filter(|_| asks) {
        Some(address) => {
            let seen = AddressSeen {
                address,
                uid: object.uid().unwrap_or_default().into(),
                generation: object.metadata.generation.unwrap_or_default(),
                resend: object.annotations().get(RESEND).map(|value| value.as_str().into()),
            };
            index.mailboxes.put_object(key, seen);
        }
        None => index.mailboxes.remove_object(&key),
    }
}

/// People at the API server.
impl World {
    /// Applies a new `SenderAddress`.
    pub fn ask(&self, object: &str, address: &str) {
        let spec = SenderAddressSpec { address: address.to_owned(), locale: None, note: None };
        let now = self.now();
        self.cluster().create_address(&key(object), spec, now).unwrap();
    }

    /// `kubectl delete saddr`.
    pub fn stop_asking(&self, object: &str) {
        self.cluster().remove_address(&key(object));
    }

    /// `kubectl annotate saddr sender-operator.io/resend=<value>`.
    pub fn resend(&self, object: &str, value: &str) {
        let mut cluster = self.cluster();
        let mut object = cluster.addresses.get(&key(object)).unwrap().clone();
        object.annotations_mut().insert(RESEND.to_owned(), value.to_owned());
        cluster.put_address(object);
    }

    /// Status of a `SenderAddress`.
    pub fn address_status(&self, object: &str) -> SenderAddressStatus {
        self.cluster().addresses.get(&key(object)).unwrap().status.clone().unwrap()
    }

    /// All conditions, as `Ready False AwaitingOwner`.
    pub fn address_says(&self, object: &str) -> Vec<String> {
        let conditions = self.address_status(object).conditions;
        conditions.iter().map(|c| format!("{} {} {}", c.type_, c.status, c.reason)).collect()
    }

    /// Awaits a status with this condition among its own.
    pub async fn until_address_says(&self, object: &str, wanted: &str) {
        let what = format!("{object} says {wanted}");
        self.until_within(2 * HOUR, &what, || self.address_says(object).iter().any(|said| said == wanted)).await;
    }

    /// The claim on an address in the default environment.
    pub fn address_claim(&self, address: &str) -> Option<StoredClaim> {
        self.cluster().claims.get(&address_claim_name(address)).cloned()
    }

    /// The request for an address.
    pub fn request_for(&self, address: &str) -> Option<Request> {
        let claim: Claim = self.address_claim(address)?.claim;
        claim.confirmation?.request
    }

    /// Reasons of the events about a `SenderAddress`, oldest first.
    pub fn address_events(&self, object: &str) -> Vec<EventReason> {
        let (namespace, name) = key(object);
        let about = |regarding: &Regarding| matches!(regarding, Regarding::Address { namespace: n, name: m, .. } if (n, m) == (&namespace, &name));
        let requests = self.requests();
        requests.told.iter().filter(|(_, notice)| about(&notice.regarding)).map(|(_, notice)| notice.reason).collect()
    }
}

/// The name of the claim on an address in the default environment.
pub fn address_claim_name(address: &str) -> String {
    claim_name("default", &Address::parse(address).unwrap().hash())
}
