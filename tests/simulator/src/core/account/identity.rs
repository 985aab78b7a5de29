//! One identity and the view of it that tests and the page see.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::mail_from::{BehaviorOnMxFailure, MailFrom, MailFromView};
pub use super::name::IdentityType;
use crate::core::dns::{Look, Wanted, Zone};
use crate::core::lifecycle::{DNS_WINDOW, MAIL_WINDOW, Status, Track};

/// `VerificationError` of the SES API, as far as DNS can cause it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VerificationError {
    /// The name does not exist or did not answer.
    HostNotFound,
    /// The name exists without a record of the type.
    TypeNotFound,
    /// The record is there with another value.
    InvalidValue,
    /// The DNS server refused or failed.
    DnsServerError,
}

/// The start-of-authority record SES saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SoaRecord {
    pub primary_name_server: String,
    /// Mailbox of the administrator, in DNS form.
    pub admin_email: String,
    pub serial_number: u32,
}

/// How DKIM keys are made: `AWS_SES` (Easy DKIM), `EXTERNAL` (BYODKIM), `AWS_SES_<REGION>` (copied from there).
#[derive(Debug, Clone)]
pub(crate) struct Dkim {
    pub(crate) track: Track,
    pub(crate) signing_enabled: bool,
    pub(crate) origin: String,
    pub(crate) tokens: Vec<String>,
    pub(crate) zone: String,
    pub(crate) current_key_length: &'static str,
    pub(crate) next_key_length: &'static str,
    pub(crate) key_generated: Timestamp,
    /// When the key length was last changed on request.
    pub(crate) length_changed: Option<Timestamp>,
}

impl Dkim {
    /// Whether the customer's own key is used.
    pub(crate) fn external(&self) -> bool {
        self.origin == "EXTERNAL"
    }
}

/// `VerificationInfo` of the SES API.
#[derive(Debug, Clone, Default)]
pub(crate) struct LastCheck {
    pub(crate) at: Option<Timestamp>,
    pub(crate) success: Option<Timestamp>,
    pub(crate) error: Option<VerificationError>,
    pub(crate) soa: Option<SoaRecord>,
}

#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) name: String,
    pub(crate) kind: IdentityType,
    pub(crate) created: Timestamp,
    pub(crate) verification: Track,
    pub(crate) check: LastCheck,
    /// Of a domain; an address shows that of the domain after its `@`.
    pub(crate) dkim: Option<Dkim>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) configuration_set: Option<String>,
    pub(crate) mail_from: Option<MailFrom>,
    /// By name, as JSON.
    pub(crate) policies: BTreeMap<String, String>,
    pub(crate) look: Option<Look>,
    /// Set by a test to keep the state as it is, whatever DNS shows. The MAIL FROM domain has a life of its own.
    pub(crate) pinned: bool,
}

impl Identity {
    /// Whether SES still looks at its DNS.
    pub(crate) fn watched(&self) -> bool {
        let open = |track: &Track| track.status != Status::Failed;
        !self.pinned && self.dkim.as_ref().is_some_and(|dkim| open(&self.verification) || open(&dkim.track))
    }

    /// A read by the API: the search is seen to have begun.
    pub(crate) fn begin(&mut self) {
        if self.pinned {
            return;
        }
        self.verification = self.verification.begun();
        if let Some(dkim) = &mut self.dkim {
            dkim.track = dkim.track.begun();
        }
    }

    /// Time passed from `from` to `to`, and all the while DNS showed what the zone holds.
    pub(crate) fn advance(&mut self, zone: &Zone, from: Timestamp, to: Timestamp) {
        let wanted = self.wanted().filter(|_| self.watched());
        self.look = wanted.map(|wanted| Look::now(self.look.take(), wanted, zone));
        if !self.pinned {
            self.age(from, to);
        }
        if let Some(mail_from) = &mut self.mail_from {
            mail_from.advance(zone, from, to);
        }
    }

    fn wanted(&self) -> Option<Wanted> {
        let (dkim, domain) = (self.dkim.as_ref()?, self.name.clone());
        Some(if dkim.external() {
            Wanted::Key { domain, selector: dkim.tokens.first()?.clone() }
        } else {
            Wanted::Cnames { domain, tokens: dkim.tokens.clone(), zone: dkim.zone.clone() }
        })
    }

    fn age(&mut self, from: Timestamp, to: Timestamp) {
        let window = if self.kind == IdentityType::Domain { DNS_WINDOW } else { MAIL_WINDOW };
        let found = self.look.as_ref().map(|look| look.finding.is_ok());
        self.verification = self.verification.between(found, from, to, window);
        if let Some(dkim) = &mut self.dkim {
            dkim.track = dkim.track.between(found, from, to, window);
            if dkim.track.status == Status::Success {
                dkim.current_key_length = dkim.next_key_length;
            }
        }
        self.note(to);
    }

    /// Remembers the look. One that ended in failure ended at its deadline: SES looked no more after it.
    fn note(&mut self, to: Timestamp) {
        let last = if self.watched() { to } else { self.verification.since.min(to) };
        let Some(look) = &self.look else { return };
        self.check.at = Some(last);
        self.check.error = look.finding.err();
        if look.finding.is_ok() {
            self.check.success = Some(last);
        }
        if look.soa.is_some() {
            self.check.soa.clone_from(&look.soa);
        }
    }
}

/// What tests, the control API and the page see of an identity.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IdentityView {
    /// Name; a domain is lower-case.
    pub name: String,
    pub kind: IdentityType,
    pub verification_status: Status,
    /// `DkimAttributes.Status`; for an address that of its domain.
    pub dkim_status: Status,
    /// `VerifiedForSendingStatus`: itself or through a verified parent domain.
    pub verified_for_sending: bool,
    pub signing_enabled: bool,
    pub origin: String,
    /// DKIM tokens, or the selector of the customer's own key.
    pub tokens: Vec<String>,
    pub signing_hosted_zone: String,
    pub tags: BTreeMap<String, String>,
    pub configuration_set: Option<String>,
    pub mail_from: Option<MailFromView>,
    /// Policies by name, as JSON.
    pub policies: BTreeMap<String, String>,
    /// Names of the tenants it is associated with, the oldest association first.
    pub tenants: Vec<String>,
    /// Why the last look did not find what it wanted.
    pub error: Option<VerificationError>,
    pub soa: Option<SoaRecord>,
    pub last_checked: Option<Timestamp>,
    pub last_success: Option<Timestamp>,
    pub created: Timestamp,
    /// When the present verification state ends by itself, if it does (simulated time).
    pub deadline: Option<Timestamp>,
    /// The state was set by hand and DNS does not change it.
    pub pinned: bool,
}

/// A change made behind the back of the API's clients, as somebody with the AWS console could. What is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IdentityPatch {
    /// Sets `VerificationStatus`; the state counts from now. Without [`Self::pinned`] the next look at DNS may change it.
    pub verification_status: Option<Status>,
    /// Sets the DKIM status of a domain, alike.
    pub dkim_status: Option<Status>,
    pub signing_enabled: Option<bool>,
    /// `AWS_SES`, `EXTERNAL` or `AWS_SES_<REGION>`; the tokens follow, the status stays.
    pub origin: Option<String>,
    /// The zone of the CNAME targets.
    pub signing_hosted_zone: Option<String>,
    /// Replaces all tags.
    pub tags: Option<BTreeMap<String, String>>,
    /// Sets the default configuration set; an empty text removes it.
    pub configuration_set: Option<String>,
    /// Sets the MAIL FROM domain, `PENDING` from now; an empty text removes it.
    pub mail_from: Option<String>,
    /// Sets the status of the MAIL FROM domain; the state counts from now, and the next look at DNS may change it.
    pub mail_from_status: Option<Status>,
    /// What becomes of mail while the MX record is missing.
    pub behavior_on_mx_failure: Option<BehaviorOnMxFailure>,
    /// Keeps verification and DKIM as they are, whatever DNS shows.
    pub pinned: Option<bool>,
}

impl IdentityPatch {
    /// Both states at once, held against DNS.
    pub fn status(status: Status) -> Self {
        Self { verification_status: Some(status), dkim_status: Some(status), pinned: Some(true), ..Self::default() }
    }

    /// These tags and no others.
    #[must_use]
    pub fn tags<K: Into<String>, V: Into<String>>(mut self, tags: impl IntoIterator<Item = (K, V)>) -> Self {
        self.tags = Some(tags.into_iter().map(|(key, value)| (key.into(), value.into())).collect());
        self
    }

    #[must_use]
    pub fn signing_enabled(mut self, enabled: bool) -> Self {
        self.signing_enabled = Some(enabled);
        self
    }

    /// `AWS_SES`, `EXTERNAL` or `AWS_SES_<REGION>`.
    #[must_use]
    pub fn origin(mut self, origin: &str) -> Self {
        self.origin = Some(origin.to_owned());
        self
    }
}
