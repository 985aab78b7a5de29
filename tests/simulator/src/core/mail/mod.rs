//! Mails: their content, the receiver's view, and the mailbox of all receivers.

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
    /// The name as sent.
    pub name: String,
    /// The value as sent, in one line. Encoded words are not decoded.
    pub value: String,
}

/// The result of a mail for one of its recipients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// The recipient's address, without a name.
    pub recipient: String,
    pub delivered: bool,
    /// The reason of a failed delivery, or an event after it: `Bounce Permanent OnAccountSuppressionList`.
    pub note: Option<String>,
}

/// A mail that SES accepted, as its receiver sees it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mail {
    pub message_id: String,
    /// The time of acceptance (simulated time).
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
    /// All header lines, in order.
    pub headers: Vec<Header>,
    #[serde(skip)]
    pub source: String,
    /// The identity that allowed the mail, and whose settings applied.
    pub identity: String,
    /// The configuration set of the mail: from the call, or the identity's default.
    pub configuration_set: Option<String>,
    pub tenant: Option<String>,
    pub tags: BTreeMap<String, String>,
    /// The domain for bounces: the custom MAIL FROM domain, or one of SES's own.
    pub mailed_by: String,
    /// The domain of the DKIM signature, besides SES's own.
    pub signed_by: Option<String>,
    /// The result for each recipient, including blind copies.
    pub deliveries: Vec<Delivery>,
}

impl Mail {
    /// Whether all recipients received it.
    pub fn delivered(&self) -> bool {
        self.deliveries.iter().all(|delivery| delivery.delivered)
    }

    /// Whether this address is a recipient, delivered or not. Addresses are compared without case.
    pub fn is_to(&self, address: &str) -> bool {
        self.deliveries.iter().any(|delivery| delivery.recipient.eq_ignore_ascii_case(address))
    }

    /// All distinct `http` and `https` links in it, those of the plain text first.
    pub fn links(&self) -> Vec<String> {
        let text = self.text.as_deref().map(links::of_text).unwrap_or_default();
        distinct(text.into_iter().chain(self.html.as_deref().map(links::of_html).unwrap_or_default()))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        header.map(|header| header.value.as_str())
    }
}

/// The reason of a suppression: `SuppressionListReason` of the SES API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SuppressionReason {
    /// A mail to the address bounced.
    Bounce,
    /// The owner of the address complained.
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
