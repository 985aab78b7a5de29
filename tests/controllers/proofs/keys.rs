//! The keys of challenges: rotated, and lost.

use anyhow::ensure;
use sender_operator::model::records::RecordState;
use sender_operator_harness::{Identity, World};
use serde_json::json;

use super::{challenge, holder, looked_at_again, paste, prove, proving, publish, state_of};
use crate::support::*;

/// A new key in base64, as `head -c 32 /dev/urandom | base64` gives it.
const NEW_KEY: &str = "c2l4dGVlbi1ieXRlcy1hbmQtc2l4dGVlbi1tb3JlIS0=";

/// kubectl as the administrator in the operator's namespace.
async fn kubectl(world: &World<'_>, arguments: &[&str]) -> anyhow::Result<String> {
    let namespace = format!("--namespace={}-system", world.environment());
    world.cluster.kubectl(&[&[namespace.as_str()], arguments].concat(), &Identity::Admin).await?.success()
}

async fn restart(world: &mut World<'_>) -> anyhow::Result<()> {
    world.operator.kill9().await?;
    world.operator.start_again(|_| {})?;
    world.operator.wait_ready().await
}

/// The operator has looked at the record since, and its holder has lost nothing.
async fn still_proven(world: &World<'_>, domain: &str) -> anyhow::Result<()> {
    looked_at_again(world, &format!("_sender-operator-challenge.{domain}")).await?;
    let claim = claim(world, domain).await?.unwrap().spec.claim;
    ensure!(holder(&claim) == "tenant/acme" && claim.proof.as_ref().unwrap().lost_time.is_none(), "{claim:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_bothers_neither_who_holds_a_domain_nor_who_is_just_publishing() -> anyhow::Result<()> {
    proving(
        "rotation",
        |world| world,
        async |world| {
            let acme = world.tenant_namespace("acme", Some("acme")).await?;
            prove(world, &acme, "held", "held.example.com").await?;
            apply(&acme, "slow", "slow.example.com", json!({})).await?;
            let old = paste(&acme, "slow").await?[0].clone();

            let get = ["get", "secret", "sender-operator", "-o", "jsonpath={.data.challenge-key}"];
            let current = kubectl(world, &get).await?;
            let patch = json!({ "data": { "challenge-key-previous": current, "challenge-key": NEW_KEY } }).to_string();
            kubectl(world, &["patch", "secret", "sender-operator", "--patch", &patch]).await?;
            restart(world).await?;

            still_proven(world, "held.example.com").await?;
            publish(world, &old)?;
            becomes(&acme, "slow", "Owned", "True/Held").await?;
            state_of(&acme, "slow", RecordState::Found).await?;
            ensure!(challenge(&acme, "slow").await?.value == old.value, "a record that counts has to be changed");

            // Without the key before it, nothing changes for those who hold.
            let patch = r#"{"data":{"challenge-key-previous":null}}"#;
            kubectl(world, &["patch", "secret", "sender-operator", "--patch", patch]).await?;
            restart(world).await?;
            still_proven(world, "held.example.com").await?;
            still_proven(world, "slow.example.com").await?;
            ready(&acme, "held").await?;
            Ok(())
        },
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_keys_cost_nobody_a_domain() -> anyhow::Result<()> {
    proving(
        "lost-keys",
        |world| world,
        async |world| {
            let acme = world.tenant_namespace("acme", Some("acme")).await?;
            let proof = prove(world, &acme, "mail", "mail.example.com").await?;
            apply(&acme, "asked", "asked.example.com", json!({})).await?;
            let before = paste(&acme, "asked").await?[0].clone();
            kubectl(world, &["delete", "secret", "sender-operator"]).await?;
            restart(world).await?;
            still_proven(world, "mail.example.com").await?;
            ready(&acme, "mail").await?;
            ensure!(challenge(&acme, "mail").await?.value == proof.value);
            // What was not proven yet is asked anew: nobody can make the old tokens any more.
            let object = sender_operator_harness::eventually("another token is asked for", async || {
                let now = challenge(&acme, "asked").await.map_err(|error| error.to_string())?;
                if now.value == before.value { Err(now.value) } else { Ok(now) }
            })
            .await?;
            publish(world, &object)?;
            becomes(&acme, "asked", "Owned", "True/Held").await?;
            Ok(())
        },
    )
    .await
}
