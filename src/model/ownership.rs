//! Who owns a subject: the life of a claim, as one pure table.
//!
//! Proof mode `None`, for clusters whose tenants trust each other: the first tenant that asks has the domain, and a
//! domain above or below another tenant's is refused. Later proof modes change who may become holder, not this shape.
//!
//! # Why two tenants can't both become holder
//! For the same domain the claim object itself is the lock: it is created once and then only compared and swapped. For
//! related domains each side writes its Provisional claim *first* and lists the others *afterwards*, live. Of two such
//! sides at least one sees the other. A side becomes Held only when a list made after its own write shows no rival at
//! all; of two Provisional rivals the one later in order gives way, the other waits until it has. No clock and no
//! creation time has to be trusted for that; the order only decides who gives way.

use jiff::Timestamp;

use super::{
    claim::{Account, Claim, DeletionPolicy, Holder, IdentityFacts, Proof, ProofKind, State, StoredClaim, Subject},
    name::Domain,
    suffix::is_public_suffix,
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
    /// What shall become of the identity.
    pub deletion_policy: DeletionPolicy,
}

/// A claim on a domain above or below, as a live list showed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
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
    /// The claim becomes this.
    Write(Box<Claim>),
    /// Somebody else's claim on a related domain stands in the way.
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
    /// Now.
    pub now: Timestamp,
}

impl Question<'_> {
    /// The next move.
    pub fn decide(&self) -> Move {
        match self.claim.map(|stored| stored.claim.state) {
            None | Some(State::Released) => self.when_free(),
            Some(State::Provisional) => self.when_provisional(),
            Some(State::Held) => self.when_held(),
            Some(State::Releasing) => self.when_releasing(),
        }
    }

    fn when_free(&self) -> Move {
        if !self.askers.iter().any(|asker| !asker.suspended) {
            return Move::Stay;
        }
        if is_public_suffix(self.domain) {
            return Move::Blocked(Block::PublicSuffix);
        }
        let Some(related) = self.related else { return Move::LookRelated };
        match self.first_unrivalled(related) {
            Ok(asker) => self.write(Claim {
                environment: self.environment.to_owned(),
                subject: Subject { domain: self.domain.clone() },
                state: State::Provisional,
                account: self.account_of_next(),
                sponsor: Some(asker.tenant.clone()),
                tenant: None,
                holder: None,
                proof: None,
                identity: self.claim.map(|stored| stored.claim.identity.clone()).unwrap_or_default(),
                creations: self.claim.and_then(|stored| stored.claim.creations.clone()),
                releasing_time: None,
                released_time: None,
            }),
            Err(block) => Move::Blocked(block),
        }
    }

    /// A retained identity keeps the owner id of its tags, also where the setting was changed meanwhile.
    fn account_of_next(&self) -> Account {
        let retained = self.claim.filter(|stored| stored.claim.identity.retained);
        retained.map_or(self.account, |stored| &stored.claim.account).clone()
    }

    fn when_provisional(&self) -> Move {
        let Some(stored) = self.claim else { return Move::Stay };
        let Some(related) = self.related else { return Move::LookRelated };
        let asks = |tenant: &Tenant| self.askers.iter().any(|a| !a.suspended && a.tenant == *tenant);
        let Some(sponsor) = stored.claim.sponsor.as_ref().filter(|tenant| asks(tenant)) else {
            return match self.first_unrivalled(related) {
                Ok(heir) => self.write(Claim { sponsor: Some(heir.tenant.clone()), ..stored.claim.clone() }),
                Err(_) => self.write(self.released(&stored.claim)),
            };
        };
        let order = (stored.created, stored.uid.clone());
        let rivals = || related.iter().filter(|other| is_rival(other, sponsor));
        if rivals().any(|rival| rival.state != State::Provisional || rival.order < order) {
            return self.write(self.released(&stored.claim));
        }
        if rivals().next().is_some() {
            return Move::Blocked(Block::AnotherTenantReleasing);
        }
        match self.askers.iter().find(|a| !a.suspended && a.tenant == *sponsor) {
            Some(asker) => self.write(self.held(&stored.claim, asker)),
            None => Move::Stay,
        }
    }

    fn when_held(&self) -> Move {
        let Some(stored) = self.claim else { return Move::Stay };
        let claim = &stored.claim;
        let mut mine = self.askers.iter().filter(|asker| Some(&asker.tenant) == claim.tenant.as_ref());
        let Some(first) = mine.clone().next() else {
            let released = Claim { state: State::Releasing, releasing_time: Some(self.now), ..claim.clone() };
            return self.write(released);
        };
        let holder = claim.holder.as_ref().map(|holder| &holder.uid);
        let heir = mine.find(|asker| Some(&asker.object.uid) == holder).unwrap_or(first);
        let mut next = claim.clone();
        next.holder = Some(heir.object.clone());
        next.identity.deletion_policy = Some(heir.deletion_policy);
        self.write(next)
    }

    fn when_releasing(&self) -> Move {
        let Some(stored) = self.claim else { return Move::Stay };
        let claim = &stored.claim;
        if claim.identity.delete_time.is_some() {
            return Move::Stay;
        }
        let back = self.askers.iter().find(|a| !a.suspended && Some(&a.tenant) == claim.tenant.as_ref());
        match back {
            Some(asker) => {
                let mut next = claim.clone();
                next.state = State::Held;
                next.releasing_time = None;
                next.holder = Some(asker.object.clone());
                next.identity.deletion_policy = Some(asker.deletion_policy);
                self.write(next)
            }
            None => Move::Stay,
        }
    }

    /// The oldest asker whose tenant nothing stands in the way of, or what stands in the way of the oldest.
    fn first_unrivalled(&self, related: &[Related]) -> Result<&Asker, Block> {
        let mut first_block = None;
        for asker in self.askers.iter().filter(|asker| !asker.suspended) {
            match block_for(&asker.tenant, self.domain, related) {
                None => return Ok(asker),
                Some(block) => first_block = first_block.or(Some(block)),
            }
        }
        Err(first_block.unwrap_or(Block::AnotherTenant))
    }

    fn held(&self, claim: &Claim, asker: &Asker) -> Claim {
        let mut next = claim.clone();
        next.state = State::Held;
        next.sponsor = None;
        next.tenant = Some(asker.tenant.clone());
        next.holder = Some(asker.object.clone());
        next.proof = Some(Proof { kind: ProofKind::None, proven_time: self.now });
        next.identity.deletion_policy = Some(asker.deletion_policy);
        next
    }

    /// A Provisional claim that gives way. It never had an identity made for it in this tenure.
    fn released(&self, claim: &Claim) -> Claim {
        Claim { state: State::Released, sponsor: None, released_time: Some(self.now), ..claim.clone() }
    }

    fn write(&self, next: Claim) -> Move {
        if self.claim.is_some_and(|stored| stored.claim == next) { Move::Stay } else { Move::Write(Box::new(next)) }
    }
}

fn is_rival(other: &Related, tenant: &Tenant) -> bool {
    other.state != State::Released && other.tenant.as_ref() != Some(tenant)
}

/// What stands in the way of a tenant, if anything: a name open to all, or claims of others on related domains.
pub fn block_for(tenant: &Tenant, domain: &Domain, related: &[Related]) -> Option<Block> {
    if is_public_suffix(domain) {
        return Some(Block::PublicSuffix);
    }
    let mut rivals = related.iter().filter(|other| is_rival(other, tenant)).peekable();
    rivals.peek()?;
    Some(if rivals.any(|rival| rival.state == State::Held) {
        Block::AnotherTenant
    } else {
        Block::AnotherTenantReleasing
    })
}

/// The released form of a claim whose identity is gone, foreign, or retained.
pub fn release(claim: &Claim, retained: bool, now: Timestamp) -> Claim {
    let identity = if retained {
        IdentityFacts { retained: true, delete_time: None, verified_time: None, ..claim.identity.clone() }
    } else {
        IdentityFacts::default()
    };
    Claim {
        state: State::Released,
        sponsor: None,
        tenant: None,
        holder: None,
        proof: None,
        identity,
        // `releasing_time` stays: what let go within one hour counts together, also after the first are gone.
        released_time: Some(now),
        ..claim.clone()
    }
}

#[cfg(test)]
#[path = "ownership_tests.rs"]
mod tests;
