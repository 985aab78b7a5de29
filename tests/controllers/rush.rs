//! A tenant applies 200 domains at once, and SES allows one call a second: another tenant hardly notices, the limit is
//! kept, and what is settled costs next to nothing. `tests/passes/rush.rs` holds the same on virtual time; this measures
//! it: `cargo test --test controllers rush:: -- --ignored --nocapture`.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use futures::future::try_join_all;
use sender_operator_harness::{Tenant, World, eventually};
use serde_json::json;
use ses_simulator::Call;

use crate::support::*;

const DOMAINS: usize = 200;
/// Sweeps over settled domains whose calls are counted. Each lists all of them by one call.
const SWEEPS: usize = 3;

/// What was measured.
struct Figures {
    other_created: Duration,
    ready: Duration,
    most_at_once: usize,
    least_gap: u64,
    throttled: usize,
    calls: BTreeMap<String, usize>,
    settled: usize,
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures on a machine that does nothing else, for a quarter of an hour"]
async fn two_hundred_domains_at_one_call_a_second_let_another_tenant_through_within_five_seconds() -> anyhow::Result<()>
{
    let world = World::builder("rush")
        .setting("ses-rate", "1")
        .setting("poll-interval", "15s")
        .setting("sweep-interval", "1m")
        .setting("refresh-interval", "6h")
        .simulator(|options| options.rate = Some(1.0))
        .start()
        .await?;
    let figures = measure(&world).await.with_context(|| world.operator.log_tail())?;
    print(&figures);
    ensure!(figures.other_created < Duration::from_secs(5), "the other tenant waited {:?}", figures.other_created);
    ensure!(figures.most_at_once <= 1, "{} calls within a second", figures.most_at_once);
    ensure!(figures.settled == SWEEPS, "sweeps over settled domains cost {} calls", figures.settled);
    Ok(())
}

async fn measure(world: &World<'static>) -> anyhow::Result<Figures> {
    let crowd = world.tenant_namespace("crowd", Some("crowd")).await?;
    let small = world.tenant_namespace("small", Some("small")).await?;
    world.simulator.publish_dkim("small.example.com")?;
    let begun = Instant::now();
    try_join_all((0..DOMAINS).map(async |n| {
        let domain = format!("d{n}.crowd.example");
        world.simulator.publish_dkim(&domain)?;
        apply(&crowd, &format!("d{n}"), &domain, json!({})).await
    }))
    .await?;
    let other_created = other_tenant(world, &small).await?;
    all_become(&crowd, "Ready", "True/Ready").await?;
    let ready = begun.elapsed();
    all_become(&small, "Ready", "True/Ready").await?;
    let settled = settled(world).await?;
    let mut journal = world.simulator.journal();
    journal.retain(|call| call.service == "ses");
    journal.sort_by_key(|call| call.at_ms);
    let mut calls = BTreeMap::new();
    for call in &journal {
        *calls.entry(call.operation.clone()).or_default() += 1;
    }
    Ok(Figures {
        other_created,
        ready,
        most_at_once: most_within_a_second(&journal),
        least_gap: journal.windows(2).map(|pair| pair[1].at_ms - pair[0].at_ms).min().unwrap_or_default(),
        throttled: journal.iter().filter(|call| call.fault.as_deref() == Some("throttle")).count(),
        calls,
        settled,
    })
}

/// Another tenant applies a domain when a part of the crowd is through. How long it takes until SES has it.
async fn other_tenant(world: &World<'_>, small: &Tenant<'_>) -> anyhow::Result<Duration> {
    eventually("a part of the crowd is through", async || {
        let created = world.simulator.identities().len();
        if created >= DOMAINS / 4 { Ok(()) } else { Err(format!("{created}")) }
    })
    .await?;
    let applied = Instant::now();
    apply(small, "mail", "small.example.com", json!({})).await?;
    eventually("the other tenant's domain is created", async || {
        world.simulator.identity("small.example.com").map(drop).ok_or_else(|| "it is not".to_owned())
    })
    .await?;
    let waited = applied.elapsed();
    let created = world.simulator.identities().len();
    ensure!(created < DOMAINS, "the rush was over before: {created} are created");
    Ok(waited)
}

/// What some sweeps cost once no domain needs anything else.
async fn settled(world: &World<'_>) -> anyhow::Result<usize> {
    eventually("only lists are asked for", async || {
        let newest: Vec<String> = world.simulator.newest_calls(2).into_iter().map(|call| call.operation).collect();
        if newest.iter().all(|name| name == "ListEmailIdentities") { Ok(()) } else { Err(format!("{newest:?}")) }
    })
    .await?;
    let mut sweep = sweep_after(world, sweeps(world).await?).await?;
    let (calls, last) = (world.simulator.call_count(), sweep + SWEEPS);
    while sweep < last {
        sweep = sweep_after(world, sweep).await?;
    }
    Ok(usize::try_from(world.simulator.call_count() - calls)?)
}

/// Waits until there were more sweeps than so many. Gives how many.
async fn sweep_after(world: &World<'_>, before: usize) -> anyhow::Result<usize> {
    eventually("a sweep is over", async || {
        let now = sweeps(world).await.map_err(|error| error.to_string())?;
        if now > before { Ok(now) } else { Err(format!("{now} sweeps")) }
    })
    .await
}

async fn sweeps(world: &World<'_>) -> anyhow::Result<usize> {
    let metrics = world.operator.metrics().await?;
    let complete = |line: &str| line.strip_prefix("sender_operator_sweeps_total{result=\"complete\"} ")?.parse().ok();
    Ok(metrics.lines().find_map(complete).unwrap_or_default())
}

/// The most calls in any second. They are in the order of their arrival.
fn most_within_a_second(calls: &[Call]) -> usize {
    let within = |n: usize| calls[n..].iter().take_while(|call| call.at_ms < calls[n].at_ms + 1000).count();
    (0..calls.len()).map(within).max().unwrap_or_default()
}

#[expect(clippy::print_stdout, reason = "figures are for people; the test runner shows them on request")]
fn print(figures: &Figures) {
    println!("\n{DOMAINS} domains of one tenant, one call a second");
    println!("  another tenant's domain created after  {:6.1} s", figures.other_created.as_secs_f64());
    println!("  all Ready after                        {:6.1} s", figures.ready.as_secs_f64());
    println!("  most calls within a second             {:6}", figures.most_at_once);
    println!("  least time between two calls           {:6} ms", figures.least_gap);
    println!("  calls that SES throttled               {:6}", figures.throttled);
    println!("  {SWEEPS} sweeps over settled domains           {:6} calls", figures.settled);
    figures.calls.iter().for_each(|(operation, count)| println!("  {operation:38} {count:6}"));
}
