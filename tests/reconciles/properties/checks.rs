//! The expected state at rest.

use jiff::SignedDuration;
use sender_operator::{api::conditions::is_true, model::claim::State, ses::CLAIM_TAG};

use super::{
    scenario::DomainScenario,
    steps::{NAMESPACES, TENANTS},
};

/// Differences from the expected state.
pub fn at_rest(scenario: &DomainScenario) -> Vec<String> {
    let mut faults = Vec::new();
    let sim = &scenario.sim;
    // An identity created by hand with our tags remains until a tenant proves the domain.
    let made = |domain: &String| sim.identity(domain).is_some_and(|identity| identity.tags.contains_key(CLAIM_TAG));
    for orphan in sim.orphans().into_iter().filter(made) {
        faults.push(format!("{orphan}: an identity of ours without a claim"));
    }
    let objects = sim.all_objects();
    for (name, stored) in sim.all_claims() {
        let claim = &stored.claim;
        let holder = claim.holder.as_ref().filter(|_| claim.state == State::Held);
        let there = |uid: &String| objects.iter().any(|object| object.metadata.uid.as_ref() == Some(uid));
        if let Some(holder) = holder.filter(|holder| !there(&holder.uid)) {
            faults.push(format!("{name}: held by {} in {}, which is gone", holder.name, holder.namespace));
        }
        // A claim that was released after the approvals may wait for one.
        let since = claim.releasing_time.map(|since| sim.now().duration_since(since)).unwrap_or_default();
        if claim.state == State::Releasing && since > SignedDuration::from_mins(200) {
            faults.push(format!("{name}: still Releasing"));
        }
        let identity = sim.identity(claim.subject.domain.as_str());
        let ours = identity.as_ref().is_some_and(|identity| identity.tags.get(CLAIM_TAG) == Some(&stored.uid));
        if claim.state == State::Released && ours && !claim.identity.retained {
            faults.push(format!("{name}: Released, but its identity exists and was not retained"));
        }
        let suspended = |uid: &String| {
            objects.iter().any(|object| object.metadata.uid.as_ref() == Some(uid) && object.spec.suspend == Some(true))
        };
        if claim.identity.takeover_pending
            && ours
            && !holder.is_some_and(|holder| suspended(&holder.uid))
            && holder.is_some()
        {
            faults.push(format!("{name}: a takeover without an end"));
        }
    }
    for object in &objects {
        let ready = object.status.as_ref().is_some_and(|status| is_true(&status.conditions, "Ready"));
        let uid = object.metadata.uid.as_ref();
        let holds = sim.all_claims().iter().any(|(_, stored)| {
            stored.claim.state == State::Held && stored.claim.holder.as_ref().map(|holder| &holder.uid) == uid
        });
        if ready && !holds {
            faults.push(format!("{:?}: Ready without holding the domain", object.metadata.name));
        }
        let generation = object.status.as_ref().map(|status| status.observed_generation);
        if generation != object.metadata.generation {
            faults.push(format!("{:?}: not observed", object.metadata.name));
        }
    }
    faults
}

/// Names of other tenants in what a tenant can read, and of any tenant in the metrics.
pub fn names(scenario: &DomainScenario) -> Vec<String> {
    let mut faults = Vec::new();
    let all = || NAMESPACES.iter().chain(&TENANTS);
    for (namespace, text) in scenario.sim.told_to_tenants() {
        // Everybody in a namespace may know the names of the namespace and of its tenant. Labels change, so no label
        // counts as its own.
        faults.extend(
            all()
                .filter(|name| **name != namespace && text.contains(**name))
                .map(|name| format!("{namespace} can read {name}: {text}")),
        );
    }
    for operator in scenario.replicas.all().iter().chain([&scenario.other]) {
        let metrics = operator.all_metrics();
        faults.extend(all().filter(|name| metrics.contains(**name)).map(|name| format!("metrics contain {name}")));
    }
    faults
}
