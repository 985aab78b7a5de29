//! The story, step by step.

use anyhow::{Context, ensure};

use super::{mailbox, rivalry, scenario::DemoScenario};
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

pub(super) async fn tell(scenario: &DemoScenario<'_>) -> anyhow::Result<()> {
    apply(scenario).await?;
    publish(scenario).await?;
    break_and_repair(scenario).await?;
    rivalry::tell(scenario).await?;
    mailbox::tell(scenario).await?;
    delete(scenario).await
}

async fn apply(scenario: &DemoScenario<'_>) -> anyhow::Result<()> {
    scenario
        .step(
            "1. A team asks for its domain",
            "The team acme wants to send mail from mail.acme.example. It applies a SenderDomain in its own namespace; it \
             has no access to AWS.",
        )
        .await?;
    scenario.apply(&scenario.acme, MANIFEST).await?;
    scenario
        .field(&scenario.acme, "SES has issued the DNS records", "{.status.dnsRecords[*].state}", |states| {
            states == "Missing Missing Missing Missing"
        })
        .await?;
    scenario.kubectl(&scenario.acme, &["get", "sdom"]).await?;
    scenario.seen("the identity exists at SES; nobody may use it before somebody has proven the domain")?;
    scenario
        .step(
            "2. What the DNS team has to publish",
            "SES verifies a domain by three CNAME records, the same for every tenant of the AWS account. That it is acme who \
             controls the domain is proven by the TXT record, whose value is made for acme alone. All are in the status, \
             with what DNS says of each.",
        )
        .await?;
    let records = scenario.kubectl(&scenario.acme, &["get", "sdom", "mail", "-o", RECORDS]).await?;
    ensure!(records.lines().count() == 4, "four records were expected:\n{records}");
    scenario.seen("four records in one paste, all missing so far")
}

async fn publish(scenario: &DemoScenario<'_>) -> anyhow::Result<()> {
    scenario
        .step(
            "3. The records are published",
            "Here the DNS team is two requests to the simulator's zone. The operator looks DNS up by itself, and asks SES \
             once the records are there.",
        )
        .await?;
    rivalry::prove(scenario, &scenario.acme).await?;
    scenario.dns("PUT", &format!("/identities/{DOMAIN}/dkim-records"), "").await?;
    scenario.kubectl(&scenario.acme, &["wait", "--for=condition=Ready", "sdom/mail", PATIENT]).await?;
    scenario.kubectl(&scenario.acme, &["get", "sdom"]).await?;
    scenario.seen("SES has verified the domain, and the resource is Ready")?;
    let claims = scenario.administer(&["get", "sclaim"]).await?;
    ensure!(["Held", "tenant/acme", "DNSChallenge"].iter().all(|part| claims.contains(part)), "{claims}");
    scenario.seen("the claim says who owns the domain and how that was proven; only administrators can see it")
}

async fn break_and_repair(scenario: &DemoScenario<'_>) -> anyhow::Result<()> {
    scenario
        .step(
            "4. Somebody breaks a record",
            "Months later somebody overwrites one of the records. SES still sends for a while; the operator says at once \
             which record is wrong, what it is, and what it must be.",
        )
        .await?;
    let listed = |path| scenario.field(&scenario.acme, "the records are listed", path, |text| !text.is_empty());
    let name = listed("{.status.dnsRecords[2].name}").await?;
    let value = listed("{.status.dnsRecords[2].value}").await?;
    scenario.dns("PUT", &format!("/zone/{name}/CNAME"), "old-provider.example.net").await?;
    let says = |message: &str| message.starts_with("Wrong record") && message.contains(&name);
    scenario.field(&scenario.acme, "DkimReady names the wrong record", DKIM_MESSAGE, says).await?;
    scenario.kubectl(&scenario.acme, &["get", "sdom", "mail", "-o", &format!("jsonpath={DKIM_MESSAGE}")]).await?;
    scenario.seen("the message names the record")?;
    scenario.step("5. It is repaired", "The right value again, and the operator is content.").await?;
    scenario.dns("PUT", &format!("/zone/{name}/CNAME"), &value).await?;
    scenario.field(&scenario.acme, "DkimReady is True again", DKIM_STATUS, |status| status == "True").await?;
    scenario.kubectl(&scenario.acme, &["wait", "--for=condition=DkimReady", "sdom/mail", PATIENT]).await?;
    scenario.seen("all records are in place again")
}

async fn delete(scenario: &DemoScenario<'_>) -> anyhow::Result<()> {
    scenario
        .step(
            "12. The teams delete their resources",
            "acme's resources hold nothing, so nothing follows. When zenith's go, kubectl returns at once, nothing hangs in \
             Terminating. What the owner of the mailbox allowed ends with them. The identity stays at SES for the release delay (15 minutes in production, 5 seconds \
             here), so that a mistaken delete costs nothing.",
        )
        .await?;
    scenario.kubectl(&scenario.acme, &["delete", "sdom/mail", "saddr/sales"]).await?;
    scenario.kubectl(&scenario.zenith, &["delete", "sdom/mail", "saddr/sales"]).await?;
    // On a slow machine, the delay may end before this check.
    scenario.claim_is(&["Releasing", "Released"]).await.context("the claim is being released")?;
    scenario.administer(&["get", "sclaim"]).await?;
    scenario.identity_gone(DOMAIN).await?;
    scenario.claim_is(&["Released"]).await?;
    scenario.administer(&["get", "sclaim"]).await?;
    scenario.seen("the identity is gone from SES, and the domain and the address are free")
}
