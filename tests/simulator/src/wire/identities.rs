//! Create, get and delete identities.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::dkim::{self, Signing};
use super::error::ApiError;
use super::tags::{Tag, checked};
use super::{Context, arn, configuration_sets, mail_from, parse};
use crate::state::{Dkim, Identity, IdentityType, LastCheck, Resource, acceptable};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateInput {
    email_identity: Option<String>,
    #[serde(default)]
    tags: Option<Vec<Tag>>,
    dkim_signing_attributes: Option<Signing>,
    configuration_set_name: Option<String>,
}

/// `CreateEmailIdentity`. The order of the checks was measured by third parties: exists, tags, configuration set.
pub(super) fn create(cx: &mut Context<'_>, body: &[u8]) -> Result<Value, ApiError> {
    let input: CreateInput = parse(body)?;
    let name = input.email_identity.ok_or_else(|| null_member("emailIdentity"))?;
    if !acceptable(&name) {
        return Err(ApiError::bad_request(format!("Email identity {name} is not a valid email address or domain.")));
    }
    if cx.account.identity(&name).is_some() {
        return Err(ApiError::identity_exists(&name));
    }
    let tags = checked(input.tags.unwrap_or_default())?;
    let set = input.configuration_set_name.filter(|set| !set.is_empty());
    if let Some(set) = &set {
        configuration_sets::found(cx.account, set)?;
    }
    let dkim = match input.dkim_signing_attributes {
        Some(signing) => Some(dkim::at_creation(cx, &name, signing)?),
        None => None,
    };
    if cx.account.identities.len() >= cx.account.max_identities {
        return Err(ApiError::limit_exceeded("The maximum number of email identities has been reached."));
    }
    let identity = cx.account.insert(&name, cx.now);
    identity.tags = tags;
    identity.configuration_set = set;
    if let Some(dkim) = dkim {
        identity.dkim = Some(dkim);
    }
    let identity = cx.found(&name)?;
    Ok(json!({
        "IdentityType": identity.kind,
        "VerifiedForSendingStatus": cx.account.verified_for_sending(identity),
        "DkimAttributes": dkim_attributes(cx.account.dkim_of(identity)),
    }))
}

/// `GetEmailIdentity`.
pub(super) fn get(cx: &mut Context<'_>, name: &str) -> Result<Value, ApiError> {
    cx.found_mut(name)?.begin();
    let identity = cx.found(name)?;
    let mut answer = json!({
        "IdentityType": identity.kind,
        "FeedbackForwardingStatus": true,
        "VerifiedForSendingStatus": cx.account.verified_for_sending(identity),
        "VerificationStatus": identity.verification.status,
        "DkimAttributes": dkim_attributes(cx.account.dkim_of(identity)),
        "MailFromAttributes": mail_from::attributes(identity.mail_from.as_ref()),
        "Policies": identity.policies,
        "Tags": Tag::list(&identity.tags),
        "ConfigurationSetName": identity.configuration_set,
    });
    if let Some(info) = verification_info(identity) {
        answer["VerificationInfo"] = info;
    }
    Ok(answer)
}

/// `DeleteEmailIdentity`; one that belongs to a tenant is not deleted.
pub(super) fn delete(cx: &mut Context<'_>, name: &str) -> Result<Value, ApiError> {
    let key = cx.found(name)?.name.clone();
    arn::not_associated(cx, &Resource::identity(&key))?;
    cx.account.identities.remove(&key);
    Ok(json!({}))
}

/// The message AWS's validation sends for a required member that is missing.
pub(super) fn null_member(member: &str) -> ApiError {
    ApiError::bad_request(format!(
        "1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must not be null"
    ))
}

fn dkim_attributes(dkim: Option<&Dkim>) -> Value {
    let Some(dkim) = dkim else {
        return json!({"SigningEnabled": false, "Status": "NOT_STARTED", "SigningAttributesOrigin": "AWS_SES"});
    };
    let mut attributes = json!({
        "SigningEnabled": dkim.signing_enabled,
        "Status": dkim.track.status,
        "Tokens": dkim.tokens,
        "SigningAttributesOrigin": dkim.origin,
    });
    if !dkim.external() {
        attributes["SigningHostedZone"] = json!(dkim.zone);
        attributes["NextSigningKeyLength"] = json!(dkim.next_key_length);
        attributes["CurrentSigningKeyLength"] = json!(dkim.current_key_length);
        attributes["LastKeyGenerationTimestamp"] = epoch(dkim.key_generated);
    }
    attributes
}

fn verification_info(identity: &Identity) -> Option<Value> {
    let LastCheck { at, success, error, soa } = &identity.check;
    if identity.kind == IdentityType::EmailAddress || at.is_none() {
        return None;
    }
    let mut info = Map::new();
    info.insert("LastCheckedTimestamp".to_owned(), at.map(epoch)?);
    if let Some(success) = success {
        info.insert("LastSuccessTimestamp".to_owned(), epoch(*success));
    }
    if let Some(error) = error {
        info.insert("ErrorType".to_owned(), json!(error));
    }
    if let Some(soa) = soa {
        info.insert("SOARecord".to_owned(), json!(soa));
    }
    Some(Value::Object(info))
}

/// A timestamp of the REST-JSON protocol: seconds since 1970, with a fraction.
pub(super) fn epoch(time: Timestamp) -> Value {
    // Milliseconds of this century are far below 2^52.
    #[allow(clippy::cast_precision_loss)]
    let seconds = time.as_millisecond() as f64 / 1000.0;
    json!(seconds)
}
