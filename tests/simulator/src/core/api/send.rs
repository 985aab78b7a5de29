//! `SendEmail`.

use std::sync::Arc;

use serde::Serialize;
use serde_json::json;

use super::draft::{Draft, SendEmail, check_addresses};
use super::parsed_mail::arrived;
use super::{ApiError, Call, Context, configuration_sets};
use crate::core::account::{Account, BehaviorOnMxFailure, Identity, Resource, ResourceKind, SendingStatus};
use crate::core::lifecycle::Status;
use crate::core::mail::{address, simulated};

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Sent {
    pub message_id: String,
}

impl Call for SendEmail {
    type Answer = Sent;

    /// Order of the checks (measured by third parties): the request's structure, the tenant, then addresses,
    /// configuration set and identity. A refused mail does not count against a quota.
    fn run(self, cx: &mut Context<'_>) -> Result<Sent, ApiError> {
        account_may_send(cx.account)?;
        let draft = self.draft()?;
        if let Some(tenant) = &draft.tenant {
            tenant_may_send(cx, tenant)?;
        }
        let message_id = cx.account.mailbox.next_id(cx.now);
        let identity = cx.account.sending_identity(address::spec(&draft.from)).cloned();
        let default_set = identity.as_ref().and_then(|identity| identity.configuration_set.clone());
        let set = draft.configuration_set.clone().or(default_set);
        if let Some(tenant) = &draft.tenant {
            associated(cx, tenant, &draft.from, identity.as_ref(), set.as_deref())?;
        }
        check_addresses(&draft)?;
        if let Some(set) = &set {
            set_may_send(cx.account, set, draft.configuration_set.is_some())?;
        }
        verified(cx.account, &draft)?;
        // `verified` has checked that there is one.
        let identity = identity.ok_or_else(|| not_verified(cx.account, std::slice::from_ref(&draft.from)))?;
        let mailed_by = mail_from(&identity)?;
        within_quota(cx)?;
        let mail = Arc::new(arrived(cx, draft, message_id.clone(), &identity, set, mailed_by));
        let recipients = u32::try_from(mail.deliveries.len()).unwrap_or(u32::MAX);
        cx.send_throttle.charge(f64::from(recipients));
        cx.account.mailbox.put(mail);
        Ok(Sent { message_id })
    }
}

fn account_may_send(account: &Account) -> Result<(), ApiError> {
    let settings = &account.settings;
    if settings.enforcement_status == "SHUTDOWN" {
        return Err(ApiError::new(
            400,
            "AccountSuspendedException",
            "The account's ability to send email has been permanently restricted.",
        ));
    }
    if settings.sending_enabled {
        return Ok(());
    }
    Err(paused(
        "Sending paused for this account. For more information, please check the inbox of the email address associated \
         with your AWS account.",
    ))
}

fn paused(message: impl Into<String>) -> ApiError {
    ApiError::new(400, "SendingPausedException", message)
}

/// The message for a missing tenant differs here.
fn tenant_may_send(cx: &Context<'_>, tenant: &str) -> Result<(), ApiError> {
    if tenant.trim().is_empty() {
        return Err(super::tenants::no_name());
    }
    let missing =
        || ApiError::not_found(format!("Tenant {tenant} for AwsAccountId {} not found.", cx.account.settings.account));
    let found = cx.account.tenants.get(tenant).ok_or_else(missing)?;
    if found.sending_status == SendingStatus::Disabled {
        return Err(paused(format!("Sending is paused for tenant {tenant}")));
    }
    Ok(())
}

/// All resources of a mail must belong to its tenant.
fn associated(
    cx: &Context<'_>,
    tenant: &str,
    from: &str,
    identity: Option<&Identity>,
    set: Option<&str>,
) -> Result<(), ApiError> {
    let identity = Resource::identity(identity.map_or(address::spec(from), |identity| &identity.name));
    let set = set.map(|set| Resource::new(ResourceKind::ConfigurationSet, set));
    let held = &cx.tenant(tenant)?.resources;
    let missing: Vec<String> = [Some(identity), set]
        .into_iter()
        .flatten()
        .filter(|resource| !held.contains_key(resource))
        .map(|resource| cx.account.resource_arn(&resource))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    // The plural and the full stop are SES's own.
    let message = format!("Tenant not associated with resources [{}].", missing.join(", "));
    Err(ApiError::new(403, "AccessDeniedException", message))
}

/// A configuration set in the call must exist. A deleted default of the identity makes the request a bad one (AWS SES
/// Developer Guide, "Default configuration sets").
fn set_may_send(account: &Account, set: &str, named: bool) -> Result<(), ApiError> {
    let found = configuration_sets::found(account, set);
    let found = if named { found? } else { found.map_err(|error| ApiError::bad_request(error.message))? };
    // An omitted option is false (API reference, `SendingOptions`).
    if found.options.get("SendingOptions").is_some_and(|options| options["SendingEnabled"] != json!(true)) {
        return Err(paused(format!("Sending is paused for configuration set {set}")));
    }
    Ok(())
}

/// Senders must be verified; in the sandbox, recipients too.
fn verified(account: &Account, draft: &Draft) -> Result<(), ApiError> {
    let senders = std::iter::once(&draft.from).chain(&draft.feedback);
    let failed = senders.filter(|it| !account.address_verified(address::spec(it)));
    let recipients = draft.destination.all().filter(|it| {
        let spec = address::spec(it);
        !account.settings.production_access && simulated(spec).is_none() && !account.address_verified(spec)
    });
    let mut names: Vec<String> = Vec::new();
    for name in failed.chain(recipients) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    if names.is_empty() { Ok(()) } else { Err(not_verified(account, &names)) }
}

fn not_verified(account: &Account, names: &[String]) -> ApiError {
    let region = account.settings.region.to_ascii_uppercase();
    let message = format!(
        "Email address is not verified. The following identities failed the check in region {region}: {}",
        names.join(", ")
    );
    ApiError::new(400, "MessageRejected", message)
}

/// The domain for bounces. It is SES's own if none is set, or if the setup failed and the identity allows that.
fn mail_from(identity: &Identity) -> Result<String, ApiError> {
    match &identity.mail_from {
        Some(custom) if custom.track.status == Status::Success => Ok(custom.domain.clone()),
        Some(custom) if custom.behavior == BehaviorOnMxFailure::RejectMessage => Err(ApiError::new(
            400,
            "MailFromDomainNotVerifiedException",
            format!("The custom MAIL FROM domain <{}> is not verified.", custom.domain),
        )),
        _ => Ok("amazonses.com".to_owned()),
    }
}

/// A mail to many recipients passes as a whole if any quota is left.
fn within_quota(cx: &mut Context<'_>) -> Result<(), ApiError> {
    let most = cx.account.settings.quota().max_24_hour_send;
    // A mailbox with 2^52 recipients would not fit in memory.
    #[allow(clippy::cast_precision_loss)]
    let sent = cx.account.mailbox.sent_lately(cx.now) as f64;
    if most >= 0.0 && sent >= most {
        return Err(ApiError::new(429, "TooManyRequestsException", "Daily message quota exceeded."));
    }
    Ok(())
}
