//! Who may send, how much, and whom SES sends nothing.

use super::{Account, AccountSettings, Identity, ancestors, domain_of};
use crate::core::mail::address::without_label;

/// `SendQuota`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Quota {
    /// Recipients in 24 hours; negative: any number.
    pub(crate) max_24_hour_send: f64,
    /// Recipients a second.
    pub(crate) max_send_rate: f64,
}

impl AccountSettings {
    /// The quota as set, else that of a typical account in production, or of the sandbox (AWS SES Developer Guide,
    /// "Request production access").
    pub(crate) fn quota(&self) -> Quota {
        let (per_day, per_second) = if self.production_access { (50_000.0, 14.0) } else { (200.0, 1.0) };
        Quota {
            max_24_hour_send: self.max_24_hour_send.unwrap_or(per_day),
            max_send_rate: self.max_send_rate.unwrap_or(per_second),
        }
    }
}

impl Account {
    /// The identity whose settings count for mail from an address: the address itself, the address without its label,
    /// its domain, or the nearest verified domain above. The first that is there counts, verified or not: an unverified
    /// identity does not lend its settings to a mail, but it hides those of its parents (measured by third parties).
    pub(crate) fn sending_identity(&self, spec: &str) -> Option<&Identity> {
        let allows = |identity: &&Identity| identity.verification.status.allows_sending();
        let domain = domain_of(spec);
        let without_label = || self.identities.get(&without_label(spec)?).filter(allows);
        let above = || ancestors(&domain).skip(1).filter_map(|name| self.identities.get(name)).find(allows);
        self.identities.get(spec).or_else(without_label).or_else(|| self.identities.get(&domain)).or_else(above)
    }

    /// Whether an address is verified: itself, without its label, or by its domain or one above. The case of an address
    /// matters, that of a domain does not.
    pub(crate) fn address_verified(&self, spec: &str) -> bool {
        let domain = domain_of(spec);
        let allows = |name: &str| self.identities.get(name).is_some_and(|it| it.verification.status.allows_sending());
        allows(spec) || without_label(spec).is_some_and(|bare| allows(&bare)) || ancestors(&domain).any(allows)
    }

    /// The reasons for which an entry of the account's suppression list counts. A configuration set's word comes before
    /// a tenant's, and a tenant's before the account's; a tenant with a list of its own is not bound by the account's
    /// (AWS SES Developer Guide, "Using tenant-level suppression lists").
    pub(crate) fn suppression_reasons(&self, set: Option<&str>, tenant: Option<&str>) -> Vec<String> {
        let of_set = set.and_then(|set| self.configuration_sets.get(set)?.options.get("SuppressionOptions"));
        if let Some(reasons) = of_set.and_then(|options| options["SuppressedReasons"].as_array()) {
            return reasons.iter().filter_map(|reason| reason.as_str().map(str::to_owned)).collect();
        }
        let of_tenant = tenant.and_then(|tenant| self.tenants.get(tenant)?.suppression.as_ref());
        match of_tenant {
            Some(suppression) if suppression.suppression_scope == "TENANT" => Vec::new(),
            Some(suppression) => suppression.suppressed_reasons.clone(),
            None => vec!["BOUNCE".to_owned(), "COMPLAINT".to_owned()],
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::core::account::{Account, ConfigurationSet, IdentityPatch, Suppression};
    use crate::core::lifecycle::Status;
    use crate::core::rules::Rules;
    use jiff::Timestamp;

    fn account(identities: &[(&str, Status)]) -> Account {
        let mut account = Account::new(&Rules::default());
        for (name, status) in identities {
            account.put(name, IdentityPatch::status(*status), Timestamp::UNIX_EPOCH);
        }
        account
    }

    #[test]
    fn a_configuration_set_overrides_the_tenant_and_the_tenant_the_account() {
        let mut account = account(&[]);
        let options = serde_json::json!({"SuppressionOptions": {"SuppressedReasons": ["BOUNCE"]}});
        let options = options.as_object().cloned().unwrap_or_default();
        account.configuration_sets.insert("bounces".to_owned(), ConfigurationSet { options, ..Default::default() });
        account.configuration_sets.insert("silent".to_owned(), ConfigurationSet::default());
        for (tenant, scope) in [("own-list", "TENANT"), ("shared-list", "ACCOUNT")] {
            let suppression =
                Suppression { suppressed_reasons: vec!["COMPLAINT".to_owned()], suppression_scope: scope.to_owned() };
            account.insert_tenant(tenant, Timestamp::UNIX_EPOCH).suppression = Some(suppression);
        }
        account.insert_tenant("plain", Timestamp::UNIX_EPOCH);
        let rows: [(Option<&str>, Option<&str>, &[&str]); 7] = [
            (None, None, &["BOUNCE", "COMPLAINT"]),
            (Some("bounces"), None, &["BOUNCE"]),
            (Some("bounces"), Some("own-list"), &["BOUNCE"]),
            (Some("silent"), Some("own-list"), &[]),
            (None, Some("own-list"), &[]),
            (None, Some("shared-list"), &["COMPLAINT"]),
            (Some("silent"), Some("plain"), &["BOUNCE", "COMPLAINT"]),
        ];
        for (set, tenant, expected) in rows {
            assert_eq!(account.suppression_reasons(set, tenant), expected, "{set:?} {tenant:?}");
        }
    }

    #[test]
    fn the_nearest_identity_counts_and_any_verified_one_above_lets_it_send() {
        use Status::{Failed, Pending, Success, TemporaryFailure};
        type Row<'a> = (&'a [(&'a str, Status)], &'a str, Option<&'a str>, bool);
        let table: &[Row<'_>] = &[
            (&[], "ops@acme.example", None, false),
            (&[("acme.example", Success)], "ops@acme.example", Some("acme.example"), true),
            (&[("acme.example", Success)], "ops@ACME.example", Some("acme.example"), true),
            (&[("acme.example", Pending)], "ops@acme.example", Some("acme.example"), false),
            (&[("acme.example", TemporaryFailure)], "ops@acme.example", Some("acme.example"), true),
            (&[("acme.example", Success)], "ops@a.b.acme.example", Some("acme.example"), true),
            (&[("acme.example", Failed)], "ops@a.acme.example", None, false),
            (
                &[("acme.example", Success), ("a.acme.example", Pending)],
                "ops@a.acme.example",
                Some("a.acme.example"),
                true,
            ),
            (
                &[("acme.example", Success), ("ops@acme.example", Pending)],
                "ops@acme.example",
                Some("ops@acme.example"),
                true,
            ),
            (&[("ops@acme.example", Success)], "ops@acme.example", Some("ops@acme.example"), true),
            (&[("ops@acme.example", Success)], "Ops@acme.example", None, false),
            (&[("ops@acme.example", Success)], "ops@ACME.example", None, false),
            (&[("ops@acme.example", Success)], "ops+x@acme.example", Some("ops@acme.example"), true),
            (&[("ops@acme.example", Pending)], "ops+x@acme.example", None, false),
            (&[("b.acme.example", Success)], "ops@acme.example", None, false),
            (&[("acme.example", Success)], "ops@notacme.example", None, false),
        ];
        for (identities, spec, identity, verified) in table {
            let account = account(identities);
            assert_eq!(account.sending_identity(spec).map(|it| it.name.as_str()), *identity, "{spec} {identities:?}");
            assert_eq!(account.address_verified(spec), *verified, "{spec} {identities:?}");
        }
    }
}
