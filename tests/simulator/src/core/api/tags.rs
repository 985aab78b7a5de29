//! Tags of identities, configuration sets and tenants, and their rules.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ApiError, Call, Context, Done, null_member};
use crate::core::account::Account;

/// Maximum tags per resource.
const LIMIT: usize = 50;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tag {
    pub key: String,
    pub value: String,
}

impl Tag {
    pub fn list(tags: &BTreeMap<String, String>) -> Vec<Self> {
        tags.iter().map(|(key, value)| Self { key: key.clone(), value: value.clone() }).collect()
    }
}

/// The tags of a request as a map, if they are valid (API reference, `Tag`).
pub(super) fn checked(tags: Vec<Tag>) -> Result<BTreeMap<String, String>, ApiError> {
    let mut checked = BTreeMap::new();
    for Tag { key, value } in tags {
        if !(1..=128).contains(&key.chars().count()) || value.chars().count() > 256 {
            return Err(ApiError::bad_request("A tag key has 1 to 128 characters, a tag value at most 256."));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(ApiError::bad_request("Tag keys must not start with aws:."));
        }
        if checked.insert(key.clone(), value).is_some() {
            return Err(ApiError::bad_request(format!("Tag key {key} is given twice.")));
        }
    }
    within_limit(checked)
}

fn within_limit(tags: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, ApiError> {
    if tags.len() <= LIMIT {
        return Ok(tags);
    }
    Err(ApiError::bad_request(format!("A resource can have at most {LIMIT} tags.")))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct TagResource {
    pub resource_arn: Option<String>,
    pub tags: Option<Vec<Tag>>,
}

impl Call for TagResource {
    type Answer = Done;

    /// Adds tags; an existing key gets the new value.
    fn run(self, cx: &mut Context<'_>) -> Result<Done, ApiError> {
        let tags = tags_of(cx.account, self.resource_arn)?;
        let new = checked(self.tags.ok_or_else(|| null_member("tags"))?)?;
        let mut all = tags.clone();
        all.extend(new);
        *tags = within_limit(all)?;
        Ok(Done {})
    }
}

#[derive(Debug, Default)]
pub struct UntagResource {
    pub resource_arn: Option<String>,
    pub tag_keys: Vec<String>,
}

impl Call for UntagResource {
    type Answer = Done;

    /// Removes tags; missing keys are ignored.
    fn run(self, cx: &mut Context<'_>) -> Result<Done, ApiError> {
        let tags = tags_of(cx.account, self.resource_arn)?;
        for key in &self.tag_keys {
            tags.remove(key);
        }
        Ok(Done {})
    }
}

#[derive(Debug)]
pub struct ListTagsForResource {
    pub resource_arn: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tags {
    pub tags: Vec<Tag>,
}

impl Call for ListTagsForResource {
    type Answer = Tags;

    fn run(self, cx: &mut Context<'_>) -> Result<Tags, ApiError> {
        Ok(Tags { tags: Tag::list(tags_of(cx.account, self.resource_arn)?) })
    }
}

/// The tags of an ARN's resource: an identity, a configuration set or a tenant.
fn tags_of(account: &mut Account, arn: Option<String>) -> Result<&mut BTreeMap<String, String>, ApiError> {
    let arn = arn.ok_or_else(|| null_member("resourceArn"))?;
    let prefix = account.arn_prefix();
    let (tags, missing) = match arn.strip_prefix(&prefix).and_then(|rest| rest.split_once('/')) {
        Some(("identity", name)) => (
            account.identity_mut(name).map(|identity| &mut identity.tags),
            format!("No EmailIdentity present with name: {name}"),
        ),
        Some(("configuration-set", name)) => (
            account.configuration_sets.get_mut(name).map(|set| &mut set.tags),
            format!("No ConfigurationSet present with name: {name}"),
        ),
        Some(("tenant", rest)) => {
            // SES only uses the id, and omits a space.
            let (name, id) = rest.split_once('/').unwrap_or(("null", rest));
            let missing = format!("No Tenant present with name: {name}with tenantId: {id}");
            (account.tenants.values_mut().find(|tenant| tenant.id == id).map(|tenant| &mut tenant.tags), missing)
        }
        _ => return Err(ApiError::bad_request(format!("{arn} is not the ARN of a resource of this account."))),
    };
    tags.ok_or_else(|| ApiError::not_found(missing))
}
