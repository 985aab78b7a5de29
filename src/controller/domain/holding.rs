//! What to do while a claim is Held: the identity exists, is ours, signs, and is verified. While it is Provisional the
//! identity exists, so that people get all records at once, and nothing else is done with it.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    facts::{Installation, Observed, Sight},
    step::{Decision, Look, Write},
    taking_over,
};
use crate::{
    clock::after,
    model::claim::{Account, Claim, IdentityFacts, State, StoredClaim},
    ses::{Identity, OWNER_TAG, RETAINED_TAG, Status},
};

/// A verification that failed although DNS shows all records is restarted after this, doubled each time.
const FIRST_RESTART: Duration = Duration::from_mins(1);
/// The longest wait before a restart, and the wait while our own look-ups don't see the records.
const LONGEST_RESTART: Duration = Duration::from_hours(24);

/// The next step for a domain that is held.
pub(super) fn decide(me: &Installation, seen: &Observed, stored: &StoredClaim, now: Timestamp) -> Decision {
    let suspended = match stored.claim.state {
        State::Held => seen.holder().is_none_or(|holder| holder.asker.suspended),
        _ => seen.candidates.iter().all(|candidate| candidate.asker.suspended),
    };
    if is_new(me, seen, stored) && !suspended {
        return create(me, seen, stored, now);
    }
    if seen.identity_due(me) <= now {
        // DNS first: what it shows is to be known also while SES is out of reach.
        let ours = seen.identity().is_some_and(|identity| seen.is_ours(me, identity));
        let records = ours && !seen.records(me).is_empty() && seen.records_due(me) <= now;
        return Decision::Look(if records { Look::Records } else { Look::Identity });
    }
    match &seen.memory.identity {
        Sight::Unseen | Sight::Unsure => Decision::Look(Look::Identity),
        Sight::Absent(_) => absent(me, seen, stored, suspended, now),
        Sight::Present(_, identity) if !seen.is_ours(me, identity) => {
            let wait = Decision::Settled(Some(seen.identity_due(me)));
            taking_over::adopt(me, seen, stored, identity).unwrap_or(wait)
        }
        Sight::Present(_, identity) => present(me, seen, stored, identity, suspended, now),
    }
}

/// Whether nothing was ever made for this claim, so that asking SES first would be a call for nothing. If there is an
/// identity after all, SES says so, and its tags say whose it is. A dry run has to look to know what it would do.
fn is_new(me: &Installation, seen: &Observed, stored: &StoredClaim) -> bool {
    let facts = &stored.claim.identity;
    let nothing = facts.created_time.is_none() && !facts.retained && !facts.adopted;
    seen.memory.identity == Sight::Unseen && nothing && !me.dry_run
}

fn absent(me: &Installation, seen: &Observed, stored: &StoredClaim, suspended: bool, now: Timestamp) -> Decision {
    let facts = &stored.claim.identity;
    if facts.verified_time.is_some() || facts.retained || facts.adopted {
        let lost = facts.verified_time.map(|_| now).or(facts.unverified_time);
        // What is made in its place is ours, and nobody else ever used it.
        let (retained, adopted, hand_over) = (false, false, facts.hand_over && !facts.adopted);
        let identity =
            IdentityFacts { verified_time: None, unverified_time: lost, retained, adopted, hand_over, ..facts.clone() };
        return swap(Claim { identity, ..stored.claim.clone() });
    }
    if suspended {
        return Decision::Settled(Some(seen.identity_due(me)));
    }
    if !seen.identity_live {
        return Decision::Look(Look::Identity);
    }
    if seen.written_to_ses {
        return Decision::Settled(Some(after(now, me.poll_interval)));
    }
    create(me, seen, stored, now)
}

/// The claim names the owner id before an identity carries it: should the answer to the creation be lost, and the owner
/// id changed again, the identity is still known to be ours.
fn create(me: &Installation, seen: &Observed, stored: &StoredClaim, now: Timestamp) -> Decision {
    let first = stored.claim.identity.created_time.is_none();
    if let Some(room) = seen.room_for_creation(me, now).filter(|_| first) {
        return Decision::Settled(Some(room));
    }
    if stored.claim.account.owner_id != me.owner_id {
        let account = Account { owner_id: me.owner_id.clone(), ..stored.claim.account.clone() };
        return swap(Claim { account, ..stored.claim.clone() });
    }
    Decision::Write(Write::CreateIdentity(!first))
}

fn present(
    me: &Installation,
    seen: &Observed,
    stored: &StoredClaim,
    identity: &Identity,
    suspended: bool,
    now: Timestamp,
) -> Decision {
    let facts = &stored.claim.identity;
    let held = stored.claim.state == State::Held;
    if facts.created_time.is_none() && !facts.adopted {
        let made_for_claim = seen.is_made_for_claim(identity);
        if !made_for_claim && !held {
            // To take it in would be a right to delete it.
            return Decision::Settled(Some(seen.identity_due(me)));
        }
        let mut claim = stored.claim.with_identity_seen(now);
        claim.identity.hand_over |= !made_for_claim || identity.tags.contains_key(RETAINED_TAG);
        return swap(claim);
    }
    if let Some(owner) = identity.tags.get(OWNER_TAG)
        && *owner != stored.claim.account.owner_id
    {
        // Created again after the owner id was changed: only with this record it stays ours at the next change.
        let account = Account { owner_id: owner.clone(), ..stored.claim.account.clone() };
        return swap(Claim { account, ..stored.claim.clone() });
    }
    if facts.hand_over && held && !suspended {
        return taking_over::hand_over(me, seen, stored, identity, now);
    }
    if held
        && !suspended
        && let Some(write) = repair(me, seen, facts, identity, now)
    {
        // What SES does not show right after a write is not written again in the same pass.
        let again = Decision::Settled(Some(after(now, me.poll_interval)));
        return match seen.written_to_ses {
            true => again,
            // It may be another one by now, which somebody else made.
            false if !seen.identity_live => Decision::Look(Look::Identity),
            false => Decision::Write(write),
        };
    }
    if facts.retained && held && !suspended {
        let identity = IdentityFacts { retained: false, ..facts.clone() };
        return swap(Claim { identity, ..stored.claim.clone() });
    }
    if !seen.records(me).is_empty() && seen.records_due(me) <= now {
        return Decision::Look(Look::Records);
    }
    if held && let Some(identity) = verified_facts(me, seen, &stored.claim, identity, now) {
        return swap(Claim { identity, ..stored.claim.clone() });
    }
    let mut next = seen.identity_due(me);
    if !seen.records(me).is_empty() {
        next = next.min(seen.records_due(me));
    }
    let failed = identity.dkim.status == Status::Failed || identity.verification == Status::Failed;
    if held && failed {
        next = next.min(restart_due(me, seen));
    }
    Decision::Settled(Some(next))
}

/// What has to be put right at SES.
fn repair(
    me: &Installation,
    seen: &Observed,
    facts: &IdentityFacts,
    identity: &Identity,
    now: Timestamp,
) -> Option<Write> {
    // Also where the claim that retained it is long forgotten.
    if identity.tags.contains_key(RETAINED_TAG) {
        return Some(Write::MarkRetained(false));
    }
    let young = facts.created_time.is_some_and(|created| now < after(created, me.poll_interval));
    let idle = identity.dkim.tokens.is_empty() || identity.dkim.status == Status::NotStarted;
    if !identity.dkim.easy || (idle && !young) {
        return Some(Write::StartEasyDkim(false));
    }
    if !identity.dkim.signing_enabled {
        return Some(Write::EnableSigning);
    }
    let failed = identity.dkim.status == Status::Failed || identity.verification == Status::Failed;
    (failed && restart_due(me, seen) <= now).then_some(Write::StartEasyDkim(true))
}

/// When a failed verification may be started again: soon where DNS shows all records, else once a day, because SES
/// would not find them either.
fn restart_due(me: &Installation, seen: &Observed) -> Timestamp {
    let (count, last) = seen.memory.restarts;
    match (seen.all_found(me), last) {
        (true, _) if count == 0 => Timestamp::MIN,
        (true, Some(last)) => after(last, FIRST_RESTART.saturating_mul(1 << count.min(16)).min(LONGEST_RESTART)),
        (false, Some(last)) => after(last, LONGEST_RESTART),
        (_, None) => Timestamp::MAX,
    }
}

/// The facts with the verification that SES and our own look-ups show, if that is new.
fn verified_facts(
    me: &Installation,
    seen: &Observed,
    claim: &Claim,
    identity: &Identity,
    now: Timestamp,
) -> Option<IdentityFacts> {
    let facts = &claim.identity;
    let verified = identity.sends() && identity.dkim.status == Status::Success && identity.dkim.signing_enabled;
    // SES gives the same records to every tenant of the account: only what was seen in this tenure counts.
    let asked = seen.memory.looked_up.as_ref().map(|(asked, _)| *asked);
    let in_time = asked >= claim.proof.as_ref().map(|proof| proof.proven_time);
    match facts.verified_time {
        None if verified && in_time && seen.all_found(me) => {
            Some(IdentityFacts { verified_time: Some(now), unverified_time: None, ..facts.clone() })
        }
        Some(_) if !identity.sends() => {
            Some(IdentityFacts { verified_time: None, unverified_time: Some(now), ..facts.clone() })
        }
        _ => None,
    }
}

fn swap(claim: Claim) -> Decision {
    Decision::Write(Write::Claim(Box::new(claim), None))
}
