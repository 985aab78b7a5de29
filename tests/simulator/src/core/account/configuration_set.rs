//! Configuration sets, with the features that identities, tenants and mails need.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// A configuration set: its name, its tags and its options. Only `SendingEnabled` and `SuppressedReasons` have an
/// effect.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConfigurationSet {
    pub(crate) tags: BTreeMap<String, String>,
    /// `SendingOptions`, `TrackingOptions` and so on, unchanged.
    pub(crate) options: Map<String, Value>,
}
