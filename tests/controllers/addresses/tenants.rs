//! Whose address it is: another tenant asks for it, and what each role may do.

use anyhow::ensure;
use sender_operator_harness::Identity;

use super::{CONFIRM, SALES, acme, addresses, ask, asked, asking, claim_on, message_of, open, says, senders, usable};
use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn another_tenant_is_refused_without_learning_by_whom_and_nobody_is_bothered() -> anyhow::Result<()> {
    asking(
        "rival",
        |world| world,
        async |world| {
            let acme = acme(world).await?;
            let rival = world.tenant_namespace("rival", Some("rival")).await?;
            let letter = asked(world, &acme, "sales", SALES).await?;
            for confirmed in [false, true] {
                ask(&rival, "sales", SALES).await?;
                let refused = says(&rival, "sales", "Stalled", "True/DomainOwnedByAnotherTenant").await?;
                contains(&message_of(&refused, "Ready"), &["example.com is owned by another tenant"])?;
                let status = serde_json::to_string(&refused.status)?;
                let told = [vec![status], events(world, &rival.namespace).await?].concat().join("\n");
                ensure!(!told.contains("acme"), "{told}");
                ensure!(senders(&rival, SALES).await?.is_empty());
                if !confirmed {
                    open(world, &letter).await?.press(CONFIRM, &letter.code).await?;
                    usable(&acme, "sales").await?;
                    addresses(&rival).delete("sales", &kube::api::DeleteParams::default()).await?;
                }
            }
            usable(&acme, "sales").await?;
            let tenant = claim_on(world, SALES).await?.unwrap().tenant;
            ensure!(tenant.map(|tenant| tenant.to_string()).as_deref() == Some("tenant/acme"));
            ensure!(world.simulator.mails().len() == 1, "the owner is asked for acme alone");
            Ok(())
        },
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_edit_asks_for_addresses_and_nobody_but_the_operator_writes_statuses_or_reads_claims()
-> anyhow::Result<()> {
    asking(
        "roles",
        |world| world,
        async |world| {
            let acme = world.tenant_namespace("acme", None).await?;
            let viewer = format!("{}-viewer", acme.namespace);
            let user = format!("--user={viewer}");
            let bind = ["create", "rolebinding", "viewer", "--clusterrole=view", &user, "--namespace", &acme.namespace];
            world.cluster.kubectl(&bind, &Identity::Admin).await?.success()?;
            let viewer = Identity::user(&viewer, &[]);
            let mut wrong = Vec::new();
            for (verb, what, editor, reader) in [
                ("create", "senderaddresses", "yes", "no"),
                ("delete", "senderaddresses", "yes", "no"),
                ("list", "senderaddresses", "yes", "yes"),
                ("watch", "senderaddresses", "yes", "yes"),
                ("update", "senderaddresses/status", "no", "no"),
                ("patch", "senderaddresses/status", "no", "no"),
                ("get", "senderclaims", "no", "no"),
                ("list", "senderclaims", "no", "no"),
            ] {
                let (resource, subresource) = what.split_once('/').unwrap_or((what, ""));
                let (resource, subresource) =
                    (format!("{resource}.sender-operator.io"), format!("--subresource={subresource}"));
                let mut question = vec!["auth", "can-i", verb, &resource, "--namespace", &acme.namespace];
                question.extend((what != resource.split('.').next().unwrap()).then_some(subresource.as_str()));
                for (who, identity, expected) in [("edit", &acme.user, editor), ("view", &viewer, reader)] {
                    let answer = world.cluster.kubectl(&question, identity).await?.stdout;
                    if answer.trim() != expected {
                        wrong.push(format!("{who}: {verb} {what}: {}", answer.trim()));
                    }
                }
            }
            ensure!(wrong.is_empty(), "{wrong:#?}");

            // Not only is it said so, it is so.
            ask(&acme, "sales", SALES).await?;
            says(&acme, "sales", "Ready", "False/DomainMissing").await?;
            let forged = r#"{"status":{"from":"sales@example.com"}}"#;
            let patch = ["patch", "saddr", "sales", "--subresource=status", "--type=merge", "--patch", forged];
            let refused = acme.kubectl(&patch).await?;
            ensure!(!refused.ok && refused.stderr.contains("forbidden"), "{}", refused.stderr);
            ensure!(senders(&acme, SALES).await?.is_empty());
            Ok(())
        },
    )
    .await
}
