//! The ownership input, and the rules for holding, releasing and reclaiming that all proof modes share.

use jiff::{SignedDuration, Timestamp};

use crate::model::{
    claim::{Account, Claim, DeletionPolicy, Holder, IdentityFacts, State, StoredClaim, Subject},
    name::Domain,
    orders::Verb,
    policy::Required,
    proof::{Consent, Evidence, History, Proof, ProofKind},
    tenant::Tenant,
};

/// An object that claims a domain. It counts from its creation until it has a deletion timestamp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asker {
    /// Tenant of the object's namespace.
    pub tenant: Tenant,
    /// Identity of the object.
    pub object: Holder,
    /// Creation time of the object.
    pub created: Timestamp,
    /// A suspended claimant keeps its tenant's claim but gains none.
    pub suspended: bool,
    /// Another environment still has a claim for this object; until that claim ends, the object counts as suspended.
    pub elsewhere: bool,
    /// The requested deletion policy of the identity.
    pub deletion_policy: DeletionPolicy,
    /// Proof status of its tenant.
    pub consent: Consent,
    /// Whether the limits allow one more unproven identity for its tenant.
    pub has_room: bool,
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
pub enum Move {
    /// Nothing changes.
    Stay,
    /// A live list of related claims is needed, made after the last write to this claim.
    LookRelated,
    /// A fresh lookup of the challenge record is needed, because its answer is about to change the holder.
    LookChallenge,
    /// A live list of the claimants is needed, because a delayed watch may hide the one that keeps the subject.
    LookCandidates,
    /// Replace the claim with this one.
    Write(Box<Claim>),
    /// The claimants are refused.
    Blocked(Block),
}

/// Refusal: why a claimant can't have the domain now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
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
pub struct Question<'a> {
    /// Name of the environment.
    pub environment: &'a str,
    /// The domain to decide about.
    pub domain: &'a Domain,
    /// The AWS account of the environment.
    pub account: &'a Account,
    /// The claim; `None`: no claim object exists.
    pub claim: Option<&'a StoredClaim>,
    /// The claimants, oldest first.
    pub askers: &'a [Asker],
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
    pub askers_live: bool,
    /// The challenge record was looked up in this reconcile.
    pub challenge_live: bool,
    /// A new random id for a tenure.
    pub new_holding: &'a str,
    /// Time of the decision.
    pub now: Timestamp,
}

impl<'a> Question<'a> {
    /// The claimants that may gain the domain, oldest first.
    pub(super) fn active(&self) -> impl Iterator<Item = &'a Asker> + use<'a> {
        let barred = self.claim.and_then(|stored| stored.claim.barred.as_ref());
        self.askers.iter().filter(move |asker| !asker.suspended && !asker.elsewhere && barred != Some(&asker.tenant))
    }

    /// The first claim of a free domain: it names a pending tenant and gives no right.
    pub(super) fn provisional(&self, sponsor: &Tenant) -> Claim {
        let old = self.claim.map(|stored| &stored.claim);
        // A retained identity keeps the owner id in its tags, even if the setting has changed since.
        let account = old.filter(|old| old.identity.retained).map_or(self.account, |old| &old.account);
        Claim {
            state: State::Provisional,
            sponsor: Some(sponsor.clone()),
            provisional_time: Some(self.now),
            challenge_first: old.is_some_and(|old| old.challenge_first),
            history: old.map_or_else(History::default, |old| old.history.clone()),
            barred: old.and_then(|old| old.barred.clone()),
            carried_out: old.map_or_else(Vec::new, |old| old.carried_out.clone()),
            rulings: old.map_or_else(Vec::new, |old| old.rulings.clone()),
            identity: old.map_or_else(IdentityFacts::default, |old| old.identity.clone()),
            creations: old.and_then(|old| old.creations.clone()),
            ..Claim::new(self.environment, Subject { domain: self.domain.clone(), address: None }, account)
        }
    }

    /// Makes the claimant's tenant the holder.
    pub(super) fn take(&self, asker: &Asker, evidence: &Evidence) -> Move {
        match self.claim {
            Some(stored) => self.write(self.taken(&stored.claim, asker, evidence)),
            None => self.write(self.provisional(&asker.tenant)),
        }
    }

    pub(super) fn taken(&self, old: &Claim, asker: &Asker, evidence: &Evidence) -> Claim {
        let previous = old.tenant.as_ref().or_else(|| old.history.last());
        let mut next = old.clone();
        if let Some(previous) = previous.filter(|previous| **previous != asker.tenant) {
            next.history = old.history.followed_by_another(previous);
        }
        if previous != Some(&asker.tenant) {
            // The settings of another holder at SES are removed before the new claim is Ready.
            let direct = old.tenant.is_some() && old.identity.created_time.is_some();
            next.identity.hand_over |= direct || old.identity.retained || old.identity.adopted;
            (next.identity.verified_time, next.identity.unverified_time) = (None, None);
        }
        let kept = old.holding.clone().filter(|_| old.tenant.as_ref() == Some(&asker.tenant));
        next.state = State::Held;
        next.sponsor = None;
        next.provisional_time = None;
        next.challenge_first = false;
        next.tenant = Some(asker.tenant.clone());
        next.holder = Some(asker.object.clone());
        next.holding = kept.or_else(|| Some(self.new_holding.to_owned()));
        next.proof = Some(evidence.proof(self.now));
        next.releasing_time = None;
        next.released_time = None;
        next.identity.deletion_policy = Some(asker.deletion_policy);
        // These admin actions were requested before this tenant held the subject, so they must not affect it.
        next.set_aside(self.claim.map_or(&[][..], |stored| &stored.orders.orders));
        next
    }

    /// The holder keeps the claim; the tenant's oldest object replaces a holder object that is gone. Without a claimant
    /// of the tenant, the claim is released.
    pub(super) fn stay_held(&self) -> Move {
        let Some(stored) = self.claim else { return Move::Stay };
        let claim = &stored.claim;
        let mut mine = self.askers.iter().filter(|asker| Some(&asker.tenant) == claim.tenant.as_ref());
        let Some(first) = mine.clone().next() else { return self.let_go(claim) };
        let holder = claim.holder.as_ref().map(|holder| &holder.uid);
        let heir = mine.find(|asker| Some(&asker.object.uid) == holder).unwrap_or(first);
        let mut next = claim.clone();
        next.holder = Some(heir.object.clone());
        next.identity.deletion_policy = Some(heir.deletion_policy);
        next.proof = claim.proof.as_ref().map(|proof| self.looked_after(proof, &first.consent));
        self.write(next)
    }

    /// The proof after an observation. Only a positive absence counts as a loss.
    fn looked_after(&self, proof: &Proof, consent: &Consent) -> Proof {
        if proof.kind == ProofKind::Administrator || self.required == Required::FirstCome {
            return Proof { lost_time: None, ..proof.clone() };
        }
        match consent {
            Consent::Unknown => proof.clone(),
            Consent::Absent => Proof { lost_time: proof.lost_time.or(Some(self.now)), ..proof.clone() },
            Consent::Seen(seen) => Proof {
                kind: seen.kind,
                challenge: seen.challenge.clone(),
                lost_time: None,
                proven_time: proof.proven_time,
            },
        }
    }

    /// A released claim returns to its tenant with everything kept. A claim that no tenant held returns to any
    /// claimant.
    pub(super) fn take_back(&self) -> Option<Move> {
        let stored = self.claim?;
        let claim = &stored.claim;
        if claim.identity.delete_time.is_some() {
            return Some(Move::Stay);
        }
        let back = self.active().find(|asker| Some(&asker.tenant) == claim.tenant.as_ref())?;
        let mut next = claim.clone();
        next.state = State::Held;
        next.releasing_time = None;
        next.holder = Some(back.object.clone());
        next.identity.deletion_policy = Some(back.deletion_policy);
        // The approval was for this release, which no longer takes place.
        next.set_aside(stored.orders.get(Verb::ApproveRelease));
        Some(self.write(next))
    }

    pub(super) fn let_go(&self, claim: &Claim) -> Move {
        self.write(Claim { state: State::Releasing, releasing_time: Some(self.now), ..claim.clone() })
    }

    pub(super) fn write(&self, next: Claim) -> Move {
        if self.claim.is_some_and(|stored| stored.claim == next) { Move::Stay } else { Move::Write(Box::new(next)) }
    }
}
