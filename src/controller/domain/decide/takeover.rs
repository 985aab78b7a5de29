//! Takeover of an identity that a former holder used or that was created by hand. Pure.
//!
//! Policies, a MAIL FROM domain, a default configuration set and associations with SES tenants are rights or can be
//! misused. They are removed before the domain is Ready for its new holder.

use super::{
    assess::Assessment,
    step::{Decision, Leftover, Read, Write, read, swap, write},
};
use crate::{
    api::domain::AdoptionPolicy,
    clock::after,
    model::{
        claim::{Claim, IdentityFacts, State, StoredClaim},
        proof::ProofKind,
    },
    ses::{Identity, OWNER_TAG},
};

/// The next step of a takeover. The claim marks it as pending until all foreign settings are observed to be gone.
pub(super) fn hand_over(assessed: &Assessment<'_>, stored: &StoredClaim, identity: &Identity) -> Decision {
    if !assessed.seen.live.identity {
        return read(Read::Identity);
    }
    if assessed.seen.live.associations.is_none() {
        return read(Read::Associations);
    }
    let leftovers = leftovers(assessed, identity);
    if !leftovers.is_empty() {
        // Right after a removal, SES may still show an old setting; check it again later.
        let again = Decision::Settled(Some(after(assessed.now, assessed.config.poll_interval)));
        return if assessed.seen.live.written_to_ses { again } else { write(Write::Strip(leftovers)) };
    }
    if assessed.seen.live.addresses.is_none() {
        return read(Read::Addresses);
    }
    let facts = IdentityFacts { hand_over: false, ..stored.claim.identity.clone() };
    swap(Claim { identity: facts, ..stored.claim.clone() })
}

/// Foreign settings on an identity.
fn leftovers(assessed: &Assessment<'_>, identity: &Identity) -> Vec<Leftover> {
    let set_up = &identity.set_up;
    let associations = associations(assessed);
    let policies = set_up.policies.iter().cloned().map(Leftover::Policy);
    let mail_from = set_up.mail_from.as_ref().map(|_| Leftover::MailFrom);
    let configuration_set = set_up.configuration_set.as_ref().map(|_| Leftover::ConfigurationSet);
    associations.into_iter().chain(policies).chain(mail_from).chain(configuration_set).collect()
}

/// The observed associations with SES tenants.
pub(super) fn associations(assessed: &Assessment<'_>) -> Vec<Leftover> {
    assessed.seen.live.associations.iter().flatten().cloned().map(Leftover::Association).collect()
}

/// The next step towards the adoption of a foreign identity, if it is allowed. The resource must request it, the
/// settings must allow it, the tenant must have a proof, and the identity must have no owner tag.
pub(super) fn adopt(assessed: &Assessment<'_>, stored: &StoredClaim, identity: &Identity) -> Option<Decision> {
    if !may_adopt(assessed, identity) {
        return None;
    }
    let facts = IdentityFacts { adopted: true, hand_over: true, ..stored.claim.identity.clone() };
    // Another owner may have tagged it since the last read.
    if !assessed.seen.live.identity && !assessed.seen.live.written_to_ses {
        return Some(read(Read::Identity));
    }
    if stored.claim.identity != facts {
        return Some(swap(Claim { identity: facts, ..stored.claim.clone() }));
    }
    (!assessed.seen.live.written_to_ses).then_some(write(Write::Adopt))
}

/// Whether the identity may be adopted.
fn may_adopt(assessed: &Assessment<'_>, identity: &Identity) -> bool {
    let claim = assessed.seen.claim.as_ref().map(|stored| &stored.claim).filter(|claim| claim.state == State::Held);
    let proof = claim.and_then(|claim| claim.proof.as_ref()).filter(|proof| proof.lost_time.is_none());
    let asked = assessed.seen.holder().is_some_and(|holder| {
        holder.object.spec.adoption_policy == Some(AdoptionPolicy::IfProven) && !holder.asker.suspended
    });
    let proven = proof.is_some_and(|proof| proof.kind != ProofKind::None);
    assessed.config.policy.adoption && asked && proven && !identity.tags.contains_key(OWNER_TAG)
}
