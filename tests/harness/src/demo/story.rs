//! The story, step by step.

use anyhow::{Context, ensure};

use super::stage::Stage;

const DOMAIN: &str = "mail.acme.example";

const MANIFEST: &str = "\
apiVersion: sender-operator.io/v1alpha1
kind: SenderDomain
metadata:
  name: mail
spec:
  domain: mail.acme.example
";

const RECORDS: &str =
    r#"jsonpath={range .status.dnsRecords[*]}{.type}{"\t"}{.name}{"\t"}{.value}{"\t"}{.state}{"\n"}{end}"#;
const DKIM_MESSAGE: &str = r#"{.status.conditions[?(@.type=="DkimReady")].message}"#;
const DKIM_STATUS: &str = r#"{.status.conditions[?(@.type=="DkimReady")].status}"#;

pub(super) async fn tell(stage: &Stage<'_>) -> anyhow::Result<()> {
    apply(stage).await?;
    publish(stage).await?;
    break_and_repair(stage).await?;
    delete(stage).await
}

async fn apply(stage: &Stage<'_>) -> anyhow::Result<()> {
    stage
        .step(
            "1. A team asks for its domain",
            "The team acme wants to send mail from mail.acme.example. It applies a SenderDomain in its own namespace; it \
             has no access to AWS.",
        )
        .await?;
    stage.apply(MANIFEST).await?;
    stage
        .field("SES has issued the DNS records", "{.status.dnsRecords[*].state}", |s| s == "Missing Missing Missing")
        .await?;
    stage.kubectl(&["get", "sdom"]).await?;
    stage.seen("the operator has claimed the domain for the team and created the identity at SES")?;
    stage
        .step(
            "2. What the DNS team has to publish",
            "SES verifies a domain by three CNAME records. They are all in the status, with what DNS says of each.",
        )
        .await?;
    let records = stage.kubectl(&["get", "sdom", "mail", "-o", RECORDS]).await?;
    ensure!(records.lines().count() == 3, "three records were expected:\n{records}");
    stage.seen("three records, all missing so far")
}

async fn publish(stage: &Stage<'_>) -> anyhow::Result<()> {
    stage
        .step(
            "3. The records are published",
            "Here the DNS team is one request to the simulator's zone. The operator looks DNS up by itself, and asks SES \
             once the records are there.",
        )
        .await?;
    stage.dns(&format!("/identities/{DOMAIN}/dkim-records"), "").await?;
    stage.kubectl(&["wait", "--for=condition=Ready", "sdom/mail", "--timeout=60s"]).await?;
    stage.kubectl(&["get", "sdom"]).await?;
    stage.seen("SES has verified the domain, and the resource is Ready")?;
    let claims = stage.administer(&["get", "sclaim"]).await?;
    ensure!(claims.contains("Held") && claims.contains("tenant/acme"), "{claims}");
    stage.seen("the claim says who owns the domain; only administrators can see it")
}

async fn break_and_repair(stage: &Stage<'_>) -> anyhow::Result<()> {
    stage
        .step(
            "4. Somebody breaks a record",
            "Months later somebody overwrites one of the records. SES still sends for a while; the operator says at once \
             which record is wrong, what it is, and what it must be.",
        )
        .await?;
    let name = stage.field("the records are listed", "{.status.dnsRecords[1].name}", |name| !name.is_empty()).await?;
    let value =
        stage.field("the records are listed", "{.status.dnsRecords[1].value}", |value| !value.is_empty()).await?;
    stage.dns(&format!("/zone/{name}/CNAME"), "old-provider.example.net").await?;
    let says = |message: &str| message.starts_with("Wrong record") && message.contains(&name);
    stage.field("DkimReady names the wrong record", DKIM_MESSAGE, says).await?;
    stage.kubectl(&["get", "sdom", "mail", "-o", &format!("jsonpath={DKIM_MESSAGE}")]).await?;
    stage.seen("the message names the record")?;
    stage.step("5. It is repaired", "The right value again, and the operator is content.").await?;
    stage.dns(&format!("/zone/{name}/CNAME"), &value).await?;
    stage.field("DkimReady is True again", DKIM_STATUS, |status| status == "True").await?;
    stage.kubectl(&["wait", "--for=condition=DkimReady", "sdom/mail", "--timeout=60s"]).await?;
    stage.seen("all records are in place again")
}

async fn delete(stage: &Stage<'_>) -> anyhow::Result<()> {
    stage
        .step(
            "6. The team deletes its domain",
            "kubectl returns at once, nothing hangs in Terminating. The identity stays at SES for the release delay (15 \
             minutes in production, 5 seconds here), so that a mistaken delete costs nothing.",
        )
        .await?;
    stage.kubectl(&["delete", "sdom", "mail"]).await?;
    stage.claim_is("Releasing").await.context("the claim is being released")?;
    stage.administer(&["get", "sclaim"]).await?;
    stage.identity_gone(DOMAIN).await?;
    stage.claim_is("Released").await?;
    stage.administer(&["get", "sclaim"]).await?;
    stage.seen("the identity is gone from SES, and the domain is free")
}
