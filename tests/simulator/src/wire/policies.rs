//! The policies of an identity: who else may use it.

use serde::Deserialize;
use serde_json::{Value, json};

use super::error::ApiError;
use super::identities::null_member;
use super::{Context, parse};
use crate::state::{Account, Identity, Resource};

/// Policies an identity may have.
const LIMIT: usize = 20;
/// Longest name of a policy, in characters.
const LONGEST_NAME: usize = 64;
/// Largest policy, in bytes.
const LARGEST: usize = 4096;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    policy: Option<String>,
}

/// `CreateEmailIdentityPolicy`.
pub(super) fn create(cx: &mut Context<'_>, name: &str, policy: &str, body: &[u8]) -> Result<Value, ApiError> {
    let text = checked(cx, name, policy, body)?;
    let policies = &mut found(cx.account, name)?.policies;
    if policies.contains_key(policy) {
        return Err(ApiError::already_exists(format!("Policy <{policy}> already exists")));
    }
    if policies.len() >= LIMIT {
        return Err(ApiError::limit_exceeded(format!(
            "Number of policies for <{name}> exceeds max allowed number of policies per resource"
        )));
    }
    policies.insert(policy.to_owned(), text);
    Ok(json!({}))
}

/// `UpdateEmailIdentityPolicy`.
pub(super) fn update(cx: &mut Context<'_>, name: &str, policy: &str, body: &[u8]) -> Result<Value, ApiError> {
    let text = checked(cx, name, policy, body)?;
    let place = found(cx.account, name)?.policies.get_mut(policy).ok_or_else(|| no_policy(policy))?;
    *place = text;
    Ok(json!({}))
}

/// `DeleteEmailIdentityPolicy`.
pub(super) fn delete(cx: &mut Context<'_>, name: &str, policy: &str) -> Result<Value, ApiError> {
    found(cx.account, name)?.policies.remove(policy).ok_or_else(|| no_policy(policy))?;
    Ok(json!({}))
}

/// `GetEmailIdentityPolicies`.
pub(super) fn get(cx: &mut Context<'_>, name: &str) -> Result<Value, ApiError> {
    Ok(json!({"Policies": found(cx.account, name)?.policies}))
}

/// The words about a missing identity are others here.
fn found<'a>(account: &'a mut Account, name: &str) -> Result<&'a mut Identity, ApiError> {
    let missing = || ApiError::not_found(format!("Email identity <{name}> does not exist."));
    account.identity_mut(name).ok_or_else(missing)
}

fn no_policy(policy: &str) -> ApiError {
    ApiError::not_found(format!("Policy <{policy}> does not exist"))
}

/// The policy of a request as SES keeps it, if identity, name and text keep the rules.
fn checked(cx: &mut Context<'_>, name: &str, policy: &str, body: &[u8]) -> Result<String, ApiError> {
    let input: Input = parse(body)?;
    let text = input.policy.ok_or_else(|| null_member("policy"))?;
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

/// What the documentation asks of a policy's anatomy: each statement has an effect, a principal, actions, and the
/// identity as its one resource.
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

/// A list, or the one thing that stands for a list of one.
fn many(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(values) => values.iter().collect(),
        one => vec![one],
    }
}

/// JSON without the white space between its parts: that is what SES gives back.
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
