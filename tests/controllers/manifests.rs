//! No drift: the operator never changes an applied manifest, as `kubectl diff` and Argo CD compare it.

use anyhow::ensure;
use kube::ResourceExt;
use sender_operator::api::FIELD_MANAGER;
use sender_operator_harness::{TenantNamespace, TestEnv};
use serde_json::{Value, json};

use crate::support::*;

const MANAGER: &str = "--field-manager=argocd-controller";

/// No difference, client-side and server-side, and applying again changes nothing.
async fn no_drift(tenant: &TenantNamespace<'_>, manifest: &Value, step: &str) -> anyhow::Result<()> {
    let text = manifest.to_string();
    for how in [&["diff", "-f", "-"][..], &["diff", "--server-side", MANAGER, "-f", "-"]] {
        let diff = tenant.kubectl_with_input(how, &text).await?;
        ensure!(diff.ok && diff.stdout.is_empty(), "{step}: {how:?}: {}{}", diff.stdout, diff.stderr);
    }
    let name = manifest["metadata"]["name"].as_str().unwrap_or_default();
    let before = domains(tenant).get(name).await?;
    let applied = tenant.kubectl_with_input(&["apply", "--server-side", MANAGER, "-f", "-"], &text).await?;
    ensure!(applied.ok, "{step}: {}", applied.stderr);
    let after = domains(tenant).get(name).await?;
    ensure!(after.metadata.generation == before.metadata.generation, "{step}: another generation");
    // The spec is as written, without defaults; the operator adds a status and nothing else.
    ensure!(json!(after.spec) == manifest["spec"], "{step}: {after:#?}");
    ensure!(after.annotations() == before.annotations() && after.labels().is_empty(), "{step}: {after:#?}");
    ensure!(after.finalizers().is_empty() && after.owner_references().is_empty(), "{step}: {after:#?}");
    let others = after.managed_fields().iter().filter(|fields| fields.manager.as_deref() == Some(FIELD_MANAGER));
    for fields in others {
        ensure!(fields.subresource.as_deref() == Some("status"), "{step}: {fields:#?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_applied_manifest_never_differs_from_the_object() -> anyhow::Result<()> {
    TestEnv::scenario("drift", async |env| {
        let acme = env.tenant_namespace("acme", Some("acme")).await?;
        let plain = manifest("mail", "mail.example.com", &json!({}));
        let suspended = manifest("mail", "mail.example.com", &json!({ "suspend": true }));
        for how in [&["apply", "-f", "-"][..], &["apply", "--server-side", "--force-conflicts", MANAGER, "-f", "-"]] {
            acme.kubectl_with_input(how, &plain.to_string()).await?.success()?;
        }
        no_drift(&acme, &plain, "applied").await?;
        becomes(&acme, "mail", "DkimReady", "False/RecordsMissing").await?;
        no_drift(&acme, &plain, "waiting for DNS").await?;
        env.simulator.publish_dkim("mail.example.com")?;
        ready(&acme, "mail").await?;
        no_drift(&acme, &plain, "Ready").await?;
        let record = domains(&acme).get("mail").await?.status.unwrap().dns_records[0].clone();
        env.simulator.set_record(&record.name, "CNAME", &["elsewhere.example.net"])?;
        becomes(&acme, "mail", "DkimReady", "False/RecordsMissing").await?;
        no_drift(&acme, &plain, "with a wrong record").await?;
        let apply = ["apply", "--server-side", "--force-conflicts", MANAGER, "-f", "-"];
        acme.kubectl_with_input(&apply, &suspended.to_string()).await?.success()?;
        becomes(&acme, "mail", "Ready", "False/Suspended").await?;
        no_drift(&acme, &suspended, "suspended").await?;
        let other = env.tenant_namespace("other", Some("other")).await?;
        other.kubectl_with_input(&apply, &plain.to_string()).await?.success()?;
        becomes(&other, "mail", "Stalled", "True/OwnedByAnotherTenant").await?;
        no_drift(&other, &plain, "stalled").await?;
        Ok(())
    })
    .await
}
