//! The custom MAIL FROM domain.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{ApiError, Call, Context, Done};
use crate::core::account::{BehaviorOnMxFailure, IdentityType, MailFrom, acceptable, domain_of, kind};
use crate::core::lifecycle::Status;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PutEmailIdentityMailFromAttributes {
    #[serde(skip)]
    pub email_identity: String,
    pub mail_from_domain: Option<String>,
    pub behavior_on_mx_failure: Option<String>,
}

impl Call for PutEmailIdentityMailFromAttributes {
    type Answer = Done;

    /// Setting a domain, also the same one again, starts its setup. Setting none removes the domain and its behavior on
    /// a missing MX record.
    fn run(self, cx: &mut Context<'_>) -> Result<Done, ApiError> {
        let behavior = self.behavior_on_mx_failure.as_deref().map(behavior).transpose()?;
        let (now, name) = (cx.now, &self.email_identity);
        let domain = self.mail_from_domain.filter(|domain| !domain.is_empty());
        let identity = cx.found_mut(name)?;
        identity.mail_from = match domain {
            None => None,
            Some(domain) => {
                below(&domain, name)?;
                let before = identity.mail_from.as_ref().map(|before| before.behavior);
                Some(MailFrom::begun(domain, behavior.or(before).unwrap_or_default(), now))
            }
        };
        Ok(Done {})
    }
}

fn behavior(word: &str) -> Result<BehaviorOnMxFailure, ApiError> {
    serde_json::from_value(json!(word)).map_err(|_| {
        ApiError::bad_request(
            "1 validation error detected: Value at 'behaviorOnMxFailure' failed to satisfy constraint: Member must \
             satisfy enum value set: [REJECT_MESSAGE, USE_DEFAULT_VALUE]",
        )
    })
}

/// The MAIL FROM domain is below the identity's (API reference).
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

/// While no domain is set, the real SES omits members that its own model requires.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct MailFromAttributes {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail_from_domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail_from_domain_status: Option<Status>,
    pub behavior_on_mx_failure: BehaviorOnMxFailure,
}

impl MailFromAttributes {
    pub(super) fn of(mail_from: Option<&MailFrom>) -> Self {
        Self {
            mail_from_domain: mail_from.map(|mail_from| mail_from.domain.clone()),
            mail_from_domain_status: mail_from.map(|mail_from| mail_from.track.status),
            behavior_on_mx_failure: mail_from.map(|mail_from| mail_from.behavior).unwrap_or_default(),
        }
    }
}
