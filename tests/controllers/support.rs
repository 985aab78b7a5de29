//! What the scenarios share: sender domains as tenants apply and read them.

use anyhow::ensure;
use kube::{
    Api,
    api::{DeleteParams, Patch, PatchParams},
};
use sender_operator::api::{SenderClaim, SenderDomain};
pub use sender_operator_harness::controlplane::PATIENT;
use sender_operator_harness::{Tenant, World, eventually, lint::lint};
use serde_json::{Value, json};
use ses_simulator::Call;

/// The manifest of a sender domain; `spec` adds to `domain`.
pub fn manifest(name: &str, domain: &str, spec: &Value) -> Value {
    let mut all = json!({ "domain": domain });
    for (key, value) in spec.as_object().into_iter().flatten() {
        all[key] = value.clone();
    }
    json!({
        "apiVersion": "sender-operator.io/v1alpha1", "kind": "SenderDomain",
        "metadata": { "name": name }, "spec": all,
    })
}

/// The tenant's sender domains.
pub fn domains(tenant: &Tenant<'_>) -> Api<SenderDomain> {
    Api::namespaced(tenant.client.clone(), &tenant.namespace)
}

/// Applies as the tenant's user.
pub async fn apply(tenant: &Tenant<'_>, name: &str, domain: &str, spec: Value) -> anyhow::Result<()> {
    let params = PatchParams::apply("a-tenant").force();
    domains(tenant).patch(name, &params, &Patch::Apply(manifest(name, domain, &spec))).await?;
    Ok(())
}

/// Deletes as the tenant's user.
pub async fn delete(tenant: &Tenant<'_>, name: &str) -> anyhow::Result<()> {
    domains(tenant).delete(name, &DeleteParams::default()).await?;
    Ok(())
}

/// `status/reason` of a condition, or `-`.
pub fn condition(object: &SenderDomain, type_: &str) -> String {
    let conditions = object.status.iter().flat_map(|status| &status.conditions);
    let found = conditions.into_iter().find(|condition| condition.type_ == type_);
    found.map_or_else(|| "-".to_owned(), |condition| format!("{}/{}", condition.status, condition.reason))
}

/// The message of a condition.
pub fn message(object: &SenderDomain, type_: &str) -> String {
    let conditions = object.status.iter().flat_map(|status| &status.conditions);
    conditions.into_iter().find(|c| c.type_ == type_).map(|c| c.message.clone()).unwrap_or_default()
}

/// Waits until a condition is `status/reason`; every status seen on the way is linted.
pub async fn becomes(tenant: &Tenant<'_>, name: &str, type_: &str, expected: &str) -> anyhow::Result<SenderDomain> {
    let api = domains(tenant);
    eventually(&format!("{name}: {type_} is {expected}"), async || {
        let object = api.get(name).await.map_err(|error| error.to_string())?;
        let faults = lint(&object);
        assert!(faults.is_empty(), "the status breaks its rules: {faults:#?}\n{:#?}", object.status);
        if condition(&object, type_) == expected {
            Ok(object)
        } else {
            Err(format!("{} {:#?}", condition(&object, type_), object.status))
        }
    })
    .await
}

/// Waits until the domain is Ready.
pub async fn ready(tenant: &Tenant<'_>, name: &str) -> anyhow::Result<SenderDomain> {
    becomes(tenant, name, "Ready", "True/Ready").await
}

/// Applies a domain, publishes its records as soon as SES has issued them, and waits until it is Ready.
pub async fn apply_until_ready(
    world: &World<'_>,
    tenant: &Tenant<'_>,
    name: &str,
    domain: &str,
    spec: Value,
) -> anyhow::Result<SenderDomain> {
    apply(tenant, name, domain, spec).await?;
    becomes(tenant, name, "DkimReady", "False/RecordsMissing").await?;
    world.simulator.publish_dkim(domain)?;
    ready(tenant, name).await
}

/// A claim, read by the administrator.
pub async fn claim(world: &World<'_>, domain: &str) -> anyhow::Result<Option<SenderClaim>> {
    let api = Api::<SenderClaim>::all(world.cluster.admin().await?);
    Ok(api.get_opt(&format!("{}.{domain}", world.environment())).await?)
}

/// Waits until the claim is in this state.
pub async fn claim_becomes(world: &World<'_>, domain: &str, state: &str) -> anyhow::Result<SenderClaim> {
    let api = Api::<SenderClaim>::all(world.cluster.admin().await?);
    let name = format!("{}.{domain}", world.environment());
    eventually(&format!("the claim {name} is {state}"), async || match api.get_opt(&name).await {
        Ok(Some(claim)) if claim.spec.claim.state.as_str() == state => Ok(claim),
        Ok(other) => Err(format!("{:#?}", other.map(|claim| claim.spec))),
        Err(error) => Err(error.to_string()),
    })
    .await
}

/// How often an operation was called, for one identity.
pub fn calls(world: &World<'_>, operation: &str, domain: &str) -> usize {
    let journal = world.simulator.journal();
    journal.iter().filter(|call| call.operation == operation && call.identity.as_deref() == Some(domain)).count()
}

/// What was changed, or asked to be changed, at AWS.
pub fn writes(world: &World<'_>) -> Vec<Call> {
    let mut calls = world.simulator.journal();
    calls.retain(|call| !call.operation.starts_with("Get") && !call.operation.starts_with("List"));
    calls
}

/// Waits until the simulator no longer has the identity.
pub async fn identity_gone(world: &World<'_>, domain: &str) -> anyhow::Result<()> {
    eventually(&format!("the identity {domain} is gone"), async || match world.simulator.identity(domain) {
        None => Ok(()),
        Some(identity) => Err(format!("{identity:?}")),
    })
    .await
}

/// The events of a namespace (or of `default`, for claims), as `reason: note`.
pub async fn events(world: &World<'_>, namespace: &str) -> anyhow::Result<Vec<String>> {
    let api = Api::<k8s_openapi::api::events::v1::Event>::namespaced(world.cluster.admin().await?, namespace);
    let list = api.list(&kube::api::ListParams::default()).await?;
    Ok(list
        .items
        .into_iter()
        .map(|e| format!("{}: {}", e.reason.unwrap_or_default(), e.note.unwrap_or_default()))
        .collect())
}

/// Waits for an event with this reason.
pub async fn event(world: &World<'_>, namespace: &str, reason: &str) -> anyhow::Result<String> {
    event_about(world, namespace, reason, "").await
}

/// Waits for an event with this reason whose note speaks of this: events on claims of all worlds stand in one namespace.
pub async fn event_about(world: &World<'_>, namespace: &str, reason: &str, what: &str) -> anyhow::Result<String> {
    eventually(&format!("an event {reason} in {namespace} about {what:?}"), async || {
        let all = events(world, namespace).await.map_err(|error| error.to_string())?;
        let fits = |event: &&String| event.starts_with(&format!("{reason}: ")) && event.contains(what);
        let alike = || all.iter().filter(|event| event.contains(what)).collect::<Vec<_>>();
        all.iter().find(fits).cloned().ok_or_else(|| format!("{:#?}", alike()))
    })
    .await
}

/// Fails unless `text` contains every one of `parts`.
pub fn contains(text: &str, parts: &[&str]) -> anyhow::Result<()> {
    for part in parts {
        ensure!(text.contains(part), "{part:?} is missing in {text:?}");
    }
    Ok(())
}
