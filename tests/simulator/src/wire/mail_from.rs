//! The custom MAIL FROM domain.

use serde::Deserialize;
use serde_json::{Value, json};

use super::error::ApiError;
use super::{Context, parse};
use crate::state::{BehaviorOnMxFailure, IdentityType, MailFrom, acceptable, domain_of, kind};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    mail_from_domain: Option<String>,
    behavior_on_mx_failure: Option<String>,
}

/// `PutEmailIdentityMailFromAttributes`: a domain begins its setup, whether it is the one of before or not; no domain
/// removes it, and what was to become of mail without an MX record with it.
pub(super) fn put(cx: &mut Context<'_>, name: &str, body: &[u8]) -> Result<Value, ApiError> {
    let input: Input = parse(body)?;
    let behavior = input.behavior_on_mx_failure.as_deref().map(behavior).transpose()?;
    let now = cx.now;
    let domain = input.mail_from_domain.filter(|domain| !domain.is_empty());
    let identity = cx.found_mut(name)?;
    identity.mail_from = match domain {
        None => None,
        Some(domain) => {
            below(&domain, name)?;
            let before = identity.mail_from.as_ref().map(|before| before.behavior);
            Some(MailFrom::begun(domain, behavior.or(before).unwrap_or_default(), now))
        }
    };
    Ok(json!({}))
}

fn behavior(word: &str) -> Result<BehaviorOnMxFailure, ApiError> {
    serde_json::from_value(json!(word)).map_err(|_| {
        ApiError::bad_request(
            "1 validation error detected: Value at 'behaviorOnMxFailure' failed to satisfy constraint: Member must \
             satisfy enum value set: [REJECT_MESSAGE, USE_DEFAULT_VALUE]",
        )
    })
}

/// The MAIL FROM domain lies below the identity's (API reference).
fn below(domain: &str, identity: &str) -> Result<(), ApiError> {
    let parent = domain_of(identity);
    let lower = domain.to_ascii_lowercase();
    let is_domain = acceptable(domain) && kind(domain) == IdentityType::Domain;
    if is_domain && lower.strip_suffix(&parent).is_some_and(|label| label.ends_with('.')) {
        return Ok(());
    }
    Err(ApiError::bad_request(format!(
        "Provided MAIL-FROM domain <{domain}> is not subdomain of the domain of the identity <{identity}>."
    )))
}

/// `MailFromAttributes`. While no domain is set real SES leaves out the members its own model requires.
pub(super) fn attributes(mail_from: Option<&MailFrom>) -> Value {
    let Some(mail_from) = mail_from else { return json!({"BehaviorOnMxFailure": BehaviorOnMxFailure::default()}) };
    json!({
        "MailFromDomain": mail_from.domain,
        "MailFromDomainStatus": mail_from.track.status,
        "BehaviorOnMxFailure": mail_from.behavior,
    })
}
