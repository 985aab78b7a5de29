//! The kinds of the operator's API, and what the kinds that tenants write have in common.

use std::fmt;

use kube::{
    Resource,
    core::{
        NamespaceResourceScope,
        object::{HasSpec, HasStatus},
    },
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    api::{SenderAddress, SenderDomain},
    model::{address::Address, name::Domain},
};

/// The kinds of the operator's API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `SenderDomain`.
    Domain,
    /// `SenderAddress`.
    Address,
    /// `SenderClaim`.
    Claim,
}

impl Kind {
    /// The kind as Kubernetes spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Domain => "SenderDomain",
            Self::Address => "SenderAddress",
            Self::Claim => "SenderClaim",
        }
    }
}

/// A kind whose objects claim a subject for the tenant of their namespace.
pub trait Claimant:
    Resource<DynamicType = (), Scope = NamespaceResourceScope>
    + HasSpec
    + HasStatus<Status: Serialize + Send + Sync>
    + Clone
    + fmt::Debug
    + DeserializeOwned
    + Send
    + Sync
    + 'static
{
    /// What its objects claim.
    type Subject: TryFrom<String> + fmt::Display + Clone + Ord + Send + Sync;
    /// The kind.
    const KIND: Kind;
    /// The field of the subject, as a field selector names it.
    const FIELD: &'static str;

    /// The subject as it is written in the spec.
    fn subject_text(&self) -> &str;

    /// The subject; `None` if something went around the rules of the CRD.
    fn subject(&self) -> Option<Self::Subject> {
        self.subject_text().to_owned().try_into().ok()
    }
}

impl Claimant for SenderDomain {
    type Subject = Domain;
    const KIND: Kind = Kind::Domain;
    const FIELD: &'static str = "spec.domain";

    fn subject_text(&self) -> &str {
        &self.spec.domain
    }
}

impl Claimant for SenderAddress {
    type Subject = Address;
    const KIND: Kind = Kind::Address;
    const FIELD: &'static str = "spec.address";

    fn subject_text(&self) -> &str {
        &self.spec.address
    }
}
