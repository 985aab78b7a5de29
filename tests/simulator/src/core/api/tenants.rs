//! Create, get, list and delete tenants.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::paging::{Asked, known_keys};
use super::tags::{Tag, checked};
use super::{ApiError, Call, Context, Done, Epoch, null_member};
use crate::core::account::{Account, LONGEST_TENANT_NAME, SendingStatus, Suppression, Tenant, tenant_name_fits};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct CreateTenant {
    pub tenant_name: Option<String>,
    pub tags: Option<Vec<Tag>>,
    pub suppression_attributes: Option<Suppressing>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Suppressing {
    pub suppressed_reasons: Option<Vec<String>>,
    pub suppression_scope: Option<String>,
}

impl Call for CreateTenant {
    type Answer = WholeTenant;

    fn run(self, cx: &mut Context<'_>) -> Result<WholeTenant, ApiError> {
        let name = self.tenant_name.ok_or_else(|| null_member("tenantName"))?;
        if name.is_empty() {
            return Err(ApiError::bad_request(
                "1 validation error detected: Value at 'tenantName' failed to satisfy constraint: Member must have length \
                 greater than or equal to 1",
            ));
        }
        let name = checked_name(Some(name))?;
        let tags = checked(self.tags.unwrap_or_default())?;
        let suppression = self.suppression_attributes.map_or(Ok(None), suppression)?;
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
        Ok(WholeTenant::of(cx.account, cx.tenant(&name)?))
    }
}

/// Both members or neither.
fn suppression(input: Suppressing) -> Result<Option<Suppression>, ApiError> {
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

/// A valid name; third parties measured the order of the checks.
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

/// The error for a missing name, except in `CreateTenant`.
pub(super) fn no_name() -> ApiError {
    ApiError::bad_request("TenantName cannot be empty")
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct GetTenant {
    pub tenant_name: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Got {
    pub tenant: WholeTenant,
}

impl Call for GetTenant {
    type Answer = Got;

    fn run(self, cx: &mut Context<'_>) -> Result<Got, ApiError> {
        let name = checked_name(self.tenant_name)?;
        Ok(Got { tenant: WholeTenant::of(cx.account, cx.tenant(&name)?) })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DeleteTenant {
    pub tenant_name: Option<String>,
}

impl Call for DeleteTenant {
    type Answer = Done;

    /// Also deletes its associations.
    fn run(self, cx: &mut Context<'_>) -> Result<Done, ApiError> {
        let name = checked_name(self.tenant_name)?;
        cx.tenant(&name)?;
        cx.account.tenants.remove(&name);
        Ok(Done {})
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListTenants {
    pub filter: Option<BTreeMap<String, String>>,
    #[serde(flatten)]
    pub asked: Asked,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tenants {
    pub tenants: Vec<TenantInfo>,
    pub next_token: Option<String>,
}

impl Call for ListTenants {
    type Answer = Tenants;

    /// Sorted by name.
    fn run(self, cx: &mut Context<'_>) -> Result<Tenants, ApiError> {
        let filter = self.filter.unwrap_or_default();
        known_keys(&filter, &["SENDING_STATUS", "TENANT_NAME_CONTAINS"])?;
        self.asked.check()?;
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
        let items = tenants.map(|tenant| (tenant.name.clone(), TenantInfo::of(cx.account, tenant))).collect();
        let scope = format!("tenants {part:?} {status:?}");
        let (tenants, next_token) = self.asked.page(&scope, items)?;
        Ok(Tenants { tenants, next_token })
    }
}

fn sending_status(word: &str) -> Result<SendingStatus, ApiError> {
    serde_json::from_value(json!(word)).map_err(|_| ApiError::bad_request(format!("Invalid sending status <{word}>.")))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TenantInfo {
    pub tenant_name: String,
    pub tenant_id: String,
    pub tenant_arn: String,
    pub created_timestamp: Epoch,
    pub sending_status: SendingStatus,
}

impl TenantInfo {
    fn of(account: &Account, tenant: &Tenant) -> Self {
        Self {
            tenant_name: tenant.name.clone(),
            tenant_id: tenant.id.clone(),
            tenant_arn: account.tenant_arn(tenant),
            created_timestamp: Epoch(tenant.created),
            sending_status: tenant.sending_status,
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct WholeTenant {
    #[serde(flatten)]
    pub info: TenantInfo,
    pub tags: Vec<Tag>,
    pub suppression_attributes: Option<Suppression>,
}

impl WholeTenant {
    fn of(account: &Account, tenant: &Tenant) -> Self {
        let (info, tags) = (TenantInfo::of(account, tenant), Tag::list(&tenant.tags));
        Self { info, tags, suppression_attributes: tenant.suppression.clone() }
    }
}
