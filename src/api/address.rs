//! `SenderAddress`: a tenant sends as an address, with the consent of the mailbox's owner.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::address_rule::{ADDRESS_IS_IMMUTABLE, IS_A_NOTE, IS_AN_ADDRESS};

/// Asks that the tenant of this namespace may send mail as an address. The owner of the mailbox gets a mail with a link and has
/// 24 hours to confirm; the domain of the address has to be a `SenderDomain` of the same tenant. To ask once more, set the
/// annotation `sender-operator.io/resend` to any new value.
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
    doc = "An address as which the tenant of this namespace sends mail, with the consent of the mailbox's owner.",
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
    /// The address, in lower case, without a display name or a `+tag` (mail to and from tags of an address is covered by the
    /// address itself). It can't be changed. Example: `sales@example.com`.
    #[schemars(length(max = 320))]
    #[x_kube(validation = IS_AN_ADDRESS.clone(), validation = ADDRESS_IS_IMMUTABLE.clone())]
    pub address: String,

    /// Language of the mail to the owner: `en` or `de`. Default: the one that the installation is set to, else `en`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,

    /// A sentence to the owner, shown in the mail and on the page as a quotation of yours; at most 200 characters, one line,
    /// without a URL. Example: `For the invoices of our web shop.` Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 200))]
    #[x_kube(validation = IS_A_NOTE.clone())]
    pub note: Option<String>,
}

/// A language that mails and pages are written in.
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

/// What the operator found. Information for people and tools, never a source of rights.
#[derive(KubeSchema, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SenderAddressStatus {
    /// The `metadata.generation` that this status speaks of. -1: no operator has seen the resource yet.
    #[serde(default)]
    pub observed_generation: i64,

    /// `DomainReady`, `Confirmed` and `Ready`; `Reconciling` and `Stalled` only while they are true.
    #[serde(default)]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,

    /// How far asking the owner has come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<ConfirmationStatus>,

    /// The address, while it is Ready: `kubectl get saddr -A --field-selector status.from=sales@example.com` tells who may send
    /// as it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 320))]
    pub from: Option<String>,
}

/// How far asking the owner of the mailbox has come.
#[derive(JsonSchema, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfirmationStatus {
    /// Number of the attempt: 1 for the first mail, one more each time another mail is asked for after one was sent.
    #[serde(default)]
    pub attempt: u32,
    /// When SES took the last mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_time: Option<Timestamp>,
    /// Until when the link of that mail confirms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry_time: Option<Timestamp>,
    /// When the owner confirmed, or an administrator approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_time: Option<Timestamp>,
    /// When the next mail can be sent, where a limit or a refusal holds it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_attempt_time: Option<Timestamp>,
    /// The value of `sender-operator.io/resend` that was acted on last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 200))]
    pub last_handled_resend: Option<String>,
}
