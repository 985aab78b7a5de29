//! What the scenarios share: applying and reading resources as tenants, and observing their effects elsewhere.

use std::fmt::Debug;

use anyhow::{Context, ensure};
use k8s_openapi::{NamespaceResourceScope, api::events::v1::Event, apimachinery::pkg::apis::meta::v1::Condition};
use kube::{
    Api, Resource,
    api::{DeleteParams, ListParams, Patch, PatchParams},
    core::object::HasStatus,
};
use sender_operator::{
    api::{
        SenderAddress, SenderClaim, SenderDomain,
        domain::{DnsRecord, Purpose},
    },
    model::{
        address::{Address, claim_name},
        claim::Claim,
        records::RecordType,
    },
};
pub use sender_operator_harness::controlplane::PATIENT;
use sender_operator_harness::{
    Identity, TenantNamespace, TestEnv, eventually,
    lint::{Linted, lint},
    test_env::TestEnvBuilder,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use ses_simulator::Call;

/// The kinds that tenants apply: sender domains and sender addresses.
pub trait Conditioned:
    Resource<DynamicType = (), Scope = NamespaceResourceScope>
    + HasStatus<Status: Linted>
    + Clone
    + Debug
    + DeserializeOwned
    + Send
    + Sync
    + 'static
{
}

impl Conditioned for SenderDomain {}
impl Conditioned for SenderAddress {}

/// The manifest of a sender domain; `spec` adds to `domain`.
pub fn manifest(name: &str, domain: &str, spec: &Value) -> Value {
    subject("SenderDomain", name, json!({ "domain": domain }), spec)
}

/// The manifest of a sender address; `spec` adds to `address`.
pub fn address_manifest(name: &str, address: &str, spec: &Value) -> Value {
    subject("SenderAddress", name, json!({ "address": address }), spec)
}

fn subject(kind: &str, name: &str, mut all: Value, spec: &Value) -> Value {
    for (key, value) in spec.as_object().into_iter().flatten() {
        all[key] = value.clone();
    }
    json!({
        "apiVersion": "sender-operator.io/v1alpha1", "kind": kind, "metadata": { "name": name }, "spec": all,
    })
}

pub fn domains(tenant: &TenantNamespace<'_>) -> Api<SenderDomain> {
    Api::namespaced(tenant.client.clone(), &tenant.namespace)
}

pub fn addresses(tenant: &TenantNamespace<'_>) -> Api<SenderAddress> {
    Api::namespaced(tenant.client.clone(), &tenant.namespace)
}

pub async fn apply(tenant: &TenantNamespace<'_>, name: &str, domain: &str, spec: Value) -> anyhow::Result<()> {
    let params = PatchParams::apply("a-tenant").force();
    domains(tenant).patch(name, &params, &Patch::Apply(manifest(name, domain, &spec))).await?;
    Ok(())
}

pub async fn apply_address(tenant: &TenantNamespace<'_>, name: &str, address: &str, spec: Value) -> anyhow::Result<()> {
    let params = PatchParams::apply("a-tenant").force();
    addresses(tenant).patch(name, &params, &Patch::Apply(address_manifest(name, address, &spec))).await?;
    Ok(())
}

pub async fn delete(tenant: &TenantNamespace<'_>, name: &str) -> anyhow::Result<()> {
    domains(tenant).delete(name, &DeleteParams::default()).await?;
    Ok(())
}

fn find<'o, K: Conditioned>(object: &'o K, type_: &str) -> Option<&'o Condition> {
    object.status()?.conditions().iter().find(|condition| condition.type_ == type_)
}

/// `status/reason` of a condition, or `-`.
pub fn condition<K: Conditioned>(object: &K, type_: &str) -> String {
    let found = find(object, type_);
    found.map_or_else(|| "-".to_owned(), |condition| format!("{}/{}", condition.status, condition.reason))
}

pub fn message<K: Conditioned>(object: &K, type_: &str) -> String {
    find(object, type_).map(|condition| condition.message.clone()).unwrap_or_default()
}

/// Waits until a condition of a sender domain is `status/reason`; lints every status on the way.
pub async fn becomes(
    tenant: &TenantNamespace<'_>,
    name: &str,
    type_: &str,
    expected: &str,
) -> anyhow::Result<SenderDomain> {
    reaches(&domains(tenant), name, type_, expected).await
}

pub async fn address_becomes(
    tenant: &TenantNamespace<'_>,
    name: &str,
    type_: &str,
    expected: &str,
) -> anyhow::Result<SenderAddress> {
    reaches(&addresses(tenant), name, type_, expected).await
}

async fn reaches<K: Conditioned>(api: &Api<K>, name: &str, type_: &str, expected: &str) -> anyhow::Result<K>
where
    K::Status: Debug,
{
    eventually(&format!("{name}: {type_} is {expected}"), async || {
        let object = api.get(name).await.map_err(|error| error.to_string())?;
        let faults = lint(&object);
        assert!(faults.is_empty(), "the status breaks its rules: {faults:#?}\n{:#?}", object.status());
        if condition(&object, type_) == expected {
            Ok(object)
        } else {
            Err(format!("{} {:#?}", condition(&object, type_), object.status()))
        }
    })
    .await
}

/// Waits until a condition of all of the tenant's sender domains is `status/reason`.
pub async fn all_become(tenant: &TenantNamespace<'_>, type_: &str, expected: &str) -> anyhow::Result<()> {
    eventually(&format!("{type_} of all is {expected}"), async || {
        let list = domains(tenant).list(&ListParams::default()).await.map_err(|error| error.to_string())?;
        let waiting = list.iter().filter(|object| condition(*object, type_) != expected).count();
        if waiting == 0 { Ok(()) } else { Err(format!("{waiting} of {} wait", list.items.len())) }
    })
    .await
}

/// Waits until the domain is Ready.
pub async fn ready(tenant: &TenantNamespace<'_>, name: &str) -> anyhow::Result<SenderDomain> {
    becomes(tenant, name, "Ready", "True/Ready").await
}

/// Applies a domain, publishes its records as soon as SES has issued them, and waits until it is Ready.
pub async fn apply_until_ready(
    env: &TestEnv<'_>,
    tenant: &TenantNamespace<'_>,
    name: &str,
    domain: &str,
    spec: Value,
) -> anyhow::Result<SenderDomain> {
    apply(tenant, name, domain, spec).await?;
    becomes(tenant, name, "DkimReady", "False/RecordsMissing").await?;
    env.simulator.publish_dkim(domain)?;
    ready(tenant, name).await
}

/// A test environment whose tenants have to prove their domains.
pub fn proving(name: &str) -> TestEnvBuilder<'static> {
    let builder = TestEnv::builder(name).setting("proof", "dns-challenge").setting("proof-grace", "3s");
    builder.setting("recheck-interval", "500ms")
}

/// Publishes all records of the tenant in one step: the challenge, then the records of SES.
pub async fn paste(tenant: &TenantNamespace<'_>, name: &str) -> anyhow::Result<Vec<DnsRecord>> {
    let api = domains(tenant);
    eventually(&format!("{name}: all records"), async || {
        let object = api.get(name).await.map_err(|error| error.to_string())?;
        let records = object.status.clone().map(|status| status.dns_records).unwrap_or_default();
        if records.len() == 4 { Ok(records) } else { Err(format!("{:#?}", object.status)) }
    })
    .await
}

/// The record that proves the domain, from the tenant's status.
pub async fn challenge(tenant: &TenantNamespace<'_>, name: &str) -> anyhow::Result<DnsRecord> {
    let api = domains(tenant);
    eventually(&format!("{name}: the challenge record"), async || {
        let object = api.get(name).await.map_err(|error| error.to_string())?;
        let records = object.status.iter().flat_map(|status| &status.dns_records);
        let found = records.into_iter().find(|record| record.purpose == Purpose::Ownership).cloned();
        found.ok_or_else(|| format!("{:#?}", object.status))
    })
    .await
}

/// Publishes a record beside others at its name.
pub fn publish(env: &TestEnv<'_>, record: &DnsRecord) -> anyhow::Result<()> {
    match record.record_type {
        RecordType::Txt => {
            let value = format!("\"{}\"", record.value);
            env.simulator.change_values(&record.name, "TXT", |values| values.push(value))?;
        }
        _ => env.simulator.set_record(&record.name, "CNAME", &[&record.value])?,
    }
    Ok(())
}

/// Removes a TXT record and leaves others of its name.
pub fn unpublish(env: &TestEnv<'_>, record: &DnsRecord) -> anyhow::Result<()> {
    let value = format!("\"{}\"", record.value);
    let mut found = false;
    env.simulator.change_values(&record.name, "TXT", |values| {
        found = values.contains(&value);
        values.retain(|other| *other != value);
    })?;
    ensure!(found, "{record:?} was not published");
    Ok(())
}

/// Claims the domain, publishes everything in one step, waits until the domain is Ready. Returns the challenge record.
pub async fn prove(
    env: &TestEnv<'_>,
    tenant: &TenantNamespace<'_>,
    name: &str,
    domain: &str,
) -> anyhow::Result<DnsRecord> {
    apply(tenant, name, domain, json!({})).await?;
    let records = paste(tenant, name).await?;
    for record in &records {
        publish(env, record)?;
    }
    ready(tenant, name).await?;
    Ok(records[0].clone())
}

/// A claim, read by the administrator.
async fn stored(env: &TestEnv<'_>, name: &str) -> anyhow::Result<Option<Claim>> {
    let api = Api::<SenderClaim>::all(env.cluster.admin().await?);
    Ok(api.get_opt(name).await?.map(|claim| claim.spec.claim))
}

pub async fn claim(env: &TestEnv<'_>, domain: &str) -> anyhow::Result<Option<Claim>> {
    stored(env, &format!("{}.{domain}", env.environment())).await
}

/// The claim on an address, which has to exist.
pub async fn claim_on(env: &TestEnv<'_>, address: &str) -> anyhow::Result<Claim> {
    let name = claim_name(env.environment(), &Address::parse(address)?.hash());
    stored(env, &name).await?.with_context(|| format!("no claim on {address}"))
}

/// The tenant that holds it.
pub fn holder(claim: &Claim) -> String {
    claim.tenant.as_ref().map(ToString::to_string).unwrap_or_default()
}

/// The claim on a domain, once `is` accepts it.
pub async fn claim_when(
    env: &TestEnv<'_>,
    domain: &str,
    what: &str,
    is: impl Fn(&Claim) -> bool,
) -> anyhow::Result<Claim> {
    eventually(&format!("the claim on {domain}: {what}"), async || {
        let found = claim(env, domain).await.map_err(|error| error.to_string())?;
        found.clone().filter(&is).ok_or_else(|| format!("{found:#?}"))
    })
    .await
}

/// Waits until the claim on a domain is in this state.
pub async fn claim_becomes(env: &TestEnv<'_>, domain: &str, state: &str) -> anyhow::Result<Claim> {
    claim_when(env, domain, state, |claim| claim.state.as_str() == state).await
}

/// kubectl as the administrator, for setup only.
pub async fn kubectl(env: &TestEnv<'_>, arguments: &[&str]) -> anyhow::Result<String> {
    env.cluster.kubectl(arguments, &Identity::Admin).await?.success()
}

/// The body of `/readyz` once it answers 503 and contains `words`.
pub async fn unready(env: &TestEnv<'_>, words: &str) -> anyhow::Result<String> {
    eventually(&format!("readiness contains {words:?}"), async || match env.operator.get("/readyz").await {
        Ok((503, body)) if body.contains(words) => Ok(body),
        Ok((code, body)) => Err(format!("{code} {body}")),
        Err(error) => Err(error.to_string()),
    })
    .await
}

/// Kills the operator, runs `meanwhile`, and starts the operator again. It is not ready yet.
pub async fn while_down(
    env: &mut TestEnv<'_>,
    meanwhile: impl AsyncFnOnce(&TestEnv<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    env.operator.kill9().await?;
    meanwhile(env).await?;
    env.operator.start_again(|_| {})
}

/// Waits until the operator has looked up a name twice from now on: the first lookup may have begun before.
pub async fn looked_at_again(env: &TestEnv<'_>, name: &str) -> anyhow::Result<()> {
    let count = || env.simulator.dns_queries().iter().filter(|query| query.name == name).count();
    let before = count();
    eventually(&format!("{name} is looked up twice"), async || {
        let now = count();
        if now >= before + 2 { Ok(()) } else { Err(format!("{} lookups", now - before)) }
    })
    .await
}

/// Number of calls of an operation for one identity.
pub fn calls(env: &TestEnv<'_>, operation: &str, domain: &str) -> usize {
    let journal = env.simulator.journal();
    journal.iter().filter(|call| call.operation == operation && call.identity.as_deref() == Some(domain)).count()
}

/// Calls to AWS that change something or try to.
pub fn writes(env: &TestEnv<'_>) -> Vec<Call> {
    let mut calls = env.simulator.journal();
    calls.retain(|call| !call.operation.starts_with("Get") && !call.operation.starts_with("List"));
    calls
}

/// Waits until the simulator no longer has the identity.
pub async fn identity_gone(env: &TestEnv<'_>, domain: &str) -> anyhow::Result<()> {
    eventually(&format!("the identity {domain} is gone"), async || match env.simulator.identity(domain) {
        None => Ok(()),
        Some(identity) => Err(format!("{identity:?}")),
    })
    .await
}

/// The events of a namespace (or of `default`, for claims), as `reason: note (object)`.
pub async fn events(env: &TestEnv<'_>, namespace: &str) -> anyhow::Result<Vec<String>> {
    let api = Api::<Event>::namespaced(env.cluster.admin().await?, namespace);
    let list = api.list(&ListParams::default()).await?;
    let text = |event: Event| {
        let about = event.regarding.and_then(|about| about.name);
        let [reason, note, about] = [event.reason, event.note, about].map(Option::unwrap_or_default);
        format!("{reason}: {note} ({about})")
    };
    Ok(list.into_iter().map(text).collect())
}

/// Everything that a tenant can read about its domain: the status, and the events of its namespace.
pub async fn told(env: &TestEnv<'_>, tenant: &TenantNamespace<'_>, name: &str) -> anyhow::Result<String> {
    let status = serde_json::to_string(&domains(tenant).get(name).await?.status)?;
    Ok(events(env, &tenant.namespace).await?.join("\n") + &status)
}

/// Waits for an event with this reason about `what`: events on claims of all test environments are in one namespace.
pub async fn event(env: &TestEnv<'_>, namespace: &str, reason: &str, what: &str) -> anyhow::Result<String> {
    eventually(&format!("an event {reason} in {namespace} about {what:?}"), async || {
        let all = events(env, namespace).await.map_err(|error| error.to_string())?;
        let fits = |event: &&String| event.starts_with(&format!("{reason}: ")) && event.contains(what);
        let alike = || all.iter().filter(|event| event.contains(what)).collect::<Vec<_>>();
        all.iter().find(fits).cloned().ok_or_else(|| format!("{:#?}", alike()))
    })
    .await
}

/// Fails unless `text` contains all of `parts`.
pub fn contains(text: &str, parts: &[&str]) -> anyhow::Result<()> {
    for part in parts {
        ensure!(text.contains(part), "{part:?} is missing in {text:?}");
    }
    Ok(())
}
