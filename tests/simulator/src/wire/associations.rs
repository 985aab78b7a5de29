//! Which resources belong to which tenants.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::error::ApiError;
use super::identities::epoch;
use super::paging::{Asked, known_keys};
use super::tenants::no_name;
use super::{Context, arn, parse};
use crate::state::{Resource, ResourceKind};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    tenant_name: Option<String>,
    resource_arn: Option<String>,
}

/// The tenant and the resource of a request, if both exist.
fn both(cx: &Context<'_>, body: &[u8]) -> Result<(String, Resource), ApiError> {
    let input: Input = parse(body)?;
    let resource = arn::resource(cx, input.resource_arn.as_deref())?;
    let tenant = named(cx, input.tenant_name)?;
    Ok((tenant, arn::existing(cx, resource)?))
}

/// The name of a tenant that exists. An ill-formed name is just one that does not.
fn named(cx: &Context<'_>, name: Option<String>) -> Result<String, ApiError> {
    let name = name.filter(|name| !name.trim().is_empty()).ok_or_else(no_name)?;
    cx.tenant(&name)?;
    Ok(name)
}

/// `CreateTenantResourceAssociation`. Of one that exists AWS's documentation says `AlreadyExistsException`; a plain
/// success was seen too, and [`Options::duplicate_association_fails`](crate::Options) switches between the two.
pub(super) fn create(cx: &mut Context<'_>, body: &[u8]) -> Result<Value, ApiError> {
    let (tenant, resource) = both(cx, body)?;
    let (now, fails) = (cx.now, cx.account.duplicate_association_fails);
    // "Resources" is SES's own grammar.
    let exists =
        format!("Resources {} has already been associated with tenant {tenant}", cx.account.resource_arn(&resource));
    let resources = &mut cx.tenant_mut(&tenant)?.resources;
    if fails && resources.contains_key(&resource) {
        return Err(ApiError::already_exists(exists));
    }
    resources.entry(resource).or_insert(now);
    Ok(json!({}))
}

/// `DeleteTenantResourceAssociation`; one that does not exist is no error, a resource that does not exist is one.
pub(super) fn delete(cx: &mut Context<'_>, body: &[u8]) -> Result<Value, ApiError> {
    let (tenant, resource) = both(cx, body)?;
    cx.tenant_mut(&tenant)?.resources.remove(&resource);
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ResourcesInput {
    tenant_name: Option<String>,
    filter: Option<BTreeMap<String, String>>,
    #[serde(flatten)]
    asked: Asked,
}

/// `ListTenantResources`, by ARN.
pub(super) fn resources(cx: &Context<'_>, body: &[u8]) -> Result<Value, ApiError> {
    const KEY: &str = "RESOURCE_TYPE";
    let input: ResourcesInput = parse(body)?;
    let filter = input.filter.unwrap_or_default();
    known_keys(&filter, &[KEY])?;
    input.asked.check()?;
    let kind = filter.get(KEY).map(|word| kind(word)).transpose()?;
    let tenant = cx.tenant(&named(cx, input.tenant_name)?)?;
    let listed = tenant.resources.keys().filter(|resource| kind.is_none_or(|kind| resource.kind == kind));
    let items = listed.map(|resource| {
        let arn = cx.account.resource_arn(resource);
        (arn.clone(), json!({"ResourceType": resource.kind.as_str(), "ResourceArn": arn}))
    });
    let scope = format!("resources {} {kind:?}", tenant.id);
    let (items, next) = input.asked.page(&scope, items.collect(), cx.page_fault)?;
    Ok(json!({"TenantResources": items, "NextToken": next}))
}

/// The kind as real SES wants it; the words of its own API model are refused.
fn kind(word: &str) -> Result<ResourceKind, ApiError> {
    ResourceKind::named(word).ok_or_else(|| ApiError::bad_request(format!("Invalid resource type {word} specified.")))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TenantsInput {
    resource_arn: Option<String>,
    #[serde(flatten)]
    asked: Asked,
}

/// `ListResourceTenants`, the oldest association first.
pub(super) fn tenants(cx: &Context<'_>, body: &[u8]) -> Result<Value, ApiError> {
    let input: TenantsInput = parse(body)?;
    input.asked.check()?;
    let resource = arn::existing(cx, arn::resource(cx, input.resource_arn.as_deref())?)?;
    let arn = cx.account.resource_arn(&resource);
    let listed = cx.account.tenants_of(&resource);
    let items = listed.iter().map(|(tenant, since)| {
        let item = json!({
            "TenantName": tenant.name,
            "TenantId": tenant.id,
            "ResourceArn": arn,
            "AssociatedTimestamp": epoch(*since),
        });
        (format!("{:020} {}", since.as_nanosecond(), tenant.name), item)
    });
    let (items, next) = input.asked.page(&format!("tenants of {arn}"), items.collect(), cx.page_fault)?;
    Ok(json!({"ResourceTenants": items, "NextToken": next}))
}
