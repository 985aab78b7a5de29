//! The keys of links: made late, taken away, rotated.

use anyhow::{Context, ensure};
use sender_operator_harness::{Identity, World, eventually};
use serde_json::{Value, json};

use super::{CONFIRM, SALES, acme, asked, asking, open, shows, usable};
use crate::support::*;

/// A new key in base64, as `head -c 32 /dev/urandom | base64` gives it.
const NEW_KEY: &str = "c2l4dGVlbi1ieXRlcy1hbmQtc2l4dGVlbi1tb3JlIS0=";

/// kubectl as the administrator in the operator's namespace.
async fn kubectl(world: &World<'_>, arguments: &[&str]) -> anyhow::Result<String> {
    let namespace = format!("--namespace={}-system", world.environment());
    world.cluster.kubectl(&[&[namespace.as_str()], arguments].concat(), &Identity::Admin).await?.success()
}

/// Values of the operator's Secret, in base64.
async fn values(world: &World<'_>) -> anyhow::Result<Value> {
    let text = kubectl(world, &["get", "secret", "sender-operator", "-o", "json"]).await?;
    Ok(serde_json::from_str::<Value>(&text)?["data"].clone())
}

/// Changes the Secret while the operator is down; it is started again, and not ready yet.
async fn restart_with(world: &mut World<'_>, data: Value) -> anyhow::Result<()> {
    world.operator.kill9().await?;
    let patch = json!({ "data": data }).to_string();
    kubectl(world, &["patch", "secret", "sender-operator", "--patch", &patch]).await?;
    world.operator.start_again(|_| {})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_from_before_confirmations_gets_their_keys_and_keeps_the_others() -> anyhow::Result<()> {
    asking(
        "older-secret",
        |world| world,
        async |world| {
            let before = values(world).await?;
            restart_with(world, json!({ "confirmation-key": null, "withdrawal-key": null })).await?;
            world.operator.wait_ready().await?;
            let after = values(world).await?;
            for kept in ["owner-id", "challenge-key"] {
                ensure!(before[kept] == after[kept] && after[kept].is_string(), "{kept}");
            }
            for made in ["confirmation-key", "withdrawal-key"] {
                ensure!(before[made] != after[made] && after[made].is_string(), "{made}");
            }
            let acme = acme(world).await?;
            let letter = asked(world, &acme, "sales", SALES).await?;
            open(world, &letter).await?.press(CONFIRM, &letter.code).await?;
            usable(&acme, "sales").await?;
            Ok(())
        },
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_lacks_one_key_is_refused_and_nothing_takes_its_place() -> anyhow::Result<()> {
    asking(
        "incomplete",
        |world| world,
        async |world| {
            let acme = acme(world).await?;
            let letter = asked(world, &acme, "sales", SALES).await?;
            let before = values(world).await?;
            restart_with(world, json!({ "withdrawal-key": null })).await?;
            let said = eventually("readiness names the Secret", async || match world.operator.get("/readyz").await {
                Ok((503, body)) if body.contains("keys: the Secret") => Ok(body),
                Ok((code, body)) => Err(format!("{code} {body}")),
                Err(error) => Err(error.to_string()),
            })
            .await?;
            contains(&said, &["-system/sender-operator is incomplete", "withdrawal-key", "restore it from a backup"])?;
            ensure!(values(world).await?["withdrawal-key"].is_null(), "a new key would end all that was confirmed");
            let key = before["withdrawal-key"].as_str().context("no key")?;
            ensure!(!world.operator.log().contains(key), "the log shows a key");
            let patch = json!({ "data": { "withdrawal-key": key } }).to_string();
            kubectl(world, &["patch", "secret", "sender-operator", "--patch", &patch]).await?;
            world.operator.wait_ready().await?;
            open(world, &letter).await?.press(CONFIRM, &letter.code).await?;
            usable(&acme, "sales").await?;
            Ok(())
        },
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_outlives_the_rotation_of_its_key_and_not_its_removal() -> anyhow::Result<()> {
    asking(
        "rotated",
        |world| world,
        async |world| {
            let acme = acme(world).await?;
            let old = asked(world, &acme, "sales", SALES).await?;
            let late = asked(world, &acme, "info", "info@example.com").await?;
            let current = values(world).await?["confirmation-key"].clone();
            let now = k8s_openapi::ByteString(jiff::Timestamp::now().to_string().into_bytes());
            let rotated = json!({
                "confirmation-key": NEW_KEY, "confirmation-key-previous": current, "confirmation-key-retired": now,
            });
            restart_with(world, rotated).await?;
            world.operator.wait_ready().await?;
            let page = open(world, &old).await?.press(CONFIRM, &old.code).await?;
            shows(&page, "sales@example.com is confirmed")?;
            usable(&acme, "sales").await?;

            restart_with(world, json!({ "confirmation-key-previous": null, "confirmation-key-retired": null })).await?;
            world.operator.wait_ready().await?;
            shows(&open(world, &late).await?, "This link has ended")?;
            // What was confirmed stays so, and can be withdrawn with the old link.
            let second = open(world, &old).await?.click("Withdraw the permission").await?;
            shows(&second.press("Yes, withdraw", &old.code).await?, "The permission is withdrawn")?;
            Ok(())
        },
    )
    .await
}
