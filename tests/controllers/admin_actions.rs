//! What administrators see and do: kubectl as a user bound to the shipped role.

use anyhow::ensure;
use sender_operator::model::claim::State;
use sender_operator_harness::{Identity, TestEnv, controlplane::apply as apply_object, eventually};
use serde_json::json;

use crate::support::*;

const HELD: &str = "held.orders.example.com";

/// A user who may read claims and annotate them, and nothing else.
async fn claim_admin(env: &TestEnv<'_>) -> anyhow::Result<Identity> {
    let name = format!("{}-claims", env.environment());
    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": { "name": name },
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "sender-operator-claim-admin",
        },
        "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": name }],
    });
    apply_object(&env.cluster.admin().await?, None, &binding).await?;
    let user = Identity::user(&name, &[]);
    eventually("claims are listed", async || {
        let answer = env.cluster.kubectl(&["get", "sclaim"], &user).await.map_err(|error| error.to_string())?;
        if answer.ok { Ok(()) } else { Err(answer.stderr) }
    })
    .await?;
    Ok(user)
}

/// `kubectl annotate sclaim <claim> <annotation>`.
async fn annotate(env: &TestEnv<'_>, who: &Identity, domain: &str, annotation: &str) -> anyhow::Result<()> {
    let name = format!("{}.{domain}", env.environment());
    let annotation = format!("sender-operator.io/{annotation}");
    env.cluster.kubectl(&["annotate", "sclaim", &name, &annotation, "--overwrite"], who).await?.success()?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_shows_administrators_the_holders_and_applies_their_actions() -> anyhow::Result<()> {
    proving("orders")
        .setting("release-delay", "1h")
        .run(async |env| {
            let admin = claim_admin(env).await?;
            let acme = env.tenant_namespace("acme", Some("acme")).await?;
            let other = env.tenant_namespace("other", Some("other")).await?;
            prove(env, &acme, "held", HELD).await?;
            prove(env, &other, "left", "left.example.net").await?;
            delete(&other, "left").await?;
            claim_becomes(env, "left.example.net", "Releasing").await?;
            apply(&other, "asked", "asked.example.org", json!({})).await?;
            claim_becomes(env, "asked.example.org", "Provisional").await?;

            let table = env.cluster.kubectl(&["get", "sclaim"], &admin).await?.success()?;
            let header: Vec<&str> = table.lines().next().unwrap_or_default().split_whitespace().collect();
            let columns = ["NAME", "DOMAIN", "ADDRESS", "STATE", "TENANT", "PROOF", "SINCE", "ANSWER", "RELEASING"];
            ensure!(header == columns, "{table}");
            let row = |domain: &str| {
                let name = format!("{}.{domain}", env.environment());
                let row = table.lines().find(|line| line.starts_with(&name)).unwrap_or_default();
                row.split_whitespace().skip(1).map(str::to_owned).collect::<Vec<_>>()
            };
            let is_age = |text: &str| text.ends_with('s') || text.ends_with('m');
            let held = row(HELD);
            ensure!(held[..4] == [HELD, "Held", "tenant/acme", "DNSChallenge"] && held.len() == 5);
            ensure!(is_age(&held[4]), "{held:?}");
            let left = row("left.example.net");
            ensure!(left[..4] == ["left.example.net", "Releasing", "tenant/other", "DNSChallenge"] && left.len() == 6);
            ensure!(is_age(&left[4]) && is_age(&left[5]), "{left:?}");
            // It has no holder yet.
            ensure!(row("asked.example.org") == ["asked.example.org", "Provisional"], "{table}");
            let wide = env.cluster.kubectl(&["get", "sclaim", "-o", "wide"], &admin).await?.success()?;
            contains(&wide, &["NAMESPACE", "HOLDER", &acme.namespace])?;
            let found = ["get", "sclaim", "--field-selector=spec.tenant=tenant/other", "-o", "name"];
            let found = env.cluster.kubectl(&found, &admin).await?.success()?;
            ensure!(found.contains("left.example.net") && !found.contains(HELD), "{found}");

            annotate(env, &admin, HELD, "transfer-to=heir").await?;
            contains(&event(env, "default", "AdminActionRefused", HELD).await?, &["transfer-to", "tenant/<label>"])?;
            annotate(env, &admin, HELD, "force-release=spam").await?;
            let stalled = becomes(&acme, "held", "Stalled", "True/ForceReleased").await?;
            contains(&message(&stalled, "Owned"), &["administrator"])?;
            let freed = claim_when(env, HELD, "let go", |claim| claim.state == State::Releasing).await?;
            let admin_action = freed.admin_actions.last().unwrap();
            ensure!(
                admin_action.requested.value == "spam" && admin_action.before == Some("tenant/acme".parse()?),
                "{admin_action:?}"
            );
            event(env, "default", "AdminActionTaken", HELD).await?;
            Ok(())
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recreated_namespace_holds_back_the_deletion_until_an_administrator_approves() -> anyhow::Result<()> {
    let domain = "mail.remade.example.com";
    TestEnv::scenario("remade", async |env| {
        let admin = claim_admin(env).await?;
        let acme = env.tenant_namespace("acme", None).await?;
        apply_until_ready(env, &acme, "mail", domain, json!({})).await?;
        while_down(env, async |env| {
            kubectl(env, &["delete", "namespace", &acme.namespace, PATIENT]).await?;
            env.tenant_namespace("acme", None).await.map(drop)
        })
        .await?;
        let event = event(env, "default", "ReleaseHeldBack", domain).await?;
        contains(&event, &["recreated", "sender-operator.io/approve-release"])?;
        ensure!(env.simulator.identity(domain).is_some());
        annotate(env, &admin, domain, "approve-release=yes").await?;
        identity_gone(env, domain).await
    })
    .await
}
