//! The ownership input, and the rules for holding, releasing and reclaiming that all proof modes share.

use jiff::{SignedDuration, Timestamp};

use crate::model::{
    admin_annotations::ActionKind,
    claim::{Account, Claim, ClaimSubject, ClaimedIdentity, DeletionPolicy, Holder, State, StoredClaim},
    name::Domain,
    proof::{History, Proof, ProofEvidence, ProofKind, ProofStatus},
    proof_policy::Required,
    tenant::Tenant,
};

/// An object that claims a domain. It counts from its creation until it has a deletion timestamp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainClaimant {
    /// Tenant of the object's namespace.
    pub tenant: Tenant,
    /// Identity of the object.
    pub object: Holder,
    /// Creation time of the object.
    pub created: Timestamp,
    /// A suspended claimant keeps its tenant's claim but gains none.
    pub suspended: bool,
    /// Another environment still has a claim for this object; until that claim ends, the object counts as suspended.
    pub has_foreign_claim: bool,
    /// Its tenant has too many older domains without a proof. Until that changes, the object counts as suspended.
    pub beyond_open_limit: bool,
    /// The requested deletion policy of the identity.
    pub deletion_policy: DeletionPolicy,
    /// Proof status of its tenant.
    pub proof_status: ProofStatus,
    /// Whether the limits allow one more unproven identity for its tenant.
    pub within_limit: bool,
}

/// A claim on a domain above or below, from a live read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Whether its domain is above; otherwise it is below.
    pub above: bool,
    /// State of the related claim.
    pub state: State,
    /// Its owner, or its pending tenant while Provisional.
    pub tenant: Option<Tenant>,
    /// Creation time and uid: the order in which rivals give way.
    pub order: (Timestamp, String),
}

/// The next transition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DomainTransition {
    /// Nothing changes.
    Stay,
    /// A live list of related claims is needed, made after the last write to this claim.
    ReadRelated,
    /// A fresh lookup of the challenge record is needed, because its answer is about to change the holder.
    ReadChallenge,
    /// A live list of the claimants is needed, because a delayed watch may hide the one that keeps the subject.
    ReadClaimants,
    /// Replace the claim with this one.
    Write(Box<Claim>),
    /// The claimants are refused.
    Refused(Refusal),
}

/// Refusal: why a claimant can't have the domain now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Another tenant has a claim; checked again when that claim changes.
    AnotherTenant,
    /// Another tenant's claim is being released.
    AnotherTenantReleasing,
    /// The name is a public suffix: anybody can register below it.
    PublicSuffix,
    /// A proof is required first and was not observed.
    ChallengeFirst,
    /// The administrator's table assigns the zone to other tenants.
    NotDelegated,
}

/// The inputs of a transition.
#[derive(Clone, Copy, Debug)]
pub struct DomainInput<'a> {
    /// Name of the environment.
    pub environment: &'a str,
    /// The domain to decide about.
    pub domain: &'a Domain,
    /// The AWS account of the environment.
    pub account: &'a Account,
    /// The claim; `None`: no claim object exists.
    pub claim: Option<&'a StoredClaim>,
    /// The claimants, oldest first.
    pub claimants: &'a [DomainClaimant],
    /// A live list of related claims, if it was made after the last write to this claim.
    pub related: Option<&'a [Related]>,
    /// The proof that the domain needs.
    pub required: Required<'a>,
    /// How long a holder keeps the domain after its proof disappears.
    pub grace: SignedDuration,
    /// How long a claim stays Provisional.
    pub provisional_time: SignedDuration,
    /// The domain is the operator's own sender domain or below it: the proof comes first.
    pub guarded: bool,
    /// According to the index, another tenant than the pending one holds a domain above.
    pub below_another: bool,
    /// The claimants come from a live list made in this reconcile.
    pub claimants_live: bool,
    /// The challenge record was looked up in this reconcile.
    pub challenge_live: bool,
    /// A new random id for a tenure.
    pub new_tenure_id: &'a str,
    /// Time of the decision.
    pub now: Timestamp,
}

impl<'a> DomainInput<'a> {
    /// The claimants that may gain the domain, oldest first.
    pub(super) fn active(&self) -> impl Iterator<Item = &'a DomainClaimant> + use<'a> {
        self.eligible().filter(|claimant| !claimant.beyond_open_limit)
    }

    /// The claimants to which an administrator may give the domain, oldest first.
    pub(super) fn eligible(&self) -> impl Iterator<Item = &'a DomainClaimant> + use<'a> {
        let barred_tenant = self.claim.and_then(|stored| stored.claim.barred_tenant.as_ref());
        self.claimants.iter().filter(move |claimant| {
            !claimant.suspended && !claimant.has_foreign_claim && barred_tenant != Some(&claimant.tenant)
        })
    }

    /// The first claim of a free domain: it names a pending tenant and gives no right.
    pub(super) fn provisional(&self, pending_tenant: &Tenant) -> Claim {
        let old = self.claim.map(|stored| &stored.claim);
        // A retained identity keeps the owner id in its tags, even if the setting has changed since.
        let account = old.filter(|old| old.identity.retained).map_or(self.account, |old| &old.account);
        Claim {
            state: State::Provisional,
            pending_tenant: Some(pending_tenant.clone()),
            provisional_time: Some(self.now),
            challenge_first: old.is_some_and(|old| old.challenge_first),
            history: old.map_or_else(History::default, |old| old.history.clone()),
            barred_tenant: old.and_then(|old| old.barred_tenant.clone()),
            handled_actions: old.map_or_else(Vec::new, |old| old.handled_actions.clone()),
            admin_actions: old.map_or_else(Vec::new, |old| old.admin_actions.clone()),
            identity: old.map_or_else(ClaimedIdentity::default, |old| old.identity.clone()),
            creations: old.and_then(|old| old.creations.clone()),
            ..Claim::new(self.environment, ClaimSubject { domain: self.domain.clone(), address: None }, account)
        }
    }

    /// Makes the claimant's tenant the holder.
    pub(super) fn take(&self, claimant: &DomainClaimant, evidence: &ProofEvidence) -> DomainTransition {
        match self.claim {
            Some(stored) => self.write(self.taken(&stored.claim, claimant, evidence)),
            None => self.write(self.provisional(&claimant.tenant)),
        }
    }

    pub(super) fn taken(&self, old: &Claim, claimant: &DomainClaimant, evidence: &ProofEvidence) -> Claim {
        let previous = old.tenant.as_ref().or_else(|| old.history.last());
        let mut next = old.clone();
        if let Some(previous) = previous.filter(|previous| **previous != claimant.tenant) {
            next.history = old.history.followed_by_another(previous);
        }
        if previous != Some(&claimant.tenant) {
            // The settings of another holder at SES are removed before the new claim is Ready.
            let direct = old.tenant.is_some() && old.identity.created_time.is_some();
            next.identity.takeover_pending |= direct || old.identity.retained || old.identity.adopted;
            (next.identity.verified_time, next.identity.unverified_time) = (None, None);
        }
        let kept = old.tenure_id.clone().filter(|_| old.tenant.as_ref() == Some(&claimant.tenant));
        next.state = State::Held;
        next.pending_tenant = None;
        next.provisional_time = None;
        next.challenge_first = false;
        next.tenant = Some(claimant.tenant.clone());
        next.holder = Some(claimant.object.clone());
        next.tenure_id = kept.or_else(|| Some(self.new_tenure_id.to_owned()));
        next.proof = Some(evidence.proof(self.now));
        next.releasing_time = None;
        next.released_time = None;
        next.identity.deletion_policy = Some(claimant.deletion_policy);
        // These admin actions were requested before this tenant held the subject, so they must not affect it.
        next.set_aside(self.claim.map_or(&[][..], |stored| &stored.requested_actions.actions));
        next
    }

    /// The holder keeps the claim; the tenant's oldest object replaces a holder object that is gone. Without a claimant
    /// of the tenant, the claim is released.
    pub(super) fn keep_or_pass_on(&self) -> DomainTransition {
        let Some(stored) = self.claim else { return DomainTransition::Stay };
        let claim = &stored.claim;
        let mut mine = self.claimants.iter().filter(|claimant| Some(&claimant.tenant) == claim.tenant.as_ref());
        let Some(first) = mine.clone().next() else { return self.start_release(claim) };
        let holder = claim.holder.as_ref().map(|holder| &holder.uid);
        let successor = mine.find(|claimant| Some(&claimant.object.uid) == holder).unwrap_or(first);
        let mut next = claim.clone();
        next.holder = Some(successor.object.clone());
        next.identity.deletion_policy = Some(successor.deletion_policy);
        next.proof = claim.proof.as_ref().map(|proof| self.checked_proof(proof, &first.proof_status));
        self.write(next)
    }

    /// The proof after an observation. Only a positive absence counts as a loss.
    fn checked_proof(&self, proof: &Proof, proof_status: &ProofStatus) -> Proof {
        if proof.kind == ProofKind::Administrator || self.required == Required::FirstCome {
            return Proof { lost_time: None, ..proof.clone() };
        }
        match proof_status {
            ProofStatus::Unknown => proof.clone(),
            ProofStatus::Absent => Proof { lost_time: proof.lost_time.or(Some(self.now)), ..proof.clone() },
            ProofStatus::Observed(observed) => Proof {
                kind: observed.kind,
                challenge: observed.challenge.clone(),
                lost_time: None,
                proven_time: proof.proven_time,
            },
        }
    }

    /// A released claim returns to its tenant with everything kept. A claim that no tenant held returns to any
    /// claimant.
    pub(super) fn take_back(&self) -> Option<DomainTransition> {
        let stored = self.claim?;
        let claim = &stored.claim;
        if claim.identity.delete_time.is_some() {
            return Some(DomainTransition::Stay);
        }
        let back = self.active().find(|claimant| Some(&claimant.tenant) == claim.tenant.as_ref())?;
        Some(self.write(taken_back(stored, back)))
    }

    pub(super) fn start_release(&self, claim: &Claim) -> DomainTransition {
        self.write(Claim { state: State::Releasing, releasing_time: Some(self.now), ..claim.clone() })
    }

    pub(super) fn write(&self, next: Claim) -> DomainTransition {
        if self.claim.is_some_and(|stored| stored.claim == next) {
            DomainTransition::Stay
        } else {
            DomainTransition::Write(Box::new(next))
        }
    }
}

/// The Releasing claim, held again by this claimant with everything kept.
pub(super) fn taken_back(stored: &StoredClaim, claimant: &DomainClaimant) -> Claim {
    let mut next = stored.claim.clone();
    next.state = State::Held;
    next.releasing_time = None;
    next.holder = Some(claimant.object.clone());
    next.identity.deletion_policy = Some(claimant.deletion_policy);
    // The approval was for this release, which no longer takes place.
    next.set_aside(stored.requested_actions.get(ActionKind::ApproveRelease));
    next
}
