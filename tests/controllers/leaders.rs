//! Two replicas, and the one that leads is stopped, killed or frozen while domains are applied all the time.
//! `cargo test --test controllers leaders:: -- --nocapture` prints how long each hand-over took.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use futures::future::join_all;
use sender_operator_harness::{ControlPlane, Mood, Operator, Proxy, Tenant, World, eventually};
use serde_json::json;
use ses_simulator::Call;

use crate::support::*;

/// The lease lasts 15 s, and who waits for it looks every 2 s.
const LEASE: Duration = Duration::from_secs(15);
/// From the end of the leader until the other one writes: the lease, a look, and a pass on a busy machine.
const HAND_OVER: Duration = Duration::from_secs(25);
/// Time between two domains that are applied.
const PACE: Duration = Duration::from_secs(1);

/// Domains of a rush.
const RUSH: usize = 30;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Blow {
    /// SIGTERM.
    Stopped,
    /// SIGKILL.
    Killed,
    /// SIGSTOP, and SIGCONT after so many seconds.
    Frozen(u64),
    /// The same, and when it goes on it can't reach the API server, so nobody tells it that another one leads.
    FrozenAndCutOff(u64),
}

impl Blow {
    /// Whether the other replica leads in the end.
    fn hands_over(self) -> bool {
        !matches!(self, Self::Frozen(seconds) if seconds < LEASE.as_secs())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_replica_leads_and_the_last_one_writes_nothing_more() -> anyhow::Result<()> {
    let blows =
        [Blow::Stopped, Blow::Killed, Blow::Frozen(5), Blow::Frozen(16), Blow::Frozen(60), Blow::FrozenAndCutOff(20)];
    let courses = join_all(blows.map(suffer)).await;
    for (blow, course) in blows.iter().zip(&courses) {
        print(*blow, course);
    }
    for (blow, course) in blows.iter().zip(courses) {
        course.with_context(|| format!("{blow:?}"))?;
    }
    Ok(())
}

/// How long SES got no write, and what the former leader wrote after the next one had begun.
#[derive(Debug)]
struct Course {
    silence: Duration,
    late: Vec<Call>,
}

async fn suffer(blow: Blow) -> anyhow::Result<Course> {
    let name = format!("{blow:?}").to_lowercase().replace(['(', ')'], "");
    let proxy = Proxy::start(ControlPlane::shared()?).await?;
    let mut builder = World::builder(&name).behind(&proxy);
    if matches!(blow, Blow::FrozenAndCutOff(_)) {
        // With a rush before it, passes wait for their turn when it is frozen.
        builder = builder.setting("ses-rate", "4");
    }
    let world = builder.start().await?;
    let mut other = world.replica("b")?;
    other.wait_ready().await?;
    let outcome = scenario(blow, &world, &proxy, &other).await;
    outcome.with_context(|| format!("{}\n{}", world.operator.log_tail(), other.log_tail()))
}

async fn scenario(blow: Blow, world: &World<'_>, proxy: &Proxy, other: &Operator) -> anyhow::Result<Course> {
    let acme = world.tenant_namespace("acme", Some("acme")).await?;
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let story = async {
        let course = strike(blow, world, proxy, other, &acme).await;
        let _ = stop.send(());
        course
    };
    let (applied, course) = tokio::join!(apply_on(&acme, stopped), story);
    let rush = if matches!(blow, Blow::FrozenAndCutOff(_)) { RUSH } else { 0 };
    let (applied, course) = (applied? + rush, course?);
    eventually("every domain has its records", DEADLINE, async || {
        let list = domains(&acme).list(&kube::api::ListParams::default()).await.map_err(|error| error.to_string())?;
        let missing =
            |object: &&sender_operator::api::SenderDomain| condition(object, "DkimReady") != "False/RecordsMissing";
        let waiting = list.items.iter().filter(missing).count();
        if waiting == 0 { Ok(()) } else { Err(format!("{waiting} of {applied} wait")) }
    })
    .await?;
    ensure!(world.simulator.identities().len() == applied, "an identity for each domain");
    let deleted = writes(world).into_iter().filter(|call| call.operation.starts_with("Delete")).count();
    ensure!(deleted == 0, "nothing is deleted");
    Ok(course)
}

/// Applies a domain after the other. How many.
async fn apply_on(acme: &Tenant<'_>, mut stopped: tokio::sync::oneshot::Receiver<()>) -> anyhow::Result<usize> {
    let mut ticks = tokio::time::interval(PACE);
    for n in 0.. {
        tokio::select! {
            _ = &mut stopped => return Ok(n),
            _ = ticks.tick() => apply(acme, &format!("d{n}"), &format!("d{n}.example.com"), json!({})).await?,
        }
    }
    Ok(0)
}

async fn strike(
    blow: Blow,
    world: &World<'_>,
    proxy: &Proxy,
    other: &Operator,
    acme: &Tenant<'_>,
) -> anyhow::Result<Course> {
    by(world, "a", 3, 0).await.context("the first replica leads")?;
    ensure!(writes(world).iter().all(|call| call.access_key.as_deref() == Some("a")), "the other one stands by");
    if matches!(blow, Blow::FrozenAndCutOff(_)) {
        let rush =
            (0..RUSH).map(async |n| apply(acme, &format!("r{n}"), &format!("r{n}.example.com"), json!({})).await);
        join_all(rush).await.into_iter().collect::<anyhow::Result<()>>()?;
        by(world, "a", 2, world.simulator.call_count()).await?;
    }
    let begun = Instant::now();
    match blow {
        Blow::Stopped => drop(world.operator.stop().await?),
        Blow::Killed => world.operator.kill9().await?,
        Blow::Frozen(_) | Blow::FrozenAndCutOff(_) => world.operator.signal("STOP")?,
    }
    let last = world.simulator.call_count();
    let mut silence = Duration::ZERO;
    if blow.hands_over() {
        by(world, "b", 1, last).await?;
        silence = begun.elapsed();
        let most = if blow == Blow::Stopped { Duration::from_secs(10) } else { HAND_OVER };
        ensure!(silence < most, "the other one wrote after {silence:?}");
        ensure!(blow == Blow::Stopped || silence > LEASE / 2, "before the lease was over: {silence:?}");
    }
    if let Blow::Frozen(seconds) | Blow::FrozenAndCutOff(seconds) = blow {
        if matches!(blow, Blow::FrozenAndCutOff(_)) {
            proxy.set(Mood::Swallowing);
        }
        tokio::time::sleep_until((begun + Duration::from_secs(seconds)).into()).await;
        world.operator.signal("CONT")?;
        by(world, if blow.hands_over() { "b" } else { "a" }, 5, world.simulator.call_count()).await?;
        ensure!(world.operator.get("/livez").await?.0 == 200 && other.get("/readyz").await?.0 == 200);
        proxy.set(Mood::Honest);
    }
    if !blow.hands_over() {
        silence = begun.elapsed();
    }
    let all = writes(world);
    let first = all.iter().find(|call| call.access_key.as_deref() == Some("b")).map(|call| call.seq);
    let late = all.into_iter().filter(|call| first.is_some_and(|first| call.seq > first));
    let late: Vec<Call> = late.filter(|call| call.access_key.as_deref() == Some("a")).collect();
    // One request that it had begun when it was frozen.
    let allowed = usize::from(matches!(blow, Blow::Frozen(_) | Blow::FrozenAndCutOff(_)));
    ensure!(late.len() <= allowed && first.is_some() == blow.hands_over(), "{late:#?}");
    Ok(Course { silence, late })
}

/// Waits until this replica has written so often after that call.
async fn by(world: &World<'_>, replica: &str, count: usize, after: u64) -> anyhow::Result<()> {
    eventually(&format!("{replica} writes {count} times"), DEADLINE, async || {
        let mine = |call: &&Call| call.access_key.as_deref() == Some(replica) && call.seq > after;
        let made = writes(world).iter().filter(mine).count();
        if made >= count { Ok(()) } else { Err(format!("{made} times")) }
    })
    .await
}

#[expect(clippy::print_stdout, reason = "the table is for people; the test runner shows it on request")]
fn print(blow: Blow, course: &anyhow::Result<Course>) {
    match course {
        Ok(course) => println!(
            "{:19} {:5.1} s without a write, {} late request of the former leader",
            format!("{blow:?}"),
            course.silence.as_secs_f64(),
            course.late.len()
        ),
        Err(error) => println!("{blow:?} {error:#}"),
    }
}
