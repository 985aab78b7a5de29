//! Create, get and delete identities.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::dkim::{self, Signing};
use super::mail_from::MailFromAttributes;
use super::tags::{Tag, checked};
use super::{ApiError, Call, Context, Done, Epoch, arn, configuration_sets, null_member};
use crate::core::account::{
    Dkim, Identity, IdentityType, LastCheck, Resource, SoaRecord, VerificationError, acceptable,
};
use crate::core::lifecycle::Status;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateEmailIdentity {
    pub email_identity: Option<String>,
    pub tags: Option<Vec<Tag>>,
    pub dkim_signing_attributes: Option<Signing>,
    pub configuration_set_name: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Created {
    pub identity_type: IdentityType,
    pub verified_for_sending_status: bool,
    pub dkim_attributes: DkimAttributes,
}

impl Call for CreateEmailIdentity {
    type Answer = Created;

    /// Third parties measured the order of the checks: existence, tags, configuration set.
    fn run(self, cx: &mut Context<'_>) -> Result<Created, ApiError> {
        let name = self.email_identity.ok_or_else(|| null_member("emailIdentity"))?;
        if !acceptable(&name) {
            let message = format!("Email identity {name} is not a valid email address or domain.");
            return Err(ApiError::bad_request(message));
        }
        if cx.account.identity(&name).is_some() {
            return Err(ApiError::identity_exists(&name));
        }
        let tags = checked(self.tags.unwrap_or_default())?;
        let set = self.configuration_set_name.filter(|set| !set.is_empty());
        if let Some(set) = &set {
            configuration_sets::found(cx.account, set)?;
        }
        let dkim = match self.dkim_signing_attributes {
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
        Ok(Created {
            identity_type: identity.kind,
            verified_for_sending_status: cx.account.verified_for_sending(identity),
            dkim_attributes: DkimAttributes::of(cx.account.dkim_of(identity)),
        })
    }
}

#[derive(Debug)]
pub struct GetEmailIdentity {
    pub email_identity: String,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct EmailIdentity {
    pub identity_type: IdentityType,
    pub feedback_forwarding_status: bool,
    pub verified_for_sending_status: bool,
    pub verification_status: Status,
    pub dkim_attributes: DkimAttributes,
    pub mail_from_attributes: MailFromAttributes,
    pub policies: BTreeMap<String, String>,
    pub tags: Vec<Tag>,
    pub configuration_set_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verification_info: Option<VerificationInfo>,
}

impl Call for GetEmailIdentity {
    type Answer = EmailIdentity;

    fn run(self, cx: &mut Context<'_>) -> Result<EmailIdentity, ApiError> {
        cx.found_mut(&self.email_identity)?.begin();
        let identity = cx.found(&self.email_identity)?;
        Ok(EmailIdentity {
            identity_type: identity.kind,
            feedback_forwarding_status: true,
            verified_for_sending_status: cx.account.verified_for_sending(identity),
            verification_status: identity.verification.status,
            dkim_attributes: DkimAttributes::of(cx.account.dkim_of(identity)),
            mail_from_attributes: MailFromAttributes::of(identity.mail_from.as_ref()),
            policies: identity.policies.clone(),
            tags: Tag::list(&identity.tags),
            configuration_set_name: identity.configuration_set.clone(),
            verification_info: VerificationInfo::of(identity),
        })
    }
}

#[derive(Debug)]
pub struct DeleteEmailIdentity {
    pub email_identity: String,
}

impl Call for DeleteEmailIdentity {
    type Answer = Done;

    /// A tenant's identity is not deleted.
    fn run(self, cx: &mut Context<'_>) -> Result<Done, ApiError> {
        let key = cx.found(&self.email_identity)?.name.clone();
        arn::not_associated(cx, &Resource::identity(&key))?;
        cx.account.identities.remove(&key);
        Ok(Done {})
    }
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DkimAttributes {
    pub signing_enabled: bool,
    pub status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Vec<String>>,
    pub signing_attributes_origin: String,
    #[serde(flatten)]
    pub key: Option<AwsKey>,
}

/// The known properties of a key that AWS makes.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AwsKey {
    pub signing_hosted_zone: String,
    pub next_signing_key_length: &'static str,
    pub current_signing_key_length: &'static str,
    pub last_key_generation_timestamp: Epoch,
}

impl DkimAttributes {
    fn of(dkim: Option<&Dkim>) -> Self {
        let Some(dkim) = dkim else {
            let signing_attributes_origin = "AWS_SES".to_owned();
            let status = Status::NotStarted;
            return Self { signing_enabled: false, status, tokens: None, signing_attributes_origin, key: None };
        };
        Self {
            signing_enabled: dkim.signing_enabled,
            status: dkim.track.status,
            tokens: Some(dkim.tokens.clone()),
            signing_attributes_origin: dkim.origin.clone(),
            key: (!dkim.external()).then(|| AwsKey {
                signing_hosted_zone: dkim.zone.clone(),
                next_signing_key_length: dkim.next_key_length,
                current_signing_key_length: dkim.current_key_length,
                last_key_generation_timestamp: Epoch(dkim.key_generated),
            }),
        }
    }
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct VerificationInfo {
    pub last_checked_timestamp: Epoch,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_success_timestamp: Option<Epoch>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_type: Option<VerificationError>,
    #[serde(rename = "SOARecord", skip_serializing_if = "Option::is_none")]
    pub soa_record: Option<SoaRecord>,
}

impl VerificationInfo {
    fn of(identity: &Identity) -> Option<Self> {
        let LastCheck { at, success, error, soa } = &identity.check;
        let last_checked_timestamp = at.filter(|_| identity.kind == IdentityType::Domain).map(Epoch)?;
        let (last_success_timestamp, soa_record) = (success.map(Epoch), soa.clone());
        Some(Self { last_checked_timestamp, last_success_timestamp, error_type: *error, soa_record })
    }
}
