//! The status of each claimant: conditions, DNS records and the state at SES. Pure: it words an assessment and decides
//! nothing.
//!
//! | situation | Ready | extra |
//! | --- | --- | --- |
//! | waiting for DNS or SES; drift under repair; another tenant is releasing; AWS down, never Ready | False | Reconciling |
//! | owned by another tenant, duplicate, public suffix, foreign identity | False | Stalled |
//! | suspended; dry run with a plan | False | |
//! | record gone while SES still sends; AWS or DNS down, was Ready | True | |

use super::{
    dkim_ready::dkim_ready,
    identity_verified::{identity_status, identity_verified},
    owned::owned,
    ready::ready,
};
use crate::{
    api::{
        SenderDomainStatus,
        conditions::{ConditionValue, ConditionValues, build, with_summary},
        domain::{DnsRecord, Purpose},
        reasons::Reason,
    },
    controller::domain::{
        decide::assess::{Assessment, IdentityState},
        observe::observation::DomainResource,
    },
    model::{
        claim::State,
        records::{Judgement, Requirement, Wanted},
        suffix::is_public_suffix,
    },
};

/// The status of one claimant.
pub fn status(assessed: &Assessment<'_>, resource: &DomainResource) -> SenderDomainStatus {
    let observation = assessed.observation;
    let previous = resource.object.status.clone().unwrap_or_default();
    let generation = resource.object.metadata.generation.unwrap_or_default();
    let standing = assessed.standing(resource);
    let (holds, owned) = (standing.holds(), owned(assessed, &standing));
    let values = if holds { held(assessed, resource, owned) } else { not_held(assessed, owned) };
    let mut status = SenderDomainStatus {
        observed_generation: generation,
        conditions: build(&values, &previous.conditions, generation, assessed.now),
        ..SenderDomainStatus::default()
    };
    status.dns_records = challenge(assessed, resource, holds).into_iter().collect();
    // While no tenant has proven the domain, every claimant gets all its records.
    let open = observation.claim.as_ref().is_some_and(|stored| stored.claim.state == State::Provisional);
    if holds || (open && status.dns_records.len() == 1) {
        match assessed.identity {
            IdentityState::Ours(identity) => {
                status.identity = holds.then(|| identity_status(assessed, identity));
                let judged = assessed.records.iter().cloned();
                status.dns_records.extend(judged.map(|judged| record(judged, Requirement::Required)));
            }
            // Not read yet, after a restart perhaps: what was reported before stays until it is known better.
            IdentityState::Unknown | IdentityState::Stale => {
                status.identity = previous.identity.filter(|_| holds);
                let kept = previous.dns_records.into_iter().filter(|record| record.purpose != Purpose::Ownership);
                status.dns_records.extend(kept);
            }
            IdentityState::Absent | IdentityState::Foreign(_) => {}
        }
    }
    status
}

/// The record that proves the domain: of the holder, of who can still get it, and of who would get it if the holder
/// lost it.
fn challenge(assessed: &Assessment<'_>, resource: &DomainResource, holds: bool) -> Option<DnsRecord> {
    let (observation, tenant) = (assessed.observation, &resource.claimant.tenant);
    let claim = observation.claim.as_ref().map(|stored| &stored.claim);
    let anothers = claim.is_some_and(|claim| claim.state == State::Held && claim.tenant.as_ref() != Some(tenant));
    let requirement = if anothers && !holds { Requirement::Advised } else { Requirement::Required };
    if is_public_suffix(&observation.domain) {
        return None;
    }
    assessed.judged_challenge(tenant).map(|judged| record(judged, requirement))
}

fn record((wanted, judgement): (Wanted, Judgement), requirement: Requirement) -> DnsRecord {
    DnsRecord {
        purpose: wanted.purpose,
        record_type: wanted.record_type,
        name: wanted.name,
        value: wanted.value,
        requirement,
        state: judgement.state,
        observed: judgement.observed,
        finding: judgement.finding,
    }
}

fn not_held(assessed: &Assessment<'_>, owned: ConditionValue) -> ConditionValues {
    let stalled = owned.reason.stalls();
    let unchecked = |message: &str| ConditionValue::unknown(Reason::NotOwned, message);
    let identity = unchecked("The SES identity is not checked until this resource holds the domain.");
    let dkim = unchecked("DKIM is not checked until this resource holds the domain.");
    let mut ready = ConditionValue::no(owned.reason, owned.message.clone());
    if let Some(plan) = assessed.observation.progress.plan.as_ref().filter(|_| !stalled) {
        ready = ConditionValue::no(Reason::DryRun, format!("Dry run: the operator {plan}."));
    }
    with_summary(vec![("Owned", owned), ("IdentityVerified", identity), ("DkimReady", dkim)], ready)
}

fn held(assessed: &Assessment<'_>, resource: &DomainResource, owned: ConditionValue) -> ConditionValues {
    let identity = identity_verified(assessed);
    let dkim = dkim_ready(assessed);
    let ready = ready(assessed, resource, &identity, &dkim);
    with_summary(vec![("Owned", owned), ("IdentityVerified", identity), ("DkimReady", dkim)], ready)
}
