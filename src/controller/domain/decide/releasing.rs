//! The end of a claim without claimants: wait, verify, delete, verify again. Pure.

use std::time::Duration;

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
        admin_annotations::{ActionKind, RequestedAction},
        claim::{Claim, ClaimedIdentity, DeletionPolicy, State, StoredClaim},
        deletion_guard::{Circumstances, Verdict},
        ownership::release,
    },
    ses::{Identity, RETAINED_TAG},
};

/// Delay until a reconcile that observes a release from its beginning.
const NEXT_RECONCILE: Duration = Duration::from_secs(1);

/// The next step for a claim that is Releasing or Released.
pub(super) fn decide(assessed: &Assessment<'_>, stored: &StoredClaim) -> Decision {
    if stored.claim.state == State::Released {
        return released(assessed, stored);
    }
    if let Some(until) = held_back(assessed, stored) {
        return Decision::Settled(Some(until));
    }
    if !assessed.observation.live.resources {
        return read(Read::Resources);
    }
    if !assessed.observation.live.identity {
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
        namespace_remade: assessed.observation.namespace_remade.unwrap_or_default(),
        releasing_together: assessed.observation.releasing_together,
        held: assessed.observation.held,
        approved: stored.open_action(ActionKind::ApproveRelease).is_some(),
    };
    circumstances.verdict(assessed.now)
}

fn held_back(assessed: &Assessment<'_>, stored: &StoredClaim) -> Option<Timestamp> {
    if stored.claim.identity.delete_time.is_some() {
        return None;
    }
    match verdict(assessed, stored) {
        // The claim became Releasing in this reconcile, so the circumstances of its release were not observed yet.
        Verdict::Go if assessed.observation.namespace_remade.is_none() => Some(after(assessed.now, NEXT_RECONCILE)),
        Verdict::Go => None,
        Verdict::Delay(until) | Verdict::NamespaceRemade(until) | Verdict::MassRelease(until) => Some(until),
    }
}

fn ours(assessed: &Assessment<'_>, stored: &StoredClaim, identity: &Identity) -> Decision {
    let claimed = &stored.claim.identity;
    if claimed.created_time.is_none() && !claimed.adopted {
        if !assessed.is_made_for_claim(identity) {
            return free(stored, false, assessed.now);
        }
        // A creation whose answer was lost: the tags show that it was ours.
        return swap(stored.claim.with_identity_observed(assessed.now));
    }
    if is_kept(&stored.claim) {
        return if identity.tags.contains_key(RETAINED_TAG) {
            free(stored, true, assessed.now)
        } else if assessed.observation.live.written_to_ses {
            Decision::Settled(Some(after(assessed.now, assessed.config.poll_interval)))
        } else {
            write(Write::MarkRetained(true))
        };
    }
    if assessed.observation.live.delete_refused {
        let Some(_) = &assessed.observation.live.associations else { return read(Read::Associations) };
        return write(Write::RemoveForeignSettings(takeover::associations(assessed)));
    }
    if claimed.delete_time.is_none() {
        let identity = ClaimedIdentity { delete_time: Some(assessed.now), ..claimed.clone() };
        let mut next = Claim { identity, ..stored.claim.clone() };
        let event = record_approval(stored, &mut next, assessed.now).then_some(EventReason::AdminActionTaken);
        return write(Write::Claim(Box::new(next), event));
    }
    if assessed.observation.live.written_to_ses {
        return Decision::Settled(Some(after(assessed.now, assessed.config.poll_interval)));
    }
    write(Write::DeleteIdentity)
}

/// Whether the identity stays at SES: its holder requested that, an earlier holder did and no takeover followed, or it
/// was adopted.
fn is_kept(claim: &Claim) -> bool {
    let claimed = &claim.identity;
    let by_holder = claim.tenant.is_some() && claimed.deletion_policy == Some(DeletionPolicy::Retain);
    by_holder || claimed.retained || claimed.adopted
}

/// A released claim is kept for a while, and deleted only if SES has no late identity of ours. A late identity that a
/// sweep finds earlier is deleted as usual.
fn released(assessed: &Assessment<'_>, stored: &StoredClaim) -> Decision {
    let retained = stored.claim.identity.retained;
    if !retained && assessed.observation.cache.identity.is_doubted() {
        return read(Read::Identity);
    }
    let late = |identity: &Identity| assessed.is_made_for_claim(identity);
    if !retained && assessed.observation.live.identity && assessed.ours().is_some_and(late) {
        let claim = Claim { state: State::Releasing, releasing_time: Some(assessed.now), ..stored.claim.clone() };
        return write(Write::Claim(Box::new(claim), Some(EventReason::ReleaseStarted)));
    }
    if !assessed.observation.resources.is_empty() {
        return Decision::Settled(Some(after(assessed.now, assessed.config.recheck_interval)));
    }
    // The order of former tenants is kept without limit: an old record must never become valid again. The same applies
    // to an admin action while its annotation is set.
    let lasting = |requested: &RequestedAction| requested.action != ActionKind::ApproveRelease;
    let ordered = stored.claim.barred_tenant.is_some() || stored.requested_actions.actions.iter().any(lasting);
    if !stored.claim.history.is_empty() || ordered {
        return Decision::Settled(None);
    }
    let until = after(stored.claim.released_time.unwrap_or(assessed.now), assessed.config.claim_retention);
    if assessed.now < until {
        return Decision::Settled(Some(until));
    }
    if !retained && !assessed.observation.live.identity {
        return read(Read::Identity);
    }
    write(Write::ForgetClaim)
}

/// Records the approval of this release, if any, so that it approves no other release.
fn record_approval(stored: &StoredClaim, next: &mut Claim, now: Timestamp) -> bool {
    let requested = stored.open_action(ActionKind::ApproveRelease);
    requested.inspect(|requested| next.record(requested, stored.claim.tenant.as_ref(), now)).is_some()
}

fn free(stored: &StoredClaim, retained: bool, now: Timestamp) -> Decision {
    let mut claim = release(&stored.claim, retained, now);
    record_approval(stored, &mut claim, now);
    write(Write::Claim(Box::new(claim), Some(EventReason::Released)))
}
