//! The condition `Owned`: reason and message for the standing of a claimant.

use crate::{
    api::{conditions::ConditionValue, reasons::Reason},
    controller::domain::decide::{assess::Assessment, standing::DomainStanding},
    model::{
        name::Domain,
        proof_policy::Required,
        records::{Judgement, Wanted},
    },
};

/// Whether the claimant holds its domain.
pub fn owned(assessed: &Assessment<'_>, standing: &DomainStanding) -> ConditionValue {
    let domain = &assessed.observation.domain;
    match standing {
        DomainStanding::Held => ConditionValue::yes(Reason::Held, format!("This resource holds {domain}.")),
        DomainStanding::ProofLost => proof_lost(assessed),
        DomainStanding::Duplicate => ConditionValue::no(
            Reason::Duplicate,
            format!(
                "Another SenderDomain of this tenant holds {domain}. Delete one of the two. The remaining one holds the domain."
            ),
        ),
        DomainStanding::ForceReleased => ConditionValue::no(
            Reason::ForceReleased,
            format!(
                "An administrator revoked this tenant's claim on {domain}. Ask your administrator. The tenant can claim it again after the annotation on the claim is removed."
            ),
        ),
        DomainStanding::EnvironmentChanged => ConditionValue::no(
            Reason::EnvironmentChanged,
            format!(
                "The environment that previously served this namespace still has a claim on {domain} for this resource. Wait. The domain is claimed here when that claim ends."
            ),
        ),
        DomainStanding::Displaced => ConditionValue::no(
            Reason::Displaced,
            format!(
                "Another tenant now owns {domain}, and this tenant's earlier record is no longer valid. To regain the domain, publish the record in status.dnsRecords and have the other tenant's record removed."
            ),
        ),
        DomainStanding::OwnedByAnotherTenant => anothers(assessed),
        DomainStanding::AnotherTenantReleasing => anothers_ending(assessed),
        DomainStanding::Releasing => ConditionValue::no(
            Reason::Releasing,
            format!(
                "The previous SES identity of {domain} is being deleted. Wait. The operator then claims the domain again."
            ),
        ),
        DomainStanding::Suspended => ConditionValue::no(
            Reason::Suspended,
            format!("This resource was suspended before it had a claim. Set spec.suspend to false to claim {domain}."),
        ),
        DomainStanding::PublicSuffix => ConditionValue::no(
            Reason::PublicSuffix,
            format!(
                "{domain} is a public suffix: anyone can register names below it. Use a domain that is registered to you."
            ),
        ),
        DomainStanding::Claiming => {
            ConditionValue::no(Reason::Claiming, format!("The claim on {domain} is being created. Wait a few seconds."))
        }
        DomainStanding::OpenDomainLimit => ConditionValue::no(
            Reason::OpenDomainLimit,
            format!(
                "This tenant has too many unproven domains, so {domain} is not looked up yet. Prove control of older domains or delete them, or ask your administrator to raise the limit (--open-domains-per-tenant)."
            ),
        ),
        DomainStanding::NotDelegated => ConditionValue::no(
            Reason::NotDelegated,
            format!(
                "The settings of this environment delegate {domain} or a parent zone to other tenants. Ask your administrator."
            ),
        ),
        DomainStanding::ChallengeUnknown(judged) => challenge_unknown(judged),
        DomainStanding::ChallengeMissing(judged) => challenge_missing(domain, judged),
    }
}

fn proof_lost(assessed: &Assessment<'_>) -> ConditionValue {
    let domain = &assessed.observation.domain;
    let message = match assessed.config.policy.required(domain) {
        Required::Delegation(_) => format!(
            "This resource holds {domain}, but the zone is no longer delegated to this tenant. Ask your administrator to delegate it. After the grace period, another tenant with the delegation gets the domain."
        ),
        _ => format!(
            "This resource holds {domain}, but its TXT record is gone. Publish the record in status.dnsRecords. After the grace period, another tenant that proves control of the domain gets it."
        ),
    };
    ConditionValue::yes(Reason::ProofLost, message)
}

fn challenge_unknown((wanted, judgement): &(Wanted, Judgement)) -> ConditionValue {
    let finding = judgement.finding.as_deref().unwrap_or_default();
    let name = &wanted.name;
    let message = format!("The TXT record {name} could not be looked up. The operator retries. {finding}");
    ConditionValue::no(Reason::ChallengeUnknown, message.trim_end().to_owned())
}

/// The record that would prove the domain is not seen.
fn challenge_missing(domain: &Domain, (wanted, judgement): &(Wanted, Judgement)) -> ConditionValue {
    let finding = judgement.finding.as_deref().unwrap_or_default();
    ConditionValue::no(
        Reason::ChallengeMissing,
        format!(
            "This tenant has not proven control of {domain}. Publish the TXT record {name} with the value {value}. {finding}",
            name = wanted.name,
            value = wanted.value
        ),
    )
}

fn is_first_come(assessed: &Assessment<'_>) -> bool {
    assessed.config.policy.required(&assessed.observation.domain) == Required::FirstCome
}

fn anothers(assessed: &Assessment<'_>) -> ConditionValue {
    let domain = &assessed.observation.domain;
    let message = if is_first_come(assessed) {
        format!(
            "Another tenant owns {domain} or one of its parent domains or subdomains. Wait for its release, or ask your administrator, who can see the owner."
        )
    } else {
        format!("Another tenant owns {domain}. Wait for its release, or ask your administrator, who can see the owner.")
    };
    ConditionValue::no(Reason::OwnedByAnotherTenant, message)
}

fn anothers_ending(assessed: &Assessment<'_>) -> ConditionValue {
    let domain = &assessed.observation.domain;
    let message = if is_first_come(assessed) {
        format!(
            "Another tenant is releasing {domain} or one of its parent domains or subdomains. Wait. The operator then claims the domain for this resource."
        )
    } else {
        format!(
            "Another tenant is releasing {domain}. Wait until the release is complete, or publish the record in status.dnsRecords to get the domain immediately."
        )
    };
    ConditionValue::no(Reason::AnotherTenantReleasing, message)
}
