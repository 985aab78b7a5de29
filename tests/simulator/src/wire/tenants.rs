//! Create, get, list and delete tenants.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::error::ApiError;
use super::identities::{epoch, null_member};
use super::paging::{Asked, known_keys};
use super::tags::{Tag, checked};
use super::{Context, parse};
use crate::state::{Account, LONGEST_TENANT_NAME, SendingStatus, Suppression, Tenant, tenant_name_fits};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateInput {
    tenant_name: Option<String>,
    tags: Option<Vec<Tag>>,
    suppression_attributes: Option<SuppressionInput>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SuppressionInput {
    suppressed_reasons: Option<Vec<String>>,
    suppression_scope: Option<String>,
}

/// `CreateTenant`.
pub(super) fn create(cx: &mut Context<'_>, body: &[u8]) -> Result<Value, ApiError> {
    let input: CreateInput = parse(body)?;
    let name = input.tenant_name.ok_or_else(|| null_member("tenantName"))?;
    if name.is_empty() {
        return Err(ApiError::bad_request(
            "1 validation error detected: Value at 'tenantName' failed to satisfy constraint: Member must have length \
             greater than or equal to 1",
        ));
    }
    let name = checked_name(Some(name))?;
    let tags = checked(input.tags.unwrap_or_default())?;
    let suppression = input.suppression_attributes.map_or(Ok(None), suppression)?;
    if cx.account.tenants.contains_key(&name) {
        let account = &cx.account.settings.account;
        let message = format!("Tenant with name {name} already exists in account {account}");
        return Err(ApiError::already_exists(message));
    }
    if cx.account.tenants.len() >= cx.account.max_tenants {
        return Err(ApiError::limit_exceeded("The maximum number of tenants has been reached."));
    }
    let tenant = cx.account.insert_tenant(&name, cx.now);
    tenant.tags = tags;
    tenant.suppression = suppression;
    Ok(whole(cx.account, cx.tenant(&name)?))
}

/// Both or none of the two members.
fn suppression(input: SuppressionInput) -> Result<Option<Suppression>, ApiError> {
    match (input.suppressed_reasons, input.suppression_scope) {
        (None, None) => Ok(None),
        (Some(suppressed_reasons), Some(suppression_scope)) => {
            Ok(Some(Suppression { suppressed_reasons, suppression_scope }))
        }
        (Some(_), None) => {
            Err(ApiError::bad_request("SuppressedReasons cannot be specified without SuppressionScope."))
        }
        (None, Some(_)) => {
            Err(ApiError::bad_request("SuppressionScope cannot be specified without SuppressedReasons."))
        }
    }
}

/// A name that keeps the rules; the order of the checks was measured by third parties.
fn checked_name(name: Option<String>) -> Result<String, ApiError> {
    let name = name.filter(|name| !name.trim().is_empty()).ok_or_else(no_name)?;
    if name.chars().count() > LONGEST_TENANT_NAME {
        return Err(ApiError::bad_request(format!("TenantName cannot exceed {LONGEST_TENANT_NAME} characters.")));
    }
    if !tenant_name_fits(&name) {
        return Err(ApiError::bad_request(format!(
            "Invalid tenant name <{name}>: only alphanumeric ASCII characters, '_', and '-' are allowed."
        )));
    }
    Ok(name)
}

/// The word for a missing name, everywhere but in `CreateTenant`.
pub(super) fn no_name() -> ApiError {
    ApiError::bad_request("TenantName cannot be empty")
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NameInput {
    tenant_name: Option<String>,
}

/// `GetTenant`.
pub(super) fn get(cx: &Context<'_>, body: &[u8]) -> Result<Value, ApiError> {
    let input: NameInput = parse(body)?;
    let name = checked_name(input.tenant_name)?;
    Ok(json!({"Tenant": whole(cx.account, cx.tenant(&name)?)}))
}

/// `DeleteTenant`; its associations go with it.
pub(super) fn delete(cx: &mut Context<'_>, body: &[u8]) -> Result<Value, ApiError> {
    let input: NameInput = parse(body)?;
    let name = checked_name(input.tenant_name)?;
    cx.tenant(&name)?;
    cx.account.tenants.remove(&name);
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListInput {
    filter: Option<BTreeMap<String, String>>,
    #[serde(flatten)]
    asked: Asked,
}

/// `ListTenants`, by name.
pub(super) fn list(cx: &Context<'_>, body: &[u8]) -> Result<Value, ApiError> {
    let input: ListInput = parse(body)?;
    let filter = input.filter.unwrap_or_default();
    known_keys(&filter, &["SENDING_STATUS", "TENANT_NAME_CONTAINS"])?;
    input.asked.check()?;
    let part = filter.get("TENANT_NAME_CONTAINS").map(|part| part.to_lowercase());
    if part.as_ref().is_some_and(|part| part.chars().count() < 3) {
        return Err(ApiError::bad_request("TENANT_NAME_CONTAINS must be at least 3 characters."));
    }
    let status = filter.get("SENDING_STATUS").map(|status| sending_status(status)).transpose()?;
    let lets = |tenant: &&Tenant| {
        part.as_ref().is_none_or(|part| tenant.name.to_lowercase().contains(part))
            && status.is_none_or(|status| tenant.sending_status == status)
    };
    let tenants = cx.account.tenants.values().filter(lets);
    let items = tenants.map(|tenant| (tenant.name.clone(), info(cx.account, tenant))).collect();
    let (items, next) = input.asked.page(&format!("tenants {part:?} {status:?}"), items, cx.page_fault)?;
    Ok(json!({"Tenants": items, "NextToken": next}))
}

fn sending_status(word: &str) -> Result<SendingStatus, ApiError> {
    serde_json::from_value(json!(word)).map_err(|_| ApiError::bad_request(format!("Invalid sending status <{word}>.")))
}

/// `TenantInfo`.
fn info(account: &Account, tenant: &Tenant) -> Value {
    json!({
        "TenantName": tenant.name,
        "TenantId": tenant.id,
        "TenantArn": account.tenant_arn(tenant),
        "CreatedTimestamp": epoch(tenant.created),
        "SendingStatus": tenant.sending_status,
    })
}

/// `Tenant`.
fn whole(account: &Account, tenant: &Tenant) -> Value {
    let mut whole = info(account, tenant);
    whole["Tags"] = json!(Tag::list(&tenant.tags));
    whole["SuppressionAttributes"] = json!(tenant.suppression);
    whole
}
