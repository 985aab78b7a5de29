//! The possible steps on domains.

use sender_operator::{
    api::domain::{AdoptionPolicy, DeletionPolicy},
    cluster::store::StoreError,
    model::{admin_annotations::ActionKind, records::Doubt},
    ses::{ENVIRONMENT_TAG, OWNER_TAG, SesError},
};

use super::{StepKind, kind, scenario::DomainScenario};
use crate::{
    setup::DOMAIN,
    simulation::{HOW, How, SesCall, Simulation, StoreCall},
};

/// A domain, its parent, and a domain in a zone that the administrator delegated.
pub const DOMAINS: [&str; 3] = ["mail.example.com", DOMAIN, "shop.corp.example"];
/// Namespaces. The last one has no tenant label: it is its own tenant while it exists.
pub const NAMESPACES: [&str; 4] = ["quartz-ns", "basalt-ns", "garnet-ns", "zircon-ns"];
/// Tenants as labels, which may change.
pub const TENANTS: [&str; 3] = ["quartz-co", "basalt-co", "garnet-co"];

const D: usize = DOMAINS.len();
const N: usize = NAMESPACES.len();
/// Tenants by label, and the one without.
const T: usize = TENANTS.len() + 1;

fn object(namespace: usize, domain: usize) -> String {
    format!("{}/d{domain}", NAMESPACES[namespace])
}

/// A call to the API server fails; every other time with a conflict.
pub fn store_fails(sim: &Simulation, [call, how, times, _]: [usize; 4]) {
    let (how, error) = match how {
        1 => (How::Refused, StoreError::Conflict),
        how => (HOW[(call + how) % HOW.len()], StoreError::Unavailable),
    };
    sim.fail_store(StoreCall::ALL[call], "", how, error, times + 1);
}

/// Steps that lead to a takeover are frequent.
pub static STEPS: &[StepKind<DomainScenario>] = &[
    kind(36, "Apply", &[N, D, 4, 2], |scenario, [namespace, domain, retain, adopt]| {
        let name = object(namespace, domain);
        if !scenario.sim.exists(&name) {
            scenario.sim.apply_with(&name, DOMAINS[domain], |spec| {
                spec.deletion_policy = (retain == 0).then_some(DeletionPolicy::Retain);
                spec.adoption_policy = (adopt == 1).then_some(AdoptionPolicy::IfProven);
            });
        }
    }),
    kind(18, "Delete", &[N, D], |scenario, [namespace, domain, ..]| {
        if scenario.sim.exists(&object(namespace, domain)) {
            scenario.sim.delete(&object(namespace, domain));
        }
    }),
    kind(9, "Suspend", &[N, D, 2], |scenario, [namespace, domain, suspend, _]| {
        if scenario.sim.exists(&object(namespace, domain)) {
            scenario.sim.edit(&object(namespace, domain), |spec| spec.suspend = Some(suspend == 1));
        }
    }),
    kind(9, "Label", &[N, T], |scenario, [namespace, tenant, ..]| {
        scenario.labels[namespace] = (tenant < TENANTS.len()).then_some(tenant);
        scenario.label(namespace);
    }),
    kind(9, "MoveAway", &[N, 2], |scenario, [namespace, away, ..]| {
        scenario.away[namespace] = away == 1;
        scenario.label(namespace);
    }),
    kind(9, "RemakeNamespace", &[N], |scenario, [namespace, ..]| {
        scenario.sim.delete_namespace(NAMESPACES[namespace]);
        scenario.label(namespace);
    }),
    kind(32, "Prove", &[T, D], |scenario, [tenant, domain, ..]| {
        scenario.sim.publish_proof(&scenario.tenant(tenant), DOMAINS[domain]);
    }),
    kind(16, "Unprove", &[D], |scenario, [domain, ..]| scenario.sim.unpublish_proofs(DOMAINS[domain])),
    kind(24, "Publish", &[D], |scenario, [domain, ..]| scenario.sim.publish(DOMAINS[domain])),
    kind(8, "Unpublish", &[D], |scenario, [domain, ..]| scenario.sim.unpublish(DOMAINS[domain])),
    kind(3, "ResolverFails", &[3], |scenario, [how, ..]| match how {
        0 => scenario.sim.dns_denies(DOMAIN),
        1 => scenario.sim.dns_unknown(DOMAIN, Doubt::Timeout),
        _ => scenario.sim.dns_unknown("", Doubt::Timeout),
    }),
    kind(6, "SesFails", &[SesCall::ALL.len(), 3, 3], |scenario, [call, how, times, _]| {
        let error = [SesError::Server, SesError::Throttled, SesError::Busy][how].clone();
        // A throttled call has no effect.
        let how = if error == SesError::Throttled { How::Refused } else { HOW[(call + how) % HOW.len()] };
        scenario.sim.fail_ses(SesCall::ALL[call], how, &error, times + 1);
    }),
    kind(3, "StoreFails", &[StoreCall::ALL.len(), 3, 3], |scenario, chosen| store_fails(&scenario.sim, chosen)),
    kind(6, "Heal", &[], |scenario, _| scenario.sim.heal()),
    kind(6, "Restart", &[], |scenario, _| scenario.replicas.restart(&scenario.sim)),
    kind(6, "OtherLeads", &[], |scenario, _| scenario.replicas.change_leader()),
    kind(3, "HoldWatches", &[], |scenario, _| scenario.sim.hold_watches()),
    kind(6, "ReleaseWatches", &[], |scenario, _| scenario.sim.release_watches()),
    // Administrators.
    kind(3, "ForceRelease", &[D], |scenario, [domain, ..]| {
        scenario.sim.request_action(DOMAINS[domain], ActionKind::ForceRelease, "abuse");
    }),
    kind(3, "EndForceRelease", &[D], |scenario, [domain, ..]| {
        scenario.sim.withdraw(DOMAINS[domain], ActionKind::ForceRelease);
    }),
    kind(4, "Transfer", &[D, T], |scenario, [domain, tenant, ..]| {
        scenario.sim.request_action(DOMAINS[domain], ActionKind::Transfer, &scenario.tenant(tenant));
    }),
    kind(3, "EndTransfer", &[D], |scenario, [domain, ..]| {
        scenario.sim.withdraw(DOMAINS[domain], ActionKind::Transfer);
    }),
    kind(6, "ApproveNamespace", &[D, N], |scenario, [domain, namespace, ..]| {
        let uid = scenario.sim.namespace_uid(NAMESPACES[namespace]);
        scenario.sim.request_action(DOMAINS[domain], ActionKind::ApproveNamespace, &uid);
    }),
    kind(3, "ApproveRelease", &[D, 2], |scenario, [domain, approved, ..]| {
        if approved == 1 {
            scenario.sim.request_action(DOMAINS[domain], ActionKind::ApproveRelease, "yes");
        } else {
            scenario.sim.withdraw(DOMAINS[domain], ActionKind::ApproveRelease);
        }
    }),
    // Strangers in the AWS console.
    kind(7, "MadeByHand", &[D, 2], |scenario, [domain, tagged, ..]| {
        if scenario.sim.identity(DOMAINS[domain]).is_none() {
            // With our tags, like the identity of a lost claim.
            let tags = [(OWNER_TAG, "owner-1"), (ENVIRONMENT_TAG, "default")];
            scenario.sim.create_at_ses(DOMAINS[domain], if tagged == 1 { &tags } else { &[] });
        }
    }),
    kind(7, "DeletedByHand", &[D], |scenario, [domain, ..]| {
        if scenario.sim.identity(DOMAINS[domain]).is_some() {
            scenario.sim.delete_at_ses(DOMAINS[domain]);
        }
    }),
    kind(7, "SetUpByHand", &[D], |scenario, [domain, ..]| {
        if scenario.sim.identity(DOMAINS[domain]).is_some() {
            scenario.sim.at_ses(DOMAINS[domain], |identity| {
                identity.associations = vec!["granite".to_owned()];
                identity.set_up.policies = vec!["may-send".to_owned()];
                identity.set_up.mail_from = Some("bounce.example.com".to_owned());
            });
        }
    }),
];
