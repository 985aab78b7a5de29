//! The holder of a claim: an object and, for the claim of an address, the domain tenure that it depends on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::name::Domain;

/// Resource that a held claim follows.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Holder {
    /// Namespace of the resource.
    #[schemars(length(max = 63))]
    pub namespace: String,
    /// UID of that namespace. A recreated namespace with the same name has a different UID.
    #[serde(rename = "namespaceUID")]
    #[schemars(length(max = 64))]
    pub namespace_uid: String,
    /// Name of the resource.
    #[schemars(length(max = 253))]
    pub name: String,
    /// UID of the resource.
    #[schemars(length(max = 64))]
    pub uid: String,
}

/// Tenure of the domain on which an address depends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DomainTenure {
    /// The domain. Example: `mail.example.com`.
    #[schemars(length(max = 200))]
    pub domain: Domain,
    /// Random id of the tenure of its holder.
    #[serde(rename = "tenureID")]
    #[schemars(length(max = 64))]
    pub tenure_id: String,
}
