//! Mails: what was sent, how its receiver sees it, and the mailbox of the whole world.

pub(crate) mod address;
mod compose;
mod links;
mod mailbox;
mod read;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub(crate) use compose::{Envelope, Simple, compose};
pub(crate) use links::{distinct, spans};
pub(crate) use mailbox::{Mailbox, Suppressions, simulated};
pub(crate) use read::read;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Header {
    /// Name, as it was sent.
    pub name: String,
    /// Value, in one line, as it was sent: encoded words are not decoded.
    pub value: String,
}

/// What became of a mail for one of its recipients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// The recipient's address, without a name.
    pub recipient: String,
    pub delivered: bool,
    /// Why not, or what followed: `Bounce Permanent OnAccountSuppressionList`.
    pub note: Option<String>,
}

/// A mail that SES accepted, as its receiver sees it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mail {
    pub message_id: String,
    /// When it was accepted (simulated time).
    pub time: Timestamp,
    /// The From line, decoded: `Ann <ann@acme.example>`.
    pub from: String,
    pub to: Vec<String>,
    pub cc: Vec<String>,
    pub reply_to: Vec<String>,
    /// The subject, decoded.
    pub subject: String,
    pub text: Option<String>,
    pub html: Option<String>,
    /// All lines of the head, in order.
    pub headers: Vec<Header>,
    #[serde(skip)]
    pub source: String,
    /// The identity whose right was used, and whose settings counted.
    pub identity: String,
    /// The configuration set it was sent with: named in the call, or the default of the identity.
    pub configuration_set: Option<String>,
    pub tenant: Option<String>,
    pub tags: BTreeMap<String, String>,
    /// The domain bounces go to: the custom MAIL FROM domain, or one of SES's own.
    pub mailed_by: String,
    /// The domain that signed it with DKIM, besides SES's own.
    pub signed_by: Option<String>,
    /// What became of it, for each recipient, those of blind copies too.
    pub deliveries: Vec<Delivery>,
}

impl Mail {
    /// Whether it lies in the mailbox of all its recipients.
    pub fn delivered(&self) -> bool {
        self.deliveries.iter().all(|delivery| delivery.delivered)
    }

    /// Whether it was sent to this address, delivered or not. Addresses are compared without case.
    pub fn is_to(&self, address: &str) -> bool {
        self.deliveries.iter().any(|delivery| delivery.recipient.eq_ignore_ascii_case(address))
    }

    /// All `http` and `https` links in it, each once, those of the plain text first.
    pub fn links(&self) -> Vec<String> {
        let text = self.text.as_deref().map(links::of_text).unwrap_or_default();
        distinct(text.into_iter().chain(self.html.as_deref().map(links::of_html).unwrap_or_default()))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        header.map(|header| header.value.as_str())
    }
}

/// Why SES delivers no mail to an address: `SuppressionListReason` of its API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SuppressionReason {
    /// A mail to it came back.
    Bounce,
    /// Its owner complained.
    Complaint,
}

impl SuppressionReason {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bounce => "BOUNCE",
            Self::Complaint => "COMPLAINT",
        }
    }
}
