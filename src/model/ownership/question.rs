//! What ownership is decided from, and what holding, letting go and coming back mean, whatever makes a holder.

use jiff::{SignedDuration, Timestamp};

use crate::model::{
    claim::{Account, Claim, DeletionPolicy, Holder, IdentityFacts, State, StoredClaim, Subject},
    name::Domain,
    orders::Verb,
    policy::Required,
    proof::{Consent, Evidence, History, Proof, ProofKind},
    tenant::Tenant,
};

/// An object that asks for a subject. It asks from its creation until it carries a deletion time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asker {
    /// The tenant of its namespace.
    pub tenant: Tenant,
    /// The object.
    pub object: Holder,
    /// When it was created.
    pub created: Timestamp,
    /// A suspended asker keeps its tenant's claim but gains none.
    pub suspended: bool,
    /// Another environment's claim for this very object has to end first; until then it is as good as suspended.
    pub elsewhere: bool,
    /// What shall become of the identity.
    pub deletion_policy: DeletionPolicy,
    /// What speaks for its tenant.
    pub consent: Consent,
    /// Whether one more identity may exist for its tenant before anything is proven.
    pub has_room: bool,
}

/// A claim on a domain above or below, as a live look showed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Whether it is on a domain above; else it is below.
    pub above: bool,
    /// Where it stands.
    pub state: State,
    /// Its owner, or its sponsor while Provisional.
    pub tenant: Option<Tenant>,
    /// Creation time and uid: the order in which rivals give way.
    pub order: (Timestamp, String),
}

/// What ownership asks for next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// Nothing changes.
    Stay,
    /// The live list of related claims is needed, made after the last write to this claim.
    LookRelated,
    /// A fresh look at the challenge record is needed: what it showed is about to change who holds the subject.
    LookChallenge,
    /// The live list of those who ask is needed: a watch that is late may not show the one who keeps the subject.
    LookCandidates,
    /// The claim becomes this.
    Write(Box<Claim>),
    /// Something stands in the way.
    Blocked(Block),
}

/// Why an asker can't have the subject now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// Another tenant's claim; looked at again when that changes.
    AnotherTenant,
    /// Another tenant's claim is on its way out.
    AnotherTenantReleasing,
    /// The name is open to registration by anybody.
    PublicSuffix,
    /// The proof comes first here, and is not seen.
    ChallengeFirst,
    /// The administrator's table gives the zone to others.
    NotDelegated,
}

/// Everything a move is decided from.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The release that decides.
    pub environment: &'a str,
    /// The domain in question.
    pub domain: &'a Domain,
    /// The AWS account it works in.
    pub account: &'a Account,
    /// The claim, if there is one.
    pub claim: Option<&'a StoredClaim>,
    /// Who asks, oldest first.
    pub askers: &'a [Asker],
    /// Live list of related claims, if it was made after the last write to this claim.
    pub related: Option<&'a [Related]>,
    /// What stands for a right to the domain.
    pub required: Required<'a>,
    /// How long a holder whose proof is gone keeps the domain.
    pub grace: SignedDuration,
    /// How long a claim stays Provisional.
    pub provisional_time: SignedDuration,
    /// The operator's own sender domain or one below it: the proof comes first.
    pub guarded: bool,
    /// The index shows a claim above that another tenant than the sponsor holds.
    pub below_another: bool,
    /// The askers come from a live list that was made in this very pass.
    pub askers_live: bool,
    /// The challenge record was looked up in this very pass.
    pub challenge_live: bool,
    /// A random id that was never used, for a new tenure.
    pub new_holding: &'a str,
    /// Now.
    pub now: Timestamp,
}

impl<'a> Question<'a> {
    /// Those who may gain the subject, oldest first.
    pub(super) fn active(&self) -> impl Iterator<Item = &'a Asker> + use<'a> {
        let barred = self.claim.and_then(|stored| stored.claim.barred.as_ref());
        self.askers.iter().filter(move |asker| !asker.suspended && !asker.elsewhere && barred != Some(&asker.tenant))
    }

    /// The first claim of a free subject: it names a sponsor and gives no right.
    pub(super) fn provisional(&self, sponsor: &Tenant) -> Claim {
        let old = self.claim.map(|stored| &stored.claim);
        // A retained identity keeps the owner id of its tags, also where the setting was changed meanwhile.
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

    /// The tenant of the asker becomes holder.
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
            // What another holder set up at SES goes before this one is Ready.
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
        // An order that stands was given before this tenant had the subject: it must not strike this one.
        next.set_aside(self.claim.map_or(&[][..], |stored| &stored.orders.orders));
        next
    }

    /// The holder keeps the claim; the oldest object of its tenant follows one that is gone. Nobody of the tenant asks:
    /// it lets go.
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

    /// The proof after a look at it. Only a positive absence is a loss.
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

    /// A claim that was let go goes back to its tenant with everything kept; one that nobody had held yet, to who asks.
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
        // What was approved is the release that does not take place.
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
