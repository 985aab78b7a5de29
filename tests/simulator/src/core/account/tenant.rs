//! Tenants and the resources that are associated with them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Account, Resource, fnv1a, mix};

pub(crate) const LONGEST_TENANT_NAME: usize = 64;

/// Whether SES takes the name for a tenant.
pub(crate) fn tenant_name_fits(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=LONGEST_TENANT_NAME).contains(&name.len()) && name.bytes().all(fits)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SendingStatus {
    Enabled,
    Disabled,
    /// It may send again; findings are ignored until they are resolved.
    Reinstated,
}

/// `TenantSuppressionAttributes`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Suppression {
    pub(crate) suppressed_reasons: Vec<String>,
    pub(crate) suppression_scope: String,
}

/// A tenant in the account. It owns its associations.
#[derive(Debug, Clone)]
pub(crate) struct Tenant {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) created: Timestamp,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) sending_status: SendingStatus,
    pub(crate) suppression: Option<Suppression>,
    /// The associated resources and the times of association.
    pub(crate) resources: BTreeMap<Resource, Timestamp>,
}

/// A tenant as tests, the control API and the page see it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TenantView {
    pub name: String,
    /// `TenantId`; a tenant that is deleted and created again has a new id.
    pub id: String,
    pub arn: String,
    pub created: Timestamp,
    pub tags: BTreeMap<String, String>,
    pub sending_status: SendingStatus,
    /// ARNs of the associated resources, sorted.
    pub resources: Vec<String>,
}

/// A change of a tenant outside of the API; `None` keeps a value.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TenantPatch {
    /// Replaces all tags.
    pub tags: Option<BTreeMap<String, String>>,
    pub sending_status: Option<SendingStatus>,
}

impl Account {
    /// Adds a new tenant, and replaces an existing one with this name together with its associations.
    pub(crate) fn insert_tenant(&mut self, name: &str, now: Timestamp) -> &mut Tenant {
        self.tenants_made += 1;
        let tenant = Tenant {
            name: name.to_owned(),
            id: tenant_id(&format!("{}{name}/{}", self.arn_prefix(), self.tenants_made)),
            created: now,
            tags: BTreeMap::new(),
            sending_status: SendingStatus::Enabled,
            suppression: None,
            resources: BTreeMap::new(),
        };
        self.tenants.entry(name.to_owned()).insert_entry(tenant).into_mut()
    }

    pub(crate) fn tenant_arn(&self, tenant: &Tenant) -> String {
        format!("{}tenant/{}/{}", self.arn_prefix(), tenant.name, tenant.id)
    }

    /// The tenants of a resource, and since when; the oldest association first.
    pub(crate) fn tenants_of(&self, resource: &Resource) -> Vec<(&Tenant, Timestamp)> {
        let since = |tenant: &'_ Tenant| tenant.resources.get(resource).copied();
        let mut tenants: Vec<_> = self.tenants.values().filter_map(|tenant| Some((tenant, since(tenant)?))).collect();
        tenants.sort_by_key(|(_, since)| *since);
        tenants
    }

    pub(crate) fn disassociate_all(&mut self, resource: &Resource) {
        for tenant in self.tenants.values_mut() {
            tenant.resources.remove(resource);
        }
    }

    pub(crate) fn tenant_view(&self, tenant: &Tenant) -> TenantView {
        TenantView {
            name: tenant.name.clone(),
            id: tenant.id.clone(),
            arn: self.tenant_arn(tenant),
            created: tenant.created,
            tags: tenant.tags.clone(),
            sending_status: tenant.sending_status,
            resources: tenant.resources.keys().map(|resource| self.resource_arn(resource)).collect(),
        }
    }
}

/// `tn-` and 30 hexadecimal digits, like SES's ids.
fn tenant_id(seed: &str) -> String {
    let seed = fnv1a(seed);
    format!("tn-{:016x}{:014x}", mix(seed), mix(seed.wrapping_add(1)) >> 8)
}
