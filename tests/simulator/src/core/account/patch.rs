//! Manual changes, as in the AWS console.

use jiff::Timestamp;

use super::{Account, AccountPatch, IdentityPatch, MailFrom, key};
use crate::core::lifecycle::{Status, Track};

impl Account {
    /// Creates the identity if it is missing, then changes it.
    pub(crate) fn put(&mut self, name: &str, patch: IdentityPatch, now: Timestamp) {
        if self.identity(name).is_none() {
            self.insert(name, now);
        }
        self.change(name, patch, now);
    }

    /// Changes an identity; `false` if it does not exist.
    pub(crate) fn change(&mut self, name: &str, patch: IdentityPatch, now: Timestamp) -> bool {
        let tokens = patch.origin.as_deref().map(|origin| match origin {
            "EXTERNAL" => vec!["console".to_owned()],
            _ => self.tokens_for(origin, &key(name)),
        });
        let Some(identity) = self.identity_mut(name) else { return false };
        set_track(&mut identity.verification, patch.verification_status, now);
        set(&mut identity.tags, patch.tags);
        set(&mut identity.pinned, patch.pinned);
        if let Some(name) = patch.configuration_set {
            identity.configuration_set = Some(name).filter(|name| !name.is_empty());
        }
        if let Some(domain) = patch.mail_from {
            let begun = MailFrom::begun(domain, patch.behavior_on_mx_failure.unwrap_or_default(), now);
            identity.mail_from = Some(begun).filter(|begun| !begun.domain.is_empty());
        }
        if let Some(mail_from) = &mut identity.mail_from {
            set_track(&mut mail_from.track, patch.mail_from_status, now);
            set(&mut mail_from.behavior, patch.behavior_on_mx_failure);
        }
        if let Some(dkim) = &mut identity.dkim {
            set_track(&mut dkim.track, patch.dkim_status, now);
            set(&mut dkim.signing_enabled, patch.signing_enabled);
            set(&mut dkim.origin, patch.origin);
            set(&mut dkim.tokens, tokens);
            set(&mut dkim.zone, patch.signing_hosted_zone);
        }
        true
    }

    pub(crate) fn change_settings(&mut self, patch: AccountPatch) {
        let settings = &mut self.settings;
        set(&mut settings.account, patch.account);
        set(&mut settings.region, patch.region);
        set(&mut settings.production_access, patch.production_access);
        set(&mut settings.sending_enabled, patch.sending_enabled);
        set(&mut settings.enforcement_status, patch.enforcement_status);
        settings.max_24_hour_send = patch.max_24_hour_send.or(settings.max_24_hour_send);
        settings.max_send_rate = patch.max_send_rate.or(settings.max_send_rate);
        set(&mut settings.signing_hosted_zone, patch.signing_hosted_zone);
        if let Some(account) = patch.sts_account {
            settings.sts_account = Some(account).filter(|account| !account.is_empty());
        }
    }
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

fn set_track(track: &mut Track, status: Option<Status>, now: Timestamp) {
    if let Some(status) = status {
        *track = Track::new(status, now);
    }
}
