//! The process: readiness gates, probes, metrics, logs, shutdown.

use std::time::Duration;

use anyhow::ensure;
use k8s_openapi::api::core::v1::Secret;
use kube::Api;
use sender_operator_harness::{ControlPlane, TestEnv};
use serde_json::{Value, json};
use ses_simulator::Fault;

use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn it_stops_within_ten_seconds_even_during_a_call() -> anyhow::Result<()> {
    // Only the stop ends a call. The lease has to be longer than that.
    let builder = TestEnv::builder("stop").setting("ses-timeout", "10m").setting("lease-duration", "20m");
    let story = builder.run(async |env| {
        let acme = env.tenant_namespace("acme", None).await?;
        // The time that this machine needs to stop an idle process.
        let mut idle = env.replica("idle")?;
        idle.wait_ready().await?;
        let (status, work) = idle.stop().await?;
        ensure!(status.success(), "{status}");

        env.simulator.fault(Fault::latency(Duration::from_hours(1)));
        apply(&acme, "slow", "slow.example.com", json!({})).await?;
        becomes(&acme, "slow", "Owned", "True/Held").await?;
        let (status, took) = env.operator.stop().await?;
        ensure!(
            status.success() && took < Duration::from_secs(10) + 10 * work,
            "{status} after {took:?}, not {work:?}"
        );
        Ok(())
    });
    story.await
}

#[tokio::test(flavor = "multi_thread")]
async fn probes_metrics_and_logs_report_the_state_and_no_secret() -> anyhow::Result<()> {
    TestEnv::scenario("metrics", async |env| {
        let acme = env.tenant_namespace("acme", Some("acme")).await?;
        apply_until_ready(env, &acme, "mail", "mail.example.com", json!({})).await?;
        ensure!(env.operator.get("/livez").await?.0 == 200 && env.operator.get("/readyz").await?.0 == 200);
        let calls = env.simulator.journal().into_iter().filter(|call| call.service == "ses").count();
        let metrics = env.operator.metrics().await?;
        contains(
            &metrics,
            &[
                "sender_operator_ses_calls_total{operation=\"CreateEmailIdentity\",result=\"ok\"} 1",
                "sender_operator_reconciles_total{outcome=\"settled\"}",
                "sender_operator_claims{state=\"Held\"} 1",
            ],
        )?;
        ensure!(!metrics.contains("acme") && !metrics.contains("example.com"), "a label names a tenant or a domain");
        let turns = |line: &str| {
            line.strip_prefix("sender_operator_ses_budget_wait_seconds_count")?.split(' ').nth(1)?.parse::<usize>().ok()
        };
        let turns: usize = metrics.lines().filter_map(turns).sum::<usize>();
        ensure!(turns >= calls, "of {calls} calls only {turns} waited for the call budget");

        let log = env.operator.log();
        ensure!(log.lines().count() > 3, "{log}");
        for line in log.lines() {
            let line: Value = serde_json::from_str(line)?;
            ensure!(line["level"].is_string() && line["timestamp"].is_string(), "{line}");
        }
        let namespace = format!("{}-system", env.environment());
        let secrets = Api::<Secret>::namespaced(env.cluster.admin().await?, &namespace);
        let secret = secrets.get("sender-operator").await?.data.unwrap();
        let key = serde_json::to_string(&secret["challenge-key"])?;
        ensure!(secret["challenge-key"].0.len() == 32 && !log.contains(key.trim_matches('"')));
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_crds_it_waits_and_reports_it() -> anyhow::Result<()> {
    let cluster = tokio::task::spawn_blocking(ControlPlane::start).await??;
    let story = TestEnv::builder("crds").on(&cluster).run(async |env| {
        while_down(env, async |env| {
            kubectl(env, &["delete", "crd", "senderclaims.sender-operator.io"]).await.map(drop)
        })
        .await?;
        contains(&unready(env, "crds: the CRD SenderClaim").await?, &["apply the files in crds/"])?;
        ensure!(env.operator.get("/livez").await?.0 == 200, "a restart would not help");
        let crds = concat!(env!("CARGO_MANIFEST_DIR"), "/crds/senderclaims.yaml");
        kubectl(env, &["apply", "--server-side", "-f", crds]).await?;
        env.operator.wait_ready().await
    });
    story.await
}
