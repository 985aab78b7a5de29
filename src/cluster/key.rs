//! The key of a namespaced object.

use std::sync::Arc;

use kube::{Resource, ResourceExt};

/// Namespace and name.
pub type Key = (Arc<str>, Arc<str>);

pub fn key_of<K: Resource>(object: &K) -> Key {
    (object.namespace().unwrap_or_default().into(), object.name_any().into())
}
