//! The simulated AWS account: identities, tenants and settings.

mod configuration_set;
mod identity;
mod mail_from;
mod name;
mod patch;
mod resource;
mod sending;
mod tenant;
mod tokens;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub(crate) use configuration_set::ConfigurationSet;
pub(crate) use identity::{Dkim, Identity, LastCheck};
pub use identity::{IdentityPatch, IdentityType, IdentityView, SoaRecord, VerificationError};
pub(crate) use mail_from::MailFrom;
pub use mail_from::{BehaviorOnMxFailure, MailFromView};
pub(crate) use name::{acceptable, ancestors, domain_of, key, kind};
pub(crate) use resource::{Resource, ResourceKind};
pub(crate) use tenant::{LONGEST_TENANT_NAME, Suppression, Tenant, tenant_name_fits};
pub use tenant::{SendingStatus, TenantPatch, TenantView};
pub(crate) use tokens::{dkim_tokens, fnv1a, mix};

use crate::core::lifecycle::{DNS_WINDOW, MAIL_WINDOW, Status, Track};
use crate::core::mail::{Mailbox, Suppressions};
use crate::core::rules::{Rules, Tokens};

/// Where SES publishes DKIM keys in most regions (AWS General Reference, "Amazon SES endpoints and quotas").
pub(crate) const SIGNING_HOSTED_ZONE: &str = "dkim.amazonses.com";
pub(crate) const RSA_1024: &str = "RSA_1024_BIT";
pub(crate) const RSA_2048: &str = "RSA_2048_BIT";

/// Settings for the answers of `GetAccount` and STS.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccountSettings {
    /// Account id in ARNs and in the input of DKIM tokens.
    pub account: String,
    /// Region in ARNs and in the input of DKIM tokens.
    pub region: String,
    /// Account id in STS answers; `None`: the same as `account`.
    pub sts_account: Option<String>,
    pub production_access: bool,
    pub sending_enabled: bool,
    /// `HEALTHY`, `PROBATION` or `SHUTDOWN`.
    pub enforcement_status: String,
    /// Recipients per 24 hours, -1: unlimited; `None`: the usual value in production, or in the sandbox.
    pub max_24_hour_send: Option<f64>,
    /// Recipients per second; `None`: the usual value in production, or in the sandbox.
    pub max_send_rate: Option<f64>,
    /// The zone for new identities.
    pub signing_hosted_zone: String,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AccountPatch {
    /// Account id of SES, and of STS if that is not set.
    pub account: Option<String>,
    pub region: Option<String>,
    /// Account id of STS; empty: the same as SES's.
    pub sts_account: Option<String>,
    pub production_access: Option<bool>,
    pub sending_enabled: Option<bool>,
    /// `HEALTHY`, `PROBATION` or `SHUTDOWN`.
    pub enforcement_status: Option<String>,
    /// Recipients per 24 hours; -1: unlimited.
    pub max_24_hour_send: Option<f64>,
    /// Recipients per second.
    pub max_send_rate: Option<f64>,
    /// The zone for new identities; existing ones keep theirs.
    pub signing_hosted_zone: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) settings: AccountSettings,
    pub(crate) identities: BTreeMap<String, Identity>,
    pub(crate) configuration_sets: BTreeMap<String, ConfigurationSet>,
    pub(crate) tenants: BTreeMap<String, Tenant>,
    /// Number of tenants ever created. No two tenants have the same id.
    pub(crate) tenants_made: u64,
    pub(crate) mailbox: Mailbox,
    pub(crate) suppressions: Suppressions,
    pub(crate) max_identities: usize,
    pub(crate) max_tenants: usize,
    pub(crate) restart_works: bool,
    pub(crate) duplicate_association_fails: bool,
    tokens: Tokens,
}

impl Account {
    pub(crate) fn new(rules: &Rules) -> Self {
        Self {
            settings: AccountSettings {
                account: rules.account.clone(),
                region: rules.region.clone(),
                sts_account: None,
                production_access: true,
                sending_enabled: true,
                enforcement_status: "HEALTHY".to_owned(),
                max_24_hour_send: None,
                max_send_rate: None,
                signing_hosted_zone: SIGNING_HOSTED_ZONE.to_owned(),
            },
            identities: BTreeMap::new(),
            configuration_sets: BTreeMap::new(),
            tenants: BTreeMap::new(),
            tenants_made: 0,
            mailbox: Mailbox::default(),
            suppressions: Suppressions::default(),
            max_identities: rules.max_identities,
            max_tenants: rules.max_tenants,
            restart_works: rules.restart_works,
            duplicate_association_fails: rules.duplicate_association_fails,
            tokens: rules.tokens,
        }
    }

    /// The identity with this name. Domains are compared without case, addresses with it.
    pub(crate) fn identity(&self, name: &str) -> Option<&Identity> {
        self.identities.get(&key(name))
    }

    /// The same, mutable.
    pub(crate) fn identity_mut(&mut self, name: &str) -> Option<&mut Identity> {
        self.identities.get_mut(&key(name))
    }

    /// Easy DKIM as SES sets it up for a domain at `now`.
    pub(crate) fn easy_dkim(&self, domain: &str, now: Timestamp) -> Dkim {
        Dkim {
            track: Track::new(Status::NotStarted, now),
            signing_enabled: true,
            origin: "AWS_SES".to_owned(),
            tokens: self.tokens_for("AWS_SES", domain),
            zone: self.settings.signing_hosted_zone.clone(),
            current_key_length: RSA_2048,
            next_key_length: RSA_2048,
            key_generated: now,
            length_changed: None,
        }
    }

    /// Tokens of a domain for an origin. A copy from another region has the tokens of that region.
    pub(crate) fn tokens_for(&self, origin: &str, domain: &str) -> Vec<String> {
        let settings = &self.settings;
        let region = origin.strip_prefix("AWS_SES_").map(|region| region.to_ascii_lowercase().replace('_', "-"));
        (self.tokens)(&settings.account, region.as_deref().unwrap_or(&settings.region), domain)
    }

    /// Adds a new identity as `CreateEmailIdentity` does, and replaces an existing one with this name.
    pub(crate) fn insert(&mut self, name: &str, now: Timestamp) -> &mut Identity {
        let name = key(name);
        let kind = kind(&name);
        let dkim = (kind == IdentityType::Domain).then(|| self.easy_dkim(&name, now));
        let identity = Identity {
            name: name.clone(),
            kind,
            created: now,
            verification: Track::new(Status::NotStarted, now),
            check: LastCheck::default(),
            dkim,
            tags: BTreeMap::new(),
            configuration_set: None,
            mail_from: None,
            policies: BTreeMap::new(),
            look: None,
            pinned: false,
        };
        self.identities.entry(name).insert_entry(identity).into_mut()
    }

    /// The effective DKIM settings of an identity: its own, or for an address those of the domain directly after its
    /// `@` (not of a parent domain).
    pub(crate) fn dkim_of<'a>(&'a self, identity: &'a Identity) -> Option<&'a Dkim> {
        match identity.kind {
            IdentityType::Domain => identity.dkim.as_ref(),
            IdentityType::EmailAddress => self.identities.get(&domain_of(&identity.name))?.dkim.as_ref(),
        }
    }

    /// Whether SES sends for the identity: it or a parent domain is verified.
    pub(crate) fn verified_for_sending(&self, identity: &Identity) -> bool {
        identity.verification.status.allows_sending()
            || ancestors(&domain_of(&identity.name))
                .filter_map(|domain| self.identities.get(domain))
                .any(|parent| parent.verification.status.allows_sending())
    }

    /// The MX record that SES requires at a MAIL FROM domain in this region.
    pub(crate) fn feedback_host(&self) -> String {
        format!("feedback-smtp.{}.amazonses.com", self.settings.region)
    }

    pub(crate) fn arn(&self, identity: &str) -> String {
        format!("{}identity/{identity}", self.arn_prefix())
    }

    /// The identity's name in its ARN, if the ARN is of this account and region.
    pub(crate) fn name_in_arn<'a>(&self, arn: &'a str) -> Option<&'a str> {
        arn.strip_prefix(&self.arn(""))
    }

    pub(crate) fn view(&self, identity: &Identity) -> IdentityView {
        let dkim = self.dkim_of(identity);
        let window = if identity.kind == IdentityType::Domain { DNS_WINDOW } else { MAIL_WINDOW };
        IdentityView {
            name: identity.name.clone(),
            kind: identity.kind,
            verification_status: identity.verification.status,
            dkim_status: dkim.map_or(Status::NotStarted, |dkim| dkim.track.status),
            verified_for_sending: self.verified_for_sending(identity),
            signing_enabled: dkim.is_some_and(|dkim| dkim.signing_enabled),
            origin: dkim.map_or("AWS_SES", |dkim| &dkim.origin).to_owned(),
            tokens: dkim.map(|dkim| dkim.tokens.clone()).unwrap_or_default(),
            signing_hosted_zone: dkim.map(|dkim| dkim.zone.clone()).unwrap_or_default(),
            tags: identity.tags.clone(),
            tenants: self
                .tenants_of(&Resource::identity(&identity.name))
                .iter()
                .map(|(it, _)| it.name.clone())
                .collect(),
            configuration_set: identity.configuration_set.clone(),
            mail_from: identity.mail_from.as_ref().map(MailFrom::view),
            policies: identity.policies.clone(),
            error: identity.check.error,
            soa: identity.check.soa.clone(),
            last_checked: identity.check.at,
            last_success: identity.check.success,
            created: identity.created,
            deadline: identity.verification.deadline(window).filter(|_| !identity.pinned),
            pinned: identity.pinned,
        }
    }
}
