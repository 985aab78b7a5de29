//! The kinds of the operator's API, and the common part of the kinds that tenants write.

use std::{
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
};

use kube::{
    Resource, ResourceExt,
    core::{
        NamespaceResourceScope,
        object::{HasSpec, HasStatus},
    },
};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    index::{Indexed, ObjectEntry},
    sink::Watch,
};
use crate::{
    api::{SenderAddress, SenderDomain},
    model::{
        address::Address,
        confirmation::request::RESEND,
        name::{Domain, MAX_LABELS},
    },
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Domain,
    Address,
    Claim,
}

impl Kind {
    /// The kind's name in Kubernetes.
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
    type Subject: Indexed + TryFrom<String> + fmt::Display + Send + Sync;
    const KIND: Kind;
    const WATCH: Watch;
    /// The field of the subject, in field selector syntax.
    const FIELD: &'static str;

    /// The subject as written in the spec.
    fn subject_text(&self) -> &str;

    /// `None`: the subject bypassed the rules of the CRD.
    fn subject(&self) -> Option<Self::Subject> {
        let text = self.subject_text();
        let domain = text.rsplit('@').next().unwrap_or_default();
        let subject = text.to_owned().try_into().ok();
        subject.filter(|_| domain.split('.').count() <= MAX_LABELS)
    }

    /// The annotation that requests another confirmation mail.
    fn resend(&self) -> Option<&str> {
        None
    }

    /// The index entry of the object; `None`: it claims nothing, or no longer.
    fn entry(&self) -> Option<ObjectEntry<Self::Subject>> {
        let meta = self.meta();
        let subject = self.subject().filter(|_| meta.deletion_timestamp.is_none())?;
        let uid = meta.uid.as_deref().unwrap_or_default().into();
        Some(ObjectEntry {
            subject,
            uid,
            generation: meta.generation.unwrap_or_default(),
            created: meta.creation_timestamp.as_ref().map_or(0, |time| time.0.as_second()),
            resend: self.resend().map(hash),
        })
    }
}

/// Equal within one process for equal texts.
fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

impl Claimant for SenderDomain {
    type Subject = Domain;
    const KIND: Kind = Kind::Domain;
    const WATCH: Watch = Watch::Domains;
    const FIELD: &'static str = "spec.domain";

    fn subject_text(&self) -> &str {
        &self.spec.domain
    }
}

impl Claimant for SenderAddress {
    type Subject = Address;
    const KIND: Kind = Kind::Address;
    const WATCH: Watch = Watch::Addresses;
    const FIELD: &'static str = "spec.address";

    fn subject_text(&self) -> &str {
        &self.spec.address
    }

    fn resend(&self) -> Option<&str> {
        self.annotations().get(RESEND).map(String::as_str)
    }
}
