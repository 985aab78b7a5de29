//! ARNs in the operations about associations. Third parties measured their checks and messages.

use super::{ApiError, Context, null_member};
use crate::core::account::{Resource, ResourceKind};

/// The resource of an ARN, if it is of this account and region and can belong to a tenant. [`existing`] checks whether
/// it exists.
pub(super) fn resource(cx: &Context<'_>, arn: Option<&str>) -> Result<Resource, ApiError> {
    let arn = arn.ok_or_else(|| null_member("resourceArn"))?;
    let nothing = || ApiError::bad_request("Provided resource identifier is not an SES resource");
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", _, service, region, account, name] = parts.as_slice() else { return Err(nothing()) };
    if *service != "ses" {
        return Err(ApiError::bad_request("Provided ARN is not in SES resource ARN format"));
    }
    let (word, name) = name.split_once('/').unwrap_or((name, ""));
    let kind =
        ResourceKind::named(word).ok_or_else(|| ApiError::bad_request(format!("Unsupported resource type: {word}")))?;
    if name.is_empty() {
        return Err(nothing());
    }
    let settings = &cx.account.settings;
    for (theirs, ours, what) in [(region, &settings.region, "region"), (account, &settings.account, "account")] {
        if *theirs != ours {
            return Err(ApiError::bad_request(format!("Resource <{arn}> must be in the same {what}")));
        }
    }
    Ok(Resource::new(kind, name))
}

pub(super) fn existing(cx: &Context<'_>, resource: Resource) -> Result<Resource, ApiError> {
    if cx.account.has(&resource) {
        return Ok(resource);
    }
    let name = &resource.name;
    Err(ApiError::not_found(match resource.kind {
        ResourceKind::Identity => format!("Identity <{name}> does not exist"),
        // SES writes this colon.
        ResourceKind::ConfigurationSet => format!("Configuration set <{name}> does not exist:"),
        ResourceKind::Template => format!("Email template <{name}> does not exist"),
    }))
}

/// Refuses to delete a tenant's resource.
pub(super) fn not_associated(cx: &Context<'_>, resource: &Resource) -> Result<(), ApiError> {
    if cx.account.tenants_of(resource).is_empty() {
        return Ok(());
    }
    Err(ApiError::bad_request(format!(
        "Cannot delete <{}> because it has tenant associations. Remove all tenant associations and try again.",
        cx.account.resource_arn(resource)
    )))
}
