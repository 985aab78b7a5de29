//! Configuration sets, as far as identities, tenants and mails need them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// A configuration set: it is there, it has tags, and it gives back the options it was given. Of these only
/// `SendingEnabled` and `SuppressedReasons` have an effect.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConfigurationSet {
    pub(crate) tags: BTreeMap<String, String>,
    /// `SendingOptions`, `TrackingOptions` and so on, as they came.
    pub(crate) options: Map<String, Value>,
}
