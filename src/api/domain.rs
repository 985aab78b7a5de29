//! `SenderDomain`: a tenant claims a domain.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::domain_rule::{IS_A_DOMAIN, IS_IMMUTABLE};
pub use crate::model::{
    claim::DeletionPolicy,
    records::{Purpose, RecordState, RecordType, Requirement},
};

/// Claims a domain for the tenant of this namespace. The operator lists the DNS records to publish in
/// `status.dnsRecords`, creates the Amazon SES identity, and monitors both.
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
    doc = "A domain from which the tenant of this namespace wants to send email through Amazon SES.",
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
    /// The domain, in lowercase and without a trailing dot, at most 200 characters. Internationalized names are written
    /// in ASCII form (`xn--…`). Immutable. Example: `mail.example.com`.
    #[schemars(length(max = 253))]
    #[x_kube(validation = IS_A_DOMAIN.clone(), validation = IS_IMMUTABLE.clone())]
    pub domain: String,

    /// Action on the SES identity when this resource is deleted: see [`DeletionPolicy`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_policy: Option<DeletionPolicy>,

    /// Action on an SES identity that no operator created: see [`AdoptionPolicy`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adoption_policy: Option<AdoptionPolicy>,

    /// `true`: the operator changes nothing in SES for this resource, and the resource is not Ready. Observation
    /// continues. A resource that is created suspended gets no claim on its domain. Default: `false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspend: Option<bool>,
}

/// Action on an existing SES identity that no operator created. `IfProven`: the operator adopts it after the tenant has
/// proven control of the domain, if `--allow-adoption` is set. Adoption removes existing settings; the identity is
/// never deleted. Default: the identity is left unchanged, and the resource is not Ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum AdoptionPolicy {
    /// The operator adopts the identity after the tenant has proven control of the domain.
    IfProven,
}

/// Observed state of the domain. The status is informational and never grants rights.
#[derive(KubeSchema, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SenderDomainStatus {
    /// The `metadata.generation` that this status describes. -1: no operator has observed the resource yet.
    #[serde(default)]
    pub observed_generation: i64,

    /// `Owned`: this resource holds the domain. `IdentityVerified`: SES has verified it. `DkimReady`: SES signs with
    /// DKIM, and all records are published. `Ready`: mail can be sent. `Reconciling` (wait, or publish records) and
    /// `Stalled` (manual action is needed) are present only while they are `True`.
    #[serde(default)]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,

    /// All DNS records to publish, each with its state in DNS. The record that proves control of the domain is listed
    /// immediately, the DKIM records as soon as SES has issued them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    #[schemars(length(max = 24))]
    pub dns_records: Vec<DnsRecord>,

    /// State of the identity in SES. Present after the first read of the identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<IdentityStatus>,
}

impl SenderDomainStatus {
    /// The conditions that every status has, in this order.
    pub const CONDITIONS: [&str; 4] = ["Owned", "IdentityVerified", "DkimReady", "Ready"];
}

/// DNS record to publish.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DnsRecord {
    /// Purpose of the record. `Ownership`: proves that this tenant controls the domain. `DKIM`: SES uses it to verify
    /// the domain and to sign its mail.
    pub purpose: Purpose,
    /// Type of the record: `TXT` for ownership, `CNAME` for DKIM.
    #[serde(rename = "type")]
    pub record_type: RecordType,
    /// Full name of the record, without a trailing dot. Many DNS providers append the zone automatically: omit it
    /// there. Example: `_sender-operator-challenge.mail.example.com`.
    pub name: String,
    /// Value of the record, without a trailing dot. Example: `token=4o7ilvwi3zmp4u5yjapfu2ha7uyzi3lq`.
    pub value: String,
    /// `required`: the domain does not become Ready without the record. `advised`: another tenant owns the domain, and
    /// the record lets this tenant become the next owner.
    pub requirement: Requirement,
    /// State in DNS. `Found`: the record is published. `Missing`: the record does not exist. `Mismatch`: the record has
    /// a different value. `Unknown`: no usable answer yet.
    pub state: RecordState,
    /// Value found in DNS, escaped and truncated to 256 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<String>,
    /// Cause and fix, if known. Example: `The record does not exist in DNS. Publish it.`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<String>,
}

/// State of the identity, as reported by SES.
#[derive(JsonSchema, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IdentityStatus {
    /// ARN of the identity. Example: `arn:aws:ses:eu-west-1:111122223333:identity/mail.example.com`.
    pub arn: String,
    /// AWS region of the identity. Example: `eu-west-1`.
    pub region: String,
    /// Verification status in SES: `PENDING`, `SUCCESS`, `FAILED`, `TEMPORARY_FAILURE` or `NOT_STARTED`.
    pub verification_status: String,
    /// DKIM status in SES, with the same possible values.
    pub dkim_status: String,
    /// Whether SES signs outgoing mail with DKIM.
    pub signing_enabled: bool,
    /// Error that SES reports after a failed verification, such as `HOST_NOT_FOUND` or `INVALID_VALUE`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_type: Option<String>,
    /// SOA record that SES found. It identifies the DNS servers that SES queried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soa: Option<SoaRecord>,
}

/// SOA record that SES found for the domain.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SoaRecord {
    /// Primary name server. Example: `ns1.example.com`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary_name_server: Option<String>,
    /// Email address of the administrator in SOA notation, with a dot instead of the `@`. Example:
    /// `hostmaster.example.com`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admin_email: Option<String>,
}
