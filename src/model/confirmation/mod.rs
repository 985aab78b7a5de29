//! The confirmation of an address by the owner of its mailbox, as the claim stores it. Pure.
//!
//! [`asking`] decides when a mail is due, [`answering`] the effect of a click, [`limits`] the number of mails, and
//! [`evidence`] the audit record.

pub mod answering;
pub mod asking;
pub mod evidence;
pub mod limits;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::{
    evidence::Evidence,
    limits::{Decline, Mail},
};
use super::{holder::Under, link::ID_BYTES};

/// What a claim keeps of the confirmation of its address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Confirmation {
    /// The request of the tenant that holds the claim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Request>,
    /// Mails sent to the address within the last day, for whomever: they count against the limits.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub mails: Vec<Mail>,
    /// Tenants that the owner does not want to hear from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub declines: Vec<Decline>,
    /// What happened, the newest last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 24))]
    pub evidence: Vec<Evidence>,
}

/// One tenant's request, with its attempts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// Random id, 32 hexadecimal digits: links are sealed over it. Another request, another id.
    #[schemars(length(max = 32))]
    pub id: String,
    /// The holding of the domain on which the request rests: when that ends, the request and its answer are void.
    pub under: Under,
    /// The running attempt.
    pub attempt: Attempt,
    /// What the owner of the mailbox said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// The value of the annotation `sender-operator.io/resend` that was acted on last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 200))]
    pub last_handled_resend: Option<String>,
}

/// One attempt to reach the owner: one mail, or two where it is not known whether the first was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// 1 for the first one of the request.
    pub number: u32,
    /// Sends that were begun: counted before each.
    pub sends: u32,
    /// When the last one was begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun_time: Option<Timestamp>,
    /// When SES took the mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_time: Option<Timestamp>,
    /// Until when the link of that mail confirms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry_time: Option<Timestamp>,
}

/// What the owner of the mailbox, or an administrator in their place, has said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// What.
    pub kind: AnswerKind,
    /// When.
    pub time: Timestamp,
}

/// Kinds of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum AnswerKind {
    /// The owner confirmed.
    Confirmed,
    /// An administrator approved a sender without a mailbox.
    Approved,
    /// The owner declined.
    Declined,
    /// The owner took a confirmation back.
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
    pub fn new(id: String, under: Under) -> Self {
        Self { id, under, attempt: Attempt::new(1), answer: None, last_handled_resend: None }
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
