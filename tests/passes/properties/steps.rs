//! What can happen to domains.

use sender_operator::{
    api::domain::{AdoptionPolicy, DeletionPolicy},
    cluster::store::StoreError,
    model::{orders::Verb, records::Doubt},
    ses::{ENVIRONMENT_TAG, OWNER_TAG, SesError},
};

use super::{Kind, kind, stage::Stage};
use crate::{
    setup::DOMAIN,
    world::{HOW, How, STORE_CALLS, SesCall, World},
};

/// A domain, and one above it; one in a zone that the administrator gave away.
pub const DOMAINS: [&str; 3] = ["mail.example.com", DOMAIN, "shop.corp.example"];
/// Namespaces. The last one has no tenant's label: it is a tenant itself, as long as it lives.
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

/// A call to the API server fails; in every other case as if somebody else had been faster.
pub fn store_fails(world: &World, calls: &[crate::world::StoreCall], [call, how, times, _]: [usize; 4]) {
    let (how, error) = match how {
        1 => (How::Refused, StoreError::Conflict),
        how => (HOW[(call + how) % HOW.len()], StoreError::Unavailable),
    };
    world.fail_store(calls[call % calls.len()], "", how, error, times + 1);
}

/// Steps by which a domain changes hands come often.
pub static STEPS: &[Kind<Stage>] = &[
    kind(36, "Apply", &[N, D, 4, 2], |stage, [namespace, domain, retain, adopt]| {
        let name = object(namespace, domain);
        if !stage.world.exists(&name) {
            stage.world.apply_with(&name, DOMAINS[domain], |spec| {
                spec.deletion_policy = (retain == 0).then_some(DeletionPolicy::Retain);
                spec.adoption_policy = (adopt == 1).then_some(AdoptionPolicy::IfProven);
            });
        }
    }),
    kind(18, "Delete", &[N, D], |stage, [namespace, domain, ..]| {
        if stage.world.exists(&object(namespace, domain)) {
            stage.world.delete(&object(namespace, domain));
        }
    }),
    kind(9, "Suspend", &[N, D, 2], |stage, [namespace, domain, suspend, _]| {
        if stage.world.exists(&object(namespace, domain)) {
            stage.world.edit(&object(namespace, domain), |spec| spec.suspend = Some(suspend == 1));
        }
    }),
    kind(9, "Label", &[N, T], |stage, [namespace, tenant, ..]| {
        stage.labels[namespace] = (tenant < TENANTS.len()).then_some(tenant);
        stage.label(namespace);
    }),
    kind(9, "MoveAway", &[N, 2], |stage, [namespace, away, ..]| {
        stage.away[namespace] = away == 1;
        stage.label(namespace);
    }),
    kind(9, "RemakeNamespace", &[N], |stage, [namespace, ..]| {
        stage.world.delete_namespace(NAMESPACES[namespace]);
        stage.label(namespace);
    }),
    kind(32, "Prove", &[T, D], |stage, [tenant, domain, ..]| {
        stage.world.publish_proof(&stage.tenant(tenant), DOMAINS[domain]);
    }),
    kind(16, "Unprove", &[D], |stage, [domain, ..]| stage.world.unpublish_proofs(DOMAINS[domain])),
    kind(24, "Publish", &[D], |stage, [domain, ..]| stage.world.publish(DOMAINS[domain])),
    kind(8, "Unpublish", &[D], |stage, [domain, ..]| stage.world.unpublish(DOMAINS[domain])),
    kind(3, "ResolverFails", &[3], |stage, [how, ..]| match how {
        0 => stage.world.dns_denies(DOMAIN),
        1 => stage.world.dns_unknown(DOMAIN, Doubt::Timeout),
        _ => stage.world.dns_unknown("", Doubt::Timeout),
    }),
    kind(6, "SesFails", &[SesCall::ALL.len(), 3, 3], |stage, [call, how, times, _]| {
        let error = [SesError::Server, SesError::Throttled, SesError::Busy][how].clone();
        // What is throttled has no effect.
        let how = if error == SesError::Throttled { How::Refused } else { HOW[(call + how) % HOW.len()] };
        stage.world.fail_ses(SesCall::ALL[call], how, &error, times + 1);
    }),
    kind(3, "StoreFails", &[STORE_CALLS.len(), 3, 3], |stage, chosen| store_fails(&stage.world, &STORE_CALLS, chosen)),
    kind(6, "Heal", &[], |stage, _| stage.world.heal()),
    kind(6, "Restart", &[], |stage, _| stage.replicas.restart(&stage.world)),
    kind(6, "OtherLeads", &[], |stage, _| stage.replicas.change_leader()),
    kind(3, "HoldWatches", &[], |stage, _| stage.world.hold_watches()),
    kind(6, "ReleaseWatches", &[], |stage, _| stage.world.release_watches()),
    // Administrators.
    kind(3, "ForceRelease", &[D], |stage, [domain, ..]| {
        stage.world.order(DOMAINS[domain], Verb::ForceRelease, "abuse");
    }),
    kind(3, "EndForceRelease", &[D], |stage, [domain, ..]| {
        stage.world.withdraw(DOMAINS[domain], Verb::ForceRelease);
    }),
    kind(4, "Transfer", &[D, T], |stage, [domain, tenant, ..]| {
        stage.world.order(DOMAINS[domain], Verb::Transfer, &stage.tenant(tenant));
    }),
    kind(3, "EndTransfer", &[D], |stage, [domain, ..]| {
        stage.world.withdraw(DOMAINS[domain], Verb::Transfer);
    }),
    kind(6, "ApproveNamespace", &[D, N], |stage, [domain, namespace, ..]| {
        let uid = stage.world.namespace_uid(NAMESPACES[namespace]);
        stage.world.order(DOMAINS[domain], Verb::ApproveNamespace, &uid);
    }),
    kind(3, "ApproveRelease", &[D, 2], |stage, [domain, approved, ..]| {
        if approved == 1 {
            stage.world.order(DOMAINS[domain], Verb::ApproveRelease, "yes");
        } else {
            stage.world.withdraw(DOMAINS[domain], Verb::ApproveRelease);
        }
    }),
    // Strangers in the AWS console.
    kind(7, "MadeByHand", &[D, 2], |stage, [domain, tagged, ..]| {
        if stage.world.identity(DOMAINS[domain]).is_none() {
            // With our tags: what a claim that was lost has left.
            let tags = [(OWNER_TAG, "owner-1"), (ENVIRONMENT_TAG, "default")];
            stage.world.create_at_ses(DOMAINS[domain], if tagged == 1 { &tags } else { &[] });
        }
    }),
    kind(7, "DeletedByHand", &[D], |stage, [domain, ..]| {
        if stage.world.identity(DOMAINS[domain]).is_some() {
            stage.world.delete_at_ses(DOMAINS[domain]);
        }
    }),
    kind(7, "SetUpByHand", &[D], |stage, [domain, ..]| {
        if stage.world.identity(DOMAINS[domain]).is_some() {
            stage.world.at_ses(DOMAINS[domain], |identity| {
                identity.associations = vec!["granite".to_owned()];
                identity.set_up.policies = vec!["may-send".to_owned()];
                identity.set_up.mail_from = Some("bounce.example.com".to_owned());
            });
        }
    }),
];
