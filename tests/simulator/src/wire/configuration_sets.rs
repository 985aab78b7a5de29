//! Configuration sets: create, get, delete, and the default of an identity.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::identities::null_member;
use super::tags::{Tag, checked};
use super::{Context, arn, parse};
use crate::state::{Account, ConfigurationSet, Resource, ResourceKind};

/// Configuration sets an account may have (SES quotas page).
const LIMIT: usize = 10_000;
/// Longest name.
const LONGEST: usize = 64;
/// The members of a request that are options.
const OPTIONS: [&str; 8] = [
    "ArchivingOptions",
    "DeliveryOptions",
    "MessageSecurityOptions",
    "ReputationOptions",
    "SendingOptions",
    "SuppressionOptions",
    "TrackingOptions",
    "VdmOptions",
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateInput {
    configuration_set_name: Option<String>,
    tags: Option<Vec<Tag>>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// `CreateConfigurationSet`.
pub(super) fn create(cx: &mut Context<'_>, body: &[u8]) -> Result<Value, ApiError> {
    let input: CreateInput = parse(body)?;
    let name = input.configuration_set_name.ok_or_else(|| null_member("configurationSetName"))?;
    if !fits(&name) {
        return Err(ApiError::bad_request(format!(
            "Invalid configuration set name <{name}>: 1 to {LONGEST} alphanumeric ASCII characters, '_', and '-' are \
             allowed."
        )));
    }
    let tags = checked(input.tags.unwrap_or_default())?;
    if cx.account.configuration_sets.contains_key(&name) {
        return Err(ApiError::already_exists(format!("Configuration set {name} already exists.")));
    }
    if cx.account.configuration_sets.len() >= LIMIT {
        return Err(ApiError::limit_exceeded("The maximum number of configuration sets has been reached."));
    }
    let given = |(member, value): &(String, Value)| OPTIONS.contains(&member.as_str()) && !value.is_null();
    let options = input.others.into_iter().filter(given).collect();
    cx.account.configuration_sets.insert(name, ConfigurationSet { tags, options });
    Ok(json!({}))
}

fn fits(name: &str) -> bool {
    (1..=LONGEST).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// `GetConfigurationSet`: what was given, and the two options SES always shows.
pub(super) fn get(cx: &Context<'_>, name: &str) -> Result<Value, ApiError> {
    let set = found(cx.account, name)?;
    let mut answer = json!({
        "ConfigurationSetName": name,
        "Tags": Tag::list(&set.tags),
        "SendingOptions": {"SendingEnabled": true},
        "ReputationOptions": {"ReputationMetricsEnabled": true},
    });
    for (member, value) in &set.options {
        answer[member] = value.clone();
    }
    Ok(answer)
}

/// `DeleteConfigurationSet`; one that belongs to a tenant is not deleted. Identities that name it keep the name.
pub(super) fn delete(cx: &mut Context<'_>, name: &str) -> Result<Value, ApiError> {
    found(cx.account, name)?;
    arn::not_associated(cx, &Resource::new(ResourceKind::ConfigurationSet, name))?;
    cx.account.configuration_sets.remove(name);
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DefaultInput {
    configuration_set_name: Option<String>,
}

/// `PutEmailIdentityConfigurationSetAttributes`; no name removes the default.
pub(super) fn put_default(cx: &mut Context<'_>, identity: &str, body: &[u8]) -> Result<Value, ApiError> {
    let input: DefaultInput = parse(body)?;
    let set = input.configuration_set_name.filter(|set| !set.is_empty());
    cx.found(identity)?;
    if let Some(set) = &set {
        found(cx.account, set)?;
    }
    cx.found_mut(identity)?.configuration_set = set;
    Ok(json!({}))
}

/// The set, or the refusal.
pub(super) fn found<'a>(account: &'a Account, set: &str) -> Result<&'a ConfigurationSet, ApiError> {
    let missing = || ApiError::not_found(format!("Configuration set <{set}> does not exist."));
    account.configuration_sets.get(set).ok_or_else(missing)
}
