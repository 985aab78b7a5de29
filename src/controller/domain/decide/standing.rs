//! The ownership of the domain, from the view of one claimant. Pure; the report words it.

use super::assess::Assessment;
use crate::{
    controller::domain::observe::observation::DomainResource,
    model::{
        claim::State,
        ownership::{Refusal, first_come::refusal_for},
        proof::ProofStatus,
        proof_policy::Required,
        records::{Judgement, RecordState, Wanted},
        suffix::is_public_suffix,
    },
};

/// The ownership state of one claimant.
#[derive(Clone, Debug, PartialEq)]
pub enum DomainStanding {
    /// It holds the domain.
    Held,
    /// It holds the domain without a valid proof, within the grace.
    ProofLost,
    /// Another resource of its tenant holds the domain.
    Duplicate,
    /// An administrator took the domain from its tenant.
    ForceReleased,
    /// Its namespace came from another environment, which still has a claim for it.
    EnvironmentChanged,
    /// Its tenant lost the domain to another tenant.
    Displaced,
    /// Another tenant has the domain, or a related one.
    OwnedByAnotherTenant,
    /// Another tenant's claim is being released.
    AnotherTenantReleasing,
    /// An earlier identity of its own tenant is being deleted.
    Releasing,
    /// Suspended before it had a claim.
    Suspended,
    /// The name is a public suffix.
    PublicSuffix,
    /// Nothing blocks it; the claim is about to be written.
    Claiming,
    /// Its tenant has too many older domains without a proof.
    OpenDomainLimit,
    /// The administrator's table assigns the zone to other tenants.
    NotDelegated,
    /// The challenge record could not be looked up.
    ChallengeUnknown(Box<(Wanted, Judgement)>),
    /// The challenge record is missing or wrong.
    ChallengeMissing(Box<(Wanted, Judgement)>),
}

impl DomainStanding {
    /// Whether the claimant holds the domain.
    pub fn holds(&self) -> bool {
        matches!(self, Self::Held | Self::ProofLost)
    }
}

impl Assessment<'_> {
    pub fn standing(&self, resource: &DomainResource) -> DomainStanding {
        let claimant = &resource.claimant;
        let claim = self.observation.claim.as_ref().map(|stored| &stored.claim);
        let same_tenant = claim.is_some_and(|claim| claim.tenant.as_ref() == Some(&claimant.tenant));
        if claim.is_some_and(|claim| claim.barred_tenant.as_ref() == Some(&claimant.tenant)) {
            return DomainStanding::ForceReleased;
        }
        if self.observation.foreign_claim_holders.contains(&claimant.object.uid) && !same_tenant {
            return DomainStanding::EnvironmentChanged;
        }
        match claim.map(|claim| claim.state) {
            Some(State::Held) if same_tenant => self.held(resource),
            Some(State::Held) if claim.is_some_and(|claim| claim.history.has_lost(&claimant.tenant)) => {
                DomainStanding::Displaced
            }
            Some(State::Held) => DomainStanding::OwnedByAnotherTenant,
            Some(State::Releasing) if same_tenant && !claimant.suspended => DomainStanding::Releasing,
            _ if claimant.suspended => DomainStanding::Suspended,
            _ if claimant.beyond_open_limit && !is_public_suffix(&self.observation.domain) => {
                DomainStanding::OpenDomainLimit
            }
            Some(State::Releasing) if claim.is_some_and(|claim| claim.tenant.is_some()) && !self.proves(resource) => {
                DomainStanding::AnotherTenantReleasing
            }
            _ => self.unclaimed(resource),
        }
    }

    fn held(&self, resource: &DomainResource) -> DomainStanding {
        let claim = self.observation.claim.as_ref().map(|stored| &stored.claim);
        let holder = claim.and_then(|claim| claim.holder.as_ref());
        if holder.is_none_or(|holder| holder.uid != resource.claimant.object.uid) {
            return DomainStanding::Duplicate;
        }
        let proof = claim.and_then(|claim| claim.proof.as_ref());
        if proof.is_some_and(|proof| proof.lost_time.is_some()) {
            DomainStanding::ProofLost
        } else {
            DomainStanding::Held
        }
    }

    fn proves(&self, resource: &DomainResource) -> bool {
        self.config.policy.required(&self.observation.domain) != Required::FirstCome
            && matches!(self.proof_status(&resource.claimant.tenant), ProofStatus::Observed(_))
    }

    /// The state while no tenant holds the domain.
    fn unclaimed(&self, resource: &DomainResource) -> DomainStanding {
        let (domain, tenant) = (&self.observation.domain, &resource.claimant.tenant);
        if is_public_suffix(domain) {
            return DomainStanding::PublicSuffix;
        }
        match self.config.policy.required(domain) {
            Required::FirstCome => {
                match refusal_for(tenant, domain, self.observation.live.related.as_deref().unwrap_or_default()) {
                    Some(Refusal::AnotherTenantReleasing) => DomainStanding::AnotherTenantReleasing,
                    Some(_) => DomainStanding::OwnedByAnotherTenant,
                    None => DomainStanding::Claiming,
                }
            }
            _ if self.proves(resource) => DomainStanding::Claiming,
            Required::Delegation(_) => DomainStanding::NotDelegated,
            Required::Challenge => match self.judged_challenge(tenant) {
                None => DomainStanding::Claiming,
                Some(judged) if judged.1.state == RecordState::Unknown => {
                    DomainStanding::ChallengeUnknown(Box::new(judged))
                }
                Some(judged) => DomainStanding::ChallengeMissing(Box::new(judged)),
            },
        }
    }
}
