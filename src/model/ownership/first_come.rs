//! Proof mode `None`, for clusters whose tenants trust each other. The first claimant gets the domain; a domain above
//! or below another tenant's domain is refused.
//!
//! # Why two tenants can't both become holder
//!
//! For one domain, the claim object is the lock: it is created once and then changed by compare-and-swap only. For
//! related domains, each side writes its Provisional claim *first* and lists the others *afterwards*, live. At least
//! one of two such sides sees the other. A side becomes Held only when a list made after its own write contains no
//! rival. Of two Provisional rivals, the later one in order gives way, and the other one waits for it. No clock and no
//! creation time has to be trusted for this; the order only decides which side gives way.

use super::question::{Asker, Block, Move, Question, Related};
use crate::model::{
    claim::{Claim, State},
    name::Domain,
    proof::{Evidence, ProofKind},
    suffix::is_public_suffix,
    tenant::Tenant,
};

/// The next transition.
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

/// Without proofs, another tenant waits until the release is complete; an immediate takeover would make a mistaken
/// deletion permanent.
fn when_releasing(question: &Question<'_>) -> Move {
    question.take_back().unwrap_or(Move::Stay)
}

/// Releases a Provisional claim in favour of a rival. An identity that was created under another proof mode goes
/// through the usual release.
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

/// The oldest claimant whose tenant nothing blocks, or the refusal of the oldest one.
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

/// The refusal for a tenant, if any: a public suffix, or other tenants' claims on related domains.
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
