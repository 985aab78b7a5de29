//! DKIM settings: signing on and off, Easy DKIM, the customer's own key, and keys of another region.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::{ApiError, Call, Context, Done, null_member};
use crate::core::account::{Account, Dkim, Identity, IdentityType, RSA_1024, RSA_2048, domain_of, kind};
use crate::core::lifecycle::{Status, Track};

/// `DkimSigningAttributes`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Signing {
    pub domain_signing_selector: Option<String>,
    pub domain_signing_private_key: Option<String>,
    pub next_signing_key_length: Option<String>,
    pub domain_signing_attributes_origin: Option<String>,
}

enum DkimRequest {
    /// Easy DKIM, optionally with a key length.
    Easy(Option<&'static str>),
    /// The customer's own key under this selector.
    Own(String),
    /// The keys of another region: this origin.
    Copy(String),
}

impl Signing {
    fn request(self, origin: &str) -> Result<DkimRequest, ApiError> {
        let own = match (self.domain_signing_selector, self.domain_signing_private_key) {
            (Some(selector), Some(key)) => Some(own_key(selector, &key)?),
            (None, None) => None,
            _ => return Err(ApiError::bad_request("DomainSigningSelector and DomainSigningPrivateKey go together.")),
        };
        let length = self.next_signing_key_length.as_deref().map(key_length).transpose()?;
        match (origin, own, length) {
            ("EXTERNAL", Some(selector), None) => Ok(DkimRequest::Own(selector)),
            ("EXTERNAL", None, _) => {
                Err(ApiError::bad_request("EXTERNAL needs DomainSigningSelector and DomainSigningPrivateKey."))
            }
            (_, Some(_), Some(_)) => {
                Err(ApiError::bad_request("NextSigningKeyLength cannot be set for the customer's own key."))
            }
            ("AWS_SES", None, length) => Ok(DkimRequest::Easy(length)),
            (copy, None, None) if copy.strip_prefix("AWS_SES_").is_some_and(|region| !region.is_empty()) => {
                Ok(DkimRequest::Copy(copy.to_owned()))
            }
            _ => Err(ApiError::bad_request(format!("SigningAttributesOrigin {origin} does not fit the attributes."))),
        }
    }
}

fn own_key(selector: String, key: &str) -> Result<String, ApiError> {
    let selector_fits = (1..=63).contains(&selector.len()) && selector.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    if !selector_fits {
        return Err(ApiError::bad_request("DomainSigningSelector must be 1 to 63 letters and digits."));
    }
    if key.is_empty() || key.len() > 20_480 || !key.bytes().all(base64) {
        return Err(ApiError::bad_request("DomainSigningPrivateKey must be one line of base64."));
    }
    Ok(selector)
}

fn key_length(text: &str) -> Result<&'static str, ApiError> {
    [RSA_1024, RSA_2048].into_iter().find(|length| *length == text).ok_or_else(|| {
        ApiError::bad_request(format!("NextSigningKeyLength {text} is not one of {RSA_1024} and {RSA_2048}."))
    })
}

/// The DKIM settings in a `CreateEmailIdentity` request.
pub(super) fn at_creation(cx: &Context<'_>, name: &str, signing: Signing) -> Result<Dkim, ApiError> {
    if kind(name) == IdentityType::EmailAddress {
        return Err(ApiError::bad_request("DKIM signing attributes can be set for domains only."));
    }
    let named = signing.domain_signing_attributes_origin.clone();
    let implied = if signing.domain_signing_selector.is_some() { "EXTERNAL" } else { "AWS_SES" };
    let request = signing.request(named.as_deref().unwrap_or(implied))?;
    let mut dkim = cx.account.easy_dkim(&name.to_ascii_lowercase(), cx.now);
    if let DkimRequest::Easy(Some(length)) = request {
        dkim.current_key_length = length;
        dkim.next_key_length = length;
    }
    adopt(cx.account, &mut dkim, &name.to_ascii_lowercase(), &request);
    Ok(dkim)
}

/// Sets origin and tokens; returns whether they changed.
fn adopt(account: &Account, dkim: &mut Dkim, domain: &str, request: &DkimRequest) -> bool {
    let (origin, tokens) = match request {
        DkimRequest::Easy(_) => ("AWS_SES", account.tokens_for("AWS_SES", domain)),
        DkimRequest::Own(selector) => ("EXTERNAL", vec![selector.clone()]),
        DkimRequest::Copy(origin) => (origin.as_str(), account.tokens_for(origin, domain)),
    };
    // A key that is set again under its selector may be a different key, so its record is searched again.
    let changed = dkim.origin != origin || dkim.tokens != tokens || matches!(request, DkimRequest::Own(_));
    origin.clone_into(&mut dkim.origin);
    dkim.tokens = tokens;
    changed
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PutEmailIdentityDkimAttributes {
    #[serde(skip)]
    pub email_identity: String,
    pub signing_enabled: Option<bool>,
}

impl Call for PutEmailIdentityDkimAttributes {
    type Answer = Done;

    /// Turns signing on or off without changing the verification. No effect for an address whose domain is an identity
    /// (measured by third parties).
    fn run(self, cx: &mut Context<'_>) -> Result<Done, ApiError> {
        let name = &self.email_identity;
        let inherits = kind(name) == IdentityType::EmailAddress && cx.account.identity(&domain_of(name)).is_some();
        if !inherits && let Some(dkim) = &mut cx.found_mut(name)?.dkim {
            dkim.signing_enabled = self.signing_enabled.unwrap_or(false);
        }
        Ok(Done {})
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PutEmailIdentityDkimSigningAttributes {
    #[serde(skip)]
    pub email_identity: String,
    pub signing_attributes_origin: Option<String>,
    pub signing_attributes: Option<Signing>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SigningAnswer {
    pub dkim_status: Status,
    pub dkim_tokens: Vec<String>,
    pub signing_hosted_zone: Option<String>,
}

impl Call for PutEmailIdentityDkimSigningAttributes {
    type Answer = SigningAnswer;

    /// Changes the kind of key or the key length, or restarts a failed verification.
    fn run(self, cx: &mut Context<'_>) -> Result<SigningAnswer, ApiError> {
        let name = &self.email_identity;
        let no_domain = || ApiError::bad_request("The EmailIdentity value must be a valid domain.");
        if kind(name) == IdentityType::EmailAddress {
            return Err(no_domain());
        }
        let mut identity = cx.found(name)?.clone();
        let origin = self.signing_attributes_origin.ok_or_else(|| null_member("signingAttributesOrigin"))?;
        let request = self.signing_attributes.unwrap_or_default().request(&origin)?;
        change(cx, &mut identity, &request)?;
        let dkim = identity.dkim.as_ref().ok_or_else(no_domain)?;
        let answer = SigningAnswer {
            dkim_status: dkim.track.status,
            dkim_tokens: dkim.tokens.clone(),
            signing_hosted_zone: (!dkim.external()).then(|| dkim.zone.clone()),
        };
        cx.account.identities.insert(identity.name.clone(), identity);
        Ok(answer)
    }
}

fn change(cx: &Context<'_>, identity: &mut Identity, request: &DkimRequest) -> Result<(), ApiError> {
    identity.begin();
    let restart = cx.account.restart_works;
    let Identity { dkim: Some(dkim), verification, name, .. } = identity else { return Ok(()) };
    let mut anew = adopt(cx.account, dkim, name, request);
    if let DkimRequest::Easy(Some(length)) = request {
        rotate(cx, dkim, length)?;
        anew = true;
    }
    // A new key does not revoke the verification of the identity. A failed search restarts for both.
    let failed = |track: &Track| track.status == Status::Failed;
    if anew || (restart && failed(&dkim.track)) {
        dkim.track = Track::new(Status::Pending, cx.now);
    }
    if failed(verification) && (anew || restart) {
        *verification = Track::new(Status::Pending, cx.now);
    }
    Ok(())
}

/// Changes the key length: at most once per day, and not to the same length (AWS SES Developer Guide, "Easy DKIM").
fn rotate(cx: &Context<'_>, dkim: &mut Dkim, length: &'static str) -> Result<(), ApiError> {
    if dkim.next_key_length == length {
        return Err(ApiError::bad_request(format!("The DKIM signing key length is already {length}.")));
    }
    let day = SignedDuration::from_hours(24);
    if dkim.length_changed.is_some_and(|last| cx.now.duration_since(last) < day) {
        return Err(ApiError::bad_request("The DKIM signing key length can be changed at most once per day."));
    }
    dkim.next_key_length = length;
    dkim.length_changed = Some(cx.now);
    dkim.key_generated = cx.now;
    Ok(())
}
