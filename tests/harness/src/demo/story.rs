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
            "1. A team claims its domain",
            "Team acme wants to send email from mail.acme.example. It applies a SenderDomain in its own namespace; it \
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
    scenario.seen("the identity exists in SES; no tenant can use it before it proves the domain")?;
    scenario
        .step(
            "2. The records for the DNS team",
            "SES verifies a domain by three CNAME records, which are the same for every tenant of the AWS account. The TXT \
             record, whose value is unique to acme, proves that acme controls the domain. The status lists all records \
             and their state in DNS.",
        )
        .await?;
    let records = scenario.kubectl(&scenario.acme, &["get", "sdom", "mail", "-o", RECORDS]).await?;
    ensure!(records.lines().count() == 4, "four records were expected:\n{records}");
    scenario.seen("four records to publish; none is in DNS yet")
}

async fn publish(scenario: &DemoScenario<'_>) -> anyhow::Result<()> {
    scenario
        .step(
            "3. The records are published",
            "Here, two requests to the simulator's zone replace the DNS team. The operator checks DNS automatically, and \
             calls SES once the records exist.",
        )
        .await?;
    rivalry::prove(scenario, &scenario.acme).await?;
    scenario.dns("PUT", &format!("/identities/{DOMAIN}/dkim-records"), "").await?;
    scenario.kubectl(&scenario.acme, &["wait", "--for=condition=Ready", "sdom/mail", PATIENT]).await?;
    scenario.kubectl(&scenario.acme, &["get", "sdom"]).await?;
    scenario.seen("SES has verified the domain, and the resource is Ready")?;
    let claims = scenario.administer(&["get", "sclaim"]).await?;
    ensure!(["Held", "tenant/acme", "DNSChallenge"].iter().all(|part| claims.contains(part)), "{claims}");
    scenario.seen("the claim records the owner of the domain and the proof; only administrators can see it")
}

async fn break_and_repair(scenario: &DemoScenario<'_>) -> anyhow::Result<()> {
    scenario
        .step(
            "4. A record breaks",
            "Months later, one of the records is overwritten. SES keeps sending for a while. The operator immediately reports \
             the wrong record, with its current and its required value.",
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
    scenario.step("5. The record is repaired", "The DNS team publishes the right value again.").await?;
    scenario.dns("PUT", &format!("/zone/{name}/CNAME"), &value).await?;
    scenario.field(&scenario.acme, "DkimReady is True again", DKIM_STATUS, |status| status == "True").await?;
    scenario.kubectl(&scenario.acme, &["wait", "--for=condition=DkimReady", "sdom/mail", PATIENT]).await?;
    scenario.seen("all records are in place again")
}

async fn delete(scenario: &DemoScenario<'_>) -> anyhow::Result<()> {
    scenario
        .step(
            "12. The teams delete their resources",
            "acme's resources hold nothing, so their deletion has no effect. zenith's resources are deleted at once, without \
             hanging in Terminating, and the permission of the mailbox owner ends with them. The identity stays in SES \
             for the release delay (15 minutes in production, 5 seconds here), so a deletion by mistake can be undone.",
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
