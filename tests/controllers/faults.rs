//! Each way in which a call to AWS can fail on the wire, and the operator's reaction. `tests/reconciles/faults.rs` has
//! the table of consequences, call by call.

use std::time::Duration;

use anyhow::{Context, ensure};
use futures::future::try_join_all;
use sender_operator::api::SenderDomain;
use sender_operator_harness::{TenantNamespace, TestEnv};
use serde_json::json;
use ses_simulator::{Fault, FaultKind};

use crate::{history::StatusHistory, support::*};

/// Longer than any test.
const NEVER: Duration = Duration::from_hours(1);
/// The operator's timeout for an answer.
const PATIENCE: Duration = Duration::from_secs(1);
/// The message for a call without an answer in time.
const UNREACHABLE: &str = "SES is unreachable";

/// A name, the fault, the error class in the metrics, and the reported reason and words.
type Failure = (&'static str, fn() -> Fault, &'static str, Option<(&'static str, &'static str)>);

const FAILURES: [Failure; 7] = [
    ("timeout", || Fault::latency(NEVER), "unreachable", Some(("SesUnavailable", UNREACHABLE))),
    ("late-answer", || Fault::late(NEVER), "unreachable", Some(("SesUnavailable", UNREACHABLE))),
    // The operator has timed out, and perhaps retried, when the first call has its effect.
    ("late-effect", || Fault::latency(PATIENCE * 2), "unreachable", Some(("SesUnavailable", UNREACHABLE))),
    ("throttled", Fault::throttled, "throttled", None),
    ("internal", Fault::internal, "server", Some(("SesUnavailable", "SES reported an internal error"))),
    (
        "denied",
        Fault::access_denied,
        "denied",
        Some((
            "AccessDenied",
            "AWS rejected the operator's credentials or denied it a permission (AccessDeniedException)",
        )),
    ),
    (
        "malformed",
        || Fault::new(FaultKind::Malformed),
        "malformed",
        Some(("SesUnavailable", "SES returned a response that cannot be parsed")),
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_failure_on_the_wire_is_distinguished_and_overcome() -> anyhow::Result<()> {
    let builder = TestEnv::builder("aws").setting("ses-timeout", &format!("{}s", PATIENCE.as_secs()));
    let builder = builder.setting("workers", "16").setting("poll-interval", "500ms");
    let story = builder.run(async |env| {
        let acme = env.tenant_namespace("acme", Some("acme")).await?;
        let history = StatusHistory::of(domains(&acme));
        try_join_all(FAILURES.iter().map(|failure| at_a_creation(env, &acme, &history, failure))).await?;
        let metrics = env.operator.metrics().await?;
        for (_, _, class, _) in FAILURES {
            let counted = "sender_operator_ses_calls_total{operation=\"CreateEmailIdentity\",result=";
            contains(&metrics, &[&format!("{counted}\"{class}\"}}")])?;
        }
        for failure in &FAILURES {
            at_the_start(env, failure).await.with_context(|| failure.0)?;
        }
        Ok(())
    });
    story.await
}

/// The first calls for a new identity fail.
async fn at_a_creation(
    env: &TestEnv<'_>,
    acme: &TenantNamespace<'_>,
    history: &StatusHistory<SenderDomain>,
    (name, fault, _, told): &Failure,
) -> anyhow::Result<()> {
    let domain = format!("{name}.example.com");
    // Three failures in a row are reported. Three throttled calls postpone a reconcile.
    let times = if told.is_some() { 3 } else { 9 };
    env.simulator.fault(fault().on("CreateEmailIdentity").identity(&domain).times(times));
    apply(acme, name, &domain, json!({})).await?;
    history.until(name, &[("DkimReady", "False/RecordsMissing")]).await?;
    env.simulator.publish_dkim(&domain)?;
    history.until(name, &[("Ready", "True/Ready")]).await?;
    history.lint(name)?;
    let journal = env.simulator.journal();
    let about = journal.iter().filter(|call| call.identity.as_ref() == Some(&domain));
    let created = about.filter(|call| call.operation == "CreateEmailIdentity" && call.status == 200).count();
    ensure!(created == 1, "{domain} was created {created} times");
    let Some((reason, words)) = told else { return Ok(()) };
    let said = history.versions(name);
    let says = |object: &SenderDomain| condition(object, "Ready") == format!("False/{reason}");
    ensure!(said.iter().any(|object| says(object) && message(object, "Ready").contains(words)), "{name}: {said:#?}");
    Ok(())
}

/// The operator does nothing before it knows the account, reports that, and continues automatically.
async fn at_the_start(env: &mut TestEnv<'_>, (_, fault, _, told): &Failure) -> anyhow::Result<()> {
    env.operator.kill9().await?;
    let before = env.simulator.call_count();
    env.simulator.fault(fault().on("GetCallerIdentity"));
    env.operator.start_again(|_| {})?;
    let words = told.map_or("SES is throttling", |(_, words)| words).split(" (").next().unwrap_or_default();
    unready(env, &format!("account: {words}")).await?;
    ensure!(env.operator.get("/livez").await?.0 == 200, "a restart would not help");
    env.simulator.clear_faults();
    env.operator.wait_ready().await?;
    let mut calls = env.simulator.journal();
    calls.retain(|call| call.seq > before);
    let known = calls.iter().position(|call| call.service == "sts" && call.status == 200 && call.fault.is_none());
    let known = known.context("the account was never read")?;
    ensure!(calls[..known].iter().all(|call| call.service == "sts"), "SES was called before: {calls:#?}");
    Ok(())
}
