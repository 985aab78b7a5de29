//! The evidence of a confirmation, kept for a later audit. Pure.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{holder::Holder, tenant::Tenant};

/// Entries kept in a claim.
const KEPT: usize = 24;
/// Longest kept text about a visitor, in characters.
const LONGEST: usize = 200;

/// One event of a confirmation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// Kind of the event. Example: `Confirmed`.
    pub event: EvidenceEvent,
    /// Time of the event.
    pub time: Timestamp,
    /// Tenant that claims the address, as `tenant/<label>` or `namespace/<name>/<uid>`.
    #[schemars(length(max = 200))]
    pub tenant: Tenant,
    /// Number of the attempt.
    pub attempt: u32,
    /// Resource that claims the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<Holder>,
    /// SES message id of the email.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    pub message_id: Option<String>,
    /// Version of the email templates: a hash of their texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub template: Option<String>,
    /// Value of the annotation `sender-operator.io/approve-address`: the administrator's reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 300))]
    pub approval: Option<String>,
    /// Visitor who pressed the button. Personal data: the annotation `sender-operator.io/erase-evidence` removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visitor: Option<Visitor>,
}

/// Kinds of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum EvidenceEvent {
    /// A tenant claimed the address.
    Requested,
    /// SES accepted an email.
    Sent,
    /// The owner confirmed.
    Confirmed,
    /// An administrator approved.
    Approved,
    /// The owner declined.
    Declined,
    /// The owner undid the decline.
    Undone,
    /// The owner withdrew the confirmation.
    Withdrawn,
    /// The tenure of the domain ended. The confirmation is no longer valid.
    Void,
}

/// Visitor to the page that a link opens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Visitor {
    /// IP address of the visitor.
    #[schemars(length(max = 64))]
    pub ip: String,
    /// `User-Agent` header of the browser, truncated to 200 characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 200))]
    pub user_agent: String,
}

impl Visitor {
    /// Visitor data, made printable and truncated.
    pub fn new(ip: &str, user_agent: &str) -> Self {
        let cut = |text: &str, longest| text.chars().filter(|letter| !letter.is_control()).take(longest).collect();
        Self { ip: cut(ip, 64), user_agent: cut(user_agent, LONGEST) }
    }
}

impl Evidence {
    /// An entry for this event without details.
    pub fn of(event: EvidenceEvent, tenant: &Tenant, attempt: u32, time: Timestamp) -> Self {
        Self {
            event,
            time,
            tenant: tenant.clone(),
            attempt,
            holder: None,
            message_id: None,
            template: None,
            approval: None,
            visitor: None,
        }
    }
}

/// Appends an entry; drops the oldest ones.
pub fn with(entries: &[Evidence], entry: Evidence) -> Vec<Evidence> {
    let all: Vec<Evidence> = entries.iter().cloned().chain([entry]).collect();
    all[all.len().saturating_sub(KEPT)..].to_vec()
}

/// The entries without personal data.
pub fn erased(entries: &[Evidence]) -> Vec<Evidence> {
    entries.iter().map(|entry| Evidence { visitor: None, ..entry.clone() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(n: i64) -> Evidence {
        let tenant = "tenant/acme".parse().unwrap();
        let visitor = Some(Visitor::new("192.0.2.1", "Browser\r\nX: y"));
        Evidence { visitor, ..Evidence::of(EvidenceEvent::Confirmed, &tenant, 1, Timestamp::from_second(n).unwrap()) }
    }

    #[test]
    fn the_newest_entries_are_kept_and_a_visitor_says_no_more_than_fits_on_a_line() {
        let all = (0..40).fold(Vec::new(), |all, n| with(&all, entry(n)));
        assert_eq!((all.len(), all[0].time.as_second()), (KEPT, 16));
        assert_eq!(entry(1).visitor.unwrap().user_agent, "BrowserX: y");
        assert_eq!(Visitor::new("::1", &"x".repeat(500)).user_agent.len(), LONGEST);
    }

    #[test]
    fn erasing_takes_out_persons_and_leaves_what_happened() {
        let erased = erased(&[entry(1)]);
        assert_eq!(erased, [Evidence { visitor: None, ..entry(1) }]);
    }
}
