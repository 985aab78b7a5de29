//! What the API server refuses, explains and shows before the operator is even asked.

mod addresses;

use std::fmt::Write;

use anyhow::ensure;
use sender_operator_harness::{Identity, World};
use serde_json::json;

use crate::{addresses::senders, support::*};

/// Bad domains, and what the refusal must say.
fn bad_domains() -> Vec<(&'static str, String, Vec<&'static str>)> {
    let text = |text: &str| text.to_owned();
    vec![
        ("upper case", text("Mail.Example.com"), vec!["lower case: mail.example.com"]),
        ("unicode", text("bücher.example"), vec!["A-labels", "idn2"]),
        ("trailing dot", text("example.com."), vec!["remove the dot at the end: example.com"]),
        ("underscore", text("_dmarc.example.com"), vec!["no underscore"]),
        ("wildcard", text("*.example.com"), vec!["wildcards are not possible"]),
        ("IPv4 address", text("192.0.2.1"), vec!["IP address", "name of a domain"]),
        ("IPv6 address", text("2001:db8::1"), vec!["IP address"]),
        ("single label", text("localhost"), vec!["single label", "localhost.example.com"]),
        ("URL", text("https://example.com/"), vec!["URL", "write the domain alone"]),
        ("e-mail address", text("sales@Example.com"), vec!["e-mail address", "behind the @, such as example.com"]),
        ("label over 63", format!("{}.example.com", "a".repeat(64)), vec!["longer than 63 characters"]),
        ("name over 200", vec!["a".repeat(49); 5].join("."), vec!["longer than 200 characters", "43 characters"]),
        ("name over 253", vec!["a".repeat(60); 5].join("."), vec!["253"]),
        ("empty label", text("mail..example.com"), vec!["single dots"]),
        ("hyphen at an end", text("-mail.example.com"), vec!["neither starting nor ending with a hyphen"]),
        ("blank inside", text("mail example.com"), vec!["write a domain such as"]),
        ("numeric top level", text("mail.123"), vec!["the last not a number"]),
        ("empty", text(""), vec!["write the domain you send from"]),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_bad_domain_is_refused_with_what_to_write_instead() -> anyhow::Result<()> {
    World::scenario("refused", async |world| {
        let acme = world.tenant_namespace("acme", None).await?;
        let mut wrong = String::new();
        for (case, domain, expected) in bad_domains() {
            let manifest = manifest("bad", &domain, &json!({})).to_string();
            let answer = acme.kubectl_with_input(&["apply", "--server-side", "-f", "-"], &manifest).await?;
            let said = &answer.stderr;
            let complaints = said.matches("spec.domain").count();
            if answer.ok || complaints != 1 || !expected.iter().all(|part| said.contains(part)) {
                writeln!(wrong, "{case}: {said}")?;
            }
        }
        ensure!(wrong.is_empty(), "{wrong}");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_domain_of_a_resource_never_changes() -> anyhow::Result<()> {
    World::scenario("immutable", async |world| {
        let acme = world.tenant_namespace("acme", None).await?;
        apply(&acme, "mail", "a.example.com", json!({})).await?;
        let error = apply(&acme, "mail", "b.example.com", json!({})).await.unwrap_err().to_string();
        contains(&error, &["can't be changed", "apply a new SenderDomain"])
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_explains_and_shows_what_a_person_needs() -> anyhow::Result<()> {
    World::scenario("kubectl", async |world| {
        let acme = world.tenant_namespace("acme", None).await?;
        let explained = acme.kubectl(&["explain", "sdom.spec"]).await?.stdout;
        let explained: Vec<&str> = explained.split_whitespace().collect();
        contains(
            &explained.join(" "),
            &["domain <string> -required-", "deletionPolicy", "suspend", "Example: `mail.example.com`"],
        )?;
        apply_until_ready(world, &acme, "mail", "mail.example.com", json!({})).await?;
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
    World::scenario("unseen", async |world| {
        // A namespace of another environment: this operator leaves it alone.
        let stranger = world.tenant_namespace("stranger", None).await?;
        let label = format!("sender-operator.io/environment={}-other", world.environment());
        kubectl(world, &["label", "namespace", &stranger.namespace, &label, "--overwrite"]).await?;
        apply(&stranger, "mail", "stranger.example.com", json!({})).await?;
        let shown = stranger.kubectl(&["get", "sdom", "mail", "-o", "jsonpath={.status}"]).await?.stdout;
        ensure!(shown == r#"{"observedGeneration":-1}"#, "{shown}");
        // It stays so while the operator works for others.
        let acme = world.tenant_namespace("acme", None).await?;
        apply_until_ready(world, &acme, "mail", "mail.example.com", json!({})).await?;
        let shown = stranger.kubectl(&["get", "sdom", "mail", "-o", "jsonpath={.status}"]).await?.stdout;
        ensure!(shown == r#"{"observedGeneration":-1}"#, "{shown}");
        ensure!(claim(world, "stranger.example.com").await?.is_none());
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_edit_writes_specs_and_nobody_but_the_operator_statuses_and_claims() -> anyhow::Result<()> {
    World::scenario("roles", async |world| {
        let acme = world.tenant_namespace("acme", None).await?;
        let viewer = format!("{}-viewer", acme.namespace);
        let user = format!("--user={viewer}");
        let bind = ["create", "rolebinding", "viewer", "--clusterrole=view", &user, "--namespace", &acme.namespace];
        kubectl(world, &bind).await?;
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
                    let answer = world.cluster.kubectl(&question, identity).await?.stdout;
                    if answer.trim() != expected {
                        wrong.push(format!("{who}: {verb} {what}: {}", answer.trim()));
                    }
                }
            }
        }
        ensure!(wrong.is_empty(), "{wrong:#?}");

        // Not only is it said so, it is so.
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
