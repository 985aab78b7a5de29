//! The AWS protocols: which operation a request is, and what it does to the account.

mod account;
mod arn;
mod associations;
mod configuration_sets;
mod dkim;
mod error;
mod exchange;
mod identities;
mod letter;
mod list;
mod mail_from;
mod operation;
mod paging;
mod policies;
mod send;
mod send_input;
mod sts;
mod tags;
mod target;
mod tenants;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::state::{Account, Identity, Tenant};
use error::ApiError;
pub(crate) use exchange::answer;
use operation::{Operation, query};
use target::Target;

/// A request as it came.
#[derive(Debug)]
pub(crate) struct AwsRequest {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) access_key: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// What the caller gets.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// An answer.
    Answer { status: u16, error: Option<String>, content_type: &'static str, body: String },
    /// The connection closes without one.
    Closed,
}

/// How a list answer is spoilt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PageFault {
    Truncated,
    EmptyPage,
    EmptyList,
}

/// What an operation works on.
struct Context<'a> {
    account: &'a mut Account,
    /// Simulated time.
    now: Timestamp,
    /// A number that differs from call to call.
    call: u64,
    page_fault: Option<PageFault>,
}

impl Context<'_> {
    fn found(&self, name: &str) -> Result<&Identity, ApiError> {
        self.account.identity(name).ok_or_else(|| ApiError::no_identity(name))
    }

    fn found_mut(&mut self, name: &str) -> Result<&mut Identity, ApiError> {
        self.account.identity_mut(name).ok_or_else(|| ApiError::no_identity(name))
    }

    fn tenant(&self, name: &str) -> Result<&Tenant, ApiError> {
        self.account.tenants.get(name).ok_or_else(|| no_tenant(name))
    }

    fn tenant_mut(&mut self, name: &str) -> Result<&mut Tenant, ApiError> {
        self.account.tenants.get_mut(name).ok_or_else(|| no_tenant(name))
    }
}

fn no_tenant(name: &str) -> ApiError {
    ApiError::not_found(format!("The requested tenant <{name}> does not exist."))
}

/// Carries out an operation. Later groups (reputation, suppression) get a module and their lines here.
fn dispatch(
    cx: &mut Context<'_>,
    operation: Operation,
    target: &Target,
    request: &AwsRequest,
) -> Result<Value, ApiError> {
    let body = &request.body;
    let name = target.identity.as_deref().unwrap_or_default();
    match operation {
        Operation::CreateEmailIdentity => identities::create(cx, body),
        Operation::GetEmailIdentity => identities::get(cx, name),
        Operation::ListEmailIdentities => list::list(cx, body),
        Operation::DeleteEmailIdentity => identities::delete(cx, name),
        Operation::PutEmailIdentityDkimAttributes => dkim::put_attributes(cx, name, body),
        Operation::PutEmailIdentityDkimSigningAttributes => dkim::put_signing(cx, name, body),
        Operation::PutEmailIdentityConfigurationSetAttributes => configuration_sets::put_default(cx, name, body),
        Operation::PutEmailIdentityMailFromAttributes => mail_from::put(cx, name, body),
        Operation::CreateEmailIdentityPolicy => policies::create(cx, name, &target.name_in_path, body),
        Operation::UpdateEmailIdentityPolicy => policies::update(cx, name, &target.name_in_path, body),
        Operation::DeleteEmailIdentityPolicy => policies::delete(cx, name, &target.name_in_path),
        Operation::GetEmailIdentityPolicies => policies::get(cx, name),
        Operation::TagResource => tags::tag(cx, body),
        Operation::UntagResource => tags::untag(cx, &query(&request.query)),
        Operation::ListTagsForResource => tags::list(cx, &query(&request.query)),
        Operation::CreateTenant => tenants::create(cx, body),
        Operation::GetTenant => tenants::get(cx, body),
        Operation::ListTenants => tenants::list(cx, body),
        Operation::DeleteTenant => tenants::delete(cx, body),
        Operation::CreateTenantResourceAssociation => associations::create(cx, body),
        Operation::DeleteTenantResourceAssociation => associations::delete(cx, body),
        Operation::ListTenantResources => associations::resources(cx, body),
        Operation::ListResourceTenants => associations::tenants(cx, body),
        Operation::CreateConfigurationSet => configuration_sets::create(cx, body),
        Operation::GetConfigurationSet => configuration_sets::get(cx, &target.name_in_path),
        Operation::DeleteConfigurationSet => configuration_sets::delete(cx, &target.name_in_path),
        Operation::GetAccount => Ok(account::get(cx)),
        Operation::SendEmail => send::send(cx, body),
    }
}

/// A JSON body; an empty one is an empty object.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| ApiError::serialization(&error))
}
