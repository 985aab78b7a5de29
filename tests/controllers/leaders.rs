//! Two replicas; the leader is stopped, killed or frozen while domains are continuously applied.
//! `src/cluster/lease_tests.rs` tests the time to the next leader on virtual time; here the Lease object shows the
//! order.

use std::time::Duration;

use anyhow::{Context, ensure};
use futures::future::join_all;
use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use kube::Api;
use sender_operator_harness::{ControlPlane, Mood, Operator, Proxy, TenantNamespace, TestEnv, eventually};
use serde_json::json;
use ses_simulator::Call;

use crate::support::*;

/// How long a renewal of the lease is valid.
const LEASE: Duration = Duration::from_secs(15);
/// Time between two domains.
const PACE: Duration = Duration::from_secs(1);
/// Domains in a burst.
const RUSH: usize = 30;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Blow {
    /// SIGTERM.
    Stopped,
    /// SIGKILL.
    Killed,
    /// SIGSTOP, and SIGCONT long before the lease expires.
    FrozenBriefly,
    /// SIGSTOP, and SIGCONT when the other replica leads.
    Frozen,
    /// The same, but after SIGCONT it can't reach the API server and so does not learn that the other replica leads.
    FrozenAndCutOff,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_replica_leads_and_the_last_one_writes_nothing_more() -> anyhow::Result<()> {
    let blows = [Blow::Stopped, Blow::Killed, Blow::FrozenBriefly, Blow::Frozen, Blow::FrozenAndCutOff];
    for (blow, course) in blows.iter().zip(join_all(blows.map(suffer)).await) {
        course.with_context(|| format!("{blow:?}"))?;
    }
    Ok(())
}

async fn suffer(blow: Blow) -> anyhow::Result<()> {
    let name = format!("{blow:?}").to_lowercase();
    let proxy = Proxy::start(ControlPlane::shared()?).await?;
    let mut builder = TestEnv::builder(&name).behind(&proxy);
    if blow == Blow::FrozenAndCutOff {
        // After a burst, reconciles wait for their SES calls when the leader is frozen.
        builder = builder.setting("ses-rate", "4");
    }
    let env = builder.start().await?;
    let mut other = env.replica("b")?;
    other.wait_ready().await?;
    let outcome = scenario(blow, &env, &proxy, &other).await;
    outcome.with_context(|| format!("{}\n{}", env.operator.log_tail(), other.log_tail()))
}

async fn scenario(blow: Blow, env: &TestEnv<'_>, proxy: &Proxy, other: &Operator) -> anyhow::Result<()> {
    let acme = env.tenant_namespace("acme", Some("acme")).await?;
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let story = async {
        let struck = strike(blow, env, proxy, other, &acme).await;
        let _ = stop.send(());
        struck
    };
    let (applied, struck) = tokio::join!(apply_on(&acme, stopped), story);
    let rush = if blow == Blow::FrozenAndCutOff { RUSH } else { 0 };
    struck?;
    let applied = applied? + rush;
    all_become(&acme, "DkimReady", "False/RecordsMissing").await?;
    ensure!(env.simulator.identities().len() == applied, "an identity for each domain");
    let deleted = writes(env).into_iter().filter(|call| call.operation.starts_with("Delete")).count();
    ensure!(deleted == 0, "nothing is deleted");
    Ok(())
}

/// Applies one domain after another. Returns their number.
async fn apply_on(
    acme: &TenantNamespace<'_>,
    mut stopped: tokio::sync::oneshot::Receiver<()>,
) -> anyhow::Result<usize> {
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
    env: &TestEnv<'_>,
    proxy: &Proxy,
    other: &Operator,
    acme: &TenantNamespace<'_>,
) -> anyhow::Result<()> {
    by(env, &["a"], 3, 0).await.context("the first replica leads")?;
    ensure!(writes(env).iter().all(|call| call.access_key.as_deref() == Some("a")), "the other one is on standby");
    if blow == Blow::FrozenAndCutOff {
        let rush =
            (0..RUSH).map(async |n| apply(acme, &format!("r{n}"), &format!("r{n}.example.com"), json!({})).await);
        join_all(rush).await.into_iter().collect::<anyhow::Result<()>>()?;
        by(env, &["a"], 2, env.simulator.call_count()).await?;
    }
    match blow {
        Blow::Stopped => drop(env.operator.stop().await?),
        Blow::Killed => env.operator.kill9().await?,
        _ => env.operator.signal("STOP")?,
    }
    let (last, left) = (env.simulator.call_count(), lease(env).await?);
    if blow == Blow::FrozenBriefly {
        is_old(&left, LEASE / 3).await?;
    } else {
        by(env, &["b"], 1, last).await?;
    }
    if matches!(blow, Blow::FrozenBriefly | Blow::Frozen | Blow::FrozenAndCutOff) {
        if blow == Blow::FrozenAndCutOff {
            proxy.set(Mood::Swallowing);
        }
        env.operator.signal("CONT")?;
        let leaders: &[&str] = if blow == Blow::FrozenBriefly { &["a", "b"] } else { &["b"] };
        by(env, leaders, 5, env.simulator.call_count()).await?;
        ensure!(env.operator.get("/livez").await?.0 == 200 && other.get("/readyz").await?.0 == 200);
        proxy.set(Mood::Honest);
    }
    is_handed_over_in_time(blow, &left, &lease(env).await?)?;
    let all = writes(env);
    let first = all.iter().find(|call| call.access_key.as_deref() == Some("b")).map(|call| call.seq);
    let late = all.into_iter().filter(|call| first.is_some_and(|first| call.seq > first));
    let late: Vec<Call> = late.filter(|call| call.access_key.as_deref() == Some("a")).collect();
    // One request that it had begun when it was frozen.
    let allowed = usize::from(!matches!(blow, Blow::Stopped | Blow::Killed));
    ensure!(late.len() <= allowed, "{late:#?}");
    Ok(())
}

/// The lease in the API server.
async fn lease(env: &TestEnv<'_>) -> anyhow::Result<LeaseSpec> {
    let namespace = format!("{}-system", env.environment());
    let leases = Api::<Lease>::namespaced(env.cluster.admin().await?, &namespace);
    let lease = leases.get(&format!("sender-operator-{}", env.environment())).await?;
    lease.spec.context("a lease without a spec")
}

/// Waits until the last renewal of the lease is this old.
async fn is_old(lease: &LeaseSpec, age: Duration) -> anyhow::Result<()> {
    let renewed = lease.renew_time.clone().context("never renewed")?.0;
    eventually("the lease is old", async || {
        let old = Timestamp::now().duration_since(renewed).unsigned_abs() >= age;
        if old { Ok(()) } else { Err("it is not".to_owned()) }
    })
    .await
}

/// A stopped leader frees the lease at once. From a leader that disappears it is taken only after it has expired.
/// `left`: the lease after the blow.
fn is_handed_over_in_time(blow: Blow, left: &LeaseSpec, now: &LeaseSpec) -> anyhow::Result<()> {
    let holder = |lease: &LeaseSpec| lease.holder_identity.clone().unwrap_or_default();
    if blow == Blow::Stopped {
        ensure!(holder(left) != "a" && holder(now) == "b", "stopped: {left:#?}\nnow: {now:#?}");
        return Ok(());
    }
    ensure!(holder(left) == "a", "{left:#?}");
    // On a slow machine, the lease of a briefly frozen leader may expire all the same.
    if blow == Blow::FrozenBriefly && holder(now) == "a" {
        ensure!(now.lease_transitions == left.lease_transitions, "the other replica led: {now:#?}");
        return Ok(());
    }
    let (renewed, taken) = (left.renew_time.clone().context("never renewed")?.0, now.acquire_time.clone());
    let silent = taken.context("never taken")?.0.duration_since(renewed);
    ensure!(holder(now) == "b" && silent.unsigned_abs() >= LEASE && silent.is_positive(), "{left:#?}\nnow: {now:#?}");
    Ok(())
}

/// Waits until these replicas have written this often after that call.
async fn by(env: &TestEnv<'_>, replicas: &[&str], count: usize, after: u64) -> anyhow::Result<()> {
    eventually(&format!("{replicas:?} write {count} times"), async || {
        let theirs =
            |call: &&Call| replicas.contains(&call.access_key.as_deref().unwrap_or_default()) && call.seq > after;
        let made = writes(env).iter().filter(theirs).count();
        if made >= count { Ok(()) } else { Err(format!("{made} times")) }
    })
    .await
}
