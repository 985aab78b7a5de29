//! The ownership of the domain, from the view of one claimant. Pure; the report words it.

use super::assess::Assessment;
use crate::{
    controller::domain::observe::observation::Claimant,
    model::{
        claim::State,
        ownership::{Block, first_come::block_for},
        policy::Required,
        proof::Consent,
        records::{Judgement, RecordState, Wanted},
        suffix::is_public_suffix,
    },
};

/// The ownership state of one claimant.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
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
    /// The administrator's table assigns the zone to other tenants.
    NotDelegated,
    /// The challenge record could not be looked up.
    ChallengeUnknown(Box<(Wanted, Judgement)>),
    /// The challenge record is missing or wrong.
    ChallengeMissing(Box<(Wanted, Judgement)>),
}

impl Standing {
    /// Whether the claimant holds the domain.
    pub fn holds(&self) -> bool {
        matches!(self, Self::Held | Self::ProofLost)
    }
}

impl Assessment<'_> {
    pub fn standing(&self, claimant: &Claimant) -> Standing {
        let asker = &claimant.asker;
        let claim = self.seen.claim.as_ref().map(|stored| &stored.claim);
        let same_tenant = claim.is_some_and(|claim| claim.tenant.as_ref() == Some(&asker.tenant));
        if claim.is_some_and(|claim| claim.barred.as_ref() == Some(&asker.tenant)) {
            return Standing::ForceReleased;
        }
        if self.seen.elsewhere.contains(&asker.object.uid) && !same_tenant {
            return Standing::EnvironmentChanged;
        }
        match claim.map(|claim| claim.state) {
            Some(State::Held) if same_tenant => self.held(claimant),
            Some(State::Held) if claim.is_some_and(|claim| claim.history.has_lost(&asker.tenant)) => {
                Standing::Displaced
            }
            Some(State::Held) => Standing::OwnedByAnotherTenant,
            Some(State::Releasing) if same_tenant && !asker.suspended => Standing::Releasing,
            _ if asker.suspended => Standing::Suspended,
            Some(State::Releasing) if claim.is_some_and(|claim| claim.tenant.is_some()) && !self.proves(claimant) => {
                Standing::AnotherTenantReleasing
            }
            _ => self.unclaimed(claimant),
        }
    }

    fn held(&self, claimant: &Claimant) -> Standing {
        let claim = self.seen.claim.as_ref().map(|stored| &stored.claim);
        let holder = claim.and_then(|claim| claim.holder.as_ref());
        if holder.is_none_or(|holder| holder.uid != claimant.asker.object.uid) {
            return Standing::Duplicate;
        }
        let proof = claim.and_then(|claim| claim.proof.as_ref());
        if proof.is_some_and(|proof| proof.lost_time.is_some()) { Standing::ProofLost } else { Standing::Held }
    }

    fn proves(&self, claimant: &Claimant) -> bool {
        self.config.policy.required(&self.seen.domain) != Required::FirstCome
            && matches!(self.consent(&claimant.asker.tenant), Consent::Seen(_))
    }

    /// The state while no tenant holds the domain.
    fn unclaimed(&self, claimant: &Claimant) -> Standing {
        let (domain, tenant) = (&self.seen.domain, &claimant.asker.tenant);
        if is_public_suffix(domain) {
            return Standing::PublicSuffix;
        }
        match self.config.policy.required(domain) {
            Required::FirstCome => {
                match block_for(tenant, domain, self.seen.live.related.as_deref().unwrap_or_default()) {
                    Some(Block::AnotherTenantReleasing) => Standing::AnotherTenantReleasing,
                    Some(_) => Standing::OwnedByAnotherTenant,
                    None => Standing::Claiming,
                }
            }
            _ if self.proves(claimant) => Standing::Claiming,
            Required::Delegation(_) => Standing::NotDelegated,
            Required::Challenge => match self.judged_challenge(tenant) {
                None => Standing::Claiming,
                Some(judged) if judged.1.state == RecordState::Unknown => Standing::ChallengeUnknown(Box::new(judged)),
                Some(judged) => Standing::ChallengeMissing(Box::new(judged)),
            },
        }
    }
}
