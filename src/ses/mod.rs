//! The port to Amazon SES, in the operator's own terms.
//!
//! Every method is one call. No method waits, retries or decides: call budget, backoff and deadlines are outside.

#![warn(missing_docs)]

pub mod adapter;
pub mod adaptive_rate;
pub mod call_budget;
pub mod call_scheduler;
pub mod error;
pub mod mail;
pub mod sweep;

use std::collections::BTreeMap;

use async_trait::async_trait;

pub use self::{
    error::SesError,
    mail::{AccountStatus, Outgoing},
};
use crate::model::name::Domain;

/// Tag with the owner id of the environment that created an identity.
pub const OWNER_TAG: &str = "sender-operator.io/owner-id";
/// Tag with the name of the environment that created an identity.
pub const ENVIRONMENT_TAG: &str = "sender-operator.io/environment";
/// Tag with the uid of the claim that an identity was created for. It distinguishes an older identity from a creation
/// whose answer was lost.
pub const CLAIM_TAG: &str = "sender-operator.io/claim";
/// Tag of an identity that was kept by `deletionPolicy: Retain`.
pub const RETAINED_TAG: &str = "sender-operator.io/retained";

/// SES's state of a verification or of DKIM
/// (<https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetEmailIdentity.html>).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// SES looks for the records, for up to 72 hours.
    Pending,
    /// SES found them.
    Success,
    /// SES stopped looking.
    Failed,
    /// SES no longer finds them, still sends, and keeps looking for 72 hours.
    TemporaryFailure,
    /// No verification has begun.
    NotStarted,
    /// A value newer than this operator: kept unchanged and treated as unknown.
    Other(String),
}

impl Status {
    /// SES's spelling.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Pending => "PENDING",
            Self::Success => "SUCCESS",
            Self::Failed => "FAILED",
            Self::TemporaryFailure => "TEMPORARY_FAILURE",
            Self::NotStarted => "NOT_STARTED",
            Self::Other(raw) => raw,
        }
    }

    /// Parses SES's spelling.
    pub fn from_wire(raw: &str) -> Self {
        match raw {
            "PENDING" => Self::Pending,
            "SUCCESS" => Self::Success,
            "FAILED" => Self::Failed,
            "TEMPORARY_FAILURE" => Self::TemporaryFailure,
            "NOT_STARTED" => Self::NotStarted,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// The DKIM attributes of an identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dkim {
    /// Whether SES signs outgoing mail.
    pub signing_enabled: bool,
    /// SES's state of DKIM.
    pub status: Status,
    /// Tokens of the three CNAMEs.
    pub tokens: Vec<String>,
    /// Target zone of the CNAMEs, if SES reports it.
    pub zone: Option<String>,
    /// `true` for Easy DKIM, the only kind this operator sets up; `false` for external or replicated keys.
    pub easy: bool,
}

/// SES's own diagnosis of the last verification.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnosis {
    /// Such as `HOST_NOT_FOUND`.
    pub error_type: Option<String>,
    /// Primary name server of the SOA record that SES found.
    pub soa_primary: Option<String>,
    /// Administrator of the SOA record that SES found.
    pub soa_admin: Option<String>,
}

/// A domain identity at SES.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Whether SES sends for it.
    pub sending: bool,
    /// SES's state of the verification.
    pub verification: Status,
    /// State of DKIM.
    pub dkim: Dkim,
    /// Tags of the identity, by key.
    pub tags: BTreeMap<String, String>,
    /// SES's diagnosis of the last verification.
    pub diagnosis: Diagnosis,
    /// Settings on the identity.
    pub set_up: SetUp,
}

/// Settings on an identity, apart from its verification.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetUp {
    /// Names of its sending authorization policies.
    pub policies: Vec<String>,
    /// Its custom MAIL FROM domain.
    pub mail_from: Option<String>,
    /// Its default configuration set.
    pub configuration_set: Option<String>,
}

impl Identity {
    /// Whether SES sends for the domain because *this* identity is verified. Below a verified domain, SES also reports
    /// sending for an unverified identity, by the right of the parent.
    pub fn sends(&self) -> bool {
        self.sending && matches!(self.verification, Status::Success | Status::TemporaryFailure)
    }
}

/// The owner of the credentials, from STS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// AWS account id.
    pub account: String,
    /// AWS region of the SES calls.
    pub region: String,
    /// Partition of ARNs, such as `aws` or `aws-cn`.
    pub partition: String,
}

impl Caller {
    /// The ARN of a domain's identity.
    pub fn identity_arn(&self, domain: &Domain) -> String {
        format!("arn:{}:ses:{}:{}:identity/{domain}", self.partition, self.region, self.account)
    }
}

/// A domain identity in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedIdentity {
    /// Whether SES sends for it.
    pub sending: bool,
    /// SES's state of the verification.
    pub verification: Status,
}

/// One page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListPage {
    /// Domain identities by name.
    pub identities: BTreeMap<String, ListedIdentity>,
    /// Token of the next page; `None`: this was the last page.
    pub next: Option<String>,
}

/// Amazon SES v2, and STS for the owner of the credentials.
#[async_trait]
pub trait Ses: Send + Sync {
    /// `sts:GetCallerIdentity`.
    async fn caller(&self) -> Result<Caller, SesError>;
    /// One page of `ListEmailIdentities`, domains only, starting at this token.
    async fn list(&self, token: Option<&str>) -> Result<ListPage, SesError>;
    /// `GetEmailIdentity`. `None` is SES's positive NotFound, never a failure.
    async fn identity(&self, domain: &Domain) -> Result<Option<Identity>, SesError>;
    /// `CreateEmailIdentity` with Easy DKIM. If the identity exists: [`SesError::AlreadyExists`].
    async fn create(&self, domain: &Domain, tags: &BTreeMap<String, String>) -> Result<(), SesError>;
    /// `DeleteEmailIdentity`. A missing identity counts as deleted.
    async fn delete(&self, domain: &Domain) -> Result<(), SesError>;
    /// `PutEmailIdentityDkimSigningAttributes` with origin `AWS_SES`: (re)starts Easy DKIM and its verification.
    async fn start_easy_dkim(&self, domain: &Domain) -> Result<(), SesError>;
    /// `PutEmailIdentityDkimAttributes` with signing enabled.
    async fn enable_signing(&self, domain: &Domain) -> Result<(), SesError>;
    /// `TagResource` with these tags.
    async fn tag(&self, arn: &str, tags: &BTreeMap<String, String>) -> Result<(), SesError>;
    /// `UntagResource` of one tag.
    async fn untag(&self, arn: &str, key: &str) -> Result<(), SesError>;
    /// `DeleteEmailIdentityPolicy`. A missing policy counts as deleted.
    async fn delete_policy(&self, domain: &Domain, name: &str) -> Result<(), SesError>;
    /// `PutEmailIdentityMailFromAttributes` without a domain.
    async fn clear_mail_from(&self, domain: &Domain) -> Result<(), SesError>;
    /// `PutEmailIdentityConfigurationSetAttributes` without a name.
    async fn clear_configuration_set(&self, domain: &Domain) -> Result<(), SesError>;
    /// One page of `ListResourceTenants`: names of the SES tenants that the resource is associated with, and the next
    /// token.
    async fn associations(&self, arn: &str, token: Option<&str>) -> Result<(Vec<String>, Option<String>), SesError>;
    /// `DeleteTenantResourceAssociation`. A missing association counts as deleted.
    async fn disassociate(&self, tenant: &str, arn: &str) -> Result<(), SesError>;
    /// One page of `ListEmailIdentities`: identities of single addresses at the domain and below it, and the next
    /// token.
    async fn addresses(&self, domain: &Domain, token: Option<&str>) -> Result<(Vec<String>, Option<String>), SesError>;
    /// `SendEmail` with simple content. Returns SES's message id.
    async fn send(&self, mail: &Outgoing) -> Result<String, SesError>;
    /// `GetAccount`: whether the account may send, and to which recipients.
    async fn account_status(&self) -> Result<AccountStatus, SesError>;
}
