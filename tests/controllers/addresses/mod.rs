//! Addresses on the real control plane: from the resource by the mail and its page to Ready, and all ways that end elsewhere.

mod keys;
mod life;
mod linted;
mod replicas;
mod scanners;
mod sender;
mod tenants;

use anyhow::{Context, ensure};
use kube::{
    Api,
    api::{DeleteParams, Patch, PatchParams},
};
use sender_operator::{
    api::{SenderAddress, SenderClaim, address::ConfirmationStatus},
    model::{
        address::{Address, claim_name},
        claim::Claim,
    },
};
use sender_operator_harness::{Letter, Page, Tenant, World, eventually, world::WorldBuilder};
use serde_json::{Value, json};

use crate::support::*;

/// The domain of these tests, and an address of it.
const DOMAIN: &str = "example.com";
const SALES: &str = "sales@example.com";

/// What stands on the buttons.
const CONFIRM: &str = "Yes, confirm";
const DECLINE: &str = "No, decline";
const UNDO: &str = "Take it back";

/// Runs a test in a world whose operator asks the owners of mailboxes.
async fn asking(
    name: &str,
    change: impl FnOnce(WorldBuilder<'static>) -> WorldBuilder<'static>,
    scenario: impl AsyncFnOnce(&mut World<'static>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut world = change(World::builder(name).asking_owners()).start().await?;
    let linted = linted::Linted::begin(&world).await?;
    let outcome = scenario(&mut world).await.and_then(|()| linted.verdict());
    outcome.with_context(|| world.operator.log_tail())
}

/// The tenant `acme`, whose domain is Ready.
async fn acme<'c>(world: &World<'c>) -> anyhow::Result<Tenant<'c>> {
    let acme = world.tenant_namespace("acme", Some("acme")).await?;
    apply_until_ready(world, &acme, "mail", DOMAIN, json!({})).await?;
    Ok(acme)
}

/// The manifest of a sender address; `spec` adds to `address`.
pub fn manifest(name: &str, address: &str, spec: &Value) -> Value {
    let mut all = json!({ "address": address });
    for (key, value) in spec.as_object().into_iter().flatten() {
        all[key] = value.clone();
    }
    json!({
        "apiVersion": "sender-operator.io/v1alpha1", "kind": "SenderAddress",
        "metadata": { "name": name }, "spec": all,
    })
}

/// The tenant's addresses.
pub fn addresses(tenant: &Tenant<'_>) -> Api<SenderAddress> {
    Api::namespaced(tenant.client.clone(), &tenant.namespace)
}

/// Applies as the tenant's user.
async fn ask(tenant: &Tenant<'_>, name: &str, address: &str) -> anyhow::Result<()> {
    let params = PatchParams::apply("a-tenant").force();
    addresses(tenant).patch(name, &params, &Patch::Apply(manifest(name, address, &json!({})))).await?;
    Ok(())
}

/// Deletes as the tenant's user.
async fn stop_asking(tenant: &Tenant<'_>, name: &str) -> anyhow::Result<()> {
    addresses(tenant).delete(name, &DeleteParams::default()).await?;
    Ok(())
}

/// Asks, and reads the mail that comes.
async fn asked(world: &World<'_>, tenant: &Tenant<'_>, name: &str, address: &str) -> anyhow::Result<Letter> {
    let before = world.simulator.mails_to(address).len();
    ask(tenant, name, address).await?;
    says(tenant, name, "Ready", "False/AwaitingOwner").await?;
    world.letter(address, before + 1).await
}

/// `status/reason` of a condition, or `-`.
fn said(object: &SenderAddress, type_: &str) -> String {
    let conditions = object.status.iter().flat_map(|status| &status.conditions);
    let found = conditions.into_iter().find(|condition| condition.type_ == type_);
    found.map_or_else(|| "-".to_owned(), |condition| format!("{}/{}", condition.status, condition.reason))
}

/// The message of a condition.
fn message_of(object: &SenderAddress, type_: &str) -> String {
    let conditions = object.status.iter().flat_map(|status| &status.conditions);
    conditions.into_iter().find(|c| c.type_ == type_).map(|c| c.message.clone()).unwrap_or_default()
}

/// Waits until a condition is `status/reason`.
async fn says(tenant: &Tenant<'_>, name: &str, type_: &str, expected: &str) -> anyhow::Result<SenderAddress> {
    let api = addresses(tenant);
    eventually(&format!("{name}: {type_} is {expected}"), async || {
        let object = api.get(name).await.map_err(|error| error.to_string())?;
        let now = said(&object, type_);
        if now == expected { Ok(object) } else { Err(format!("{now} {:#?}", object.status)) }
    })
    .await
}

/// Waits until mail can be sent as the address.
async fn usable(tenant: &Tenant<'_>, name: &str) -> anyhow::Result<SenderAddress> {
    says(tenant, name, "Ready", "True/Ready").await
}

/// How far asking has come, as the status says.
fn progress(object: &SenderAddress) -> ConfirmationStatus {
    object.status.clone().and_then(|status| status.confirmation).unwrap_or_default()
}

/// Who may send as an address, in the one list call that is made for that.
async fn senders(tenant: &Tenant<'_>, address: &str) -> anyhow::Result<String> {
    let selector = format!("--field-selector=status.from={address}");
    tenant.kubectl(&["get", "saddr", &selector, "-o", "name"]).await?.success()
}

/// The claim on an address.
async fn claim_on(world: &World<'_>, address: &str) -> anyhow::Result<Option<Claim>> {
    let api = Api::<SenderClaim>::all(world.cluster.admin().await?);
    let name = claim_name(world.environment(), &Address::parse(address)?.hash());
    Ok(api.get_opt(&name).await?.map(|claim| claim.spec.claim))
}

/// Waits until the claim on an address is in this state.
async fn claim_is(world: &World<'_>, address: &str, state: &str) -> anyhow::Result<()> {
    eventually(&format!("the claim on {address} is {state}"), async || {
        let found = claim_on(world, address).await.map_err(|error| error.to_string())?;
        if found.as_ref().is_some_and(|claim| claim.state.as_str() == state) {
            Ok(())
        } else {
            Err(format!("{found:#?}"))
        }
    })
    .await
}

/// Fails unless the page has this heading.
fn shows(page: &Page, heading: &str) -> anyhow::Result<()> {
    ensure!(page.heading() == heading, "{} {}", page.status, page.text());
    Ok(())
}

/// Opens the page of a mail at the first replica.
async fn open(world: &World<'_>, letter: &Letter) -> anyhow::Result<Page> {
    world.operator.open(&letter.path).await
}
