//! What the API server rejects, documents and displays without the operator.

mod refusals;

use anyhow::ensure;
use sender_operator_harness::{Identity, TestEnv};
use serde_json::json;

use crate::{addresses::senders, support::*};

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_explains_the_fields_and_shows_the_status() -> anyhow::Result<()> {
    TestEnv::scenario("kubectl", async |env| {
        let acme = env.tenant_namespace("acme", None).await?;
        for (kind, parts) in [
            ("sdom", &["domain <string> -required-", "deletionPolicy", "suspend", "Example: `mail.example.com`"][..]),
            (
                "saddr",
                &[
                    "The mailbox owner gets an email with a link and has 24 hours to confirm",
                    "sender-operator.io/resend",
                    "address <string> -required-",
                    "Example: `sales@example.com`",
                    "locale <string> enum: en, de",
                    "note <string>",
                    "one line of at most 200 characters, without a URL",
                ],
            ),
        ] {
            let explained = acme.kubectl(&["explain", &format!("{kind}.spec")]).await?.success()?;
            contains(&explained.split_whitespace().collect::<Vec<_>>().join(" "), parts)?;
        }
        apply_until_ready(env, &acme, "mail", "mail.example.com", json!({})).await?;
        let waited = acme.kubectl(&["wait", "--for=condition=Ready", "sdom/mail", PATIENT]).await?;
        ensure!(waited.ok, "{}", waited.stderr);
        let table = acme.kubectl(&["get", "sender"]).await?.stdout;
        contains(&table, &["NAME", "DOMAIN", "READY", "REASON", "mail.example.com", "True"])?;
        let found =
            acme.kubectl(&["get", "sdom", "--field-selector=spec.domain=mail.example.com", "-o", "name"]).await?;
        contains(&found.stdout, &["senderdomain.sender-operator.io/mail"])
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_that_no_operator_has_seen_is_not_current() -> anyhow::Result<()> {
    TestEnv::scenario("unseen", async |env| {
        // A namespace of another environment: this operator ignores it.
        let stranger = env.tenant_namespace("stranger", None).await?;
        let label = format!("sender-operator.io/environment={}-other", env.environment());
        kubectl(env, &["label", "namespace", &stranger.namespace, &label, "--overwrite"]).await?;
        apply(&stranger, "mail", "stranger.example.com", json!({})).await?;
        let shown = stranger.kubectl(&["get", "sdom", "mail", "-o", "jsonpath={.status}"]).await?.stdout;
        ensure!(shown == r#"{"observedGeneration":-1}"#, "{shown}");
        // It stays unchanged while the operator works for others.
        let acme = env.tenant_namespace("acme", None).await?;
        apply_until_ready(env, &acme, "mail", "mail.example.com", json!({})).await?;
        let shown = stranger.kubectl(&["get", "sdom", "mail", "-o", "jsonpath={.status}"]).await?.stdout;
        ensure!(shown == r#"{"observedGeneration":-1}"#, "{shown}");
        ensure!(claim(env, "stranger.example.com").await?.is_none());
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn editors_write_specs_and_only_the_operator_writes_statuses_and_claims() -> anyhow::Result<()> {
    TestEnv::scenario("roles", async |env| {
        let acme = env.tenant_namespace("acme", None).await?;
        let viewer = format!("{}-viewer", acme.namespace);
        let user = format!("--user={viewer}");
        let bind = ["create", "rolebinding", "viewer", "--clusterrole=view", &user, "--namespace", &acme.namespace];
        kubectl(env, &bind).await?;
        let viewer = Identity::user(&viewer, &[]);
        let mut wrong = Vec::new();
        for (verbs, what, editor, reader) in [
            (&["create", "delete"][..], "senderdomains senderaddresses", "yes", "no"),
            (&["list", "watch"], "senderdomains senderaddresses", "yes", "yes"),
            (&["update", "patch"], "senderdomains/status senderaddresses/status", "no", "no"),
            (&["get", "list", "create"], "senderclaims", "no", "no"),
        ] {
            for (verb, what) in verbs.iter().flat_map(|verb| what.split(' ').map(move |what| (*verb, what))) {
                let (resource, subresource) = what.split_once('/').unwrap_or((what, ""));
                let resource = format!("{resource}.sender-operator.io");
                let subresource = format!("--subresource={subresource}");
                let question = ["auth", "can-i", verb, &resource, &subresource, "--namespace", &acme.namespace];
                for (who, identity, expected) in [("edit", &acme.user, editor), ("view", &viewer, reader)] {
                    let answer = env.cluster.kubectl(&question, identity).await?.stdout;
                    if answer.trim() != expected {
                        wrong.push(format!("{who}: {verb} {what}: {}", answer.trim()));
                    }
                }
            }
        }
        ensure!(wrong.is_empty(), "{wrong:#?}");

        // The rules are enforced, not only printed.
        apply_address(&acme, "sales", "sales@example.com", json!({})).await?;
        address_becomes(&acme, "sales", "Ready", "False/DomainMissing").await?;
        let forged = r#"{"status":{"from":"sales@example.com"}}"#;
        let patch = ["patch", "saddr", "sales", "--subresource=status", "--type=merge", "--patch", forged];
        let refused = acme.kubectl(&patch).await?;
        ensure!(!refused.ok && refused.stderr.contains("forbidden"), "{}", refused.stderr);
        ensure!(senders(&acme, "sales@example.com").await?.is_empty());
        Ok(())
    })
    .await
}
