//! The port to Amazon SES: what the operator asks of it, in the operator's own words.
//!
//! Every method is one call. None of them waits, retries or decides: budget, backoff and deadlines stand outside.

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
    mail::{Outgoing, Standing},
};
use crate::model::name::Domain;

/// Tag with the owner id of the installation that made an identity.
pub const OWNER_TAG: &str = "sender-operator.io/owner-id";
/// Tag with the environment (release) that made an identity.
pub const ENVIRONMENT_TAG: &str = "sender-operator.io/environment";
/// Tag with the uid of the claim that an identity was created for: what was there before is told from a creation whose answer
/// was lost.
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
    /// Nothing was begun.
    NotStarted,
    /// A value newer than this operator: kept as it is and taken for "not known".
    Other(String),
}

impl Status {
    /// As SES spells it.
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

    /// From SES's spelling.
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

/// DKIM as SES has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dkim {
    /// Whether SES signs outgoing mail.
    pub signing_enabled: bool,
    /// SES's state.
    pub status: Status,
    /// Tokens of the three CNAMEs.
    pub tokens: Vec<String>,
    /// Zone into which the CNAMEs point, if SES named it.
    pub zone: Option<String>,
    /// `true` for Easy DKIM, the only kind this operator sets up; `false` for keys brought along or replicated.
    pub easy: bool,
}

/// SES's own diagnosis of the last verification.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnosis {
    /// Such as `HOST_NOT_FOUND`.
    pub error_type: Option<String>,
    /// Primary name server of the SOA record that SES saw.
    pub soa_primary: Option<String>,
    /// Administrator of the SOA record that SES saw.
    pub soa_admin: Option<String>,
}

/// A domain identity at SES.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Whether SES sends for it.
    pub sending: bool,
    /// SES's state of the verification.
    pub verification: Status,
    /// DKIM.
    pub dkim: Dkim,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// SES's diagnosis.
    pub diagnosis: Diagnosis,
    /// What is set up on it.
    pub set_up: SetUp,
}

/// What somebody set up on an identity, beside its verification.
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
    /// Whether SES sends for the domain because *this* identity is verified. SES also says that it sends for one that
    /// still waits for its records below a verified domain: by that domain's right, not by its own.
    pub fn sends(&self) -> bool {
        self.sending && matches!(self.verification, Status::Success | Status::TemporaryFailure)
    }
}

/// Who the credentials belong to, from STS.
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
pub struct Listed {
    /// Whether SES sends for it.
    pub sending: bool,
    /// SES's state of the verification.
    pub verification: Status,
}

/// One page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Domain identities by name.
    pub identities: BTreeMap<String, Listed>,
    /// Where the list goes on; `None`: this was the last page.
    pub next: Option<String>,
}

/// Amazon SES v2 and the caller's identity.
#[async_trait]
pub trait Ses: Send + Sync {
    /// `sts:GetCallerIdentity`.
    async fn caller(&self) -> Result<Caller, SesError>;
    /// One page of `ListEmailIdentities`, domains only, from this token on.
    async fn list(&self, token: Option<&str>) -> Result<Page, SesError>;
    /// `GetEmailIdentity`. `None` is SES's positive NotFound, never a failure.
    async fn identity(&self, domain: &Domain) -> Result<Option<Identity>, SesError>;
    /// `CreateEmailIdentity` with Easy DKIM. An identity that exists is [`SesError::AlreadyExists`].
    async fn create(&self, domain: &Domain, tags: &BTreeMap<String, String>) -> Result<(), SesError>;
    /// `DeleteEmailIdentity`. An identity that is gone already counts as deleted.
    async fn delete(&self, domain: &Domain) -> Result<(), SesError>;
    /// `PutEmailIdentityDkimSigningAttributes` with origin `AWS_SES`: (re)starts Easy DKIM and its verification.
    async fn start_easy_dkim(&self, domain: &Domain) -> Result<(), SesError>;
    /// `PutEmailIdentityDkimAttributes` with signing enabled.
    async fn enable_signing(&self, domain: &Domain) -> Result<(), SesError>;
    /// `TagResource` with these tags.
    async fn tag(&self, arn: &str, tags: &BTreeMap<String, String>) -> Result<(), SesError>;
    /// `UntagResource` of one tag.
    async fn untag(&self, arn: &str, key: &str) -> Result<(), SesError>;
    /// `DeleteEmailIdentityPolicy`. A policy that is gone counts as deleted.
    async fn delete_policy(&self, domain: &Domain, name: &str) -> Result<(), SesError>;
    /// `PutEmailIdentityMailFromAttributes` without a domain.
    async fn clear_mail_from(&self, domain: &Domain) -> Result<(), SesError>;
    /// `PutEmailIdentityConfigurationSetAttributes` without a name.
    async fn clear_configuration_set(&self, domain: &Domain) -> Result<(), SesError>;
    /// One page of `ListResourceTenants`: names of the SES tenants that the resource is associated with, and where the list
    /// goes on.
    async fn associations(&self, arn: &str, token: Option<&str>) -> Result<(Vec<String>, Option<String>), SesError>;
    /// `DeleteTenantResourceAssociation`. One that is gone counts as ended.
    async fn disassociate(&self, tenant: &str, arn: &str) -> Result<(), SesError>;
    /// One page of `ListEmailIdentities`: identities of single addresses at the domain and below it, and where the list
    /// goes on.
    async fn addresses(&self, domain: &Domain, token: Option<&str>) -> Result<(Vec<String>, Option<String>), SesError>;
    /// `SendEmail` with simple content. The answer is SES's message id.
    async fn send(&self, mail: &Outgoing) -> Result<String, SesError>;
    /// `GetAccount`: whether the account may send, and to whom.
    async fn standing(&self) -> Result<Standing, SesError>;
}
