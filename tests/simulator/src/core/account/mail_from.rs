//! The custom MAIL FROM domain of an identity.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::core::dns::{Look, Wanted, Zone};
use crate::core::lifecycle::{DNS_WINDOW, Status, Track};

/// Behavior of SES while the MX record is missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BehaviorOnMxFailure {
    /// SES sends with a domain of its own.
    #[default]
    UseDefaultValue,
    /// SES refuses the mail.
    RejectMessage,
}

#[derive(Debug, Clone)]
pub(crate) struct MailFrom {
    /// The spelling of the request.
    pub(crate) domain: String,
    pub(crate) track: Track,
    pub(crate) behavior: BehaviorOnMxFailure,
    /// The last DNS check for it.
    look: Option<Look>,
}

impl MailFrom {
    pub(crate) fn begun(domain: String, behavior: BehaviorOnMxFailure, now: Timestamp) -> Self {
        Self { domain, track: Track::new(Status::Pending, now), behavior, look: None }
    }

    /// Ages the setup with the records of this zone. SES checks until the setup has failed.
    pub(crate) fn advance(&mut self, zone: &Zone, from: Timestamp, to: Timestamp) {
        let wanted = Wanted::Mx { domain: self.domain.to_ascii_lowercase() };
        let watched = self.track.status != Status::Failed;
        self.look = watched.then(|| Look::now(self.look.take(), wanted, zone));
        let found = self.look.as_ref().map(|look| look.finding.is_ok());
        self.track = self.track.between(found, from, to, DNS_WINDOW);
    }

    pub(crate) fn view(&self) -> MailFromView {
        MailFromView {
            domain: self.domain.clone(),
            status: self.track.status,
            behavior_on_mx_failure: self.behavior,
            deadline: self.track.deadline(DNS_WINDOW),
        }
    }
}

/// A MAIL FROM domain as tests, the control API and the page see it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MailFromView {
    pub domain: String,
    pub status: Status,
    pub behavior_on_mx_failure: BehaviorOnMxFailure,
    /// End of the present state (simulated time), if it has one.
    pub deadline: Option<Timestamp>,
}
