//! Domains that need a proof: a TXT record in the domain's DNS, or the administrator's table.
//!
//! The most specific proven claim wins: a record at `sub.example.com` is the DNS owner's consent for that subtree, even
//! if another tenant holds `example.com`. So claimants compete only for the domain itself, and its claim object is the
//! lock.

use super::question::{Asker, Block, Move, Question};
use crate::model::{
    claim::{Claim, State},
    policy::Required,
    proof::Evidence,
    suffix::is_public_suffix,
    tenant::Tenant,
};

/// The next transition.
pub(super) fn decide(question: &Question<'_>) -> Move {
    match question.claim.map(|stored| stored.claim.state) {
        None | Some(State::Released) => when_free(question),
        Some(State::Provisional) => when_provisional(question),
        Some(State::Held) => when_held(question),
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
    if let Some((asker, evidence)) = proven(question) {
        return after_a_fresh_look(question, || question.take(asker, evidence));
    }
    match sponsor(question) {
        Ok(sponsor) => question.write(question.provisional(sponsor)),
        Err(why) => why,
    }
}

fn when_provisional(question: &Question<'_>) -> Move {
    let Some(stored) = question.claim else { return Move::Stay };
    let claim = &stored.claim;
    if let Some((asker, evidence)) = proven(question) {
        return after_a_fresh_look(question, || question.take(asker, evidence));
    }
    let since = claim.provisional_time.unwrap_or(stored.created);
    if since.saturating_add(question.provisional_time).is_ok_and(|end| end <= question.now) {
        return question.let_go(&Claim { challenge_first: true, ..claim.clone() });
    }
    // The claim predates a change of the settings, or a proof disappeared between two writes.
    if question.guarded || matches!(question.required, Required::Delegation(_)) {
        return question.let_go(claim);
    }
    if question.below_another {
        let Some(related) = question.related else { return Move::LookRelated };
        let another = |above: &Tenant| claim.sponsor.as_ref() != Some(above);
        if related
            .iter()
            .any(|other| other.above && other.state == State::Held && other.tenant.as_ref().is_some_and(another))
        {
            return question.let_go(claim);
        }
    }
    // A suspended claimant gains nothing, but keeps an existing claim.
    let sponsors = |asker: &Asker| Some(&asker.tenant) == claim.sponsor.as_ref();
    let asks = |asker: &Asker| !asker.elsewhere && claim.barred.as_ref() != Some(&asker.tenant);
    if question.askers.iter().any(|asker| sponsors(asker) && asks(asker)) {
        return Move::Stay;
    }
    match question.active().find(|asker| asker.has_room) {
        Some(heir) => question.write(Claim { sponsor: Some(heir.tenant.clone()), ..claim.clone() }),
        None => question.let_go(claim),
    }
}

fn when_held(question: &Question<'_>) -> Move {
    let Some(stored) = question.claim else { return Move::Stay };
    let claim = &stored.claim;
    let lost = claim.proof.as_ref().and_then(|proof| proof.lost_time);
    let over = lost.is_some_and(|lost| lost.saturating_add(question.grace).is_ok_and(|end| end <= question.now));
    let heir = proven(question).filter(|(asker, _)| Some(&asker.tenant) != claim.tenant.as_ref());
    // The holder's own proof, as observed in this reconcile, takes precedence: it may be back.
    match (question.stay_held(), heir) {
        (Move::Stay, Some((asker, evidence))) if over => {
            after_a_fresh_look(question, || question.take(asker, evidence))
        }
        (next, _) => next,
    }
}

fn when_releasing(question: &Question<'_>) -> Move {
    let Some(stored) = question.claim else { return Move::Stay };
    if let Some(back) = question.take_back() {
        return back;
    }
    if let Some((asker, evidence)) = proven(question) {
        // A takeover by another tenant is irreversible.
        if stored.claim.tenant.is_some() && !question.askers_live {
            return Move::LookCandidates;
        }
        return after_a_fresh_look(question, || question.take(asker, evidence));
    }
    if stored.claim.tenant.is_some() {
        return Move::Stay;
    }
    match sponsor(question) {
        Ok(sponsor) => question.write(Claim {
            state: State::Provisional,
            sponsor: Some(sponsor.clone()),
            // Keep the original start time, if any; the period of an identity that was created late starts now.
            provisional_time: stored.claim.provisional_time.or(Some(question.now)),
            releasing_time: None,
            ..stored.claim.clone()
        }),
        Err(why) => why,
    }
}

/// The oldest claimant with evidence.
fn proven<'a>(question: &Question<'a>) -> Option<(&'a Asker, &'a Evidence)> {
    question.active().find_map(|asker| Some((asker, asker.consent.evidence()?)))
}

/// No claimant becomes holder through a DNS answer of an earlier reconcile.
fn after_a_fresh_look(question: &Question<'_>, next: impl FnOnce() -> Move) -> Move {
    let by_dns = question.required == Required::Challenge;
    if by_dns && !question.challenge_live { Move::LookChallenge } else { next() }
}

/// The tenant for which an identity may be created before any proof.
fn sponsor<'a>(question: &Question<'a>) -> Result<&'a Tenant, Move> {
    let first = question.claim.is_some_and(|stored| stored.claim.challenge_first);
    if let Required::Delegation(_) = question.required {
        return Err(Move::Blocked(Block::NotDelegated));
    }
    if first || question.guarded {
        return Err(Move::Blocked(Block::ChallengeFirst));
    }
    let candidates = question.active().filter(|asker| asker.has_room).collect::<Vec<_>>();
    if candidates.is_empty() {
        return Err(Move::Blocked(Block::ChallengeFirst));
    }
    let Some(related) = question.related else { return Err(Move::LookRelated) };
    let held_above = |tenant: &Tenant| {
        let others =
            related.iter().filter(|other| other.above && matches!(other.state, State::Held | State::Releasing));
        others.filter_map(|other| other.tenant.as_ref()).any(|above| above != tenant)
    };
    let free = candidates.into_iter().find(|asker| !held_above(&asker.tenant));
    free.map(|asker| &asker.tenant).ok_or(Move::Blocked(Block::ChallengeFirst))
}

#[cfg(test)]
#[path = "proven_tests.rs"]
mod tests;
