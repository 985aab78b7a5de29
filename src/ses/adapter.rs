//! [`Ses`] over the AWS SDK.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use aws_config::{BehaviorVersion, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sesv2::{
    error::{ProvideErrorMetadata, SdkError},
    operation::get_email_identity::GetEmailIdentityOutput,
    types::{
        Body, Content, Destination, DkimAttributes, DkimSigningAttributesOrigin, EmailContent, IdentityFilterKey,
        IdentityType, Message, MessageHeader, Tag,
    },
};

use super::{
    AccountStatus, Caller, Diagnosis, Dkim, Identity, ListPage, ListedIdentity, Outgoing, Ses, SesError, SetUp, Status,
};
use crate::model::name::Domain;

/// Identities per page of a list; the maximum of SES.
const LARGEST_PAGE: i32 = 1000;

/// The AWS SDK behind the [`Ses`] port.
#[derive(Clone, Debug)]
pub struct AwsSes {
    ses: aws_sdk_sesv2::Client,
    sts: aws_sdk_sts::Client,
    region: String,
}

/// No region is configured.
#[derive(Debug, thiserror::Error)]
#[error("the AWS region is not set: set AWS_REGION, or a region in the AWS profile")]
pub struct NoRegion;

impl AwsSes {
    /// Clients with the SDK's default chain of credentials, region and endpoints. `timeout` bounds each call. The SDK
    /// does not retry: each retry would be a call outside the call budget.
    pub async fn from_environment(timeout: Duration) -> Result<Self, NoRegion> {
        let timeouts = TimeoutConfig::builder().operation_timeout(timeout).build();
        let config = aws_config::defaults(BehaviorVersion::latest())
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts)
            .load()
            .await;
        Self::new(&config)
    }

    /// Clients with this configuration.
    pub fn new(config: &SdkConfig) -> Result<Self, NoRegion> {
        let region = config.region().ok_or(NoRegion)?.to_string();
        Ok(Self { ses: aws_sdk_sesv2::Client::new(config), sts: aws_sdk_sts::Client::new(config), region })
    }
}

#[async_trait]
impl Ses for AwsSes {
    async fn caller(&self) -> Result<Caller, SesError> {
        let answer = self.sts.get_caller_identity().send().await.map_err(|e| classify(&e))?;
        let account = answer.account.ok_or(SesError::Malformed)?;
        let partition = answer.arn.as_deref().and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws").to_owned();
        Ok(Caller { account, region: self.region.clone(), partition })
    }

    async fn list(&self, token: Option<&str>) -> Result<ListPage, SesError> {
        let call = self.ses.list_email_identities().page_size(LARGEST_PAGE).set_next_token(token.map(str::to_owned));
        let answer = call.send().await.map_err(|e| classify(&e))?;
        let mut page = ListPage { next: answer.next_token.filter(|token| !token.is_empty()), ..ListPage::default() };
        for info in answer.email_identities.unwrap_or_default() {
            let (Some(name), Some(kind), Some(status)) =
                (info.identity_name, info.identity_type, info.verification_status)
            else {
                return Err(SesError::Malformed);
            };
            if kind == IdentityType::Domain {
                let listed =
                    ListedIdentity { sending: info.sending_enabled, verification: Status::from_wire(status.as_str()) };
                page.identities.insert(name, listed);
            }
        }
        Ok(page)
    }

    async fn identity(&self, domain: &Domain) -> Result<Option<Identity>, SesError> {
        match self.ses.get_email_identity().email_identity(domain.as_str()).send().await {
            Ok(answer) => identity(answer).map(Some),
            Err(error) => match classify(&error) {
                SesError::NotFound => Ok(None),
                other => Err(other),
            },
        }
    }

    async fn create(&self, domain: &Domain, tags: &BTreeMap<String, String>) -> Result<(), SesError> {
        let mut call = self.ses.create_email_identity().email_identity(domain.as_str());
        for (key, value) in tags {
            call = call.tags(tag(key, value)?);
        }
        call.send().await.map(|_| ()).map_err(|e| classify(&e))
    }

    async fn delete(&self, domain: &Domain) -> Result<(), SesError> {
        match self.ses.delete_email_identity().email_identity(domain.as_str()).send().await {
            Ok(_) => Ok(()),
            Err(error) => match classify(&error) {
                SesError::NotFound => Ok(()),
                // SES has no separate error code for it.
                SesError::Refused { .. }
                    if error.message().is_some_and(|text| text.contains("tenant associations")) =>
                {
                    Err(SesError::Associated)
                }
                other => Err(other),
            },
        }
    }

    async fn start_easy_dkim(&self, domain: &Domain) -> Result<(), SesError> {
        let call = self.ses.put_email_identity_dkim_signing_attributes().email_identity(domain.as_str());
        let call = call.signing_attributes_origin(DkimSigningAttributesOrigin::AwsSes);
        call.send().await.map(|_| ()).map_err(|e| classify(&e))
    }

    async fn enable_signing(&self, domain: &Domain) -> Result<(), SesError> {
        let call = self.ses.put_email_identity_dkim_attributes().email_identity(domain.as_str());
        call.signing_enabled(true).send().await.map(|_| ()).map_err(|e| classify(&e))
    }

    async fn tag(&self, arn: &str, tags: &BTreeMap<String, String>) -> Result<(), SesError> {
        let mut call = self.ses.tag_resource().resource_arn(arn);
        for (key, value) in tags {
            call = call.tags(tag(key, value)?);
        }
        call.send().await.map(|_| ()).map_err(|e| classify(&e))
    }

    async fn untag(&self, arn: &str, key: &str) -> Result<(), SesError> {
        let call = self.ses.untag_resource().resource_arn(arn).tag_keys(key);
        call.send().await.map(|_| ()).map_err(|e| classify(&e))
    }

    async fn delete_policy(&self, domain: &Domain, name: &str) -> Result<(), SesError> {
        let call = self.ses.delete_email_identity_policy().email_identity(domain.as_str()).policy_name(name);
        gone(call.send().await.map(|_| ()).map_err(|e| classify(&e)))
    }

    async fn clear_mail_from(&self, domain: &Domain) -> Result<(), SesError> {
        let call = self.ses.put_email_identity_mail_from_attributes().email_identity(domain.as_str());
        call.send().await.map(|_| ()).map_err(|e| classify(&e))
    }

    async fn clear_configuration_set(&self, domain: &Domain) -> Result<(), SesError> {
        let call = self.ses.put_email_identity_configuration_set_attributes().email_identity(domain.as_str());
        call.send().await.map(|_| ()).map_err(|e| classify(&e))
    }

    async fn associations(&self, arn: &str, token: Option<&str>) -> Result<(Vec<String>, Option<String>), SesError> {
        let call = self.ses.list_resource_tenants().resource_arn(arn).set_next_token(token.map(str::to_owned));
        let answer = call.send().await.map_err(|e| classify(&e))?;
        let tenants = answer.resource_tenants.unwrap_or_default().into_iter();
        let names = tenants.map(|tenant| tenant.tenant_name.ok_or(SesError::Malformed)).collect::<Result<_, _>>()?;
        Ok((names, answer.next_token.filter(|token| !token.is_empty())))
    }

    async fn disassociate(&self, tenant: &str, arn: &str) -> Result<(), SesError> {
        let call = self.ses.delete_tenant_resource_association().tenant_name(tenant).resource_arn(arn);
        gone(call.send().await.map(|_| ()).map_err(|e| classify(&e)))
    }

    async fn addresses(&self, domain: &Domain, token: Option<&str>) -> Result<(Vec<String>, Option<String>), SesError> {
        let call = self.ses.list_email_identities().page_size(LARGEST_PAGE).set_next_token(token.map(str::to_owned));
        let call = call.filter(IdentityFilterKey::IdentityNameContains, domain.as_str());
        let answer = call.send().await.map_err(|e| classify(&e))?;
        let names = answer.email_identities.unwrap_or_default().into_iter().filter_map(|info| info.identity_name);
        Ok((
            names.filter(|name| is_address_at(name, domain)).collect(),
            answer.next_token.filter(|token| !token.is_empty()),
        ))
    }

    async fn send(&self, mail: &Outgoing) -> Result<String, SesError> {
        let call = self.ses.send_email().from_email_address(mail.sender()).content(content(mail)?);
        let call = call.destination(Destination::builder().to_addresses(mail.to.to_string()).build());
        let call = call.set_configuration_set_name(mail.configuration_set.clone());
        match call.send().await {
            Ok(answer) => answer.message_id.filter(|id| !id.is_empty()).ok_or(SesError::Malformed),
            Err(error) => Err(match classify(&error) {
                // SES has no separate error codes for these.
                SesError::Throttled if error.message().is_some_and(|text| text.contains("Daily message quota")) => {
                    SesError::LimitExceeded { code: "daily sending quota".to_owned() }
                }
                SesError::Rejected { .. } if error.message().is_some_and(|text| text.contains("not verified")) => {
                    SesError::NotVerified
                }
                other => other,
            }),
        }
    }

    async fn account_status(&self) -> Result<AccountStatus, SesError> {
        let answer = self.ses.get_account().send().await.map_err(|e| classify(&e))?;
        let shut_down = answer.enforcement_status.as_deref() == Some("SHUTDOWN");
        Ok(AccountStatus {
            production: answer.production_access_enabled,
            sending: answer.sending_enabled && !shut_down,
        })
    }
}

fn content(mail: &Outgoing) -> Result<EmailContent, SesError> {
    let part = |text: &str| Content::builder().data(text).charset("UTF-8").build().map_err(|_| SesError::Malformed);
    let body = Body::builder().text(part(&mail.text)?).html(part(&mail.html)?).build();
    let mut message = Message::builder().subject(part(&mail.subject)?).body(body);
    for (name, value) in &mail.headers {
        let header = MessageHeader::builder().name(*name).value(value).build().map_err(|_| SesError::Malformed)?;
        message = message.headers(header);
    }
    Ok(EmailContent::builder().simple(message.build()).build())
}

/// A missing item counts as removed.
fn gone(done: Result<(), SesError>) -> Result<(), SesError> {
    match done {
        Err(SesError::NotFound) => Ok(()),
        other => other,
    }
}

/// Whether it is an address at the domain or below it. SES keeps the original case of addresses.
fn is_address_at(name: &str, domain: &Domain) -> bool {
    let host = name.rsplit_once('@').map(|(_, host)| host.to_ascii_lowercase());
    host.and_then(|host| Domain::parse(&host).ok()).is_some_and(|host| host == *domain || host.is_below(domain))
}

fn tag(key: &str, value: &str) -> Result<Tag, SesError> {
    Tag::builder().key(key).value(value).build().map_err(|_| SesError::Malformed)
}

/// An answer without the facts that every decision needs is malformed.
fn identity(answer: GetEmailIdentityOutput) -> Result<Identity, SesError> {
    let dkim = dkim(answer.dkim_attributes.ok_or(SesError::Malformed)?)?;
    let verification = answer.verification_status.ok_or(SesError::Malformed)?;
    let diagnosis = answer.verification_info.map_or_else(Diagnosis::default, |info| Diagnosis {
        error_type: info.error_type.map(|kind| kind.as_str().to_owned()),
        soa_primary: info.soa_record.as_ref().and_then(|soa| soa.primary_name_server.clone()),
        soa_admin: info.soa_record.as_ref().and_then(|soa| soa.admin_email.clone()),
    });
    Ok(Identity {
        sending: answer.verified_for_sending_status,
        verification: Status::from_wire(verification.as_str()),
        dkim,
        tags: answer.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect(),
        diagnosis,
        set_up: SetUp {
            policies: answer.policies.unwrap_or_default().into_keys().collect(),
            // Without one, SES omits it, and the SDK substitutes an empty text.
            mail_from: answer
                .mail_from_attributes
                .map(|attributes| attributes.mail_from_domain)
                .filter(|d| !d.is_empty()),
            configuration_set: answer.configuration_set_name.filter(|name| !name.is_empty()),
        },
    })
}

fn dkim(attributes: DkimAttributes) -> Result<Dkim, SesError> {
    let status = attributes.status.ok_or(SesError::Malformed)?;
    let origin = attributes.signing_attributes_origin;
    Ok(Dkim {
        signing_enabled: attributes.signing_enabled,
        status: Status::from_wire(status.as_str()),
        tokens: attributes.tokens.unwrap_or_default(),
        zone: attributes.signing_hosted_zone.filter(|zone| !zone.is_empty()),
        easy: origin.is_none_or(|origin| origin == DkimSigningAttributesOrigin::AwsSes),
    })
}

/// The class of an SDK error, by its code and HTTP status. Request ids and AWS's messages remain in the log.
fn classify<E: ProvideErrorMetadata + std::error::Error + 'static>(error: &SdkError<E>) -> SesError {
    tracing::debug!(error = %aws_sdk_sesv2::error::DisplayErrorContext(error), "AWS call failed");
    let SdkError::ServiceError(context) = error else {
        return match error {
            SdkError::ResponseError(_) => SesError::Malformed,
            _ if lacks_credentials(error) => SesError::Denied { code: "NoCredentials".to_owned() },
            _ => SesError::Unreachable,
        };
    };
    by_code(context.err().code().unwrap_or_default(), context.raw().status().as_u16())
}

/// Whether the call was never sent because no credentials were available.
fn lacks_credentials(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source()).any(<dyn std::error::Error>::is::<CredentialsError>)
}

fn by_code(code: &str, status: u16) -> SesError {
    let owned = || if code.is_empty() { format!("HTTP {status}") } else { code.to_owned() };
    match (code, status) {
        ("AlreadyExistsException", _) => SesError::AlreadyExists,
        ("NotFoundException", _) => SesError::NotFound,
        ("TooManyRequestsException" | "Throttling" | "ThrottlingException", _) | (_, 429) => SesError::Throttled,
        ("MessageRejected" | "MailFromDomainNotVerifiedException", _) => SesError::Rejected { code: owned() },
        ("SendingPausedException" | "AccountSuspendedException", _) => SesError::SendingPaused,
        ("LimitExceededException", _) => SesError::LimitExceeded { code: owned() },
        ("ConcurrentModificationException" | "ConflictException", _) => SesError::Busy,
        (_, 401 | 403) => SesError::Denied { code: owned() },
        (_, 500..) => SesError::Server,
        // A 404 without SES's own NotFound comes from a proxy or a wrong endpoint: it proves no absence.
        ("", _) => SesError::Malformed,
        _ => SesError::Refused { code: owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_of_aws_falls_into_one_class() {
        let denied = |code: &str| SesError::Denied { code: code.to_owned() };
        let refused = |code: &str| SesError::Refused { code: code.to_owned() };
        for (code, status, expected) in [
            ("AlreadyExistsException", 400, SesError::AlreadyExists),
            ("NotFoundException", 404, SesError::NotFound),
            ("", 404, SesError::Malformed),
            ("TooManyRequestsException", 429, SesError::Throttled),
            ("", 429, SesError::Throttled),
            ("ConcurrentModificationException", 500, SesError::Busy),
            ("InternalFailure", 500, SesError::Server),
            ("", 503, SesError::Server),
            ("AccessDeniedException", 403, denied("AccessDeniedException")),
            ("MessageRejected", 400, SesError::Rejected { code: "MessageRejected".to_owned() }),
            ("SendingPausedException", 400, SesError::SendingPaused),
            ("AccountSuspendedException", 400, SesError::SendingPaused),
            ("", 403, denied("HTTP 403")),
            ("ExpiredTokenException", 403, denied("ExpiredTokenException")),
            ("BadRequestException", 400, refused("BadRequestException")),
        ] {
            assert_eq!(by_code(code, status), expected, "{code} {status}");
        }
    }
}
