//! The condition `Owned`.

use super::facts::{Candidate, Installation, Observed};
use crate::{
    api::{conditions::Said, reasons::Reason},
    model::{
        claim::State,
        ownership::{Block, first_come::block_for},
        policy::Required,
        proof::Consent,
        records::RecordState,
        suffix::is_public_suffix,
    },
};

/// Whether the candidate holds its domain.
pub(super) fn owned(me: &Installation, seen: &Observed, candidate: &Candidate) -> Said {
    let asker = &candidate.asker;
    let domain = &seen.domain;
    let claim = seen.claim.as_ref().map(|stored| &stored.claim);
    let same_tenant = claim.is_some_and(|claim| claim.tenant.as_ref() == Some(&asker.tenant));
    if claim.is_some_and(|claim| claim.barred.as_ref() == Some(&asker.tenant)) {
        return Said::no(
            Reason::ForceReleased,
            format!(
                "An administrator took {domain} from this tenant. Ask your administrator; the domain can be had again when the order is withdrawn."
            ),
        );
    }
    if seen.elsewhere.contains(&asker.object.uid) && !same_tenant {
        return Said::no(
            Reason::EnvironmentChanged,
            format!(
                "This namespace belonged to another environment, and {domain} is still claimed there for this resource. It is claimed here when that has ended."
            ),
        );
    }
    match claim.map(|claim| claim.state) {
        Some(State::Held) if same_tenant => held(me, seen, candidate),
        Some(State::Held) if claim.is_some_and(|claim| claim.history.has_lost(&asker.tenant)) => Said::no(
            Reason::Displaced,
            format!(
                "{domain} belongs to another tenant now. This one held it before, and its record of that time proves nothing any more. To get it back, the record in status.dnsRecords has to stand in DNS and the other tenant's be gone."
            ),
        ),
        Some(State::Held) => anothers(me, seen),
        Some(State::Releasing) if same_tenant && !asker.suspended => Said::no(
            Reason::Releasing,
            format!("The earlier SES identity of {domain} is being deleted; it is claimed anew when SES has let go."),
        ),
        _ if asker.suspended => Said::no(
            Reason::Suspended,
            "Suspended before it had a claim. Set spec.suspend to false to claim the domain.",
        ),
        Some(State::Releasing) if claim.is_some_and(|claim| claim.tenant.is_some()) && !proves(me, seen, candidate) => {
            anothers_ending(me, seen)
        }
        _ => asking(me, seen, candidate),
    }
}

fn held(me: &Installation, seen: &Observed, candidate: &Candidate) -> Said {
    let domain = &seen.domain;
    let claim = seen.claim.as_ref().map(|stored| &stored.claim);
    let holder = claim.and_then(|claim| claim.holder.as_ref());
    if holder.is_none_or(|holder| holder.uid != candidate.asker.object.uid) {
        return Said::no(
            Reason::Duplicate,
            format!(
                "Another SenderDomain of the same tenant holds {domain}; this one takes over when that one is deleted. Delete one of them."
            ),
        );
    }
    if claim.and_then(|claim| claim.proof.as_ref()).is_some_and(|proof| proof.lost_time.is_some()) {
        let (what, then) = match me.policy.required(domain) {
            Required::Delegation(_) => ("Ask your administrator to give the zone to this tenant", "that has the zone"),
            _ => ("Publish the record in status.dnsRecords", "that proves the domain"),
        };
        return Said::yes(
            Reason::ProofLost,
            format!(
                "This resource holds {domain}, but nothing proves it any more. {what}: after the grace, another tenant {then} gets it."
            ),
        );
    }
    Said::yes(Reason::Held, format!("This resource holds {domain}."))
}

fn proves(me: &Installation, seen: &Observed, candidate: &Candidate) -> bool {
    me.policy.required(&seen.domain) != Required::FirstCome
        && matches!(seen.consent(me, &candidate.asker.tenant), Consent::Seen(_))
}

/// Nobody holds the domain yet.
fn asking(me: &Installation, seen: &Observed, candidate: &Candidate) -> Said {
    let domain = &seen.domain;
    if is_public_suffix(domain) {
        return Said::no(
            Reason::PublicSuffix,
            format!(
                "{domain} is a public suffix: anybody can register names below it, so nobody can own its mail. Use a domain that is registered to you."
            ),
        );
    }
    match me.policy.required(domain) {
        Required::FirstCome => {
            match block_for(&candidate.asker.tenant, domain, seen.related.as_deref().unwrap_or_default()) {
                Some(Block::AnotherTenantReleasing) => anothers_ending(me, seen),
                Some(_) => anothers(me, seen),
                None => Said::no(Reason::Claiming, format!("{domain} is being claimed.")),
            }
        }
        _ if proves(me, seen, candidate) => Said::no(Reason::Claiming, format!("{domain} is being claimed.")),
        Required::Delegation(_) => Said::no(
            Reason::NotDelegated,
            format!(
                "The settings of this installation give {domain}, or a zone above it, to other tenants. Ask your administrator."
            ),
        ),
        Required::Challenge => unproven(me, seen, candidate),
    }
}

/// The record that would prove the domain is not seen.
fn unproven(me: &Installation, seen: &Observed, candidate: &Candidate) -> Said {
    let Some((wanted, judgement)) = seen.judged_challenge(me, &candidate.asker.tenant) else {
        return Said::no(Reason::Claiming, format!("{} is being claimed.", seen.domain));
    };
    let finding = judgement.finding.unwrap_or_default();
    if judgement.state == RecordState::Unknown {
        let message = format!("{} could not be looked up yet. {finding}", wanted.name);
        return Said::no(Reason::ChallengeUnknown, message.trim_end().to_owned());
    }
    Said::no(
        Reason::ChallengeMissing,
        format!(
            "Publish the TXT record {} with the value {}: it proves that this tenant controls the domain. {finding}",
            wanted.name, wanted.value
        ),
    )
}

fn anothers(me: &Installation, seen: &Observed) -> Said {
    let domain = &seen.domain;
    let first_come = me.policy.required(domain) == Required::FirstCome;
    let what = if first_come { format!("{domain}, or a domain above or below it,") } else { domain.to_string() };
    Said::no(
        Reason::OwnedByAnotherTenant,
        format!(
            "{what} is owned by another tenant. It can be claimed once that tenant lets go; your administrator can see who it is."
        ),
    )
}

fn anothers_ending(me: &Installation, seen: &Observed) -> Said {
    let domain = &seen.domain;
    let first_come = me.policy.required(domain) == Required::FirstCome;
    let what = if first_come { format!("{domain}, or on a domain above or below it,") } else { domain.to_string() };
    let then =
        if first_come { "after that" } else { "after that, or as soon as the record in status.dnsRecords proves it" };
    Said::no(
        Reason::AnotherTenantReleasing,
        format!("Another tenant's claim on {what} is ending. It is claimed for this resource {then}."),
    )
}
