//! Proof mode `None`, for clusters whose tenants trust each other: the first tenant that asks has the domain, and a domain
//! above or below another tenant's is refused.
//!
//! # Why two tenants can't both become holder
//! For the same domain the claim object itself is the lock: it is created once and then only compared and swapped. For
//! related domains each side writes its Provisional claim *first* and lists the others *afterwards*, live. Of two such
//! sides at least one sees the other. A side becomes Held only when a list made after its own write shows no rival at
//! all; of two Provisional rivals the one later in order gives way, the other waits until it has. No clock and no
//! creation time has to be trusted for that; the order only decides who gives way.

use super::question::{Asker, Block, Move, Question, Related};
use crate::model::{
    claim::{Claim, State},
    name::Domain,
    proof::{Evidence, ProofKind},
    suffix::is_public_suffix,
    tenant::Tenant,
};

/// The next move.
pub(super) fn decide(question: &Question<'_>) -> Move {
    match question.claim.map(|stored| stored.claim.state) {
        None | Some(State::Released) => when_free(question),
        Some(State::Provisional) => when_provisional(question),
        Some(State::Held) => question.stay_held(),
        Some(State::Releasing) => when_releasing(question),
    }
}

fn when_free(question: &Question<'_>) -> Move {
    if question.active().next().is_none() {
        return Move::Stay;
    }
    if is_public_suffix(question.domain) {
        return Move::Blocked(Block::PublicSuffix);
    }
    let Some(related) = question.related else { return Move::LookRelated };
    match first_unrivalled(question, related) {
        Ok(asker) => question.write(question.provisional(&asker.tenant)),
        Err(block) => Move::Blocked(block),
    }
}

fn when_provisional(question: &Question<'_>) -> Move {
    let Some(stored) = question.claim else { return Move::Stay };
    let Some(related) = question.related else { return Move::LookRelated };
    let asks = |tenant: &&Tenant| question.active().any(|asker| asker.tenant == **tenant);
    let Some(sponsor) = stored.claim.sponsor.as_ref().filter(asks) else {
        return match first_unrivalled(question, related) {
            Ok(heir) => question.write(Claim { sponsor: Some(heir.tenant.clone()), ..stored.claim.clone() }),
            Err(_) => give_way(question, &stored.claim),
        };
    };
    let order = (stored.created, stored.uid.clone());
    let rivals = || related.iter().filter(|other| is_rival(other, sponsor));
    if rivals().any(|rival| rival.state != State::Provisional || rival.order < order) {
        return give_way(question, &stored.claim);
    }
    if rivals().next().is_some() {
        return Move::Blocked(Block::AnotherTenantReleasing);
    }
    let asker = question.active().find(|asker| asker.tenant == *sponsor);
    asker.map_or(Move::Stay, |asker| question.take(asker, &Evidence::of(ProofKind::None)))
}

/// Without proofs another tenant waits until the release is complete: taking over at once would turn a mistaken delete
/// into a loss.
fn when_releasing(question: &Question<'_>) -> Move {
    question.take_back().unwrap_or(Move::Stay)
}

/// A Provisional claim gives way. Where an identity was made for it, under another proof mode, that goes the usual way.
fn give_way(question: &Question<'_>, claim: &Claim) -> Move {
    if claim.identity.created_time.is_some() {
        return question.let_go(claim);
    }
    question.write(Claim {
        state: State::Released,
        sponsor: None,
        provisional_time: None,
        released_time: Some(question.now),
        ..claim.clone()
    })
}

/// The oldest asker whose tenant nothing stands in the way of, or what stands in the way of the oldest.
fn first_unrivalled<'a>(question: &Question<'a>, related: &[Related]) -> Result<&'a Asker, Block> {
    let mut first_block = None;
    for asker in question.active() {
        match block_for(&asker.tenant, question.domain, related) {
            None => return Ok(asker),
            Some(block) => first_block = first_block.or(Some(block)),
        }
    }
    Err(first_block.unwrap_or(Block::AnotherTenant))
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

#[cfg(test)]
#[path = "first_come_tests.rs"]
mod tests;
