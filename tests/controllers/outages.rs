//! Outages of the API server, of each kind.
//!
//! An outage lasts until readiness reports it; `SENDER_OPERATOR_OUTAGE_SECONDS` makes it longer.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use futures::future::join_all;
use kube::ResourceExt;
use sender_operator_harness::{ControlPlane, Mood, Proxy, TenantNamespace, TestEnv, eventually};
use serde_json::json;
use ses_simulator::Call;

use crate::support::*;

/// From the return of the API server until all work is done, counting only the operator's own pauses.
const RECOVERY: Duration = Duration::from_secs(45);
/// Readiness reports an outage within this time, counting only the operator's own pauses.
const NOTICE: Duration = Duration::from_secs(35);
/// The work is extra. The limit is this multiple of the time that this machine took for similar work before.
const WORK: u32 = 20;

#[derive(Clone, Copy, Debug)]
enum Outage {
    /// The process is gone; connections are refused.
    Stopped,
    /// The process is frozen: connections are accepted but get no answers.
    Frozen,
    /// Each request is answered with 500.
    Failing,
    /// Each request is answered with 429 and `Retry-After: 300`.
    Overloaded,
    /// A load balancer answers each request with a 404 of its own, which must not count as a deleted object.
    Misrouted,
    /// The network drops everything, also data in transit; open connections are lost without notice.
    Unplugged,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_recovers_within_45_seconds_of_the_api_server_plus_the_time_of_its_work() -> anyhow::Result<()> {
    use Outage::{Failing, Frozen, Misrouted, Overloaded, Stopped, Unplugged};
    let all = [Stopped, Frozen, Failing, Overloaded, Misrouted, Unplugged];
    for (outage, course) in all.iter().zip(join_all(all.iter().map(|outage| suffer(*outage))).await) {
        course.with_context(|| format!("{outage:?}"))?;
    }
    Ok(())
}

async fn suffer(outage: Outage) -> anyhow::Result<()> {
    let name = format!("{outage:?}").to_lowercase();
    if matches!(outage, Outage::Stopped | Outage::Frozen) {
        // No other test can use it.
        let cluster = tokio::task::spawn_blocking(ControlPlane::start).await??;
        return course(outage, &cluster, None, TestEnv::builder(&name).on(&cluster)).await;
    }
    let cluster = ControlPlane::shared()?;
    let proxy = Proxy::start(cluster).await?;
    course(outage, cluster, Some(&proxy), TestEnv::builder(&name).behind(&proxy)).await
}

async fn course<'c>(
    outage: Outage,
    cluster: &'c ControlPlane,
    proxy: Option<&'c Proxy>,
    builder: sender_operator_harness::test_env::TestEnvBuilder<'c>,
) -> anyhow::Result<()> {
    let env = builder.start().await?;
    let outcome = scenario(outage, cluster, proxy, &env).await;
    outcome.with_context(|| env.operator.log_tail())
}

async fn scenario(
    outage: Outage,
    cluster: &ControlPlane,
    proxy: Option<&Proxy>,
    env: &TestEnv<'_>,
) -> anyhow::Result<()> {
    let acme = env.tenant_namespace("acme", Some("acme")).await?;
    apply_until_ready(env, &acme, "old", "old.example.com", json!({})).await?;
    let begun = Instant::now();
    apply(&acme, "waiting", "waiting.example.com", json!({})).await?;
    becomes(&acme, "waiting", "DkimReady", "False/RecordsMissing").await?;
    let work = begun.elapsed() * WORK;
    let before = (domains(&acme).get("old").await?.resource_version(), env.simulator.call_count());

    begin(outage, cluster, proxy).await?;
    let begun = Instant::now();
    env.simulator.publish_dkim("waiting.example.com")?;
    if proxy.is_some() {
        apply(&acme, "meanwhile", "meanwhile.example.com", json!({})).await?;
    }
    let noticed = probes_tell_the_truth(env, begun).await?;
    ensure!(noticed < NOTICE + work, "readiness reported it after {noticed:?}; work takes {work:?}");
    let writes = writes_since(env, before.1);
    ensure!(writes.is_empty(), "{writes:#?}");
    end(outage, cluster, proxy).await?;
    let back = Instant::now();
    recovery(env, &acme, proxy).await?;
    let last = back.elapsed();
    ensure!(last < RECOVERY + work, "it took {last:?}, longer than {RECOVERY:?} and {work:?} of work");

    for domain in ["old", "waiting", "meanwhile", "new"] {
        let created = calls(env, "CreateEmailIdentity", &format!("{domain}.example.com"));
        ensure!(
            created == usize::from(domain != "meanwhile" || proxy.is_some()),
            "{domain} was created {created} times"
        );
    }
    let writes = writes_since(env, before.1);
    ensure!(writes.iter().all(|call| call.operation == "CreateEmailIdentity"), "{writes:#?}");
    let old = domains(&acme).get("old").await?;
    ensure!(old.resource_version() == before.0, "a status was written without a change: {:#?}", old.status);
    Ok(())
}

async fn begin(outage: Outage, cluster: &ControlPlane, proxy: Option<&Proxy>) -> anyhow::Result<()> {
    let mood = match outage {
        Outage::Stopped => return cluster.command("stop kube-apiserver").await.map(drop),
        Outage::Frozen => return cluster.command("pause kube-apiserver").await.map(drop),
        Outage::Failing => Mood::Refusing(500),
        Outage::Overloaded => Mood::Refusing(429),
        Outage::Misrouted => Mood::Refusing(404),
        Outage::Unplugged => Mood::Swallowing,
    };
    proxy.context("no proxy")?.set(mood);
    Ok(())
}

/// Returns when the API server is usable again.
async fn end(outage: Outage, cluster: &ControlPlane, proxy: Option<&Proxy>) -> anyhow::Result<()> {
    match outage {
        Outage::Stopped => cluster.command("start kube-apiserver").await.map(drop),
        Outage::Frozen => cluster.command("continue kube-apiserver").await.map(drop),
        _ => {
            proxy.context("no proxy")?.set(Mood::Honest);
            Ok(())
        }
    }
}

/// Lets the outage last. A restart would not help, so liveness stays; readiness reports the cause.
async fn probes_tell_the_truth(env: &TestEnv<'_>, begun: Instant) -> anyhow::Result<Duration> {
    let least = match std::env::var("SENDER_OPERATOR_OUTAGE_SECONDS") {
        Ok(seconds) => Duration::from_secs(seconds.parse()?),
        Err(_) => Duration::ZERO,
    };
    let mut noticed = None;
    eventually("readiness reports the outage", async || {
        let (alive, ready) = (env.operator.get("/livez").await, env.operator.get("/readyz").await);
        let (alive, (code, said)) =
            (alive.map_err(|error| error.to_string())?, ready.map_err(|error| error.to_string())?);
        assert_eq!(alive.0, 200, "liveness answered {alive:?}");
        if code == 503 {
            assert!(said.contains("apiserver: the Kubernetes API server"), "{said}");
            noticed.get_or_insert_with(|| begun.elapsed());
        }
        assert!(noticed.is_none() || code == 503, "readiness came back during the outage");
        let over = noticed.is_some() && begun.elapsed() >= least;
        if over { Ok(()) } else { Err(format!("{code}, for {} min", begun.elapsed().as_secs() / 60)) }
    })
    .await?;
    noticed.context("not noticed")
}

/// One domain is applied as soon as the API server is back; others were applied before or during the outage.
async fn recovery(env: &TestEnv<'_>, acme: &TenantNamespace<'_>, proxy: Option<&Proxy>) -> anyhow::Result<()> {
    let new = async {
        // A server that has just started may still refuse.
        eventually("the domain can be applied", async || {
            let applied = apply(acme, "new", "new.example.com", json!({})).await;
            applied.map_err(|error| error.to_string())
        })
        .await?;
        becomes(acme, "new", "DkimReady", "False/RecordsMissing").await
    };
    let meanwhile = async {
        match proxy {
            Some(_) => becomes(acme, "meanwhile", "DkimReady", "False/RecordsMissing").await.map(drop),
            None => Ok(()),
        }
    };
    let readiness = eventually("readiness is back", async || match env.operator.get("/readyz").await {
        Ok((200, _)) => Ok(()),
        other => Err(format!("{other:?}")),
    });
    tokio::try_join!(new, ready(acme, "waiting"), meanwhile, readiness).map(drop)
}

/// Changes at SES since then.
fn writes_since(env: &TestEnv<'_>, before: u64) -> Vec<Call> {
    writes(env).into_iter().filter(|call| call.seq > before).collect()
}
