//! Associations of resources with tenants.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::paging::{Asked, known_keys};
use super::tenants::no_name;
use super::{ApiError, Call, Context, Done, Epoch, arn};
use crate::core::account::{Resource, ResourceKind};

/// The tenant and the resource of a request, if both exist.
fn both(
    cx: &Context<'_>,
    tenant_name: Option<String>,
    resource_arn: Option<&str>,
) -> Result<(String, Resource), ApiError> {
    let resource = arn::resource(cx, resource_arn)?;
    let tenant = named(cx, tenant_name)?;
    Ok((tenant, arn::existing(cx, resource)?))
}

/// The name of an existing tenant. An ill-formed name counts as missing.
fn named(cx: &Context<'_>, name: Option<String>) -> Result<String, ApiError> {
    let name = name.filter(|name| !name.trim().is_empty()).ok_or_else(no_name)?;
    cx.tenant(&name)?;
    Ok(name)
}

/// AWS documents `AlreadyExistsException` for an existing association; a plain success was also observed.
/// [`Rules::duplicate_association_fails`](crate::core::Rules) selects the behavior.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct CreateTenantResourceAssociation {
    pub tenant_name: Option<String>,
    pub resource_arn: Option<String>,
}

impl Call for CreateTenantResourceAssociation {
    type Answer = Done;

    fn run(self, cx: &mut Context<'_>) -> Result<Done, ApiError> {
        let (tenant, resource) = both(cx, self.tenant_name, self.resource_arn.as_deref())?;
        let (now, fails) = (cx.now, cx.account.duplicate_association_fails);
        let arn = cx.account.resource_arn(&resource);
        // SES's own grammar is "Resources".
        let exists = format!("Resources {arn} has already been associated with tenant {tenant}");
        let resources = &mut cx.tenant_mut(&tenant)?.resources;
        if fails && resources.contains_key(&resource) {
            return Err(ApiError::already_exists(exists));
        }
        resources.entry(resource).or_insert(now);
        Ok(Done {})
    }
}

/// A missing association is not an error, a missing resource is.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DeleteTenantResourceAssociation {
    pub tenant_name: Option<String>,
    pub resource_arn: Option<String>,
}

impl Call for DeleteTenantResourceAssociation {
    type Answer = Done;

    fn run(self, cx: &mut Context<'_>) -> Result<Done, ApiError> {
        let (tenant, resource) = both(cx, self.tenant_name, self.resource_arn.as_deref())?;
        cx.tenant_mut(&tenant)?.resources.remove(&resource);
        Ok(Done {})
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListTenantResources {
    pub tenant_name: Option<String>,
    pub filter: Option<BTreeMap<String, String>>,
    #[serde(flatten)]
    pub asked: Asked,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TenantResources {
    pub tenant_resources: Vec<TenantResource>,
    pub next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TenantResource {
    pub resource_type: &'static str,
    pub resource_arn: String,
}

impl Call for ListTenantResources {
    type Answer = TenantResources;

    /// Sorted by ARN.
    fn run(self, cx: &mut Context<'_>) -> Result<TenantResources, ApiError> {
        const KEY: &str = "RESOURCE_TYPE";
        let filter = self.filter.unwrap_or_default();
        known_keys(&filter, &[KEY])?;
        self.asked.check()?;
        let kind = filter.get(KEY).map(|word| kind(word)).transpose()?;
        let tenant = cx.tenant(&named(cx, self.tenant_name)?)?;
        let listed = tenant.resources.keys().filter(|resource| kind.is_none_or(|kind| resource.kind == kind));
        let items = listed.map(|resource| {
            let resource_arn = cx.account.resource_arn(resource);
            (resource_arn.clone(), TenantResource { resource_type: resource.kind.as_str(), resource_arn })
        });
        let scope = format!("resources {} {kind:?}", tenant.id);
        let (tenant_resources, next_token) = self.asked.page(&scope, items.collect())?;
        Ok(TenantResources { tenant_resources, next_token })
    }
}

/// The kind in the spelling of the real SES, which refuses the words of its own API model.
fn kind(word: &str) -> Result<ResourceKind, ApiError> {
    ResourceKind::named(word).ok_or_else(|| ApiError::bad_request(format!("Invalid resource type {word} specified.")))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListResourceTenants {
    pub resource_arn: Option<String>,
    #[serde(flatten)]
    pub asked: Asked,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ResourceTenants {
    pub resource_tenants: Vec<ResourceTenant>,
    pub next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ResourceTenant {
    pub tenant_name: String,
    pub tenant_id: String,
    pub resource_arn: String,
    pub associated_timestamp: Epoch,
}

impl Call for ListResourceTenants {
    type Answer = ResourceTenants;

    /// Sorted by age, the oldest association first.
    fn run(self, cx: &mut Context<'_>) -> Result<ResourceTenants, ApiError> {
        self.asked.check()?;
        let resource = arn::existing(cx, arn::resource(cx, self.resource_arn.as_deref())?)?;
        let arn = cx.account.resource_arn(&resource);
        let listed = cx.account.tenants_of(&resource);
        let items = listed.iter().map(|(tenant, since)| {
            let item = ResourceTenant {
                tenant_name: tenant.name.clone(),
                tenant_id: tenant.id.clone(),
                resource_arn: arn.clone(),
                associated_timestamp: Epoch(*since),
            };
            (format!("{:020} {}", since.as_nanosecond(), tenant.name), item)
        });
        let scope = format!("tenants of {arn}");
        let (resource_tenants, next_token) = self.asked.page(&scope, items.collect())?;
        Ok(ResourceTenants { resource_tenants, next_token })
    }
}
