//! What the index keeps of an object and of a claim.

use std::fmt;

use jiff::Timestamp;

use super::place::Located;
use crate::model::{
    address::Address,
    claim::{Claim, State},
    confirmation::limits::Mail,
    creations::Creations,
    name::Domain,
    tenant::Tenant,
};

/// What is kept of an object that claims a subject. A change of it is worth a reconcile; a write of a status is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectEntry<S> {
    /// What it claims.
    pub subject: S,
    /// Its uid.
    pub uid: Box<str>,
    /// Its generation.
    pub generation: i64,
    /// The annotation that asks for another confirmation mail.
    pub resend: Option<Box<str>>,
}

/// What can be claimed.
pub trait Claimable: Located + Clone + Ord + fmt::Debug {
    /// What is kept of a claim on such a subject only.
    type Facts: Clone + fmt::Debug + PartialEq;

    /// The subject of a claim, if it is of this kind.
    fn of_claim(claim: &Claim) -> Option<Self>;
    /// What is kept of the claim.
    fn facts(claim: &Claim) -> Self::Facts;
}

/// What is kept of a claim.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimEntry<S: Claimable> {
    /// What is claimed.
    pub subject: S,
    /// Its state.
    pub state: State,
    /// The tenant that owns it, or is about to while it is Provisional.
    pub tenant: Option<Tenant>,
    /// Resource version.
    pub version: Box<str>,
    /// What only claims of this kind have.
    pub facts: S::Facts,
}

impl<S: Claimable> ClaimEntry<S> {
    /// The entry of a claim; `None` if it is one of another kind.
    pub fn of(claim: &Claim, version: &str) -> Option<Self> {
        Some(Self {
            subject: S::of_claim(claim)?,
            state: claim.state,
            tenant: claim.tenant.as_ref().or(claim.sponsor.as_ref()).cloned(),
            version: version.into(),
            facts: S::facts(claim),
        })
    }
}

/// What is kept of the claim on a domain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DomainFacts {
    /// When its holder let go.
    pub releasing_time: Option<Timestamp>,
    /// The random id of its holder's tenure.
    pub tenure_id: Option<Box<str>>,
    /// Whether SES sends for it.
    pub verified: bool,
    /// Whether an identity may exist for it that no tenant has proven a right to.
    pub unproven: bool,
    /// Whether its identity is kept at SES although no tenant holds it.
    pub retained: bool,
    /// What was created for it lately, and for which tenant.
    pub creations: Option<Creations>,
}

impl Claimable for Domain {
    type Facts = DomainFacts;

    fn of_claim(claim: &Claim) -> Option<Self> {
        claim.subject.address.is_none().then(|| claim.subject.domain.clone())
    }

    fn facts(claim: &Claim) -> DomainFacts {
        DomainFacts {
            releasing_time: claim.releasing_time,
            tenure_id: claim.holding.as_deref().map(Into::into),
            verified: claim.identity.verified_time.is_some() && !claim.identity.hand_over,
            unproven: matches!(claim.state, State::Provisional | State::Releasing) && claim.tenant.is_none(),
            retained: claim.identity.retained,
            creations: claim.creations.clone(),
        }
    }
}

impl Claimable for Address {
    /// Mails that were sent to it lately.
    type Facts = Box<[Mail]>;

    fn of_claim(claim: &Claim) -> Option<Self> {
        claim.subject.address.clone()
    }

    fn facts(claim: &Claim) -> Box<[Mail]> {
        claim.confirmation.as_ref().map(|kept| kept.mails.clone().into()).unwrap_or_default()
    }
}
