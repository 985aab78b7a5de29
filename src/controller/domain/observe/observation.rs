//! All facts about one domain in one reconcile. `decide` and the report read them; only `act` adds to them.

use std::collections::BTreeSet;

use super::cache::{DomainCache, RemoteState};
use crate::{
    api::{SenderDomain, conditions::is_true},
    controller::subject::{Progress, SubjectObservation},
    model::{
        claim::{State, StoredClaim},
        creation_limit::Creations,
        name::Domain,
        ownership::{DomainClaimant, Related},
        tenant::Tenant,
    },
    ses::Identity,
};

/// A resource that claims the domain, with its ownership input.
#[derive(Clone, Debug)]
pub struct DomainResource {
    /// Its ownership input.
    pub claimant: DomainClaimant,
    pub object: SenderDomain,
}

/// All facts about one domain in one reconcile.
#[derive(Clone, Debug)]
pub struct Observation {
    pub domain: Domain,
    pub claim: Option<StoredClaim>,
    /// The resources that claim it, oldest first.
    pub resources: Vec<DomainResource>,
    /// Uids of the claimants that have a claim in another environment.
    pub foreign_claim_holders: BTreeSet<String>,
    /// Tenants whose limits allow one more unproven identity.
    pub within_limit: BTreeSet<Tenant>,
    /// According to the index, another tenant than the pending one holds a domain above.
    pub below_another: bool,
    /// A random id for a new tenure.
    pub new_tenure_id: String,
    /// The holder's namespace exists under another uid.
    pub namespace_remade: Option<bool>,
    /// Claims of the environment released within the same hour as this one.
    pub releasing_together: usize,
    /// Held claims of the environment.
    pub held: usize,
    /// Recent creations of the tenant, if one more may be due.
    pub creations: Vec<Creations>,
    /// Live reads of this reconcile.
    pub live: Live,
    pub cache: DomainCache,
    pub progress: Progress,
}

/// Live reads of one reconcile, made only when a decision needs them.
#[derive(Clone, Debug, Default)]
pub struct Live {
    /// The challenge record was looked up, and nothing has made that stale.
    pub challenge: bool,
    /// The challenge record was looked up, however long ago in this reconcile.
    pub challenge_read: bool,
    /// The records were looked up.
    pub records: bool,
    /// `claimants` come from a live list.
    pub resources: bool,
    /// The identity was read.
    pub identity: bool,
    /// Claims above and below.
    pub related: Option<Vec<Related>>,
    /// Names of the SES tenants that the identity is associated with.
    pub associations: Option<Vec<String>>,
    /// Identities of addresses under the domain.
    pub addresses: Option<Vec<String>>,
    /// SES refused to delete the identity because it is associated with SES tenants.
    pub delete_refused: bool,
    /// This reconcile wrote to SES.
    pub written_to_ses: bool,
}

/// The causes that make live reads stale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invalidation {
    /// A call to SES may have waited for minutes, so earlier DNS answers are stale.
    SesWait,
    /// A write to SES succeeded, or may have succeeded.
    SesWrite,
    /// The claim was written: rivals have to be listed after that.
    ClaimWrite,
}

impl Live {
    /// Drops the reads that are stale now.
    pub fn invalidate(&mut self, why: Invalidation) {
        match why {
            Invalidation::SesWait => self.challenge = false,
            Invalidation::SesWrite => {
                self.challenge = false;
                self.identity = false;
                self.associations = None;
                self.written_to_ses = true;
            }
            Invalidation::ClaimWrite => self.related = None,
        }
    }
}

impl Observation {
    /// The tenant that calls are made for.
    pub fn tenant(&self) -> Option<&Tenant> {
        let claim = &self.claim.as_ref()?.claim;
        claim.tenant.as_ref().or(claim.pending_tenant.as_ref())
    }

    /// Whether SES had verified the domain, all records were found, and no later observation contradicts that.
    pub fn was_verified(&self) -> bool {
        self.claim.as_ref().is_some_and(|stored| stored.claim.identity.verified_time.is_some())
    }

    /// Whether the newest generation of a claimant has no status yet.
    pub fn has_unreported_generation(&self) -> bool {
        self.resources.iter().any(|resource| {
            let observed = resource.object.status.as_ref().map(|status| status.observed_generation);
            observed != resource.object.metadata.generation
        })
    }

    /// Whether a claimant's status is still Ready although it no longer holds the domain. Rights end immediately, and
    /// the next call to SES may be minutes away.
    pub fn somebody_lost(&self) -> bool {
        let held = self.claim.as_ref().map(|stored| &stored.claim).filter(|claim| claim.state == State::Held);
        let holder = held.and_then(|claim| claim.holder.as_ref()).map(|holder| &holder.uid);
        let mut others = self.resources.iter().filter(|resource| Some(&resource.claimant.object.uid) != holder);
        others.any(|other| other.object.status.as_ref().is_some_and(|status| is_true(&status.conditions, "Ready")))
    }

    /// The claimant that holds the claim.
    pub fn holder(&self) -> Option<&DomainResource> {
        let holder = self.claim.as_ref()?.claim.holder.as_ref()?;
        self.resources.iter().find(|resource| resource.claimant.object.uid == holder.uid)
    }

    /// The identity as last observed.
    pub fn identity(&self) -> Option<&Identity> {
        match &self.cache.identity {
            RemoteState::Present(_, identity) => Some(identity),
            RemoteState::Unknown | RemoteState::Stale | RemoteState::Absent(_) => None,
        }
    }
}

impl SubjectObservation for Observation {
    type Cache = DomainCache;

    fn claim(&self) -> Option<&StoredClaim> {
        self.claim.as_ref()
    }

    fn is_gone(&self) -> bool {
        self.claim.is_none() && self.resources.is_empty()
    }

    /// A person waits for the first status of a generation, and for the first creation.
    fn is_awaited(&self) -> bool {
        let creating = self.claim.as_ref().is_some_and(|stored| {
            matches!(stored.claim.state, State::Provisional | State::Held)
                && stored.claim.identity.created_time.is_none()
        });
        creating || self.progress.attempts.place.is_some() || self.has_unreported_generation()
    }

    fn progress(&self) -> &Progress {
        &self.progress
    }

    fn progress_mut(&mut self) -> &mut Progress {
        &mut self.progress
    }

    fn into_cache(self) -> DomainCache {
        self.cache
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_or_a_write_makes_the_reads_stale_that_it_may_have_changed() {
        use Invalidation::{ClaimWrite, SesWait, SesWrite};
        for (why, challenge, identity, associations, related) in [
            (SesWait, false, true, true, true),
            (SesWrite, false, false, false, true),
            (ClaimWrite, true, true, true, false),
        ] {
            let (rivals, names) = (Some(Vec::new()), Some(Vec::new()));
            let mut live =
                Live { challenge: true, identity: true, related: rivals, associations: names, ..Live::default() };
            live.invalidate(why);
            let fresh = (live.challenge, live.identity, live.associations.is_some(), live.related.is_some());
            assert_eq!(fresh, (challenge, identity, associations, related), "{why:?}");
            assert_eq!(live.written_to_ses, why == SesWrite, "{why:?}");
        }
    }
}
