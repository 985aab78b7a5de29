//! The SES API: one type per call, with the members of the API reference under their own names.
//!
//! The wire reads a call from JSON and answers in JSON; a program can make a call with the types alone.

mod account;
mod arn;
mod associations;
mod configuration_sets;
mod dkim;
mod draft;
mod error;
mod identities;
mod list;
mod mail_from;
mod paging;
mod parsed_mail;
mod policies;
mod send;
mod tags;
mod tenants;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

pub use account::{Account as AccountAnswer, GetAccount, SendQuota, SuppressionAttributes, VdmAttributes};
pub use associations::{
    CreateTenantResourceAssociation, DeleteTenantResourceAssociation, ListResourceTenants, ListTenantResources,
    ResourceTenant, ResourceTenants, TenantResource, TenantResources,
};
pub use configuration_sets::{
    CreateConfigurationSet, DeleteConfigurationSet, GetConfigurationSet, PutEmailIdentityConfigurationSetAttributes,
};
pub use dkim::{PutEmailIdentityDkimAttributes, PutEmailIdentityDkimSigningAttributes, Signing, SigningAnswer};
pub use draft::{Body, Content, Destination, Message, Named, SendEmail, Template, Text};
pub use error::ApiError;
pub(crate) use error::plausible_message;
pub use identities::{
    CreateEmailIdentity, Created, DeleteEmailIdentity, DkimAttributes, EmailIdentity, GetEmailIdentity,
    VerificationInfo,
};
pub use list::{EmailIdentities, IdentityInfo, ListEmailIdentities};
pub use mail_from::{MailFromAttributes, PutEmailIdentityMailFromAttributes};
pub use paging::Asked;
pub use policies::{
    CreateEmailIdentityPolicy, DeleteEmailIdentityPolicy, GetEmailIdentityPolicies, Policies, UpdateEmailIdentityPolicy,
};
pub use send::Sent;
pub use tags::{ListTagsForResource, Tag, TagResource, Tags, UntagResource};
pub use tenants::{CreateTenant, DeleteTenant, GetTenant, ListTenants, Suppressing, TenantInfo, Tenants, WholeTenant};

use super::account::{Account, Identity, Tenant};
use super::throttle::Throttle;

/// A call of the SES API: its request, its answer, and its effect on the account.
pub trait Call {
    type Answer;

    /// Executes it.
    fn run(self, cx: &mut Context<'_>) -> Result<Self::Answer, ApiError>;
}

/// The answer of calls without a result.
#[derive(Debug, Serialize)]
pub struct Done {}

#[derive(Debug)]
pub struct Context<'a> {
    pub(crate) account: &'a mut Account,
    pub(crate) send_throttle: &'a mut Throttle,
    /// Simulated time.
    pub(crate) now: Timestamp,
    /// A number that differs from call to call.
    pub(crate) call: u64,
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

/// The message of AWS's validation for a missing required member.
fn null_member(member: &str) -> ApiError {
    ApiError::bad_request(format!(
        "1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must not be null"
    ))
}

/// A timestamp of the REST-JSON protocol: seconds since 1970, with a fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Epoch(pub Timestamp);

impl Serialize for Epoch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Milliseconds of this century are far below 2^52.
        #[allow(clippy::cast_precision_loss)]
        serializer.serialize_f64(self.0.as_millisecond() as f64 / 1000.0)
    }
}
