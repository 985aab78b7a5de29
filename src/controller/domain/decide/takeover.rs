//! Takeover of an identity that a former holder used or that was created by hand. Pure.
//!
//! Policies, a MAIL FROM domain, a default configuration set and associations with SES tenants are rights or can be
//! misused. They are removed before the domain is Ready for its new holder.

use super::{
    assess::Assessment,
    step::{Decision, ForeignSetting, Read, Write, read, swap, write},
};
use crate::{
    api::domain::AdoptionPolicy,
    clock::after,
    model::{
        claim::{Claim, ClaimedIdentity, State, StoredClaim},
        proof::ProofKind,
    },
    ses::{Identity, OWNER_TAG},
};

/// The next step of a takeover. The claim marks it as pending until all foreign settings are observed to be gone.
pub(super) fn complete(assessed: &Assessment<'_>, stored: &StoredClaim, identity: &Identity) -> Decision {
    if !assessed.observation.live.identity {
        return read(Read::Identity);
    }
    if assessed.observation.live.associations.is_none() {
        return read(Read::Associations);
    }
    let foreign_settings = foreign_settings(assessed, identity);
    if !foreign_settings.is_empty() {
        // Right after a removal, SES may still show an old setting; check it again later.
        let again = Decision::Settled(Some(after(assessed.now, assessed.config.poll_interval)));
        return if assessed.observation.live.written_to_ses {
            again
        } else {
            write(Write::RemoveForeignSettings(foreign_settings))
        };
    }
    if assessed.observation.live.addresses.is_none() {
        return read(Read::Addresses);
    }
    let claimed = ClaimedIdentity { takeover_pending: false, ..stored.claim.identity.clone() };
    swap(Claim { identity: claimed, ..stored.claim.clone() })
}

/// Foreign settings on an identity.
fn foreign_settings(assessed: &Assessment<'_>, identity: &Identity) -> Vec<ForeignSetting> {
    let set_up = &identity.set_up;
    let associations = associations(assessed);
    let policies = set_up.policies.iter().cloned().map(ForeignSetting::Policy);
    let mail_from = set_up.mail_from.as_ref().map(|_| ForeignSetting::MailFrom);
    let configuration_set = set_up.configuration_set.as_ref().map(|_| ForeignSetting::ConfigurationSet);
    associations.into_iter().chain(policies).chain(mail_from).chain(configuration_set).collect()
}

/// The observed associations with SES tenants.
pub(super) fn associations(assessed: &Assessment<'_>) -> Vec<ForeignSetting> {
    assessed.observation.live.associations.iter().flatten().cloned().map(ForeignSetting::Association).collect()
}

/// The next step towards the adoption of a foreign identity, if it is allowed. The resource must request it, the
/// settings must allow it, the tenant must have a proof, and the identity must have no owner tag.
pub(super) fn adopt(assessed: &Assessment<'_>, stored: &StoredClaim, identity: &Identity) -> Option<Decision> {
    if !may_adopt(assessed, identity) {
        return None;
    }
    let claimed = ClaimedIdentity { adopted: true, takeover_pending: true, ..stored.claim.identity.clone() };
    // Another owner may have tagged it since the last read.
    if !assessed.observation.live.identity && !assessed.observation.live.written_to_ses {
        return Some(read(Read::Identity));
    }
    if stored.claim.identity != claimed {
        return Some(swap(Claim { identity: claimed, ..stored.claim.clone() }));
    }
    (!assessed.observation.live.written_to_ses).then_some(write(Write::Adopt))
}

/// Whether the identity may be adopted.
fn may_adopt(assessed: &Assessment<'_>, identity: &Identity) -> bool {
    let claim =
        assessed.observation.claim.as_ref().map(|stored| &stored.claim).filter(|claim| claim.state == State::Held);
    let proof = claim.and_then(|claim| claim.proof.as_ref()).filter(|proof| proof.lost_time.is_none());
    let asked = assessed.observation.holder().is_some_and(|holder| {
        holder.object.spec.adoption_policy == Some(AdoptionPolicy::IfProven) && !holder.claimant.suspended
    });
    let proven = proof.is_some_and(|proof| proof.kind != ProofKind::None);
    assessed.config.policy.adoption && asked && proven && !identity.tags.contains_key(OWNER_TAG)
}
