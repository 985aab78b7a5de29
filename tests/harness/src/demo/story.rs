//! The story, step by step.

use anyhow::{Context, ensure};

use super::{mailbox, rivalry, stage::Stage};
use crate::controlplane::PATIENT;

pub(super) const DOMAIN: &str = "mail.acme.example";

pub(super) const MANIFEST: &str = "\
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
    rivalry::tell(stage).await?;
    mailbox::tell(stage).await?;
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
    stage.apply(&stage.acme, MANIFEST).await?;
    stage
        .field(&stage.acme, "SES has issued the DNS records", "{.status.dnsRecords[*].state}", |states| {
            states == "Missing Missing Missing Missing"
        })
        .await?;
    stage.kubectl(&stage.acme, &["get", "sdom"]).await?;
    stage.seen("the identity exists at SES; nobody may use it before somebody has proven the domain")?;
    stage
        .step(
            "2. What the DNS team has to publish",
            "SES verifies a domain by three CNAME records, the same for every tenant of the AWS account. That it is acme who \
             controls the domain is proven by the TXT record, whose value is made for acme alone. All are in the status, \
             with what DNS says of each.",
        )
        .await?;
    let records = stage.kubectl(&stage.acme, &["get", "sdom", "mail", "-o", RECORDS]).await?;
    ensure!(records.lines().count() == 4, "four records were expected:\n{records}");
    stage.seen("four records in one paste, all missing so far")
}

async fn publish(stage: &Stage<'_>) -> anyhow::Result<()> {
    stage
        .step(
            "3. The records are published",
            "Here the DNS team is two requests to the simulator's zone. The operator looks DNS up by itself, and asks SES \
             once the records are there.",
        )
        .await?;
    rivalry::prove(stage, &stage.acme).await?;
    stage.dns("PUT", &format!("/identities/{DOMAIN}/dkim-records"), "").await?;
    stage.kubectl(&stage.acme, &["wait", "--for=condition=Ready", "sdom/mail", PATIENT]).await?;
    stage.kubectl(&stage.acme, &["get", "sdom"]).await?;
    stage.seen("SES has verified the domain, and the resource is Ready")?;
    let claims = stage.administer(&["get", "sclaim"]).await?;
    ensure!(["Held", "tenant/acme", "DNSChallenge"].iter().all(|part| claims.contains(part)), "{claims}");
    stage.seen("the claim says who owns the domain and how that was proven; only administrators can see it")
}

async fn break_and_repair(stage: &Stage<'_>) -> anyhow::Result<()> {
    stage
        .step(
            "4. Somebody breaks a record",
            "Months later somebody overwrites one of the records. SES still sends for a while; the operator says at once \
             which record is wrong, what it is, and what it must be.",
        )
        .await?;
    let listed = |path| stage.field(&stage.acme, "the records are listed", path, |text| !text.is_empty());
    let name = listed("{.status.dnsRecords[2].name}").await?;
    let value = listed("{.status.dnsRecords[2].value}").await?;
    stage.dns("PUT", &format!("/zone/{name}/CNAME"), "old-provider.example.net").await?;
    let says = |message: &str| message.starts_with("Wrong record") && message.contains(&name);
    stage.field(&stage.acme, "DkimReady names the wrong record", DKIM_MESSAGE, says).await?;
    stage.kubectl(&stage.acme, &["get", "sdom", "mail", "-o", &format!("jsonpath={DKIM_MESSAGE}")]).await?;
    stage.seen("the message names the record")?;
    stage.step("5. It is repaired", "The right value again, and the operator is content.").await?;
    stage.dns("PUT", &format!("/zone/{name}/CNAME"), &value).await?;
    stage.field(&stage.acme, "DkimReady is True again", DKIM_STATUS, |status| status == "True").await?;
    stage.kubectl(&stage.acme, &["wait", "--for=condition=DkimReady", "sdom/mail", PATIENT]).await?;
    stage.seen("all records are in place again")
}

async fn delete(stage: &Stage<'_>) -> anyhow::Result<()> {
    stage
        .step(
            "12. The teams delete their resources",
            "acme's resources hold nothing, so nothing follows. When zenith's go, kubectl returns at once, nothing hangs in \
             Terminating. What the owner of the mailbox allowed ends with them. The identity stays at SES for the release delay (15 minutes in production, 5 seconds \
             here), so that a mistaken delete costs nothing.",
        )
        .await?;
    stage.kubectl(&stage.acme, &["delete", "sdom/mail", "saddr/sales"]).await?;
    stage.kubectl(&stage.zenith, &["delete", "sdom/mail", "saddr/sales"]).await?;
    // On a slow machine the delay may be over before anybody looks.
    stage.claim_is(&["Releasing", "Released"]).await.context("the claim is being released")?;
    stage.administer(&["get", "sclaim"]).await?;
    stage.identity_gone(DOMAIN).await?;
    stage.claim_is(&["Released"]).await?;
    stage.administer(&["get", "sclaim"]).await?;
    stage.seen("the identity is gone from SES, and the domain and the address are free")
}
