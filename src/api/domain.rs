//! `SenderDomain`: a tenant sends from a domain.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::domain_rule::{IS_A_DOMAIN, IS_IMMUTABLE};
pub use crate::model::{
    claim::DeletionPolicy,
    records::{Purpose, RecordState, RecordType, Requirement},
};

/// Asks that the tenant of this namespace may send mail from a domain. The operator creates and verifies the Amazon SES
/// identity, lists the DNS records to publish in `status.dnsRecords`, and keeps watching afterwards.
#[derive(CustomResource, KubeSchema, Clone, Debug, Serialize, Deserialize)]
#[kube(
    group = "sender-operator.io",
    version = "v1alpha1",
    kind = "SenderDomain",
    plural = "senderdomains",
    shortname = "sdom",
    category = "sender",
    namespaced,
    status = "SenderDomainStatus",
    selectable = ".spec.domain",
    doc = "A domain from which the tenant of this namespace sends mail through Amazon SES.",
    printcolumn(name = "Domain", type_ = "string", json_path = ".spec.domain"),
    printcolumn(name = "Ready", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].status"),
    printcolumn(name = "Reason", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].reason"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(
        name = "Message",
        type_ = "string",
        priority = 1,
        json_path = ".status.conditions[?(@.type==\"Ready\")].message"
    )
)]
#[serde(rename_all = "camelCase")]
pub struct SenderDomainSpec {
    /// The domain, in lower case and without a trailing dot, at most 200 characters; names with other letters than
    /// a-z in their ASCII form (`xn--…`). It can't be changed. Example: `mail.example.com`.
    #[schemars(length(max = 253))]
    #[x_kube(validation = IS_A_DOMAIN.clone(), validation = IS_IMMUTABLE.clone())]
    pub domain: String,

    /// What becomes of the SES identity when this resource is deleted: see [`DeletionPolicy`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_policy: Option<DeletionPolicy>,

    /// What becomes of an SES identity that somebody else made: see [`AdoptionPolicy`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adoption_policy: Option<AdoptionPolicy>,

    /// While `true`, the operator changes nothing at SES for this resource and it is not Ready; it goes on observing.
    /// A resource that is suspended from the start gets no claim on its domain. Default: `false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspend: Option<bool>,
}

/// What becomes of an SES identity that exists already and was not made by an operator. `IfProven`: it is taken in,
/// without what others had set up on it, once the tenant has proven the domain and if the installation allows it
/// (`--allow-adoption`); it is never deleted. Default: it is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum AdoptionPolicy {
    /// It is taken in once the tenant has proven the domain.
    IfProven,
}

/// What the operator found. Information for people and tools, never a source of rights.
#[derive(KubeSchema, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SenderDomainStatus {
    /// The `metadata.generation` that this status speaks of. -1: no operator has seen the resource yet.
    #[serde(default)]
    pub observed_generation: i64,

    /// `Owned`, `IdentityVerified`, `DkimReady` and `Ready`; `Reconciling` and `Stalled` only while they are true.
    #[serde(default)]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,

    /// Every DNS record that has to be published, and what DNS says of it: the one that proves the domain at once, the
    /// others as soon as SES knows the identity.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    #[schemars(length(max = 24))]
    pub dns_records: Vec<DnsRecord>,

    /// What SES says of the identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<IdentityStatus>,
}

/// A DNS record to publish.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DnsRecord {
    /// What the record is for. `Ownership`: it proves that this tenant controls the domain. `DKIM`: SES verifies the domain
    /// and signs its mail by it.
    pub purpose: Purpose,
    /// Type of the record.
    #[serde(rename = "type")]
    pub record_type: RecordType,
    /// Full name of the record. Many DNS providers append the zone by themselves: leave it out there.
    pub name: String,
    /// Value of the record.
    pub value: String,
    /// `required`: the domain does not become Ready without it. `advised`: it would make this tenant the next owner.
    pub requirement: Requirement,
    /// `Found`: published. `Missing`: DNS has none. `Mismatch`: DNS has another value. `Unknown`: DNS gave no answer.
    pub state: RecordState,
    /// The value that DNS gave, cut at 256 characters and escaped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<String>,
    /// What to do about it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<String>,
}

/// The SES identity, in SES's own words.
#[derive(JsonSchema, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IdentityStatus {
    /// ARN of the identity.
    pub arn: String,
    /// AWS region of the identity.
    pub region: String,
    /// SES's verification status: `PENDING`, `SUCCESS`, `FAILED`, `TEMPORARY_FAILURE` or `NOT_STARTED`.
    pub verification_status: String,
    /// SES's DKIM status, with the same values.
    pub dkim_status: String,
    /// Whether SES signs outgoing mail with DKIM.
    pub signing_enabled: bool,
    /// SES's own diagnosis when it could not verify, such as `HOST_NOT_FOUND` or `INVALID_VALUE`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_type: Option<String>,
    /// The SOA record that SES saw: it tells which DNS servers SES asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soa: Option<SoaSeen>,
}

/// The start of the authority that SES saw for the domain.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SoaSeen {
    /// Primary name server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary_name_server: Option<String>,
    /// Administrator's address in SOA notation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admin_email: Option<String>,
}
