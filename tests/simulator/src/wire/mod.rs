//! The AWS protocols: which call a request is, and its answer.

mod error;
mod exchange;
mod operation;
#[cfg(test)]
mod rules;
mod sts;
mod target;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::core::api::{self, ApiError, Call, Context};
pub(crate) use exchange::answer;
use operation::{Operation, query};
use target::Target;

#[derive(Debug)]
pub(crate) struct AwsRequest {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) access_key: Option<String>,
    pub(crate) body: Vec<u8>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Answer { status: u16, error: Option<String>, content_type: &'static str, body: String },
    Closed,
}

fn dispatch(
    cx: &mut Context<'_>,
    operation: Operation,
    target: &Target,
    request: &AwsRequest,
) -> Result<Value, ApiError> {
    use Operation as O;
    let body = &request.body;
    let email_identity = target.identity.clone().unwrap_or_default();
    let (policy_name, configuration_set_name) = (target.name_in_path.clone(), target.name_in_path.clone());
    let parameters = query(&request.query);
    let all =
        |wanted: &str| parameters.iter().filter(|(key, _)| key == wanted).map(|(_, value)| value.clone()).collect();
    let resource_arn = parameters.iter().find(|(key, _)| key == "ResourceArn").map(|(_, arn)| arn.clone());
    match operation {
        O::CreateEmailIdentity => run::<api::CreateEmailIdentity>(cx, parse(body)?),
        O::GetEmailIdentity => run(cx, api::GetEmailIdentity { email_identity }),
        O::ListEmailIdentities => run::<api::ListEmailIdentities>(cx, parse(body)?),
        O::DeleteEmailIdentity => run(cx, api::DeleteEmailIdentity { email_identity }),
        O::PutEmailIdentityDkimAttributes => {
            run(cx, api::PutEmailIdentityDkimAttributes { email_identity, ..parse(body)? })
        }
        O::PutEmailIdentityDkimSigningAttributes => {
            run(cx, api::PutEmailIdentityDkimSigningAttributes { email_identity, ..parse(body)? })
        }
        O::PutEmailIdentityConfigurationSetAttributes => {
            run(cx, api::PutEmailIdentityConfigurationSetAttributes { email_identity, ..parse(body)? })
        }
        O::PutEmailIdentityMailFromAttributes => {
            run(cx, api::PutEmailIdentityMailFromAttributes { email_identity, ..parse(body)? })
        }
        O::CreateEmailIdentityPolicy => {
            run(cx, api::CreateEmailIdentityPolicy { email_identity, policy_name, ..parse(body)? })
        }
        O::UpdateEmailIdentityPolicy => {
            run(cx, api::UpdateEmailIdentityPolicy { email_identity, policy_name, ..parse(body)? })
        }
        O::DeleteEmailIdentityPolicy => run(cx, api::DeleteEmailIdentityPolicy { email_identity, policy_name }),
        O::GetEmailIdentityPolicies => run(cx, api::GetEmailIdentityPolicies { email_identity }),
        O::TagResource => run::<api::TagResource>(cx, parse(body)?),
        O::UntagResource => run(cx, api::UntagResource { resource_arn, tag_keys: all("TagKeys") }),
        O::ListTagsForResource => run(cx, api::ListTagsForResource { resource_arn }),
        O::CreateTenant => run::<api::CreateTenant>(cx, parse(body)?),
        O::GetTenant => run::<api::GetTenant>(cx, parse(body)?),
        O::ListTenants => run::<api::ListTenants>(cx, parse(body)?),
        O::DeleteTenant => run::<api::DeleteTenant>(cx, parse(body)?),
        O::CreateTenantResourceAssociation => run::<api::CreateTenantResourceAssociation>(cx, parse(body)?),
        O::DeleteTenantResourceAssociation => run::<api::DeleteTenantResourceAssociation>(cx, parse(body)?),
        O::ListTenantResources => run::<api::ListTenantResources>(cx, parse(body)?),
        O::ListResourceTenants => run::<api::ListResourceTenants>(cx, parse(body)?),
        O::CreateConfigurationSet => run::<api::CreateConfigurationSet>(cx, parse(body)?),
        O::GetConfigurationSet => run(cx, api::GetConfigurationSet { configuration_set_name }),
        O::DeleteConfigurationSet => run(cx, api::DeleteConfigurationSet { configuration_set_name }),
        O::GetAccount => run(cx, api::GetAccount),
        O::SendEmail => run::<api::SendEmail>(cx, parse(body)?),
    }
}

fn run<C: Call<Answer: Serialize>>(cx: &mut Context<'_>, call: C) -> Result<Value, ApiError> {
    Ok(json!(call.run(cx)?))
}

/// A JSON body; an empty one is an empty object.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| error::serialization(&error))
}
