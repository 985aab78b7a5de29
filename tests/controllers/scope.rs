//! Selected namespaces: resources in other namespaces are ignored.

use anyhow::ensure;
use k8s_openapi::api::rbac::v1::ClusterRoleBinding;
use kube::api::DeleteParams;
use sender_operator_harness::{ControlPlane, TestEnv, eventually};
use serde_json::json;

use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn selected_namespaces_are_served_even_if_created_later_and_others_are_not() -> anyhow::Result<()> {
    TestEnv::builder("scope")
        .environment("scope")
        .setting("watch-namespaces", "scope-first,scope-later")
        .setting("release-delay", "2s")
        .run(async |env| {
            let elsewhere = env.tenant_in("scope-elsewhere", Some("elsewhere")).await?;
            apply(&elsewhere, "mail", "elsewhere.example.com", json!({})).await?;
            let first = env.tenant_in("scope-first", Some("acme")).await?;
            apply_until_ready(env, &first, "mail", "mail.example.com", json!({})).await?;
            let later = env.tenant_in("scope-later", Some("acme")).await?;
            apply(&later, "mail", "mail.example.com", json!({})).await?;
            becomes(&later, "mail", "Stalled", "True/Duplicate").await?;
            // It was applied before all of them.
            let unseen = domains(&elsewhere).get("mail").await?;
            ensure!(unseen.status.is_none_or(|status| status.observed_generation == -1));
            ensure!(claim(env, "elsewhere.example.com").await?.is_none());

            // The tenant still claims the domain in another selected namespace, so it is not released.
            delete(&first, "mail").await?;
            ready(&later, "mail").await?;
            ensure!(calls(env, "DeleteEmailIdentity", "mail.example.com") == 0);
            delete(&later, "mail").await?;
            identity_gone(env, "mail.example.com").await?;
            env.operator.wait_ready().await?;
            an_unreadable_namespace_is_named(env).await
        })
        .await
}

/// Without the binding, a release can't read its namespaces at startup; readiness names them.
async fn an_unreadable_namespace_is_named(env: &TestEnv<'_>) -> anyhow::Result<()> {
    let bindings = kube::Api::<ClusterRoleBinding>::all(ControlPlane::shared()?.admin().await?);
    bindings.delete("sender-operator-scope", &DeleteParams::default()).await?;
    let starting = env.replica("starting")?;
    eventually("readiness names the namespace", async || {
        let (_, body) = starting.get("/readyz").await.map_err(|error| error.to_string())?;
        let named =
            body.contains("cannot list senderaddresses in namespace scope-first: ") && body.contains("forbidden");
        named.then_some(()).ok_or(body)
    })
    .await
}
