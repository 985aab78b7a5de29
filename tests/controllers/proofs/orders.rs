//! What administrators see and decide: kubectl as a user bound to the role that ships.

use anyhow::ensure;
use kube::{Api, ResourceExt};
use sender_operator::model::{claim::State, proof::ProofKind};
use sender_operator_harness::{Identity, World, controlplane::apply as apply_object, eventually};
use serde_json::json;

use super::{claim_when, holder, prove, proving};
use crate::support::*;

const DOMAIN: &str = "mail.example.com";

/// A user who may see claims and decide about them, and nothing else.
async fn claim_admin(world: &World<'_>) -> anyhow::Result<Identity> {
    let name = format!("{}-claims", world.environment());
    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": { "name": name },
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "sender-operator-claim-admin",
        },
        "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": name }],
    });
    apply_object(&world.cluster.admin().await?, None, &binding).await?;
    let user = Identity::user(&name, &[]);
    eventually("claims can be seen", async || {
        let answer = world.cluster.kubectl(&["get", "sclaim"], &user).await.map_err(|error| error.to_string())?;
        if answer.ok { Ok(()) } else { Err(answer.stderr) }
    })
    .await?;
    Ok(user)
}

/// `kubectl annotate sclaim <claim> <annotation>`.
async fn annotate(world: &World<'_>, who: &Identity, domain: &str, annotation: &str) -> anyhow::Result<()> {
    let name = format!("{}.{domain}", world.environment());
    let annotation = format!("sender-operator.io/{annotation}");
    world.cluster.kubectl(&["annotate", "sclaim", &name, &annotation, "--overwrite"], who).await?.success()?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_that_was_taken_away_comes_back_only_when_the_order_is_withdrawn() -> anyhow::Result<()> {
    proving(
        "force",
        |world| world,
        async |world| {
            let admin = claim_admin(world).await?;
            let acme = world.tenant_namespace("acme", Some("acme")).await?;
            prove(world, &acme, "mail", DOMAIN).await?;
            annotate(world, &admin, DOMAIN, "force-release=spam").await?;
            let stalled = becomes(&acme, "mail", "Stalled", "True/ForceReleased").await?;
            contains(&message(&stalled, "Owned"), &["administrator"])?;
            identity_gone(world, DOMAIN).await?;
            let free = claim_becomes(world, DOMAIN, "Released").await?.spec.claim;
            let ruling = free.rulings.last().unwrap();
            ensure!(ruling.order.value == "spam" && ruling.before == Some("tenant/acme".parse()?), "{ruling:?}");
            event(world, "default", "Ruled").await?;
            // Its record still stands, and does not help it; another tenant can have the domain.
            becomes(&acme, "mail", "Stalled", "True/ForceReleased").await?;

            annotate(world, &admin, DOMAIN, "force-release-").await?;
            ready(&acme, "mail").await?;
            Ok(())
        },
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_needs_no_proof_and_a_tenant_that_asks() -> anyhow::Result<()> {
    proving(
        "transfer",
        |world| world,
        async |world| {
            let admin = claim_admin(world).await?;
            let acme = world.tenant_namespace("acme", Some("acme")).await?;
            let heir = world.tenant_namespace("heir", Some("heir")).await?;
            prove(world, &acme, "mail", DOMAIN).await?;
            annotate(world, &admin, DOMAIN, "transfer-to=heir").await?;
            contains(&event(world, "default", "OrderRefused").await?, &["transfer-to", "tenant/<label>"])?;
            annotate(world, &admin, DOMAIN, "transfer-to=tenant/heir").await?;
            ready(&acme, "mail").await?;

            apply(&heir, "mail", DOMAIN, json!({})).await?;
            ready(&heir, "mail").await?;
            becomes(&acme, "mail", "Stalled", "True/Displaced").await?;
            let given = claim_when(world, DOMAIN, "the heir's", |claim| holder(claim) == "tenant/heir").await?;
            ensure!(given.proof.unwrap().kind == ProofKind::Administrator);
            let ruling = given.rulings.last().unwrap();
            ensure!(ruling.before == Some("tenant/acme".parse()?) && ruling.after == Some("tenant/heir".parse()?));
            let records = domains(&heir).get("mail").await?.status.unwrap().dns_records;
            ensure!(records.len() == 3, "an administrator's word needs no record: {records:#?}");
            Ok(())
        },
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_namespace_that_was_restored_goes_on_as_the_tenant_it_was() -> anyhow::Result<()> {
    proving(
        "restored",
        |world| world.setting("release-delay", "1h"),
        async |world| {
            let admin = claim_admin(world).await?;
            let acme = world.tenant_namespace("acme", None).await?;
            prove(world, &acme, "mail", DOMAIN).await?;
            let gone = ["delete", "namespace", &acme.namespace, PATIENT];
            world.cluster.kubectl(&gone, &Identity::Admin).await?.success()?;
            let acme = world.tenant_namespace("acme", None).await?;
            apply(&acme, "mail", DOMAIN, json!({})).await?;
            // Another namespace of that name is another tenant, and the old record is not its own.
            becomes(&acme, "mail", "Owned", "False/AnotherTenantReleasing").await?;
            let namespaces = Api::<k8s_openapi::api::core::v1::Namespace>::all(world.cluster.admin().await?);
            let uid = namespaces.get(&acme.namespace).await?.uid().unwrap();
            annotate(world, &admin, DOMAIN, &format!("approve-namespace={uid}")).await?;
            ready(&acme, "mail").await?;
            let claim = claim(world, DOMAIN).await?.unwrap().spec.claim;
            ensure!(holder(&claim) == format!("namespace/{}/{uid}", acme.namespace) && claim.state == State::Held);
            ensure!(claim.proof.unwrap().lost_time.is_none(), "the record that was seen goes on proving");
            ensure!(calls(world, "CreateEmailIdentity", DOMAIN) == 1);
            Ok(())
        },
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_tells_administrators_who_owns_what_since_when_and_what_is_being_released() -> anyhow::Result<()> {
    proving(
        "columns",
        |world| world.setting("release-delay", "1h"),
        async |world| {
            let admin = claim_admin(world).await?;
            let acme = world.tenant_namespace("acme", Some("acme")).await?;
            let other = world.tenant_namespace("other", Some("other")).await?;
            prove(world, &acme, "held", "held.example.com").await?;
            prove(world, &other, "left", "left.example.net").await?;
            delete(&other, "left").await?;
            claim_becomes(world, "left.example.net", "Releasing").await?;
            apply(&other, "asked", "asked.example.org", json!({})).await?;
            claim_becomes(world, "asked.example.org", "Provisional").await?;

            let table = world.cluster.kubectl(&["get", "sclaim"], &admin).await?.success()?;
            let header: Vec<&str> = table.lines().next().unwrap_or_default().split_whitespace().collect();
            let columns = ["NAME", "DOMAIN", "ADDRESS", "STATE", "TENANT", "PROOF", "SINCE", "ANSWER", "RELEASING"];
            ensure!(header == columns, "{table}");
            let row = |domain: &str| {
                let name = format!("{}.{domain}", world.environment());
                let row = table.lines().find(|line| line.starts_with(&name)).unwrap_or_default();
                row.split_whitespace().skip(1).map(str::to_owned).collect::<Vec<_>>()
            };
            let is_age = |text: &str| text.ends_with('s') || text.ends_with('m');
            let held = row("held.example.com");
            ensure!(held[..4] == ["held.example.com", "Held", "tenant/acme", "DNSChallenge"] && held.len() == 5);
            ensure!(is_age(&held[4]), "{held:?}");
            let left = row("left.example.net");
            ensure!(left[..4] == ["left.example.net", "Releasing", "tenant/other", "DNSChallenge"] && left.len() == 6);
            ensure!(is_age(&left[4]) && is_age(&left[5]), "{left:?}");
            // Nobody's yet.
            ensure!(row("asked.example.org") == ["asked.example.org", "Provisional"], "{table}");
            let wide = world.cluster.kubectl(&["get", "sclaim", "-o", "wide"], &admin).await?.success()?;
            contains(&wide, &["NAMESPACE", "HOLDER", &acme.namespace])?;
            let found = ["get", "sclaim", "--field-selector=spec.tenant=tenant/other", "-o", "name"];
            let found = world.cluster.kubectl(&found, &admin).await?.success()?;
            ensure!(found.contains("left.example.net") && !found.contains("held.example.com"), "{found}");
            Ok(())
        },
    )
    .await
}
