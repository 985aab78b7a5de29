//! Letting go of a domain, on every path.

use anyhow::ensure;
use sender_operator_harness::{Identity, World, eventually};
use serde_json::json;

use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_domain_is_released_at_ses_after_the_delay() -> anyhow::Result<()> {
    World::scenario("delete", async |world| {
        let acme = world.tenant_namespace("acme", Some("acme")).await?;
        apply_until_ready(world, &acme, "mail", "mail.example.com", json!({})).await?;
        delete(&acme, "mail").await?;
        ensure!(domains(&acme).get_opt("mail").await?.is_none(), "it hangs in Terminating");
        identity_gone(world, "mail.example.com").await?;
        let claim = claim_becomes(world, "mail.example.com", "Released").await?.spec.claim;
        ensure!(claim.tenant.is_none() && claim.holder.is_none() && claim.identity.created_time.is_none());
        ensure!(calls(world, "DeleteEmailIdentity", "mail.example.com") == 1);
        event(world, "default", "Released").await?;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_that_comes_back_within_the_delay_has_lost_nothing() -> anyhow::Result<()> {
    let mut world = World::builder("back").setting("release-delay", "1h").start().await?;
    let acme = world.tenant_namespace("acme", Some("acme")).await?;
    let other = world.tenant_namespace("other", Some("acme")).await?;
    apply_until_ready(&world, &acme, "mail", "mail.example.com", json!({})).await?;
    delete(&acme, "mail").await?;
    claim_becomes(&world, "mail.example.com", "Releasing").await?;
    // The same tenant asks again, from another of its namespaces.
    apply(&other, "mail", "mail.example.com", json!({})).await?;
    ready(&other, "mail").await?;
    ensure!(calls(&world, "CreateEmailIdentity", "mail.example.com") == 1);
    ensure!(calls(&world, "DeleteEmailIdentity", "mail.example.com") == 0);
    world.operator.wait_ready().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retained_identity_stays_and_the_next_owner_takes_it_in() -> anyhow::Result<()> {
    World::scenario("retain", async |world| {
        let acme = world.tenant_namespace("acme", Some("acme")).await?;
        let next = world.tenant_namespace("next", Some("next")).await?;
        let retain = json!({ "deletionPolicy": "Retain" });
        apply_until_ready(world, &acme, "mail", "mail.example.com", retain).await?;
        delete(&acme, "mail").await?;
        let claim = claim_becomes(world, "mail.example.com", "Released").await?.spec.claim;
        ensure!(claim.identity.retained && claim.tenant.is_none());
        let kept = world.simulator.identity("mail.example.com").unwrap();
        ensure!(kept.tags.contains_key("sender-operator.io/retained"), "{kept:?}");
        apply(&next, "mail", "mail.example.com", json!({})).await?;
        ready(&next, "mail").await?;
        eventually("the mark of a retained identity is gone", async || {
            let identity = world.simulator.identity("mail.example.com").unwrap();
            if identity.tags.contains_key("sender-operator.io/retained") {
                Err(format!("{identity:?}"))
            } else {
                Ok(())
            }
        })
        .await?;
        ensure!(calls(world, "CreateEmailIdentity", "mail.example.com") == 1);
        ensure!(calls(world, "DeleteEmailIdentity", "mail.example.com") == 0);
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_namespace_hangs_nowhere_and_its_domains_are_released() -> anyhow::Result<()> {
    World::scenario("namespace", async |world| {
        let acme = world.tenant_namespace("acme", None).await?;
        apply_until_ready(world, &acme, "mail", "mail.example.com", json!({})).await?;
        let arguments = ["delete", "namespace", &acme.namespace, PATIENT];
        let deleted = world.cluster.kubectl(&arguments, &Identity::Admin).await?;
        ensure!(deleted.ok, "{}", deleted.stderr);
        identity_gone(world, "mail.example.com").await?;
        claim_becomes(world, "mail.example.com", "Released").await?;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_while_the_operator_was_away_is_released_when_it_is_back() -> anyhow::Result<()> {
    World::scenario("away", async |world| {
        let acme = world.tenant_namespace("acme", None).await?;
        apply_until_ready(world, &acme, "gone", "gone.example.com", json!({})).await?;
        apply_until_ready(world, &acme, "kept", "kept.example.com", json!({})).await?;
        world.operator.kill9().await?;
        delete(&acme, "gone").await?;
        ensure!(domains(&acme).get_opt("gone").await?.is_none(), "it hangs in Terminating");
        world.operator.start_again(|_| {})?;
        world.operator.wait_ready().await?;
        identity_gone(world, "gone.example.com").await?;
        ready(&acme, "kept").await?;
        ensure!(world.simulator.identity("kept.example.com").is_some());
        ensure!(calls(world, "CreateEmailIdentity", "kept.example.com") == 1);
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_namespace_made_anew_holds_the_deletion_back_until_an_administrator_agrees() -> anyhow::Result<()> {
    World::scenario("remade", async |world| {
        let acme = world.tenant_namespace("acme", None).await?;
        apply_until_ready(world, &acme, "mail", "mail.example.com", json!({})).await?;
        world.operator.kill9().await?;
        let admin = Identity::Admin;
        let deleted = world.cluster.kubectl(&["delete", "namespace", &acme.namespace, PATIENT], &admin).await?;
        ensure!(deleted.ok, "{}", deleted.stderr);
        world.tenant_namespace("acme", None).await?;
        world.operator.start_again(|_| {})?;
        world.operator.wait_ready().await?;
        let event = event_about(world, "default", "ReleaseHeldBack", "made again").await?;
        contains(&event, &["mail.example.com", "sender-operator.io/approve-release"])?;
        ensure!(world.simulator.identity("mail.example.com").is_some());
        let name = format!("{}.mail.example.com", world.environment());
        let approve = ["annotate", "senderclaim", &name, "sender-operator.io/approve-release=yes"];
        ensure!(world.cluster.kubectl(&approve, &admin).await?.ok);
        identity_gone(world, "mail.example.com").await?;
        Ok(())
    })
    .await
}
