//! Configuration sets: create, get, delete, and the default of an identity.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::tags::{Tag, checked};
use super::{ApiError, Call, Context, Done, arn, null_member};
use crate::core::account::{Account, ConfigurationSet, Resource, ResourceKind};

/// Maximum number of configuration sets per account (SES quotas page).
const LIMIT: usize = 10_000;
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

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateConfigurationSet {
    pub configuration_set_name: Option<String>,
    pub tags: Option<Vec<Tag>>,
    #[serde(flatten)]
    pub others: Map<String, Value>,
}

impl Call for CreateConfigurationSet {
    type Answer = Done;

    fn run(self, cx: &mut Context<'_>) -> Result<Done, ApiError> {
        let name = self.configuration_set_name.ok_or_else(|| null_member("configurationSetName"))?;
        if !fits(&name) {
            return Err(ApiError::bad_request(format!(
                "Invalid configuration set name <{name}>: 1 to {LONGEST} alphanumeric ASCII characters, '_', and '-' are \
                 allowed."
            )));
        }
        let tags = checked(self.tags.unwrap_or_default())?;
        if cx.account.configuration_sets.contains_key(&name) {
            return Err(ApiError::already_exists(format!("Configuration set {name} already exists.")));
        }
        if cx.account.configuration_sets.len() >= LIMIT {
            return Err(ApiError::limit_exceeded("The maximum number of configuration sets has been reached."));
        }
        let given = |(member, value): &(String, Value)| OPTIONS.contains(&member.as_str()) && !value.is_null();
        let options = self.others.into_iter().filter(given).collect();
        cx.account.configuration_sets.insert(name, ConfigurationSet { tags, options });
        Ok(Done {})
    }
}

fn fits(name: &str) -> bool {
    (1..=LONGEST).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

#[derive(Debug)]
pub struct GetConfigurationSet {
    pub configuration_set_name: String,
}

impl Call for GetConfigurationSet {
    type Answer = Value;

    /// The given options, and the two options that SES always shows.
    fn run(self, cx: &mut Context<'_>) -> Result<Value, ApiError> {
        let set = found(cx.account, &self.configuration_set_name)?;
        let mut answer = json!({
            "ConfigurationSetName": self.configuration_set_name,
            "Tags": Tag::list(&set.tags),
            "SendingOptions": {"SendingEnabled": true},
            "ReputationOptions": {"ReputationMetricsEnabled": true},
        });
        for (member, value) in &set.options {
            answer[member] = value.clone();
        }
        Ok(answer)
    }
}

#[derive(Debug)]
pub struct DeleteConfigurationSet {
    pub configuration_set_name: String,
}

impl Call for DeleteConfigurationSet {
    type Answer = Done;

    /// A tenant's configuration set is not deleted. Identities that name a deleted one keep the name.
    fn run(self, cx: &mut Context<'_>) -> Result<Done, ApiError> {
        let name = &self.configuration_set_name;
        found(cx.account, name)?;
        arn::not_associated(cx, &Resource::new(ResourceKind::ConfigurationSet, name))?;
        cx.account.configuration_sets.remove(name);
        Ok(Done {})
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PutEmailIdentityConfigurationSetAttributes {
    #[serde(skip)]
    pub email_identity: String,
    pub configuration_set_name: Option<String>,
}

impl Call for PutEmailIdentityConfigurationSetAttributes {
    type Answer = Done;

    /// Without a name, removes the default.
    fn run(self, cx: &mut Context<'_>) -> Result<Done, ApiError> {
        let set = self.configuration_set_name.filter(|set| !set.is_empty());
        cx.found(&self.email_identity)?;
        if let Some(set) = &set {
            found(cx.account, set)?;
        }
        cx.found_mut(&self.email_identity)?.configuration_set = set;
        Ok(Done {})
    }
}

pub(super) fn found<'a>(account: &'a Account, set: &str) -> Result<&'a ConfigurationSet, ApiError> {
    let missing = || ApiError::not_found(format!("Configuration set <{set}> does not exist."));
    account.configuration_sets.get(set).ok_or_else(missing)
}
