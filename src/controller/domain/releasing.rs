//! What to do once nobody asks any more: wait, make sure, delete, make sure again.

use jiff::{SignedDuration, Timestamp};

use super::{
    facts::{Installation, Observed, Sight},
    step::{Decision, Look, Write},
    taking_over,
};
use crate::{
    api::reasons::EventReason,
    clock::after,
    model::{
        claim::{Claim, DeletionPolicy, IdentityFacts, State, StoredClaim},
        ownership::release,
        release::{Circumstances, Verdict},
    },
    ses::{Identity, RETAINED_TAG},
};

/// The next step for a claim that is Releasing or Released.
pub(super) fn decide(me: &Installation, seen: &Observed, stored: &StoredClaim, now: Timestamp) -> Decision {
    if stored.claim.state == State::Released {
        return released(me, seen, stored, now);
    }
    if let Some(until) = held_back(me, seen, stored, now) {
        return Decision::Settled(Some(until));
    }
    if !seen.candidates_live {
        return Decision::Look(Look::Candidates);
    }
    if !seen.identity_live {
        return Decision::Look(Look::Identity);
    }
    match &seen.memory.identity {
        Sight::Unseen | Sight::Unsure => Decision::Look(Look::Identity),
        Sight::Absent(_) => free(stored, false, now),
        Sight::Present(_, identity) if !seen.is_ours(me, identity) => free(stored, false, now),
        Sight::Present(_, identity) => ours(me, seen, stored, identity, now),
    }
}

/// What the deletion waits for.
pub(super) fn verdict(me: &Installation, seen: &Observed, stored: &StoredClaim, now: Timestamp) -> Verdict {
    let circumstances = Circumstances {
        releasing_time: stored.claim.releasing_time.unwrap_or(now),
        delay: SignedDuration::try_from(me.release_delay).unwrap_or(SignedDuration::MAX),
        namespace_remade: seen.namespace_remade,
        releasing_together: seen.releasing_together,
        held: seen.held,
        approved: stored.orders.release_approved,
    };
    circumstances.verdict(now)
}

fn held_back(me: &Installation, seen: &Observed, stored: &StoredClaim, now: Timestamp) -> Option<Timestamp> {
    if stored.claim.identity.delete_time.is_some() {
        return None;
    }
    match verdict(me, seen, stored, now) {
        Verdict::Go => None,
        Verdict::Delay(until) | Verdict::NamespaceRemade(until) | Verdict::MassRelease(until) => Some(until),
    }
}

fn ours(me: &Installation, seen: &Observed, stored: &StoredClaim, identity: &Identity, now: Timestamp) -> Decision {
    let facts = &stored.claim.identity;
    if facts.created_time.is_none() && !facts.adopted {
        if !seen.is_made_for_claim(identity) {
            return free(stored, false, now);
        }
        // A create whose answer was lost: the tags say that it was ours.
        return Decision::Write(Write::Claim(Box::new(stored.claim.with_identity_seen(now)), None));
    }
    if is_kept(&stored.claim) {
        return if identity.tags.contains_key(RETAINED_TAG) {
            free(stored, true, now)
        } else if seen.written_to_ses {
            Decision::Settled(Some(after(now, me.poll_interval)))
        } else {
            Decision::Write(Write::MarkRetained(true))
        };
    }
    if seen.delete_refused {
        let Some(_) = &seen.associations else { return Decision::Look(Look::Associations) };
        return Decision::Write(Write::Strip(taking_over::associations(seen)));
    }
    if facts.delete_time.is_none() {
        return swap(stored, IdentityFacts { delete_time: Some(now), ..facts.clone() });
    }
    if seen.written_to_ses {
        return Decision::Settled(Some(after(now, me.poll_interval)));
    }
    Decision::Write(Write::DeleteIdentity)
}

/// Whether the identity stays at SES: its holder said so, an earlier one did and nobody has taken it over since, or
/// somebody else made it.
fn is_kept(claim: &Claim) -> bool {
    let facts = &claim.identity;
    let by_holder = claim.tenant.is_some() && facts.deletion_policy == Some(DeletionPolicy::Retain);
    by_holder || facts.retained || facts.adopted
}

/// A free claim is kept for a while, and forgotten only when SES has no identity of ours that came too late. One that a
/// sweep finds sooner is deleted by the same way as any.
fn released(me: &Installation, seen: &Observed, stored: &StoredClaim, now: Timestamp) -> Decision {
    let retained = stored.claim.identity.retained;
    if !retained && seen.memory.identity.is_doubted() {
        return Decision::Look(Look::Identity);
    }
    let late = |identity: &Identity| seen.is_ours(me, identity) && seen.is_made_for_claim(identity);
    if !retained && seen.identity_live && seen.identity().is_some_and(late) {
        let claim = Claim { state: State::Releasing, releasing_time: Some(now), ..stored.claim.clone() };
        return Decision::Write(Write::Claim(Box::new(claim), Some(EventReason::ReleaseStarted)));
    }
    if !seen.candidates.is_empty() {
        return Decision::Settled(Some(after(now, me.recheck_interval)));
    }
    // Who held it and who followed whom is remembered for ever: an old record must not prove anything again. So is an
    // order as long as it stands.
    let ordered = stored.claim.barred.is_some() || !stored.orders.orders.is_empty();
    if !stored.claim.history.is_empty() || ordered {
        return Decision::Settled(None);
    }
    let until = after(stored.claim.released_time.unwrap_or(now), me.claim_retention);
    if now < until {
        return Decision::Settled(Some(until));
    }
    if !retained && !seen.identity_live {
        return Decision::Look(Look::Identity);
    }
    Decision::Write(Write::ForgetClaim)
}

fn free(stored: &StoredClaim, retained: bool, now: Timestamp) -> Decision {
    let claim = release(&stored.claim, retained, now);
    Decision::Write(Write::Claim(Box::new(claim), Some(EventReason::Released)))
}

fn swap(stored: &StoredClaim, identity: IdentityFacts) -> Decision {
    Decision::Write(Write::Claim(Box::new(Claim { identity, ..stored.claim.clone() }), None))
}
