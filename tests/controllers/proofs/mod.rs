//! Who has proven a domain has it: TXT records, delegations, keys and administrators' orders, on the real control plane.

mod delegations;
mod keys;
mod leftovers;
mod life;
mod orders;
mod zones;

use std::{iter::once, time::Duration};

use anyhow::{Context, ensure};
use sender_operator::{
    api::domain::{DnsRecord, Purpose},
    model::{
        claim::Claim,
        records::{RecordState, RecordType},
    },
};
use sender_operator_harness::{Tenant, World, eventually, world::WorldBuilder};
use serde_json::json;

use crate::support::*;

/// The grace of these worlds.
const GRACE: Duration = Duration::from_secs(3);

/// Runs a test in a world whose tenants have to prove their domains.
async fn proving(
    name: &str,
    change: impl FnOnce(WorldBuilder<'static>) -> WorldBuilder<'static>,
    scenario: impl AsyncFnOnce(&mut World<'static>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let builder = World::builder(name).setting("proof", "dns-challenge").setting("proof-grace", "3s");
    let mut world = change(builder.setting("recheck-interval", "500ms")).start().await?;
    let outcome = scenario(&mut world).await;
    outcome.with_context(|| world.operator.log_tail())
}

/// The record that proves the domain, as the tenant is told of it.
async fn challenge(tenant: &Tenant<'_>, name: &str) -> anyhow::Result<DnsRecord> {
    let api = domains(tenant);
    eventually(&format!("{name}: the record that proves it"), async || {
        let object = api.get(name).await.map_err(|error| error.to_string())?;
        let records = object.status.iter().flat_map(|status| &status.dns_records);
        let found = records.into_iter().find(|record| record.purpose == Purpose::Ownership).cloned();
        found.ok_or_else(|| format!("{:#?}", object.status))
    })
    .await
}

/// All that the tenant has to publish, in one paste: the proof, then what SES looks for.
async fn paste(tenant: &Tenant<'_>, name: &str) -> anyhow::Result<Vec<DnsRecord>> {
    let api = domains(tenant);
    eventually(&format!("{name}: all records"), async || {
        let object = api.get(name).await.map_err(|error| error.to_string())?;
        let records = object.status.clone().map(|status| status.dns_records).unwrap_or_default();
        if records.len() == 4 { Ok(records) } else { Err(format!("{:#?}", object.status)) }
    })
    .await
}

/// Publishes a record beside whatever else stands at its name.
fn publish(world: &World<'_>, record: &DnsRecord) -> anyhow::Result<()> {
    match record.record_type {
        RecordType::Txt => {
            let value = format!("\"{}\"", record.value);
            world.simulator.change_values(&record.name, "TXT", |values| values.push(value))?;
        }
        _ => world.simulator.set_record(&record.name, "CNAME", &[&record.value])?,
    }
    Ok(())
}

/// Takes a TXT record away and leaves others of its name.
fn unpublish(world: &World<'_>, record: &DnsRecord) -> anyhow::Result<()> {
    let value = format!("\"{}\"", record.value);
    let mut found = false;
    world.simulator.change_values(&record.name, "TXT", |values| {
        found = values.contains(&value);
        values.retain(|other| *other != value);
    })?;
    ensure!(found, "{record:?} was not published");
    Ok(())
}

/// Asks, publishes everything in one go, waits until the domain is Ready. Gives the record that proves it.
async fn prove(world: &World<'_>, tenant: &Tenant<'_>, name: &str, domain: &str) -> anyhow::Result<DnsRecord> {
    apply(tenant, name, domain, json!({})).await?;
    let records = paste(tenant, name).await?;
    for record in &records {
        publish(world, record)?;
    }
    ready(tenant, name).await?;
    Ok(records[0].clone())
}

/// The claim once it is as `is` accepts.
async fn claim_when(world: &World<'_>, domain: &str, what: &str, is: impl Fn(&Claim) -> bool) -> anyhow::Result<Claim> {
    eventually(&format!("the claim of {domain}: {what}"), async || {
        let found = claim(world, domain).await.map_err(|error| error.to_string())?;
        let found = found.map(|claim| claim.spec.claim);
        found.clone().filter(&is).ok_or_else(|| format!("{found:#?}"))
    })
    .await
}

/// Who holds the domain, or nobody.
fn holder(claim: &Claim) -> String {
    claim.tenant.as_ref().map(ToString::to_string).unwrap_or_default()
}

/// Waits until the operator has looked at a name twice from now on: the first look may have begun before.
async fn looked_at_again(world: &World<'_>, name: &str) -> anyhow::Result<()> {
    let count = || world.simulator.dns_queries().iter().filter(|query| query.name == name).count();
    let before = count();
    eventually(&format!("{name} is looked up twice"), async || {
        let now = count();
        if now >= before + 2 { Ok(()) } else { Err(format!("{} look-ups", now - before)) }
    })
    .await
}

/// Everything that a tenant can read of its domain: the status, and the events of its namespace.
async fn told(world: &World<'_>, tenant: &Tenant<'_>, name: &str) -> anyhow::Result<String> {
    let status = serde_json::to_string(&domains(tenant).get(name).await?.status)?;
    Ok(once(status).chain(events(world, &tenant.namespace).await?).collect::<Vec<_>>().join("\n"))
}

/// Whether a record is Found, Missing, …, as the status says.
async fn state_of(tenant: &Tenant<'_>, name: &str, state: RecordState) -> anyhow::Result<()> {
    let api = domains(tenant);
    eventually(&format!("{name}: its record is {state:?}"), async || {
        let object = api.get(name).await.map_err(|error| error.to_string())?;
        let first = object.status.as_ref().and_then(|status| status.dns_records.first()).map(|record| record.state);
        if first == Some(state) { Ok(()) } else { Err(format!("{first:?}")) }
    })
    .await
}
