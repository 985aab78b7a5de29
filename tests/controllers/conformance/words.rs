//! Answers as comparable text: uids and versions numbered in order of appearance, no times.

use std::collections::HashMap;

use kube::ResourceExt;
use sender_operator::{
    cluster::{kinds::Kind, store::StoreError},
    model::{
        admin_annotations::ActionKind,
        claim::{Claim, StoredClaim},
    },
};
use serde_json::json;

use super::{cluster::KeptObject, side::Change};

/// Gives each uid and each version a number.
#[derive(Default)]
pub struct Numbers(HashMap<String, usize>);

impl Numbers {
    pub fn of(&mut self, text: &str) -> usize {
        let next = self.0.len() + 1;
        *self.0.entry(text.to_owned()).or_insert(next)
    }
}

/// `namespace/name`; for an address `@namespace/name`.
pub fn about<K: KeptObject>(object: &K) -> String {
    let mark = if K::KIND == Kind::Address { "@" } else { "" };
    format!("{mark}{}/{}", object.namespace().unwrap_or_default(), object.name_any())
}

/// An object without uid and version.
fn plain<K: KeptObject>(object: &K) -> String {
    let meta = object.meta();
    let deleting = meta.deletion_timestamp.is_some();
    json!({
        "generation": meta.generation, "deleting": deleting, "finalizers": object.finalizers(),
        "spec": object.spec(), "status": object.status(),
    })
    .to_string()
}

/// The watch event of an object.
pub fn change<K: KeptObject>(object: &K, gone: bool) -> Change {
    Change {
        about: about(object),
        gone,
        uid: object.uid().unwrap_or_default(),
        version: object.resource_version().unwrap_or_default(),
        now: plain(object),
    }
}

/// A claim's record.
pub fn claim(claim: &Claim) -> String {
    json!(claim).to_string()
}

/// A claim, numbered.
pub fn stored(stored: &StoredClaim, numbers: &mut Numbers) -> String {
    let (uid, version) = (numbers.of(&stored.uid), numbers.of(&stored.version));
    let approved = stored.requested_actions.get(ActionKind::ApproveRelease).is_some();
    format!("uid {uid} version {version} approved {approved}: {}", claim(&stored.claim))
}

/// An object, numbered.
pub fn numbered<K: KeptObject>(object: &K, numbers: &mut Numbers) -> String {
    let Change { about, uid, version, now, .. } = change(object, false);
    format!("{about} uid {} version {}: {now}", numbers.of(&uid), numbers.of(&version))
}

/// The class of an error, which the operator's behaviour depends on.
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
