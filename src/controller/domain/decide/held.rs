//! Steps for a Held claim: the identity exists, is ours, signs, and is verified. While the claim is Provisional, the
//! identity only exists, so that people get all records at once.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    assess::{Assessment, IdentityState},
    step::{Decision, Read, Write, read, swap, write},
    takeover,
};
use crate::{
    clock::after,
    model::claim::{Account, Claim, IdentityFacts, State, StoredClaim},
    ses::{Identity, OWNER_TAG, RETAINED_TAG, Status},
};

/// Wait before the restart of a failed verification if DNS shows all records; doubled each time.
const FIRST_RESTART: Duration = Duration::from_mins(1);
/// Longest wait before a restart, and the wait while the operator's own lookups don't find the records.
const LONGEST_RESTART: Duration = Duration::from_hours(24);

pub(super) fn decide(assessed: &Assessment<'_>, stored: &StoredClaim) -> Decision {
    let suspended = match stored.claim.state {
        State::Held => assessed.seen.holder().is_none_or(|holder| holder.asker.suspended),
        _ => assessed.seen.claimants.iter().all(|claimant| claimant.asker.suspended),
    };
    if is_new(assessed, stored) && !suspended {
        return create(assessed, stored);
    }
    if assessed.identity_due() <= assessed.now {
        // DNS first: its answers matter even while SES is unreachable.
        let ours = assessed.ours().is_some();
        let records = ours && !assessed.records.is_empty() && assessed.records_due() <= assessed.now;
        return read(if records { Read::Records } else { Read::Identity });
    }
    match assessed.identity {
        IdentityState::Unknown | IdentityState::Stale => read(Read::Identity),
        IdentityState::Absent => absent(assessed, stored, suspended),
        IdentityState::Foreign(identity) => {
            let wait = Decision::Settled(Some(assessed.identity_due()));
            takeover::adopt(assessed, stored, identity).unwrap_or(wait)
        }
        IdentityState::Ours(identity) => present(assessed, stored, identity, suspended),
    }
}

/// Whether nothing was ever created for this claim, so that a read at SES would be useless. If an identity exists
/// nevertheless, SES reports it, and its tags name its owner. A dry run has to read to know its plan.
fn is_new(assessed: &Assessment<'_>, stored: &StoredClaim) -> bool {
    let facts = &stored.claim.identity;
    let nothing = facts.created_time.is_none() && !facts.retained && !facts.adopted;
    matches!(assessed.identity, IdentityState::Unknown) && nothing && !assessed.config.dry_run
}

fn absent(assessed: &Assessment<'_>, stored: &StoredClaim, suspended: bool) -> Decision {
    let facts = &stored.claim.identity;
    if facts.verified_time.is_some() || facts.retained || facts.adopted {
        let lost = facts.verified_time.map(|_| assessed.now).or(facts.unverified_time);
        // The replacement is our own and was never used by another party.
        let (retained, adopted, hand_over) = (false, false, facts.hand_over && !facts.adopted);
        let identity =
            IdentityFacts { verified_time: None, unverified_time: lost, retained, adopted, hand_over, ..facts.clone() };
        return swap(Claim { identity, ..stored.claim.clone() });
    }
    if suspended {
        return Decision::Settled(Some(assessed.identity_due()));
    }
    if !assessed.seen.live.identity {
        return read(Read::Identity);
    }
    if assessed.seen.live.written_to_ses {
        return Decision::Settled(Some(after(assessed.now, assessed.config.poll_interval)));
    }
    create(assessed, stored)
}

/// The claim names the owner id before an identity carries it. So the identity is recognised as ours even if the answer
/// to the creation is lost and the owner id changes.
fn create(assessed: &Assessment<'_>, stored: &StoredClaim) -> Decision {
    let first = stored.claim.identity.created_time.is_none();
    if let Some(room) = assessed.room_for_creation().filter(|_| first) {
        return Decision::Settled(Some(room));
    }
    if stored.claim.account.owner_id != assessed.config.owner_id {
        let account = Account { owner_id: assessed.config.owner_id.clone(), ..stored.claim.account.clone() };
        return swap(Claim { account, ..stored.claim.clone() });
    }
    write(Write::CreateIdentity(!first))
}

fn present(assessed: &Assessment<'_>, stored: &StoredClaim, identity: &Identity, suspended: bool) -> Decision {
    let facts = &stored.claim.identity;
    let held = stored.claim.state == State::Held;
    if facts.created_time.is_none() && !facts.adopted {
        let made_for_claim = assessed.is_made_for_claim(identity);
        if !made_for_claim && !held {
            // Adopting it would include the right to delete it.
            return Decision::Settled(Some(assessed.identity_due()));
        }
        let mut claim = stored.claim.with_identity_seen(assessed.now);
        claim.identity.hand_over |= !made_for_claim || identity.tags.contains_key(RETAINED_TAG);
        return swap(claim);
    }
    if let Some(owner) = identity.tags.get(OWNER_TAG)
        && *owner != stored.claim.account.owner_id
    {
        // Recreated after a change of the owner id: without this record, the next change would make it foreign.
        let account = Account { owner_id: owner.clone(), ..stored.claim.account.clone() };
        return swap(Claim { account, ..stored.claim.clone() });
    }
    if facts.hand_over && held && !suspended {
        return takeover::hand_over(assessed, stored, identity);
    }
    if held
        && !suspended
        && let Some(repair) = repair(assessed, facts, identity)
    {
        // Right after a write, SES may show an old state; don't repeat the write in the same reconcile.
        let again = Decision::Settled(Some(after(assessed.now, assessed.config.poll_interval)));
        return match assessed.seen.live.written_to_ses {
            true => again,
            // It may have been replaced by a foreign identity.
            false if !assessed.seen.live.identity => read(Read::Identity),
            false => write(repair),
        };
    }
    if facts.retained && held && !suspended {
        let identity = IdentityFacts { retained: false, ..facts.clone() };
        return swap(Claim { identity, ..stored.claim.clone() });
    }
    if !assessed.records.is_empty() && assessed.records_due() <= assessed.now {
        return read(Read::Records);
    }
    if held && let Some(identity) = verified_facts(assessed, &stored.claim, identity) {
        return swap(Claim { identity, ..stored.claim.clone() });
    }
    let mut next = assessed.identity_due();
    if !assessed.records.is_empty() {
        next = next.min(assessed.records_due());
    }
    let failed = identity.dkim.status == Status::Failed || identity.verification == Status::Failed;
    if held && failed {
        next = next.min(restart_due(assessed));
    }
    Decision::Settled(Some(next))
}

/// The next repair at SES, if any.
fn repair(assessed: &Assessment<'_>, facts: &IdentityFacts, identity: &Identity) -> Option<Write> {
    // Needed even if the claim that retained the identity was deleted long ago.
    if identity.tags.contains_key(RETAINED_TAG) {
        return Some(Write::MarkRetained(false));
    }
    let young = facts.created_time.is_some_and(|created| assessed.now < after(created, assessed.config.poll_interval));
    let idle = identity.dkim.tokens.is_empty() || identity.dkim.status == Status::NotStarted;
    if !identity.dkim.easy || (idle && !young) {
        return Some(Write::StartEasyDkim(false));
    }
    if !identity.dkim.signing_enabled {
        return Some(Write::EnableSigning);
    }
    let failed = identity.dkim.status == Status::Failed || identity.verification == Status::Failed;
    (failed && restart_due(assessed) <= assessed.now).then_some(Write::StartEasyDkim(true))
}

/// When a failed verification may restart: soon if DNS shows all records, otherwise once a day, because SES would not
/// find them either.
fn restart_due(assessed: &Assessment<'_>) -> Timestamp {
    let (count, last) = assessed.seen.cache.restarts;
    match (assessed.all_found(), last) {
        (true, _) if count == 0 => Timestamp::MIN,
        (true, Some(last)) => after(last, FIRST_RESTART.saturating_mul(1 << count.min(16)).min(LONGEST_RESTART)),
        (false, Some(last)) => after(last, LONGEST_RESTART),
        (_, None) => Timestamp::MAX,
    }
}

/// The facts with the verification that SES and the operator's own lookups show, if it is new.
fn verified_facts(assessed: &Assessment<'_>, claim: &Claim, identity: &Identity) -> Option<IdentityFacts> {
    let facts = &claim.identity;
    let verified = identity.sends() && identity.dkim.status == Status::Success && identity.dkim.signing_enabled;
    // SES gives the same records to every tenant of the account, so only observations of this tenure count.
    let asked = assessed.seen.cache.looked_up.as_ref().map(|(asked, _)| *asked);
    let in_time = asked >= claim.proof.as_ref().map(|proof| proof.proven_time);
    match facts.verified_time {
        None if verified && in_time && assessed.all_found() => {
            Some(IdentityFacts { verified_time: Some(assessed.now), unverified_time: None, ..facts.clone() })
        }
        Some(_) if !identity.sends() => {
            Some(IdentityFacts { verified_time: None, unverified_time: Some(assessed.now), ..facts.clone() })
        }
        _ => None,
    }
}
