//! Fifty tenants apply the same domain at once. The one whose record stands in its DNS has it, and the others cost SES nothing.

use anyhow::{Context, ensure};
use futures::{StreamExt, TryStreamExt, future::try_join_all, stream};
use sender_operator::{api::domain::Purpose, model::claim::State};
use sender_operator_harness::{Tenant, World, eventually};
use serde_json::json;

use crate::support::*;

const TENANTS: usize = 50;
const RACES: usize = 10;
/// Namespaces that are made at the same time.
const AT_ONCE: usize = 10;

#[tokio::test(flavor = "multi_thread")]
async fn whose_record_is_published_wins_each_of_ten_races_of_fifty() -> anyhow::Result<()> {
    let mut world = World::builder("races").setting("proof", "dns-challenge").start().await?;
    let made = stream::iter(0..TENANTS).map(|n| {
        let (world, name) = (&world, format!("t{n}"));
        async move { world.tenant_namespace(&name, Some(&name)).await }
    });
    let tenants: Vec<Tenant<'_>> = made.buffered(AT_ONCE).try_collect().await?;
    for n in 0..RACES {
        // Early ones and late ones win.
        let winner = (n * 17 + 3) % TENANTS;
        let domain = format!("race{n}.example");
        race(&world, &tenants, winner, &domain).await.with_context(|| world.operator.log_tail())?;
    }
    // A new process finds everything as it is.
    world.operator.kill9().await?;
    world.operator.start_again(|_| {})?;
    world.operator.wait_ready().await?;
    for n in 0..RACES {
        is_won(&world, (n * 17 + 3) % TENANTS, &format!("race{n}.example")).await?;
    }
    Ok(())
}

async fn race(world: &World<'_>, tenants: &[Tenant<'_>], winner: usize, domain: &str) -> anyhow::Result<()> {
    try_join_all(tenants.iter().map(|tenant| apply(tenant, domain, domain, json!({})))).await?;
    world.simulator.publish_dkim(domain)?;
    let api = domains(&tenants[winner]);
    let record = eventually("the record is told", async || {
        let object = api.get(domain).await.map_err(|error| error.to_string())?;
        let records = object.status.into_iter().flat_map(|status| status.dns_records);
        let own = records.into_iter().find(|record| record.purpose == Purpose::Ownership);
        own.ok_or_else(|| "it is not".to_owned())
    })
    .await?;
    ensure!(claim(world, domain).await?.is_none_or(|claim| claim.spec.claim.state == State::Provisional));
    world.simulator.set_record(&record.name, "TXT", &[&record.value])?;
    claim_becomes(world, domain, "Held").await?;
    ready(&tenants[winner], domain).await?;
    eventually("the others are refused", async || {
        let losers = tenants.iter().enumerate().filter(|(n, _)| *n != winner);
        let looks = losers.map(|(_, loser)| async move { domains(loser).get(domain).await });
        let seen = try_join_all(looks).await.map_err(|error| error.to_string())?;
        let waiting = seen.iter().filter(|object| condition(object, "Stalled") != "True/OwnedByAnotherTenant").count();
        if waiting == 0 { Ok(()) } else { Err(format!("{waiting} are not")) }
    })
    .await?;
    is_won(world, winner, domain).await
}

/// The winner holds the domain, and all that was ever written about it at SES is its creation.
async fn is_won(world: &World<'_>, winner: usize, domain: &str) -> anyhow::Result<()> {
    let claim = claim(world, domain).await?.context("there is no claim")?.spec.claim;
    let tenant = claim.tenant.map(|tenant| tenant.to_string());
    ensure!(claim.state == State::Held && tenant == Some(format!("tenant/t{winner}")), "{domain}: {tenant:?}");
    let about = world.simulator.journal().into_iter().filter(|call| call.identity.as_deref() == Some(domain));
    let writes = about.map(|call| call.operation).filter(|name| !name.starts_with("Get") && !name.starts_with("List"));
    let writes: Vec<String> = writes.collect();
    ensure!(writes == ["CreateEmailIdentity"], "{domain}: {writes:?}");
    Ok(())
}
