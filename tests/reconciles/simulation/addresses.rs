//! Addresses: the actions of people at the API server.

use kube::ResourceExt;
use sender_operator::{
    api::{SenderAddress, SenderAddressSpec, SenderAddressStatus},
    model::{
        address::{Address, claim_name},
        claim::{Claim, State, StoredClaim},
        confirmation::{Request, evidence::EvidenceEvent, request::RESEND},
    },
};

use super::{
    HOUR, Simulation,
    people::key,
    queries::{message, said},
};

/// People at the API server.
impl Simulation {
    pub fn ask(&self, object: &str, address: &str) {
        let spec = SenderAddressSpec { address: address.to_owned(), locale: None, note: None };
        let now = self.now();
        self.cluster().create::<SenderAddress>(&key(object), spec, None, now).unwrap();
    }

    /// Every object in a namespace, as `namespace/name`.
    pub(super) fn addresses_in(&self, namespace: &str) -> Vec<String> {
        let cluster = self.cluster();
        let inside = cluster.addresses.keys().filter(|(other, _)| other == namespace);
        inside.map(|(namespace, name)| format!("{namespace}/{name}")).collect()
    }

    pub fn asks(&self, object: &str) -> bool {
        self.cluster().addresses.contains_key(&key(object))
    }

    pub fn all_addresses(&self) -> Vec<SenderAddress> {
        self.cluster().addresses.values().cloned().collect()
    }

    pub fn edit_address_status(&self, object: &str, change: impl FnOnce(&mut SenderAddressStatus)) {
        self.with_object::<SenderAddress>(object, |object| change(object.status.as_mut().unwrap()));
    }

    /// An administrator annotates the claim of an address; an empty value removes the annotation.
    pub fn annotate_address(&self, address: &str, annotation: &str, value: &str) {
        self.annotate_claim(&address_claim_name(address), annotation, value);
    }

    pub fn address_message(&self, object: &str, condition: &str) -> String {
        message(self.address_status(object).conditions, condition)
    }

    /// State and holder of the claim on an address.
    pub fn address_state(&self, address: &str) -> Option<(State, Option<String>)> {
        let claim = self.address_claim(address)?.claim;
        Some((claim.state, claim.tenant.map(|tenant| tenant.to_string())))
    }

    pub async fn until_address_state(&self, address: &str, state: State) {
        let is = || self.address_state(address).is_some_and(|(now, _)| now == state);
        self.until_within(2 * HOUR, &format!("{address} is {state:?}"), is).await;
    }

    /// Kinds of the evidence for an address, oldest first.
    pub fn evidence_for(&self, address: &str) -> Vec<EvidenceEvent> {
        let kept = self.address_claim(address).and_then(|stored| stored.claim.confirmation).unwrap_or_default();
        kept.evidence.iter().map(|entry| entry.event).collect()
    }

    pub fn stop_asking(&self, object: &str) {
        let now = self.now();
        self.cluster().delete::<SenderAddress>(&key(object), now).unwrap();
    }

    /// `kubectl annotate saddr sender-operator.io/resend=<value>`.
    pub fn resend(&self, object: &str, value: &str) {
        self.with_object::<SenderAddress>(object, |object| {
            object.annotations_mut().insert(RESEND.to_owned(), value.to_owned());
        });
    }

    pub fn address_status(&self, object: &str) -> SenderAddressStatus {
        self.cluster().addresses.get(&key(object)).unwrap().status.clone().unwrap()
    }

    /// All conditions, as `Ready False AwaitingOwner`.
    pub fn address_says(&self, object: &str) -> Vec<String> {
        said(&self.address_status(object).conditions)
    }

    /// Awaits a status that contains this condition.
    pub async fn until_address_says(&self, object: &str, wanted: &str) {
        let what = format!("{object} has {wanted}");
        self.until_within(2 * HOUR, &what, || self.address_says(object).iter().any(|said| said == wanted)).await;
    }

    /// The claim on an address in the default environment.
    pub fn address_claim(&self, address: &str) -> Option<StoredClaim> {
        self.cluster().claims.get(&address_claim_name(address)).cloned()
    }

    pub fn request_for(&self, address: &str) -> Option<Request> {
        let claim: Claim = self.address_claim(address)?.claim;
        claim.confirmation?.request
    }
}

/// The name of the claim on an address in the default environment.
pub fn address_claim_name(address: &str) -> String {
    claim_name("default", &Address::parse(address).unwrap().hash())
}
