//! `SenderAddress`: a tenant claims an address; the mailbox owner must confirm.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::address_rule::{ADDRESS_IS_IMMUTABLE, IS_A_NOTE, IS_AN_ADDRESS};

/// Claims an address for the tenant of this namespace. The tenant must hold the domain of the address through a
/// `SenderDomain`. The mailbox owner gets an email with a link and has 24 hours to confirm. To send another email, set
/// the annotation `sender-operator.io/resend` to a new value.
#[derive(CustomResource, KubeSchema, Clone, Debug, Serialize, Deserialize)]
#[kube(
    group = "sender-operator.io",
    version = "v1alpha1",
    kind = "SenderAddress",
    plural = "senderaddresses",
    shortname = "saddr",
    category = "sender",
    namespaced,
    status = "SenderAddressStatus",
    selectable = ".spec.address",
    selectable = ".status.from",
    doc = "An address from which the tenant of this namespace wants to send email. The mailbox owner must confirm.",
    printcolumn(name = "Address", type_ = "string", json_path = ".spec.address"),
    printcolumn(name = "Ready", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].status"),
    printcolumn(name = "Reason", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].reason"),
    printcolumn(name = "Until", type_ = "string", json_path = ".status.confirmation.expiryTime"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(
        name = "Message",
        type_ = "string",
        priority = 1,
        json_path = ".status.conditions[?(@.type==\"Ready\")].message"
    )
)]
#[serde(rename_all = "camelCase")]
pub struct SenderAddressSpec {
    /// The address, in lowercase, without a display name or a `+tag`. The base address covers its tags. Immutable.
    /// Example: `sales@example.com`.
    #[schemars(length(max = 320))]
    #[x_kube(validation = IS_AN_ADDRESS.clone(), validation = ADDRESS_IS_IMMUTABLE.clone())]
    pub address: String,

    /// Language of the email to the owner: see [`Locale`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,

    /// A note to the owner, shown as a quotation in the email and on the page. Format: one line of at most 200
    /// characters, without a URL. Example: `For the invoices of our web shop.` Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 200))]
    #[x_kube(validation = IS_A_NOTE.clone())]
    pub note: Option<String>,
}

/// Language of the email to the owner: `en` or `de`. Default: the language in the operator's settings (`--language`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// English.
    En,
    /// German.
    De,
}

impl Locale {
    /// Its tag (RFC 5646).
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }
}

/// Observed state of the address. The status is informational and never grants rights.
#[derive(KubeSchema, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SenderAddressStatus {
    /// The `metadata.generation` that this status describes. -1: no operator has observed the resource yet.
    #[serde(default)]
    pub observed_generation: i64,

    /// `DomainReady`: the tenant holds the domain of the address, and it is Ready. `Confirmed`: the mailbox owner has
    /// confirmed. `Ready`: mail can be sent. `Reconciling` (wait) and `Stalled` (manual action is needed) are present
    /// only while they are `True`.
    #[serde(default)]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,

    /// State of the request to the mailbox owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<ConfirmationStatus>,

    /// The address, present only while it is Ready. To find the resource that may send as an address:
    /// `kubectl get saddr -A --field-selector status.from=sales@example.com`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 320))]
    pub from: Option<String>,
}

impl SenderAddressStatus {
    /// The conditions that every status has, in this order.
    pub const CONDITIONS: [&str; 3] = ["DomainReady", "Confirmed", "Ready"];
}

/// State of the request to the mailbox owner.
#[derive(JsonSchema, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfirmationStatus {
    /// Number of the attempt: 1 for the first email. Each new value of `sender-operator.io/resend` after a sent email
    /// adds 1.
    #[serde(default)]
    pub attempt: u32,
    /// Time at which SES accepted the last email.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_time: Option<Timestamp>,
    /// Time until which the link in that email can be used to confirm: 24 hours after `sentTime`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry_time: Option<Timestamp>,
    /// Time at which the owner confirmed, or an administrator approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_time: Option<Timestamp>,
    /// Time from which the next email can be sent, if it is held back by a limit or a decline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_attempt_time: Option<Timestamp>,
    /// Last value of `sender-operator.io/resend` that was handled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 200))]
    pub last_handled_resend: Option<String>,
}
