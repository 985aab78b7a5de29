//! The index entries of objects and claims.

use std::fmt;

use jiff::Timestamp;

use super::place::Located;
use crate::model::{
    address::Address,
    claim::{Claim, State},
    confirmation::limits::RecordedMail,
    creation_limit::Creations,
    name::Domain,
    tenant::Tenant,
};

/// The entry of an object. Only changes of these fields cause a reconcile; a status write does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectEntry<S> {
    pub subject: S,
    pub uid: Box<str>,
    pub generation: i64,
    /// Creation time, in seconds since 1970.
    pub created: i64,
    /// Hash of the annotation that requests another confirmation mail. The value can have 256 KiB.
    pub resend: Option<u64>,
}

pub trait Claimable: Located + Clone + Ord + fmt::Debug {
    /// Data that only claims of this kind have.
    type Details: Clone + fmt::Debug + PartialEq;

    /// `None`: the claim is of another kind.
    fn of_claim(claim: &Claim) -> Option<Self>;
    fn details(claim: &Claim) -> Self::Details;
}

#[derive(Clone, Debug, PartialEq)]
pub struct ClaimEntry<S: Claimable> {
    pub subject: S,
    pub state: State,
    /// The owner, or the pending tenant while Provisional.
    pub tenant: Option<Tenant>,
    /// Resource version.
    pub version: Box<str>,
    pub details: S::Details,
}

impl<S: Claimable> ClaimEntry<S> {
    /// `None`: the claim is of another kind.
    pub fn of(claim: &Claim, version: &str) -> Option<Self> {
        Some(Self {
            subject: S::of_claim(claim)?,
            state: claim.state,
            tenant: claim.tenant.as_ref().or(claim.pending_tenant.as_ref()).cloned(),
            version: version.into(),
            details: S::details(claim),
        })
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DomainDetails {
    /// When the holder released the domain.
    pub releasing_time: Option<Timestamp>,
    pub tenure_id: Option<Box<str>>,
    /// Whether SES has verified the domain.
    pub verified: bool,
    /// Whether an identity may exist that no tenant has proven a right to.
    pub unproven: bool,
    /// Whether the identity is kept at SES without a holder.
    pub retained: bool,
    /// Recent creations at SES, and the tenant that they count for.
    pub creations: Option<Creations>,
}

impl Claimable for Domain {
    type Details = DomainDetails;

    fn of_claim(claim: &Claim) -> Option<Self> {
        claim.subject.address.is_none().then(|| claim.subject.domain.clone())
    }

    fn details(claim: &Claim) -> DomainDetails {
        DomainDetails {
            releasing_time: claim.releasing_time,
            tenure_id: claim.tenure_id.as_deref().map(Into::into),
            verified: claim.identity.verified_time.is_some() && !claim.identity.takeover_pending,
            unproven: matches!(claim.state, State::Provisional | State::Releasing) && claim.tenant.is_none(),
            retained: claim.identity.retained,
            creations: claim.creations.clone(),
        }
    }
}

impl Claimable for Address {
    /// Recent mails to the address.
    type Details = Box<[RecordedMail]>;

    fn of_claim(claim: &Claim) -> Option<Self> {
        claim.subject.address.clone()
    }

    fn details(claim: &Claim) -> Box<[RecordedMail]> {
        claim.confirmation.as_ref().map(|kept| kept.mails.clone().into()).unwrap_or_default()
    }
}
