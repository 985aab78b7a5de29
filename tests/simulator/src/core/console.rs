//! Changes outside of the API, by a user of the AWS console or the owner of a mailbox.

use jiff::Timestamp;

use super::account::{
    Account, IdentityPatch, IdentityType, IdentityView, Resource, ResourceKind, SIGNING_HOSTED_ZONE, TenantPatch,
    TenantView, domain_of, key,
};
use super::ses::Ses;

/// The target of a manual change does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoSuch {
    #[error("there is no identity {0}")]
    Identity(String),
    #[error("there is no tenant {0}")]
    Tenant(String),
    /// No such identity, or it is a domain.
    #[error("there is no address {0}")]
    Address(String),
    /// The link in the mail to the address no longer works.
    #[error("the link in the mail to {0} is dead")]
    Link(String),
    #[error("there is no identity or configuration set {0}")]
    Resource(String),
    #[error("there is no mail {0}")]
    Mail(String),
}

impl Ses {
    pub fn identity(&self, name: &str) -> Option<IdentityView> {
        self.account.identity(name).map(|identity| self.account.view(identity))
    }

    pub fn identities(&self) -> impl Iterator<Item = IdentityView> {
        self.account.identities.values().map(|identity| self.account.view(identity))
    }

    /// Creates or changes an identity. Without a status in the patch, its verification starts as usual.
    pub fn put_identity(&mut self, name: &str, patch: IdentityPatch, now: Timestamp) {
        self.account.put(name, patch, now);
    }

    /// Changes an identity; `false` if it does not exist.
    pub fn change_identity(&mut self, name: &str, patch: IdentityPatch, now: Timestamp) -> bool {
        self.account.change(name, patch, now)
    }

    /// Deletes an identity, its associations first; `false` if it does not exist.
    pub fn remove_identity(&mut self, name: &str) -> bool {
        self.account.disassociate_all(&Resource::identity(name));
        self.account.identities.remove(&key(name)).is_some()
    }

    /// Clicks the link in SES's mail to an address. The link works for 24 hours; a second click has no effect.
    pub(crate) fn confirm_address(&mut self, address: &str, now: Timestamp) -> Result<(), NoSuch> {
        let identity = self.account.identity_mut(address).filter(|it| it.kind == IdentityType::EmailAddress);
        let identity = identity.ok_or_else(|| NoSuch::Address(address.to_owned()))?;
        identity.verification = identity.verification.clicked(now).ok_or_else(|| NoSuch::Link(address.to_owned()))?;
        Ok(())
    }

    /// `(name, type, value)` of the records that SES requires: the three CNAMEs of a domain (or of an address' domain),
    /// or a key record under the customer's own selector.
    pub fn dkim_records(&self, domain: &str) -> Vec<(String, &'static str, String)> {
        let account = &self.account;
        let domain = domain_of(&key(domain));
        let dkim = account.identity(&domain).and_then(|identity| identity.dkim.as_ref());
        let tokens = dkim.map_or_else(|| account.tokens_for("AWS_SES", &domain), |dkim| dkim.tokens.clone());
        let zone = dkim.map_or(account.settings.signing_hosted_zone.as_str(), |dkim| &dkim.zone);
        let zone = if zone.is_empty() { SIGNING_HOSTED_ZONE } else { zone };
        let own = dkim.is_some_and(super::account::Dkim::external);
        let records = tokens.iter().map(|token| {
            let name = format!("{token}._domainkey.{domain}");
            if own {
                (name, "TXT", "p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCB".to_owned())
            } else {
                (name, "CNAME", format!("{token}.{zone}"))
            }
        });
        records.collect()
    }

    /// `(name, type, value)` of a MAIL FROM domain's records: the MX record for SES, and the SPF record for receivers.
    pub(crate) fn mail_from_records(&self, domain: &str) -> Vec<(String, &'static str, String)> {
        vec![
            (domain.to_owned(), "MX", format!("10 {}", self.account.feedback_host())),
            (domain.to_owned(), "TXT", "v=spf1 include:amazonses.com ~all".to_owned()),
        ]
    }

    /// Adds a policy to an identity without a check of its content, and replaces one with this name.
    pub fn put_policy(&mut self, identity: &str, name: &str, policy: &str) -> Result<(), NoSuch> {
        let found = self.account.identity_mut(identity).ok_or_else(|| NoSuch::Identity(identity.to_owned()))?;
        found.policies.insert(name.to_owned(), policy.to_owned());
        Ok(())
    }

    /// Removes a policy; `false` if it does not exist.
    pub(crate) fn remove_policy(&mut self, identity: &str, name: &str) -> Result<bool, NoSuch> {
        let found = self.account.identity_mut(identity).ok_or_else(|| NoSuch::Identity(identity.to_owned()))?;
        Ok(found.policies.remove(name).is_some())
    }
}

impl Ses {
    pub(crate) fn tenants(&self) -> impl Iterator<Item = TenantView> {
        self.account.tenants.values().map(|tenant| self.account.tenant_view(tenant))
    }

    pub(crate) fn tenant(&self, name: &str) -> Option<TenantView> {
        self.account.tenants.get(name).map(|tenant| self.account.tenant_view(tenant))
    }

    /// Creates or changes a tenant.
    pub fn put_tenant(&mut self, name: &str, patch: TenantPatch, now: Timestamp) {
        if !self.account.tenants.contains_key(name) {
            self.account.insert_tenant(name, now);
        }
        if let Some(tenant) = self.account.tenants.get_mut(name) {
            tenant.tags = patch.tags.unwrap_or_else(|| std::mem::take(&mut tenant.tags));
            tenant.sending_status = patch.sending_status.unwrap_or(tenant.sending_status);
        }
    }

    /// Deletes a tenant and its associations; `false` if it does not exist.
    pub(crate) fn remove_tenant(&mut self, name: &str) -> bool {
        self.account.tenants.remove(name).is_some()
    }

    /// Associates a resource with a tenant: an ARN, the name of an identity, or `configuration-set/NAME`. This is
    /// idempotent.
    pub fn associate(&mut self, tenant: &str, resource: &str, now: Timestamp) -> Result<(), NoSuch> {
        let found = found(&self.account, resource)?;
        let tenant = self.account.tenants.get_mut(tenant).ok_or_else(|| NoSuch::Tenant(tenant.to_owned()))?;
        tenant.resources.entry(found).or_insert(now);
        Ok(())
    }

    /// Ends an association; `false` if there was none.
    pub(crate) fn disassociate(&mut self, tenant: &str, resource: &str) -> Result<bool, NoSuch> {
        let found = found(&self.account, resource)?;
        let tenant = self.account.tenants.get_mut(tenant).ok_or_else(|| NoSuch::Tenant(tenant.to_owned()))?;
        Ok(tenant.resources.remove(&found).is_some())
    }

    /// The ARN of an identity or of `configuration-set/NAME`, even if it does not exist.
    pub fn arn(&self, resource: &str) -> String {
        self.account.resource_arn(&self.account.resource_named(resource))
    }

    pub fn put_configuration_set(&mut self, name: &str) {
        self.account.configuration_sets.entry(name.to_owned()).or_default();
    }

    /// Removes a configuration set, its associations first. Identities that name it keep the name.
    pub(crate) fn remove_configuration_set(&mut self, name: &str) -> bool {
        self.account.disassociate_all(&Resource::new(ResourceKind::ConfigurationSet, name));
        self.account.configuration_sets.remove(name).is_some()
    }
}

fn found(account: &Account, text: &str) -> Result<Resource, NoSuch> {
    let resource = account.resource_named(text);
    if account.has(&resource) { Ok(resource) } else { Err(NoSuch::Resource(text.to_owned())) }
}
