//! The policies of an identity: access for others.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ApiError, Call, Context, Done, null_member};
use crate::core::account::{Account, Identity, Resource};

/// Maximum policies per identity.
const LIMIT: usize = 20;
/// Longest name of a policy, in characters.
const LONGEST_NAME: usize = 64;
/// Largest policy, in bytes.
const LARGEST: usize = 4096;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct CreateEmailIdentityPolicy {
    #[serde(skip)]
    pub email_identity: String,
    #[serde(skip)]
    pub policy_name: String,
    pub policy: Option<String>,
}

impl Call for CreateEmailIdentityPolicy {
    type Answer = Done;

    fn run(self, cx: &mut Context<'_>) -> Result<Done, ApiError> {
        let (name, policy) = (&self.email_identity, &self.policy_name);
        let text = checked(cx, name, policy, self.policy)?;
        let policies = &mut found(cx.account, name)?.policies;
        if policies.contains_key(policy) {
            return Err(ApiError::already_exists(format!("Policy <{policy}> already exists")));
        }
        if policies.len() >= LIMIT {
            return Err(ApiError::limit_exceeded(format!(
                "Number of policies for <{name}> exceeds max allowed number of policies per resource"
            )));
        }
        policies.insert(policy.clone(), text);
        Ok(Done {})
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct UpdateEmailIdentityPolicy {
    #[serde(skip)]
    pub email_identity: String,
    #[serde(skip)]
    pub policy_name: String,
    pub policy: Option<String>,
}

impl Call for UpdateEmailIdentityPolicy {
    type Answer = Done;

    fn run(self, cx: &mut Context<'_>) -> Result<Done, ApiError> {
        let (name, policy) = (&self.email_identity, &self.policy_name);
        let text = checked(cx, name, policy, self.policy)?;
        let place = found(cx.account, name)?.policies.get_mut(policy).ok_or_else(|| no_policy(policy))?;
        *place = text;
        Ok(Done {})
    }
}

#[derive(Debug)]
pub struct DeleteEmailIdentityPolicy {
    pub email_identity: String,
    pub policy_name: String,
}

impl Call for DeleteEmailIdentityPolicy {
    type Answer = Done;

    fn run(self, cx: &mut Context<'_>) -> Result<Done, ApiError> {
        let policies = &mut found(cx.account, &self.email_identity)?.policies;
        policies.remove(&self.policy_name).ok_or_else(|| no_policy(&self.policy_name))?;
        Ok(Done {})
    }
}

#[derive(Debug)]
pub struct GetEmailIdentityPolicies {
    pub email_identity: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Policies {
    pub policies: BTreeMap<String, String>,
}

impl Call for GetEmailIdentityPolicies {
    type Answer = Policies;

    fn run(self, cx: &mut Context<'_>) -> Result<Policies, ApiError> {
        Ok(Policies { policies: found(cx.account, &self.email_identity)?.policies.clone() })
    }
}

/// The message for a missing identity differs here.
fn found<'a>(account: &'a mut Account, name: &str) -> Result<&'a mut Identity, ApiError> {
    let missing = || ApiError::not_found(format!("Email identity <{name}> does not exist."));
    account.identity_mut(name).ok_or_else(missing)
}

fn no_policy(policy: &str) -> ApiError {
    ApiError::not_found(format!("Policy <{policy}> does not exist"))
}

/// The policy of a request as SES stores it, if identity, name and text are valid.
fn checked(cx: &mut Context<'_>, name: &str, policy: &str, text: Option<String>) -> Result<String, ApiError> {
    let text = text.ok_or_else(|| null_member("policy"))?;
    found(cx.account, name)?;
    check_name(policy)?;
    if text.len() > LARGEST {
        return Err(ApiError::bad_request(format!("Policy is larger than {LARGEST} bytes.")));
    }
    let arn = cx.account.resource_arn(&Resource::identity(name));
    check_text(&text, &arn).map_err(|why| ApiError::bad_request(format!("Policy is invalid: {why}")))?;
    Ok(squeezed(&text))
}

fn check_name(policy: &str) -> Result<(), ApiError> {
    if policy.chars().count() > LONGEST_NAME {
        return Err(ApiError::bad_request(format!(
            "1 validation error detected: Value at 'policyName' failed to satisfy constraint: Member must have length \
             less than or equal to {LONGEST_NAME}"
        )));
    }
    if policy.is_empty() || !policy.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
        return Err(ApiError::bad_request(
            "PolicyName is invalid. Policy names must only include alpha-numeric characters, dashes, and underscores.",
        ));
    }
    Ok(())
}

/// The documented structure of a policy: each statement has an effect, a principal, actions, and the identity as its
/// only resource.
fn check_text(text: &str, arn: &str) -> Result<(), String> {
    let policy: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let statements = many(&policy["Statement"]);
    if statements.is_empty() {
        return Err("it has no Statement".to_owned());
    }
    for statement in statements {
        if !matches!(statement["Effect"].as_str(), Some("Allow" | "Deny")) {
            return Err("Effect is Allow or Deny".to_owned());
        }
        let principal = match &statement["Principal"] {
            Value::String(all) => all == "*",
            Value::Object(kinds) => kinds.values().any(|principals| !many(principals).is_empty()),
            _ => false,
        };
        if !principal {
            return Err("a statement has at least one Principal".to_owned());
        }
        if many(&statement["Action"]).is_empty() && many(&statement["NotAction"]).is_empty() {
            return Err("a statement has at least one Action".to_owned());
        }
        match many(&statement["Resource"]).as_slice() {
            [resource] if resource.as_str() == Some(arn) => {}
            _ => return Err(format!("the Resource is {arn} and no other")),
        }
    }
    Ok(())
}

/// A list, or a single value as a list of one.
fn many(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(values) => values.iter().collect(),
        one => vec![one],
    }
}

/// JSON without insignificant white space, as SES returns it.
fn squeezed(json: &str) -> String {
    let (mut quoted, mut escaped) = (false, false);
    let keep = |letter: &char| {
        let kept = quoted || !letter.is_ascii_whitespace();
        if *letter == '"' && !escaped {
            quoted = !quoted;
        }
        escaped = quoted && *letter == '\\' && !escaped;
        kept
    };
    json.chars().filter(keep).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn white_space_goes_except_within_texts() {
        for (json, kept) in [
            ("{ \"a b\" :\n\t[ 1, 2 ] }", "{\"a b\":[1,2]}"),
            (r#"{ "a\" b" : " \\" , "c" : 1 }"#, r#"{"a\" b":" \\","c":1}"#),
        ] {
            assert_eq!(squeezed(json), kept);
        }
    }

    #[test]
    fn a_policy_names_effect_principals_actions_and_the_identity_alone() {
        let arn = "arn:aws:ses:eu-central-1:123456789012:identity/acme.example";
        let whole = json!({"Effect": "Allow", "Principal": {"AWS": "1"}, "Action": "ses:SendEmail", "Resource": arn});
        let with = |member: &str, value: Value| {
            let mut statement = whole.clone();
            statement[member] = value;
            json!({"Statement": [whole, statement]}).to_string()
        };
        for (policy, fits) in [
            (json!({"Statement": whole}).to_string(), true),
            (with("Effect", json!("Deny")), true),
            (with("Principal", json!("*")), true),
            (with("Principal", json!({"AWS": ["1", "2"], "Service": []})), true),
            (with("Action", json!(["ses:SendEmail", "ses:SendRawEmail"])), true),
            (with("Resource", json!([arn])), true),
            ("{}".to_owned(), false),
            ("[]".to_owned(), false),
            ("not json".to_owned(), false),
            (json!({"Statement": []}).to_string(), false),
            (with("Effect", json!("Maybe")), false),
            (with("Principal", json!({})), false),
            (with("Principal", json!({"AWS": []})), false),
            (with("Principal", json!("somebody")), false),
            (with("Action", Value::Null), false),
            (with("Resource", Value::Null), false),
            (with("Resource", json!("*")), false),
            (with("Resource", json!([arn, arn])), false),
        ] {
            assert_eq!(check_text(&policy, arn).is_ok(), fits, "{policy}");
        }
    }
}
