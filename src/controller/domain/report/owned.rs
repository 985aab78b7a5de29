//! The condition `Owned`: words for where a claimant stands.

use crate::{
    api::{conditions::Said, reasons::Reason},
    controller::domain::decide::{assess::Assessment, standing::Standing},
    model::{
        policy::Required,
        records::{Judgement, Wanted},
    },
};

/// Whether the claimant holds its domain.
pub fn owned(assessed: &Assessment<'_>, standing: &Standing) -> Said {
    let domain = &assessed.seen.domain;
    match standing {
        Standing::Held => Said::yes(Reason::Held, format!("This resource holds {domain}.")),
        Standing::ProofLost => proof_lost(assessed),
        Standing::Duplicate => Said::no(
            Reason::Duplicate,
            format!(
                "Another SenderDomain of the same tenant holds {domain}; this one takes over when that one is deleted. Delete one of them."
            ),
        ),
        Standing::ForceReleased => Said::no(
            Reason::ForceReleased,
            format!(
                "An administrator took {domain} from this tenant. Ask your administrator; the domain can be had again when the order is withdrawn."
            ),
        ),
        Standing::EnvironmentChanged => Said::no(
            Reason::EnvironmentChanged,
            format!(
                "This namespace belonged to another environment, and {domain} is still claimed there for this resource. It is claimed here when that has ended."
            ),
        ),
        Standing::Displaced => Said::no(
            Reason::Displaced,
            format!(
                "{domain} belongs to another tenant now. This one held it before, and its record of that time proves nothing any more. To get it back, the record in status.dnsRecords has to stand in DNS and the other tenant's be gone."
            ),
        ),
        Standing::OwnedByAnotherTenant => anothers(assessed),
        Standing::AnotherTenantReleasing => anothers_ending(assessed),
        Standing::Releasing => Said::no(
            Reason::Releasing,
            format!("The earlier SES identity of {domain} is being deleted; it is claimed anew when SES has let go."),
        ),
        Standing::Suspended => Said::no(
            Reason::Suspended,
            "Suspended before it had a claim. Set spec.suspend to false to claim the domain.",
        ),
        Standing::PublicSuffix => Said::no(
            Reason::PublicSuffix,
            format!(
                "{domain} is a public suffix: anybody can register names below it, so nobody can own its mail. Use a domain that is registered to you."
            ),
        ),
        Standing::Claiming => Said::no(Reason::Claiming, format!("{domain} is being claimed.")),
        Standing::NotDelegated => Said::no(
            Reason::NotDelegated,
            format!(
                "The settings of this installation give {domain}, or a zone above it, to other tenants. Ask your administrator."
            ),
        ),
        Standing::ChallengeUnknown(judged) => challenge_unknown(judged),
        Standing::ChallengeMissing(judged) => challenge_missing(judged),
    }
}

fn proof_lost(assessed: &Assessment<'_>) -> Said {
    let domain = &assessed.seen.domain;
    let (what, then) = match assessed.config.policy.required(domain) {
        Required::Delegation(_) => ("Ask your administrator to give the zone to this tenant", "that has the zone"),
        _ => ("Publish the record in status.dnsRecords", "that proves the domain"),
    };
    Said::yes(
        Reason::ProofLost,
        format!(
            "This resource holds {domain}, but nothing proves it any more. {what}: after the grace, another tenant {then} gets it."
        ),
    )
}

fn challenge_unknown((wanted, judgement): &(Wanted, Judgement)) -> Said {
    let finding = judgement.finding.as_deref().unwrap_or_default();
    let message = format!("{} could not be looked up yet. {finding}", wanted.name);
    Said::no(Reason::ChallengeUnknown, message.trim_end().to_owned())
}

/// The record that would prove the domain is not seen.
fn challenge_missing((wanted, judgement): &(Wanted, Judgement)) -> Said {
    let finding = judgement.finding.as_deref().unwrap_or_default();
    Said::no(
        Reason::ChallengeMissing,
        format!(
            "Publish the TXT record {} with the value {}: it proves that this tenant controls the domain. {finding}",
            wanted.name, wanted.value
        ),
    )
}

fn is_first_come(assessed: &Assessment<'_>) -> bool {
    assessed.config.policy.required(&assessed.seen.domain) == Required::FirstCome
}

fn anothers(assessed: &Assessment<'_>) -> Said {
    let domain = &assessed.seen.domain;
    let related = format!("{domain}, or a domain above or below it,");
    let what = if is_first_come(assessed) { related } else { domain.to_string() };
    Said::no(
        Reason::OwnedByAnotherTenant,
        format!(
            "{what} is owned by another tenant. It can be claimed once that tenant lets go; your administrator can see who it is."
        ),
    )
}

fn anothers_ending(assessed: &Assessment<'_>) -> Said {
    let domain = &assessed.seen.domain;
    let (what, then) = if is_first_come(assessed) {
        (format!("{domain}, or on a domain above or below it,"), "after that")
    } else {
        (domain.to_string(), "after that, or as soon as the record in status.dnsRecords proves it")
    };
    Said::no(
        Reason::AnotherTenantReleasing,
        format!("Another tenant's claim on {what} is ending. It is claimed for this resource {then}."),
    )
}
