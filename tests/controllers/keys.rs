//! The keys in the operator's Secret: created where missing, never replaced, rotated.

use anyhow::{Context, ensure};
use sender_operator_harness::TestEnv;
use serde_json::{Value, json};

use crate::{
    addresses::{CONFIRM, asked, open, shows, usable},
    support::*,
};

/// A new key in base64, such as `head -c 32 /dev/urandom | base64` prints.
const NEW_KEY: &str = "c2l4dGVlbi1ieXRlcy1hbmQtc2l4dGVlbi1tb3JlIS0=";
const DOMAIN: &str = "example.com";

/// Runs kubectl as the administrator on the operator's Secret.
async fn secret(env: &TestEnv<'_>, verb: &str, rest: &[&str]) -> anyhow::Result<String> {
    let namespace = format!("--namespace={}-system", env.environment());
    kubectl(env, &[&[verb, "secret", "sender-operator", &namespace], rest].concat()).await
}

/// Values of the Secret, in base64.
async fn values(env: &TestEnv<'_>) -> anyhow::Result<Value> {
    Ok(serde_json::from_str::<Value>(&secret(env, "get", &["-o", "json"]).await?)?["data"].clone())
}

async fn patch(env: &TestEnv<'_>, data: Value) -> anyhow::Result<()> {
    secret(env, "patch", &["--patch", &json!({ "data": data }).to_string()]).await.map(drop)
}

/// Changes the Secret while the operator is down and starts it again. It is not ready yet.
async fn restart_with(env: &mut TestEnv<'_>, data: Value) -> anyhow::Result<()> {
    while_down(env, async |env| patch(env, data).await).await
}

/// The operator has checked the record since, and the holder still has its proof.
async fn still_proven(env: &TestEnv<'_>) -> anyhow::Result<()> {
    looked_at_again(env, &format!("_sender-operator-challenge.{DOMAIN}")).await?;
    let claim = claim(env, DOMAIN).await?.unwrap();
    ensure!(holder(&claim) == "tenant/acme" && claim.proof.as_ref().unwrap().lost_time.is_none(), "{claim:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn absent_keys_are_created_an_incomplete_secret_is_rejected_and_rotated_keys_stay_valid() -> anyhow::Result<()> {
    proving("keys")
        .asking_owners()
        .run(async |env| {
            // A Secret from before the feature of confirmations gets their keys and keeps the others.
            let before = values(env).await?;
            restart_with(env, json!({ "confirmation-key": null, "withdrawal-key": null })).await?;
            env.operator.wait_ready().await?;
            let after = values(env).await?;
            for kept in ["owner-id", "challenge-key"] {
                ensure!(before[kept] == after[kept] && after[kept].is_string(), "{kept}");
            }
            for made in ["confirmation-key", "withdrawal-key"] {
                ensure!(before[made] != after[made] && after[made].is_string(), "{made}");
            }
            let acme = env.tenant_namespace("acme", Some("acme")).await?;
            let proof = prove(env, &acme, "mail", DOMAIN).await?;
            apply(&acme, "slow", "slow.example.net", json!({})).await?;
            let slow = paste(&acme, "slow").await?[0].clone();
            let mail = asked(env, &acme, "sales", "sales@example.com").await?;

            // A Secret without one of its keys is rejected: a new key would invalidate all confirmations.
            restart_with(env, json!({ "withdrawal-key": null })).await?;
            let said = unready(env, "keys: the Secret").await?;
            contains(&said, &["-system/sender-operator is incomplete", "withdrawal-key", "restore it from a backup"])?;
            ensure!(values(env).await?["withdrawal-key"].is_null());
            let key = after["withdrawal-key"].as_str().context("no key")?;
            ensure!(!env.operator.log().contains(key), "the log contains a key");
            patch(env, json!({ "withdrawal-key": key })).await?;
            env.operator.wait_ready().await?;

            // A rotation affects neither holders, nor tenants that are publishing, nor mails already sent.
            let now = k8s_openapi::ByteString(jiff::Timestamp::now().to_string().into_bytes());
            let rotated = json!({
                "challenge-key": NEW_KEY, "challenge-key-previous": after["challenge-key"],
                "confirmation-key": NEW_KEY, "confirmation-key-previous": after["confirmation-key"],
                "confirmation-key-retired": now,
            });
            restart_with(env, rotated).await?;
            env.operator.wait_ready().await?;
            still_proven(env).await?;
            publish(env, &slow)?;
            becomes(&acme, "slow", "Owned", "True/Held").await?;
            ensure!(challenge(&acme, "slow").await?.value == slow.value, "a valid record has to be replaced");
            shows(&open(env, &mail).await?.press(CONFIRM, &mail.code).await?, "sales@example.com is confirmed")?;
            usable(&acme, "sales").await?;

            // If all keys are lost, every holder keeps its domain.
            while_down(env, async |env| secret(env, "delete", &[]).await.map(drop)).await?;
            env.operator.wait_ready().await?;
            still_proven(env).await?;
            ready(&acme, "mail").await?;
            ensure!(challenge(&acme, "mail").await?.value == proof.value);
            Ok(())
        })
        .await
}
