//! The process: gates, probes, metrics, logs, stopping, dry run.

use std::time::Duration;

use anyhow::{Context, ensure};
use sender_operator_harness::{ControlPlane, Identity, World, eventually};
use serde_json::json;
use ses_simulator::{AccountPatch, Fault};

use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn it_stops_within_ten_seconds_also_in_the_middle_of_a_call() -> anyhow::Result<()> {
    // Nothing but the stop ends a call. The lease has to be longer than that.
    let builder = World::builder("stop").setting("ses-timeout", "10m").setting("lease-duration", "20m");
    let world = builder.start().await?;
    let story = async {
        let acme = world.tenant_namespace("acme", None).await?;
        // How long this machine takes to stop a process that has nothing to do.
        let mut idle = world.replica("idle")?;
        idle.wait_ready().await?;
        let (status, work) = idle.stop().await?;
        ensure!(status.success(), "{status}");

        world.simulator.fault(Fault::latency(Duration::from_hours(1)));
        apply(&acme, "slow", "slow.example.com", json!({})).await?;
        becomes(&acme, "slow", "Owned", "True/Held").await?;
        let (status, took) = world.operator.stop().await?;
        ensure!(
            status.success() && took < Duration::from_secs(10) + 10 * work,
            "{status} after {took:?}, not {work:?}"
        );
        Ok(())
    };
    let outcome = story.await;
    outcome.with_context(|| world.operator.log_tail())
}

#[tokio::test(flavor = "multi_thread")]
async fn probes_and_metrics_tell_what_goes_on() -> anyhow::Result<()> {
    World::scenario("metrics", async |world| {
        let acme = world.tenant_namespace("acme", Some("acme")).await?;
        apply_until_ready(world, &acme, "mail", "mail.example.com", json!({})).await?;
        ensure!(world.operator.get("/livez").await?.0 == 200 && world.operator.get("/readyz").await?.0 == 200);
        let metrics = world.operator.metrics().await?;
        contains(
            &metrics,
            &[
                "sender_operator_ses_calls_total{operation=\"CreateEmailIdentity\",result=\"ok\"} 1",
                "sender_operator_passes_total{outcome=\"settled\"}",
                "sender_operator_claims{state=\"Held\"} 1",
                "sender_operator_ses_budget_wait_seconds_count{lane=\"interactive\"}",
            ],
        )?;
        ensure!(!metrics.contains("acme") && !metrics.contains("example.com"), "a label names a tenant or a domain");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_says_that_aws_refuses_the_credentials() -> anyhow::Result<()> {
    World::scenario("denied", async |world| {
        world.operator.kill9().await?;
        world.simulator.fault(Fault::error(403, "AccessDenied").on("GetCallerIdentity"));
        world.operator.start_again(|_| {})?;
        let said = eventually("readiness names the account", async || match world.operator.get("/readyz").await {
            Ok((503, body)) if body.contains("account: AWS refused") => Ok(body),
            Ok((code, body)) => Err(format!("{code} {body}")),
            Err(error) => Err(error.to_string()),
        })
        .await?;
        contains(&said, &["AccessDenied", "IAM policy", "watches: "])?;
        ensure!(world.operator.get("/livez").await?.0 == 200, "a restart would not help");
        world.simulator.clear_faults();
        world.operator.wait_ready().await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_of_another_aws_account_are_left_alone() -> anyhow::Result<()> {
    World::scenario("account", async |world| {
        let acme = world.tenant_namespace("acme", None).await?;
        apply_until_ready(world, &acme, "mail", "mail.example.com", json!({})).await?;
        world.operator.kill9().await?;
        delete(&acme, "mail").await?;
        world
            .simulator
            .change_account(AccountPatch { account: Some("999988887777".to_owned()), ..AccountPatch::default() });
        world.simulator.clear_journal();
        world.operator.start_again(|_| {})?;
        eventually("readiness names the mismatch", async || match world.operator.get("/readyz").await {
            Ok((503, body)) if body.contains("AccountMismatch") => Ok(()),
            other => Err(format!("{other:?}")),
        })
        .await?;
        ensure!(claim(world, "mail.example.com").await?.unwrap().spec.claim.state.as_str() == "Held");
        let writes = writes(world);
        ensure!(writes.is_empty(), "{writes:#?}");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_shows_its_plan_and_writes_nothing() -> anyhow::Result<()> {
    let world = World::builder("dry").setting("dry-run", "true").start().await?;
    let acme = world.tenant_namespace("acme", None).await?;
    apply(&acme, "mail", "mail.example.com", json!({})).await?;
    let planned = becomes(&acme, "mail", "Ready", "False/DryRun").await?;
    contains(&message(&planned, "Ready"), &["Dry run: would make the claim on mail.example.com Provisional"])?;
    event(&world, &acme.namespace, "Planned").await?;
    ensure!(claim(&world, "mail.example.com").await?.is_none());
    let writes = writes(&world);
    ensure!(writes.is_empty(), "{writes:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn log_lines_are_json_and_hold_no_secret() -> anyhow::Result<()> {
    World::scenario("logs", async |world| {
        let acme = world.tenant_namespace("acme", None).await?;
        apply_until_ready(world, &acme, "mail", "mail.example.com", json!({})).await?;
        let log = world.operator.log();
        ensure!(log.lines().count() > 3, "{log}");
        for line in log.lines() {
            let line: serde_json::Value = serde_json::from_str(line)?;
            ensure!(line["level"].is_string() && line["timestamp"].is_string(), "{line}");
        }
        let admin = world.cluster.admin().await?;
        let namespace = format!("{}-system", world.environment());
        let secrets = kube::Api::<k8s_openapi::api::core::v1::Secret>::namespaced(admin, &namespace);
        let secret = secrets.get("sender-operator").await?.data.unwrap();
        let key = serde_json::to_string(&secret["challenge-key"])?;
        ensure!(secret["challenge-key"].0.len() == 32 && !log.contains(key.trim_matches('"')));
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_crds_it_waits_and_says_so() -> anyhow::Result<()> {
    let cluster = tokio::task::spawn_blocking(ControlPlane::start).await??;
    let mut world = World::builder("crds").on(&cluster).start().await?;
    world.operator.kill9().await?;
    let delete = ["delete", "crd", "senderclaims.sender-operator.io"];
    cluster.kubectl(&delete, &Identity::Admin).await?.success()?;
    world.operator.start_again(|_| {})?;
    eventually("readiness names the CRD", async || match world.operator.get("/readyz").await {
        Ok((503, body)) if body.contains("crds: the CRD SenderClaim") && body.contains("apply the files of crds/") => {
            Ok(())
        }
        other => Err(format!("{other:?}")),
    })
    .await?;
    ensure!(world.operator.get("/livez").await?.0 == 200, "a restart would not help");
    let crds = concat!(env!("CARGO_MANIFEST_DIR"), "/crds/senderclaims.yaml");
    cluster.kubectl(&["apply", "--server-side", "-f", crds], &Identity::Admin).await?.success()?;
    world.operator.wait_ready().await
}
