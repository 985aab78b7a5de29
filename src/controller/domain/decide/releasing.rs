//! The end of a claim without claimants: wait, verify, delete, verify again. Pure.

use jiff::{SignedDuration, Timestamp};

use super::{
    assess::{Assessment, IdentityState},
    step::{Decision, Read, Write, read, swap, write},
    takeover,
};
use crate::{
    api::reasons::EventReason,
    clock::after,
    model::{
        claim::{Claim, DeletionPolicy, IdentityFacts, State, StoredClaim},
        orders::{Order, Verb},
        ownership::release,
        release::{Circumstances, Verdict},
    },
    ses::{Identity, RETAINED_TAG},
};

/// The next step for a claim that is Releasing or Released.
pub(super) fn decide(assessed: &Assessment<'_>, stored: &StoredClaim) -> Decision {
    if stored.claim.state == State::Released {
        return released(assessed, stored);
    }
    if let Some(until) = held_back(assessed, stored) {
        return Decision::Settled(Some(until));
    }
    if !assessed.seen.live.claimants {
        return read(Read::Claimants);
    }
    if !assessed.seen.live.identity {
        return read(Read::Identity);
    }
    match assessed.identity {
        IdentityState::Unknown | IdentityState::Stale => read(Read::Identity),
        IdentityState::Absent | IdentityState::Foreign(_) => free(stored, false, assessed.now),
        IdentityState::Ours(identity) => ours(assessed, stored, identity),
    }
}

/// The reason why the deletion waits, if it does.
pub fn verdict(assessed: &Assessment<'_>, stored: &StoredClaim) -> Verdict {
    let circumstances = Circumstances {
        releasing_time: stored.claim.releasing_time.unwrap_or(assessed.now),
        delay: SignedDuration::try_from(assessed.config.release_delay).unwrap_or(SignedDuration::MAX),
        namespace_remade: assessed.seen.namespace_remade,
        releasing_together: assessed.seen.releasing_together,
        held: assessed.seen.held,
        approved: stored.open_order(Verb::ApproveRelease).is_some(),
    };
    circumstances.verdict(assessed.now)
}

fn held_back(assessed: &Assessment<'_>, stored: &StoredClaim) -> Option<Timestamp> {
    if stored.claim.identity.delete_time.is_some() {
        return None;
    }
    match verdict(assessed, stored) {
        Verdict::Go => None,
        Verdict::Delay(until) | Verdict::NamespaceRemade(until) | Verdict::MassRelease(until) => Some(until),
    }
}

fn ours(assessed: &Assessment<'_>, stored: &StoredClaim, identity: &Identity) -> Decision {
    let facts = &stored.claim.identity;
    if facts.created_time.is_none() && !facts.adopted {
        if !assessed.is_made_for_claim(identity) {
            return free(stored, false, assessed.now);
        }
        // A creation whose answer was lost: the tags show that it was ours.
        return swap(stored.claim.with_identity_seen(assessed.now));
    }
    if is_kept(&stored.claim) {
        return if identity.tags.contains_key(RETAINED_TAG) {
            free(stored, true, assessed.now)
        } else if assessed.seen.live.written_to_ses {
            Decision::Settled(Some(after(assessed.now, assessed.config.poll_interval)))
        } else {
            write(Write::MarkRetained(true))
        };
    }
    if assessed.seen.live.delete_refused {
        let Some(_) = &assessed.seen.live.associations else { return read(Read::Associations) };
        return write(Write::Strip(takeover::associations(assessed)));
    }
    if facts.delete_time.is_none() {
        let identity = IdentityFacts { delete_time: Some(assessed.now), ..facts.clone() };
        let mut next = Claim { identity, ..stored.claim.clone() };
        let event = record_approval(stored, &mut next, assessed.now).then_some(EventReason::Ruled);
        return write(Write::Claim(Box::new(next), event));
    }
    if assessed.seen.live.written_to_ses {
        return Decision::Settled(Some(after(assessed.now, assessed.config.poll_interval)));
    }
    write(Write::DeleteIdentity)
}

/// Whether the identity stays at SES: its holder requested that, an earlier holder did and no takeover followed, or it
/// was adopted.
fn is_kept(claim: &Claim) -> bool {
    let facts = &claim.identity;
    let by_holder = claim.tenant.is_some() && facts.deletion_policy == Some(DeletionPolicy::Retain);
    by_holder || facts.retained || facts.adopted
}

/// A released claim is kept for a while, and deleted only if SES has no late identity of ours. A late identity that a
/// sweep finds earlier is deleted as usual.
fn released(assessed: &Assessment<'_>, stored: &StoredClaim) -> Decision {
    let retained = stored.claim.identity.retained;
    if !retained && assessed.seen.cache.identity.is_doubted() {
        return read(Read::Identity);
    }
    let late = |identity: &Identity| assessed.is_made_for_claim(identity);
    if !retained && assessed.seen.live.identity && assessed.ours().is_some_and(late) {
        let claim = Claim { state: State::Releasing, releasing_time: Some(assessed.now), ..stored.claim.clone() };
        return write(Write::Claim(Box::new(claim), Some(EventReason::ReleaseStarted)));
    }
    if !assessed.seen.claimants.is_empty() {
        return Decision::Settled(Some(after(assessed.now, assessed.config.recheck_interval)));
    }
    // The order of former tenants is kept without limit: an old record must never become valid again. The same applies
    // to an admin action while its annotation is set.
    let lasting = |order: &Order| order.verb != Verb::ApproveRelease;
    let ordered = stored.claim.barred.is_some() || stored.orders.orders.iter().any(lasting);
    if !stored.claim.history.is_empty() || ordered {
        return Decision::Settled(None);
    }
    let until = after(stored.claim.released_time.unwrap_or(assessed.now), assessed.config.claim_retention);
    if assessed.now < until {
        return Decision::Settled(Some(until));
    }
    if !retained && !assessed.seen.live.identity {
        return read(Read::Identity);
    }
    write(Write::ForgetClaim)
}

/// Records the approval of this release, if any, so that it approves no other release.
fn record_approval(stored: &StoredClaim, next: &mut Claim, now: Timestamp) -> bool {
    let order = stored.open_order(Verb::ApproveRelease);
    order.inspect(|order| next.record(order, stored.claim.tenant.as_ref(), now)).is_some()
}

fn free(stored: &StoredClaim, retained: bool, now: Timestamp) -> Decision {
    let mut claim = release(&stored.claim, retained, now);
    record_approval(stored, &mut claim, now);
    write(Write::Claim(Box::new(claim), Some(EventReason::Released)))
}
