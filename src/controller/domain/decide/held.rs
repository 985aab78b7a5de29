//! Steps for a Held claim: the identity exists, is ours, signs, and is verified. While the claim is Provisional, the
//! identity only exists, so that people get all records at once.

use super::{
    assess::{Assessment, IdentityState},
    drift::{repair, restart_due},
    step::{Decision, Read, Write, read, swap, write},
    takeover,
};
use crate::{
    clock::after,
    model::claim::{Account, Claim, ClaimedIdentity, State, StoredClaim},
    ses::{Identity, OWNER_TAG, RETAINED_TAG, Status},
};

pub(super) fn decide(assessed: &Assessment<'_>, stored: &StoredClaim) -> Decision {
    let suspended = match stored.claim.state {
        State::Held => assessed.observation.holder().is_none_or(|holder| holder.claimant.suspended),
        _ => assessed.observation.resources.iter().all(|resource| resource.claimant.suspended),
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
    let claimed = &stored.claim.identity;
    let nothing = claimed.created_time.is_none() && !claimed.retained && !claimed.adopted;
    matches!(assessed.identity, IdentityState::Unknown) && nothing && !assessed.config.dry_run
}

fn absent(assessed: &Assessment<'_>, stored: &StoredClaim, suspended: bool) -> Decision {
    let claimed = &stored.claim.identity;
    if claimed.verified_time.is_some() || claimed.retained || claimed.adopted {
        let lost = claimed.verified_time.map(|_| assessed.now).or(claimed.unverified_time);
        // The replacement is our own and was never used by another party.
        let (retained, adopted, takeover_pending) = (false, false, claimed.takeover_pending && !claimed.adopted);
        let identity = ClaimedIdentity {
            verified_time: None,
            unverified_time: lost,
            retained,
            adopted,
            takeover_pending,
            ..claimed.clone()
        };
        return swap(Claim { identity, ..stored.claim.clone() });
    }
    if suspended {
        return Decision::Settled(Some(assessed.identity_due()));
    }
    if !assessed.observation.live.identity {
        return read(Read::Identity);
    }
    if assessed.observation.live.written_to_ses {
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
    let claimed = &stored.claim.identity;
    let held = stored.claim.state == State::Held;
    if claimed.created_time.is_none() && !claimed.adopted {
        let made_for_claim = assessed.is_made_for_claim(identity);
        if !made_for_claim && !held {
            // Adopting it would include the right to delete it.
            return Decision::Settled(Some(assessed.identity_due()));
        }
        let mut claim = stored.claim.with_identity_observed(assessed.now);
        claim.identity.takeover_pending |= !made_for_claim || identity.tags.contains_key(RETAINED_TAG);
        return swap(claim);
    }
    if let Some(owner) = identity.tags.get(OWNER_TAG)
        && *owner != stored.claim.account.owner_id
    {
        // Recreated after a change of the owner id: without this record, the next change would make it foreign.
        let account = Account { owner_id: owner.clone(), ..stored.claim.account.clone() };
        return swap(Claim { account, ..stored.claim.clone() });
    }
    if claimed.takeover_pending && held && !suspended {
        return takeover::complete(assessed, stored, identity);
    }
    if held
        && !suspended
        && let Some(repair) = repair(assessed, claimed, identity)
    {
        // Right after a write, SES may show an old state; don't repeat the write in the same reconcile.
        let again = Decision::Settled(Some(after(assessed.now, assessed.config.poll_interval)));
        return match assessed.observation.live.written_to_ses {
            true => again,
            // It may have been replaced by a foreign identity.
            false if !assessed.observation.live.identity => read(Read::Identity),
            false => write(repair),
        };
    }
    if claimed.retained && held && !suspended {
        let identity = ClaimedIdentity { retained: false, ..claimed.clone() };
        return swap(Claim { identity, ..stored.claim.clone() });
    }
    if !assessed.records.is_empty() && assessed.records_due() <= assessed.now {
        return read(Read::Records);
    }
    if held && let Some(identity) = newly_verified(assessed, &stored.claim, identity) {
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

/// The identity with the verification that SES and the operator's own lookups show, if it is new.
fn newly_verified(assessed: &Assessment<'_>, claim: &Claim, identity: &Identity) -> Option<ClaimedIdentity> {
    let claimed = &claim.identity;
    let verified = identity.sends() && identity.dkim.status == Status::Success && identity.dkim.signing_enabled;
    // SES gives the same records to every tenant of the account, so only observations of this tenure count.
    let asked = assessed.observation.cache.looked_up.as_ref().map(|(asked, _)| *asked);
    let in_time = asked >= claim.proof.as_ref().map(|proof| proof.proven_time);
    match claimed.verified_time {
        None if verified && in_time && assessed.all_found() => {
            Some(ClaimedIdentity { verified_time: Some(assessed.now), unverified_time: None, ..claimed.clone() })
        }
        Some(_) if !identity.sends() => {
            Some(ClaimedIdentity { verified_time: None, unverified_time: Some(assessed.now), ..claimed.clone() })
        }
        _ => None,
    }
}
