//! Chosen namespaces: what stands elsewhere asks for nothing.

use anyhow::ensure;
use sender_operator_harness::World;
use serde_json::json;

use crate::support::*;

/// A world that serves the namespaces `chosen-first` and `chosen-later`.
async fn chosen(environment: &str) -> anyhow::Result<World<'static>> {
    let namespaces = format!("{environment}-first,{environment}-later");
    let world = World::builder(environment).environment(environment).setting("watch-namespaces", &namespaces);
    world.setting("release-delay", "2s").start().await
}

#[tokio::test(flavor = "multi_thread")]
async fn chosen_namespaces_are_served_also_when_they_come_later_and_others_are_not() -> anyhow::Result<()> {
    let mut world = chosen("scope-served").await?;
    let elsewhere = world.tenant_in("scope-served-elsewhere", Some("elsewhere")).await?;
    apply(&elsewhere, "mail", "elsewhere.example.com", json!({})).await?;
    let first = world.tenant_in("scope-served-first", Some("first")).await?;
    apply_until_ready(&world, &first, "mail", "first.example.com", json!({})).await?;
    let later = world.tenant_in("scope-served-later", Some("later")).await?;
    apply_until_ready(&world, &later, "mail", "later.example.com", json!({})).await?;
    // It was applied before all of them.
    let unseen = domains(&elsewhere).get("mail").await?;
    ensure!(unseen.status.is_none_or(|status| status.observed_generation == -1));
    ensure!(claim(&world, "elsewhere.example.com").await?.is_none());
    world.operator.wait_ready().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_that_another_chosen_namespace_of_the_tenant_asks_for_is_not_let_go() -> anyhow::Result<()> {
    let world = chosen("scope-asked").await?;
    let first = world.tenant_in("scope-asked-first", Some("acme")).await?;
    let later = world.tenant_in("scope-asked-later", Some("acme")).await?;
    apply_until_ready(&world, &first, "mail", "mail.example.com", json!({})).await?;
    apply(&later, "mail", "mail.example.com", json!({})).await?;
    becomes(&later, "mail", "Stalled", "True/Duplicate").await?;
    delete(&first, "mail").await?;
    ready(&later, "mail").await?;
    ensure!(calls(&world, "DeleteEmailIdentity", "mail.example.com") == 0);
    delete(&later, "mail").await?;
    identity_gone(&world, "mail.example.com").await?;
    Ok(())
}
