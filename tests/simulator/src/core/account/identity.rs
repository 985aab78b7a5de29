//! One identity, and its view for tests and the page.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::mail_from::{BehaviorOnMxFailure, MailFrom, MailFromView};
pub use super::name::IdentityType;
use crate::core::dns::{Look, Wanted, Zone};
use crate::core::lifecycle::{DNS_WINDOW, MAIL_WINDOW, Status, Track};

/// `VerificationError` of the SES API: the values that DNS can cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VerificationError {
    /// The name does not exist or did not answer.
    HostNotFound,
    /// The name exists without a record of the type.
    TypeNotFound,
    /// The record exists with another value.
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

/// Source of the DKIM keys: `AWS_SES` (Easy DKIM), `EXTERNAL` (BYODKIM), `AWS_SES_<REGION>` (copied from that region).
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
    /// Time of the last requested change of the key length.
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
    /// Only for a domain; an address shows that of the domain after its `@`.
    pub(crate) dkim: Option<Dkim>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) configuration_set: Option<String>,
    pub(crate) mail_from: Option<MailFrom>,
    /// By name, as JSON.
    pub(crate) policies: BTreeMap<String, String>,
    pub(crate) look: Option<Look>,
    /// Set by a test to keep the state regardless of DNS. The MAIL FROM domain is independent of it.
    pub(crate) pinned: bool,
}

impl Identity {
    /// Whether SES still checks its DNS.
    pub(crate) fn watched(&self) -> bool {
        let open = |track: &Track| track.status != Status::Failed;
        !self.pinned && self.dkim.as_ref().is_some_and(|dkim| open(&self.verification) || open(&dkim.track))
    }

    /// Marks that the API has read the identity, so the search has begun.
    pub(crate) fn begin(&mut self) {
        if self.pinned {
            return;
        }
        self.verification = self.verification.begun();
        if let Some(dkim) = &mut self.dkim {
            dkim.track = dkim.track.begun();
        }
    }

    /// Ages the identity from `from` to `to` with the records of this zone.
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

    /// Records a check. A check that ended in failure ended at its deadline: SES made none after it.
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

/// An identity as tests, the control API and the page see it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IdentityView {
    /// The name; for a domain in lower case.
    pub name: String,
    pub kind: IdentityType,
    pub verification_status: Status,
    /// `DkimAttributes.Status`; for an address that of its domain.
    pub dkim_status: Status,
    /// `VerifiedForSendingStatus`: verified itself, or through a verified parent domain.
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
    /// Names of its tenants, the oldest association first.
    pub tenants: Vec<String>,
    /// Why the last check failed.
    pub error: Option<VerificationError>,
    pub soa: Option<SoaRecord>,
    pub last_checked: Option<Timestamp>,
    pub last_success: Option<Timestamp>,
    pub created: Timestamp,
    /// End of the present verification state (simulated time), if it has one.
    pub deadline: Option<Timestamp>,
    /// The state was set by hand, and DNS does not change it.
    pub pinned: bool,
}

/// A change outside of the API, as in the AWS console. `None` keeps a value.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IdentityPatch {
    /// Sets `VerificationStatus`, starting now. Without [`Self::pinned`], the next DNS check can change it.
    pub verification_status: Option<Status>,
    /// Sets the DKIM status of a domain, in the same way.
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
    /// Sets the status of the MAIL FROM domain, starting now. The next DNS check can change it.
    pub mail_from_status: Option<Status>,
    /// Behavior while the MX record is missing.
    pub behavior_on_mx_failure: Option<BehaviorOnMxFailure>,
    /// Keeps verification and DKIM regardless of DNS.
    pub pinned: Option<bool>,
}

impl IdentityPatch {
    /// Both states, independent of DNS.
    pub fn status(status: Status) -> Self {
        Self { verification_status: Some(status), dkim_status: Some(status), pinned: Some(true), ..Self::default() }
    }

    /// Exactly these tags.
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
