//! What is done with an identity that somebody else used before: a former holder, or whoever made it by hand. Pure.
//!
//! Policies, a MAIL FROM domain, a default configuration set and associations with SES tenants are rights, or ways to misuse
//! them. They go before the domain is Ready for its new holder.

use super::{
    facts::{Installation, Observed},
    step::{Decision, Leftover, Look, Write},
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
use jiff::Timestamp;

/// The next step of a hand-over. The claim says that it is due until everything was seen to be gone.
pub(super) fn hand_over(
    me: &Installation,
    seen: &Observed,
    stored: &StoredClaim,
    identity: &Identity,
    now: Timestamp,
) -> Decision {
    if !seen.identity_live {
        return Decision::Look(Look::Identity);
    }
    if seen.associations.is_none() {
        return Decision::Look(Look::Associations);
    }
    let leftovers = leftovers(seen, identity);
    if !leftovers.is_empty() {
        // What SES still shows right after it was removed is looked at again later.
        let again = Decision::Settled(Some(after(now, me.poll_interval)));
        return if seen.written_to_ses { again } else { Decision::Write(Write::Strip(leftovers)) };
    }
    if seen.addresses.is_none() {
        return Decision::Look(Look::Addresses);
    }
    let facts = IdentityFacts { hand_over: false, ..stored.claim.identity.clone() };
    Decision::Write(Write::Claim(Box::new(Claim { identity: facts, ..stored.claim.clone() }), None))
}

/// What others set up on an identity.
fn leftovers(seen: &Observed, identity: &Identity) -> Vec<Leftover> {
    let set_up = &identity.set_up;
    let associations = associations(seen);
    let policies = set_up.policies.iter().cloned().map(Leftover::Policy);
    let mail_from = set_up.mail_from.as_ref().map(|_| Leftover::MailFrom);
    let configuration_set = set_up.configuration_set.as_ref().map(|_| Leftover::ConfigurationSet);
    associations.into_iter().chain(policies).chain(mail_from).chain(configuration_set).collect()
}

/// The associations with SES tenants, as they were looked up.
pub(super) fn associations(seen: &Observed) -> Vec<Leftover> {
    seen.associations.iter().flatten().cloned().map(Leftover::Association).collect()
}

/// The next step towards an identity that is not ours, if it may be taken in: the resource asks for it, the installation
/// allows it, the tenant has proven the domain, and it carries nobody's owner tag.
pub(super) fn adopt(me: &Installation, seen: &Observed, stored: &StoredClaim, identity: &Identity) -> Option<Decision> {
    if !may_adopt(me, seen, identity) {
        return None;
    }
    let facts = IdentityFacts { adopted: true, hand_over: true, ..stored.claim.identity.clone() };
    // Somebody may have put a tag of theirs on it since it was last seen.
    if !seen.identity_live && !seen.written_to_ses {
        return Some(Decision::Look(Look::Identity));
    }
    if stored.claim.identity != facts {
        return Some(Decision::Write(Write::Claim(Box::new(Claim { identity: facts, ..stored.claim.clone() }), None)));
    }
    (!seen.written_to_ses).then_some(Decision::Write(Write::Adopt))
}

/// Whether the identity may be taken in.
pub(super) fn may_adopt(me: &Installation, seen: &Observed, identity: &Identity) -> bool {
    let claim = seen.claim.as_ref().map(|stored| &stored.claim).filter(|claim| claim.state == State::Held);
    let proof = claim.and_then(|claim| claim.proof.as_ref()).filter(|proof| proof.lost_time.is_none());
    let asked = seen.holder().is_some_and(|holder| {
        holder.object.spec.adoption_policy == Some(AdoptionPolicy::IfProven) && !holder.asker.suspended
    });
    let proven = proof.is_some_and(|proof| proof.kind != ProofKind::None);
    me.policy.adoption && asked && proven && !identity.tags.contains_key(OWNER_TAG)
}
