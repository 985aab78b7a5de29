//! A tenant applies very many domains at once, and SES allows few calls: another tenant hardly notices, the limit is kept, and
//! what is settled costs next to nothing.
//!
//! The full measure needs a quarter of an hour: `cargo test --test controllers rush:: -- --ignored --nocapture`.

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

/// Identities that SES lists by one call.
const PAGE: usize = 1000;
/// A rush and the account that it meets.
struct Rush {
    domains: usize,
    /// Calls a second that SES allows.
    rate: u16,
    /// Seconds in which no more calls are made than it allows in that time; it may be at once.
    window: u16,
    /// Sweeps over settled domains whose calls are counted.
    sweeps: usize,
    sweep_interval: &'static str,
    poll_interval: &'static str,
    /// Within this time another tenant's domain is created at SES.
    patience: Duration,
    /// Everything takes less than this.
    limit: Duration,
}

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
async fn a_rush_keeps_to_the_rate_and_lets_another_tenant_through() -> anyhow::Result<()> {
    rush(&Rush {
        domains: 12,
        rate: 4,
        // A busy machine delays one call more than the next; in a longer time that weighs less.
        window: 3,
        // One that comes while people wait is put back for half a minute.
        sweeps: 0,
        sweep_interval: "5m",
        poll_interval: "1s",
        patience: Duration::from_secs(3),
        limit: DEADLINE,
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a quarter of an hour: SES's real rate"]
async fn two_hundred_domains_at_one_call_a_second_let_another_tenant_through_within_five_seconds() -> anyhow::Result<()>
{
    rush(&Rush {
        domains: 200,
        rate: 1,
        window: 1,
        sweeps: 3,
        sweep_interval: "1m",
        poll_interval: "15s",
        patience: Duration::from_secs(5),
        limit: Duration::from_mins(20),
    })
    .await
}

async fn rush(rush: &Rush) -> anyhow::Result<()> {
    let world = World::builder("rush")
        .setting("ses-rate", &rush.rate.to_string())
        .setting("poll-interval", rush.poll_interval)
        .setting("sweep-interval", rush.sweep_interval)
        .setting("refresh-interval", "6h")
        .simulator(|options| {
            options.rate = Some(f64::from(rush.rate));
            options.burst = f64::from(rush.rate * rush.window);
        })
        .start()
        .await?;
    let figures = measure(rush, &world).await.with_context(|| world.operator.log_tail())?;
    print(rush, &figures);
    ensure!(figures.other_created < rush.patience, "the other tenant waited {:?}", figures.other_created);
    let allowed = usize::from(rush.rate * rush.window);
    ensure!(figures.most_at_once <= allowed, "{} calls within {} s", figures.most_at_once, rush.window);
    let pages = rush.domains.div_ceil(PAGE);
    ensure!(figures.settled == rush.sweeps * pages, "sweeps over settled domains cost {} calls", figures.settled);
    Ok(())
}

async fn measure(rush: &Rush, world: &World<'static>) -> anyhow::Result<Figures> {
    let crowd = world.tenant_namespace("crowd", Some("crowd")).await?;
    let small = world.tenant_namespace("small", Some("small")).await?;
    world.simulator.publish_dkim("small.example.com")?;
    let begun = Instant::now();
    let names: Vec<String> = (0..rush.domains).map(|n| format!("d{n}")).collect();
    try_join_all(names.iter().map(async |name| {
        let domain = format!("{name}.crowd.example");
        world.simulator.publish_dkim(&domain)?;
        apply(&crowd, name, &domain, json!({})).await
    }))
    .await?;
    let other_created = other_tenant(rush, world, &small).await?;
    for name in &names {
        becomes_ready(&crowd, name, rush.limit).await?;
    }
    let ready = begun.elapsed();
    becomes_ready(&small, "mail", rush.limit).await?;
    let settled = if rush.sweeps > 0 { settled(rush, world).await? } else { 0 };
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
        most_at_once: most_within(rush.window, &journal),
        least_gap: journal.windows(2).map(|pair| pair[1].at_ms - pair[0].at_ms).min().unwrap_or_default(),
        throttled: journal.iter().filter(|call| call.fault.as_deref() == Some("throttle")).count(),
        calls,
        settled,
    })
}

/// Another tenant applies a domain when a part of the crowd is through. How long it takes until SES has it.
async fn other_tenant(rush: &Rush, world: &World<'_>, small: &Tenant<'_>) -> anyhow::Result<Duration> {
    let through = rush.domains / 4;
    eventually("a part of the crowd is through", rush.limit, async || {
        let created = world.simulator.identities().len();
        if created >= through { Ok(()) } else { Err(format!("{created}")) }
    })
    .await?;
    let applied = Instant::now();
    apply(small, "mail", "small.example.com", json!({})).await?;
    eventually("the other tenant's domain is created", rush.limit, async || {
        world.simulator.identity("small.example.com").map(drop).ok_or_else(|| "it is not".to_owned())
    })
    .await?;
    let waited = applied.elapsed();
    let created = world.simulator.identities().len();
    ensure!(created < rush.domains, "the rush was over before: {created} are created");
    Ok(waited)
}

async fn becomes_ready(tenant: &Tenant<'_>, name: &str, limit: Duration) -> anyhow::Result<()> {
    let api = domains(tenant);
    eventually(&format!("{name} is Ready"), limit, async || {
        let object = api.get(name).await.map_err(|error| error.to_string())?;
        let said = condition(&object, "Ready");
        if said == "True/Ready" { Ok(()) } else { Err(said) }
    })
    .await
}

/// What some sweeps cost once no domain needs anything else.
async fn settled(rush: &Rush, world: &World<'_>) -> anyhow::Result<usize> {
    eventually("only lists are asked for", rush.limit, async || {
        let newest = world.simulator.newest_calls(2);
        let quiet = newest.iter().all(|call| call.operation == "ListEmailIdentities");
        if quiet { Ok(()) } else { Err(format!("{newest:#?}")) }
    })
    .await?;
    let sweeps = sweeps_after(world, sweeps(world).await?, rush.limit).await?;
    let calls = world.simulator.call_count();
    let mut end = sweeps;
    while end < sweeps + rush.sweeps {
        end = sweeps_after(world, end, rush.limit).await?;
    }
    Ok(usize::try_from(world.simulator.call_count() - calls)?)
}

/// Waits until there were more sweeps than so many. Gives how many.
async fn sweeps_after(world: &World<'_>, before: usize, limit: Duration) -> anyhow::Result<usize> {
    eventually("a sweep is over", limit, async || {
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

/// The most calls in any time of so many seconds. They are in the order of their arrival.
fn most_within(seconds: u16, calls: &[Call]) -> usize {
    let end = |n: usize| calls[n].at_ms + 1000 * u64::from(seconds);
    let within = |n: usize| calls[n..].iter().take_while(|call| call.at_ms < end(n)).count();
    (0..calls.len()).map(within).max().unwrap_or_default()
}

#[expect(clippy::print_stdout, reason = "figures are for people; the test runner shows them on request")]
fn print(rush: &Rush, figures: &Figures) {
    println!("\n{} domains of one tenant, {} calls a second", rush.domains, rush.rate);
    println!("  another tenant's domain created after  {:6.1} s", figures.other_created.as_secs_f64());
    println!("  all Ready after                        {:6.1} s", figures.ready.as_secs_f64());
    println!("  most calls within {} s                  {:6}", rush.window, figures.most_at_once);
    println!("  least time between two calls           {:6} ms", figures.least_gap);
    println!("  calls that SES throttled               {:6}", figures.throttled);
    println!("  {} sweeps over settled domains           {:6} calls", rush.sweeps, figures.settled);
    figures.calls.iter().for_each(|(operation, count)| println!("  {operation:38} {count:6}"));
}
