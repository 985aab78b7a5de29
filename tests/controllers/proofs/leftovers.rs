//! What a former holder left on the SES identity is gone before the next one is Ready.

use anyhow::ensure;
use sender_operator_harness::{World, eventually};
use serde_json::json;
use ses_simulator::{Fault, IdentityPatch, TenantPatch};

use super::{challenge, prove, proving, publish, unpublish};
use crate::support::*;

const DOMAIN: &str = "mail.example.com";
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;

/// Everything that lets somebody go on using the identity, or misuse it.
fn leave_things_behind(world: &World<'_>) -> anyhow::Result<()> {
    let simulator = &world.simulator;
    simulator.put_configuration_set("acmes");
    for tenant in ["acmes", "acmes-too"] {
        simulator.put_tenant(tenant, TenantPatch::default());
        simulator.associate(tenant, DOMAIN)?;
    }
    simulator.put_policy(DOMAIN, "everybody", POLICY)?;
    let patch = IdentityPatch {
        mail_from: Some(format!("bounce.{DOMAIN}")),
        configuration_set: Some("acmes".to_owned()),
        ..IdentityPatch::default()
    };
    ensure!(simulator.change_identity(DOMAIN, patch));
    simulator.put_identity(&format!("boss@{DOMAIN}"), IdentityPatch::default());
    Ok(())
}

/// What is still there.
fn leftovers(world: &World<'_>) -> Vec<String> {
    let identity = world.simulator.identity(DOMAIN).unwrap();
    let set = identity.configuration_set.into_iter();
    let mail_from = identity.mail_from.into_iter().map(|mail_from| mail_from.domain);
    identity.tenants.into_iter().chain(identity.policies.into_keys()).chain(mail_from).chain(set).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_holder_is_ready_only_when_everything_is_gone() -> anyhow::Result<()> {
    proving(
        "leftovers",
        |world| world,
        async |world| {
            let acme = world.tenant_namespace("acme", Some("acme")).await?;
            let rival = world.tenant_namespace("rival", Some("rival")).await?;
            let old = prove(world, &acme, "mail", DOMAIN).await?;
            leave_things_behind(world)?;
            ensure!(leftovers(world).len() == 5, "{:?}", leftovers(world));
            // One of them can't be removed for now.
            world.simulator.fault(Fault::access_denied().on("PutEmailIdentityMailFromAttributes"));
            unpublish(world, &old)?;
            apply(&rival, "mail", DOMAIN, json!({})).await?;
            publish(world, &challenge(&rival, "mail").await?)?;
            becomes(&rival, "mail", "Owned", "True/Held").await?;
            let waiting = becomes(&rival, "mail", "Ready", "False/HandOver").await?;
            contains(&message(&waiting, "Ready"), &["used before"])?;
            eventually("only the one is left", async || match leftovers(world) {
                left if left.contains(&format!("bounce.{DOMAIN}")) && left.len() <= 2 => Ok(()),
                left => Err(format!("{left:?}")),
            })
            .await?;
            becomes(&rival, "mail", "Ready", "False/HandOver").await?;

            world.simulator.clear_faults();
            ready(&rival, "mail").await?;
            ensure!(leftovers(world).is_empty(), "{:?}", leftovers(world));
            event(world, &rival.namespace, "HandedOver").await?;
            contains(&event(world, "default", "AddressIdentities").await?, &[&format!("boss@{DOMAIN}")])?;
            // Whoever confirmed an address to SES has done so for itself.
            ensure!(world.simulator.identity(&format!("boss@{DOMAIN}")).is_some());
            ensure!(calls(world, "CreateEmailIdentity", DOMAIN) == 1);
            Ok(())
        },
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_that_ses_tenants_use_is_deleted_all_the_same() -> anyhow::Result<()> {
    proving(
        "guarded",
        |world| world,
        async |world| {
            let acme = world.tenant_namespace("acme", Some("acme")).await?;
            prove(world, &acme, "mail", DOMAIN).await?;
            leave_things_behind(world)?;
            delete(&acme, "mail").await?;
            identity_gone(world, DOMAIN).await?;
            claim_becomes(world, DOMAIN, "Released").await?;
            // SES refuses to delete what tenants are associated with, and says so only then.
            ensure!(calls(world, "DeleteEmailIdentity", DOMAIN) == 2);
            ensure!(world.simulator.tenant("acmes").unwrap().resources.is_empty());
            Ok(())
        },
    )
    .await
}
