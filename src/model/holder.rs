//! The holder of a claim: an object and, for the claim of an address, the domain tenure that it depends on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::name::Domain;

/// The object that holds a claim.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Holder {
    /// Namespace of the object.
    #[schemars(length(max = 63))]
    pub namespace: String,
    /// Uid of that namespace: a namespace of the same name that was made later is another one.
    #[serde(rename = "namespaceUID")]
    #[schemars(length(max = 64))]
    pub namespace_uid: String,
    /// Name of the object.
    #[schemars(length(max = 253))]
    pub name: String,
    /// Uid of the object.
    #[schemars(length(max = 64))]
    pub uid: String,
}

/// The holding of a domain on which an address rests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Under {
    /// The domain.
    #[schemars(length(max = 200))]
    pub domain: Domain,
    /// The random id of its holder's tenure.
    #[schemars(length(max = 64))]
    pub holding: String,
}
