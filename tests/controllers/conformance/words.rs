//! Answers in words that can be compared: uids and versions by the order in which they appeared, no times.

use std::collections::HashMap;

use kube::ResourceExt;
use sender_operator::{
    api::{SenderAddress, SenderDomain},
    cluster::store::StoreError,
    model::{
        claim::{Claim, StoredClaim},
        orders::Verb,
    },
};
use serde_json::json;

/// Gives each uid and each version a number.
#[derive(Default)]
pub struct Numbers(HashMap<String, usize>);

impl Numbers {
    pub fn of(&mut self, text: &str) -> usize {
        let next = self.0.len() + 1;
        *self.0.entry(text.to_owned()).or_insert(next)
    }
}

/// `namespace/name`.
pub fn about(object: &SenderDomain) -> String {
    format!("{}/{}", object.namespace().unwrap_or_default(), object.name_any())
}

/// An object without uid and version.
pub fn domain(object: &SenderDomain) -> String {
    let meta = &object.metadata;
    let deleting = meta.deletion_timestamp.is_some();
    json!({
        "generation": meta.generation, "deleting": deleting, "finalizers": object.finalizers(),
        "spec": object.spec, "status": object.status,
    })
    .to_string()
}

/// `@namespace/name`.
pub fn about_address(object: &SenderAddress) -> String {
    format!("@{}/{}", object.namespace().unwrap_or_default(), object.name_any())
}

/// An address without uid and version.
pub fn address(object: &SenderAddress) -> String {
    json!({ "generation": object.metadata.generation, "spec": object.spec, "status": object.status }).to_string()
}

/// A claim's record.
pub fn claim(claim: &Claim) -> String {
    json!(claim).to_string()
}

/// A claim, numbered.
pub fn stored(stored: &StoredClaim, numbers: &mut Numbers) -> String {
    let (uid, version) = (numbers.of(&stored.uid), numbers.of(&stored.version));
    let approved = stored.orders.get(Verb::ApproveRelease).is_some();
    format!("uid {uid} version {version} approved {approved}: {}", claim(&stored.claim))
}

/// An object, numbered.
pub fn numbered(object: &SenderDomain, numbers: &mut Numbers) -> String {
    let uid = numbers.of(&object.uid().unwrap_or_default());
    let version = numbers.of(&object.resource_version().unwrap_or_default());
    format!("{} uid {uid} version {version}: {}", about(object), domain(object))
}

/// An address, numbered.
pub fn numbered_address(object: &SenderAddress, numbers: &mut Numbers) -> String {
    let uid = numbers.of(&object.uid().unwrap_or_default());
    let version = numbers.of(&object.resource_version().unwrap_or_default());
    format!("{} uid {uid} version {version}: {}", about_address(object), address(object))
}

/// The class of an error: what the operator goes by.
pub fn error(error: &StoreError) -> String {
    match error {
        StoreError::Conflict => "Conflict",
        StoreError::NotFound => "NotFound",
        StoreError::Denied(_) => "Denied",
        StoreError::Invalid(_) => "Invalid",
        StoreError::Unavailable => "Unavailable",
    }
    .to_owned()
}
