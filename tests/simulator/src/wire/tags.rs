//! Tags of identities, and their rules.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::error::ApiError;
use super::identities::null_member;
use super::{Context, parse};

/// Tags a resource may have.
const LIMIT: usize = 50;

/// A tag on the wire.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tag {
    key: String,
    value: String,
}

impl Tag {
    /// All tags of a resource.
    pub(super) fn list(tags: &BTreeMap<String, String>) -> Vec<Self> {
        tags.iter().map(|(key, value)| Self { key: key.clone(), value: value.clone() }).collect()
    }
}

/// The tags of a request as a map, if they keep the rules (API reference, `Tag`).
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

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TagInput {
    resource_arn: Option<String>,
    tags: Option<Vec<Tag>>,
}

/// `TagResource`: adds tags; a key that is there gets the new value.
pub(super) fn tag(cx: &mut Context<'_>, body: &[u8]) -> Result<Value, ApiError> {
    let input: TagInput = parse(body)?;
    let name = named(cx, input.resource_arn)?;
    let new = checked(input.tags.ok_or_else(|| null_member("tags"))?)?;
    let identity = cx.found_mut(&name).map_err(|_| missing(&name))?;
    let mut all = identity.tags.clone();
    all.extend(new);
    identity.tags = within_limit(all)?;
    Ok(json!({}))
}

/// `UntagResource`: removes tags; keys that are not there are no error.
pub(super) fn untag(cx: &mut Context<'_>, query: &[(String, String)]) -> Result<Value, ApiError> {
    let name = named(cx, parameter(query, "ResourceArn"))?;
    let identity = cx.found_mut(&name).map_err(|_| missing(&name))?;
    for (_, key) in query.iter().filter(|(parameter, _)| parameter == "TagKeys") {
        identity.tags.remove(key);
    }
    Ok(json!({}))
}

/// `ListTagsForResource`.
pub(super) fn list(cx: &Context<'_>, query: &[(String, String)]) -> Result<Value, ApiError> {
    let name = named(cx, parameter(query, "ResourceArn"))?;
    let identity = cx.found(&name).map_err(|_| missing(&name))?;
    Ok(json!({"Tags": Tag::list(&identity.tags)}))
}

fn parameter(query: &[(String, String)], wanted: &str) -> Option<String> {
    query.iter().find(|(key, _)| key == wanted).map(|(_, value)| value.clone())
}

fn named(cx: &Context<'_>, arn: Option<String>) -> Result<String, ApiError> {
    let arn = arn.ok_or_else(|| null_member("resourceArn"))?;
    let name = cx.account.name_in_arn(&arn).map(str::to_owned);
    name.ok_or_else(|| ApiError::bad_request(format!("{arn} is not the ARN of an email identity of this account.")))
}

fn missing(name: &str) -> ApiError {
    ApiError::not_found(format!("No EmailIdentity present with name: {name}"))
}
