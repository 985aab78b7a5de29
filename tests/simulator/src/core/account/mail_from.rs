//! The custom MAIL FROM domain of an identity.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::core::dns::{Look, Wanted, Zone};
use crate::core::lifecycle::{DNS_WINDOW, Status, Track};

/// What becomes of mail while SES does not see the MX record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BehaviorOnMxFailure {
    /// It goes out under a domain of SES.
    #[default]
    UseDefaultValue,
    /// It is refused.
    RejectMessage,
}

#[derive(Debug, Clone)]
pub(crate) struct MailFrom {
    /// As it was put.
    pub(crate) domain: String,
    pub(crate) track: Track,
    pub(crate) behavior: BehaviorOnMxFailure,
    /// The last look at DNS for it.
    look: Option<Look>,
}

impl MailFrom {
    pub(crate) fn begun(domain: String, behavior: BehaviorOnMxFailure, now: Timestamp) -> Self {
        Self { domain, track: Track::new(Status::Pending, now), behavior, look: None }
    }

    /// Time passed, and all the while DNS showed what the zone holds. SES looks until the setup has failed.
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

/// What tests, the control API and the page see of a MAIL FROM domain.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MailFromView {
    pub domain: String,
    pub status: Status,
    pub behavior_on_mx_failure: BehaviorOnMxFailure,
    /// When the present state ends by itself, if it does (simulated time).
    pub deadline: Option<Timestamp>,
}
