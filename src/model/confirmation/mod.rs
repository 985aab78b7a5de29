//! The confirmation of an address by the owner of its mailbox, as the claim stores it. Pure.
//!
//! [`request`] decides when a mail is due, [`answer`] the effect of a click, [`limits`] the number of mails, and
//! [`evidence`] the audit record.

pub mod answer;
pub mod evidence;
pub mod limits;
pub mod request;
pub mod reservations;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::{
    evidence::Evidence,
    limits::{Decline, RecordedMail},
};
use super::{holder::DomainTenure, link::ID_BYTES};

/// Confirmation of the address of a claim.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Confirmation {
    /// Request of the tenant that holds the claim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Request>,
    /// Emails to the address within the last 24 hours, across all tenants. They count toward the limits.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub mails: Vec<RecordedMail>,
    /// Tenants that the owner declined, until the decline ends (`--decline-time`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub declines: Vec<Decline>,
    /// Last 24 events of the confirmation, newest last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 24))]
    pub evidence: Vec<Evidence>,
}

/// Request of one tenant to the mailbox owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// Random id of the request, 32 hexadecimal digits. Links are bound to it.
    #[schemars(length(max = 32))]
    pub id: String,
    /// Tenure of the domain on which the request depends. When it ends, the request and its answer are void.
    pub domain_tenure: DomainTenure,
    /// The current attempt.
    pub attempt: Attempt,
    /// Answer of the mailbox owner. Absent: no answer yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// Last value of the annotation `sender-operator.io/resend` that was handled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 200))]
    pub last_handled_resend: Option<String>,
}

/// One attempt to reach the owner: one email, or two if SES did not acknowledge the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// Number of the attempt: 1 for the first one of the request.
    pub number: u32,
    /// Number of sends started in this attempt, counted before each send.
    pub sends: u32,
    /// Time at which the last send started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun_time: Option<Timestamp>,
    /// Time at which SES accepted the email.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_time: Option<Timestamp>,
    /// Time until which the link in that email can be used to confirm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry_time: Option<Timestamp>,
}

/// Answer of the mailbox owner, or of an administrator in place of the owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// `Confirmed`, `Declined` or `Withdrawn` by the owner, or `Approved` by an administrator.
    pub kind: AnswerKind,
    /// Time of the answer.
    pub time: Timestamp,
}

/// Kinds of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum AnswerKind {
    /// The owner confirmed.
    Confirmed,
    /// An administrator approved the address in place of its owner.
    Approved,
    /// The owner declined.
    Declined,
    /// The owner withdrew the confirmation.
    Withdrawn,
}

impl AnswerKind {
    /// Whether this answer allows the use of the address.
    pub fn allows(self) -> bool {
        matches!(self, Self::Confirmed | Self::Approved)
    }
}

impl Attempt {
    /// An attempt that has not begun.
    pub fn new(number: u32) -> Self {
        Self { number, sends: 0, begun_time: None, sent_time: None, expiry_time: None }
    }

    /// The attempt after one more send began.
    #[must_use]
    pub fn begun(&self, now: Timestamp) -> Self {
        Self { sends: self.sends.saturating_add(1), begun_time: Some(now), ..self.clone() }
    }

    /// The attempt after SES accepted the mail, whose link expires at `expiry`.
    #[must_use]
    pub fn sent(&self, now: Timestamp, expiry: Timestamp) -> Self {
        Self { sent_time: Some(now), expiry_time: Some(expiry), ..self.clone() }
    }

    /// The attempt after SES rejected the mail: that send does not count.
    #[must_use]
    pub fn not_sent(&self) -> Self {
        Self { sends: self.sends.saturating_sub(1), ..self.clone() }
    }
}

impl Request {
    /// A request without any mail yet. `id`: random and unique.
    pub fn new(id: String, domain_tenure: DomainTenure) -> Self {
        Self { id, domain_tenure, attempt: Attempt::new(1), answer: None, last_handled_resend: None }
    }

    /// Whether the owner of the mailbox or an administrator allows the use of the address.
    pub fn is_allowed(&self) -> bool {
        self.answer.is_some_and(|answer| answer.kind.allows())
    }

    /// The id as links contain it. `None`: the id in the claim was edited and is invalid.
    pub fn link_id(&self) -> Option<[u8; ID_BYTES]> {
        let bytes = data_encoding::HEXLOWER.decode(self.id.as_bytes()).ok()?;
        bytes.try_into().ok()
    }

    /// Whether a link of this attempt is valid: the current one, and the previous one until SES accepts a newer mail.
    /// So no link expires before its replacement exists.
    pub fn accepts(&self, attempt: u32) -> bool {
        let before = self.attempt.sent_time.is_none() && attempt.checked_add(1) == Some(self.attempt.number);
        attempt == self.attempt.number || before
    }
}
