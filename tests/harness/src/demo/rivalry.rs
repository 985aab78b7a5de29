//! The part of the demo about two teams and one domain.

use anyhow::ensure;
use jiff::Timestamp;

use super::{
    GRACE,
    scenario::DemoScenario,
    story::{DOMAIN, MANIFEST},
};
use crate::{TenantNamespace, controlplane::PATIENT};

const READY_MESSAGE: &str = r#"{.status.conditions[?(@.type=="Ready")].message}"#;
const OWNED_MESSAGE: &str = r#"{.status.conditions[?(@.type=="Owned")].message}"#;
const OWNED_REASON: &str = r#"{.status.conditions[?(@.type=="Owned")].reason}"#;
/// The challenge of a domain in the simulator's zone.
const CHALLENGE: &str = "/zone/_sender-operator-challenge.mail.acme.example/TXT";
/// The value of the record that proves the domain.
const PROOF: &str = r#"{.status.dnsRecords[?(@.purpose=="Ownership")].value}"#;

pub(super) async fn tell(scenario: &DemoScenario<'_>) -> anyhow::Result<()> {
    refuse(scenario).await?;
    let old = take_over(scenario).await?;
    try_the_old_record(scenario, &old).await
}

/// The DNS team replaces the domain's challenge with the team's TXT record.
pub(super) async fn prove(scenario: &DemoScenario<'_>, team: &TenantNamespace<'_>) -> anyhow::Result<()> {
    let value = value(scenario, team).await?;
    publish(scenario, &value).await
}

async fn value(scenario: &DemoScenario<'_>, team: &TenantNamespace<'_>) -> anyhow::Result<String> {
    scenario
        .field(team, "the record that proves the domain is listed", PROOF, |value| value.starts_with("token="))
        .await
}

async fn publish(scenario: &DemoScenario<'_>, value: &str) -> anyhow::Result<()> {
    scenario.dns("PUT", CHALLENGE, value).await
}

async fn refuse(scenario: &DemoScenario<'_>) -> anyhow::Result<()> {
    scenario
        .step(
            "6. Another team claims the same domain",
            "Team zenith applies the same manifest in its namespace. SES would let it send at once: the domain is \
             verified for the whole AWS account.",
        )
        .await?;
    scenario.apply(&scenario.zenith, MANIFEST).await?;
    let is_refused = |reason: &str| reason == "OwnedByAnotherTenant";
    scenario.field(&scenario.zenith, "zenith is refused", OWNED_REASON, is_refused).await?;
    scenario.kubectl(&scenario.zenith, &["get", "sdom"]).await?;
    let message = format!("jsonpath={READY_MESSAGE}");
    scenario.kubectl(&scenario.zenith, &["get", "sdom", "mail", "-o", &message]).await?;
    let told = scenario.told(&scenario.zenith, "sdom/mail").await?.replace(DOMAIN, "");
    ensure!(!told.contains("acme"), "zenith reads whose domain it is:\n{told}");
    scenario.seen("it is refused, and neither its status nor its events name the owner")
}

/// Returns the value of the record that proved the domain before.
async fn take_over(scenario: &DemoScenario<'_>) -> anyhow::Result<String> {
    scenario
        .step(
            "7. The domain gets a new owner",
            &format!(
                "zenith has bought the domain: in DNS, acme's record is removed, and later zenith's is published. acme \
                 keeps the domain for a grace period (a week in production, {} seconds here), so a mistake in DNS costs no \
                 team its domain.",
                GRACE.as_secs()
            ),
        )
        .await?;
    let old = value(scenario, &scenario.acme).await?;
    scenario.dns("DELETE", CHALLENGE, "").await?;
    scenario
        .field(&scenario.acme, "acme sees that its proof is lost", OWNED_REASON, |reason| reason == "ProofLost")
        .await?;
    let message = format!("jsonpath={OWNED_MESSAGE}");
    scenario.kubectl(&scenario.acme, &["get", "sdom", "mail", "-o", &message]).await?;
    scenario.kubectl(&scenario.acme, &["get", "sdom"]).await?;
    scenario.seen("acme sees the lost proof, and can still send")?;
    prove(scenario, &scenario.zenith).await?;
    scenario.kubectl(&scenario.zenith, &["wait", "--for=condition=Ready", "sdom/mail", PATIENT]).await?;
    scenario.field(&scenario.acme, "acme has lost the domain", OWNED_REASON, |reason| reason == "Displaced").await?;
    scenario.kubectl(&scenario.acme, &["get", "sdom"]).await?;
    let claims = scenario.administer(&["get", "sclaim"]).await?;
    ensure!(claims.contains("tenant/zenith") && !claims.contains("tenant/acme"), "{claims}");
    scenario.seen(
        "after the grace period, zenith owns the domain; the takeover removes all existing settings from the identity",
    )?;
    Ok(old)
}

async fn try_the_old_record(scenario: &DemoScenario<'_>, old: &str) -> anyhow::Result<()> {
    scenario
        .step(
            "8. The old record is void",
            "acme's old record is restored and zenith's is removed, for longer than the grace period. A token is bound to a \
             tenant and its tenure, and acme's tenure has ended.",
        )
        .await?;
    publish(scenario, old).await?;
    let over = |since: &str| {
        let since = since.parse::<Timestamp>();
        since.is_ok_and(|since| Timestamp::now().duration_since(since).unsigned_abs() > GRACE * 3 / 2)
    };
    scenario.claim("the grace is over", "{.spec.proof.lostTime}", over).await?;
    let claims = scenario.administer(&["get", "sclaim"]).await?;
    ensure!(claims.contains("Held") && claims.contains("tenant/zenith"), "{claims}");
    let new = value(scenario, &scenario.acme).await?;
    ensure!(new != old, "acme gets its old record again: {old}");
    scenario.seen("zenith keeps the domain; acme needs a new record")?;
    prove(scenario, &scenario.zenith).await?;
    scenario.field(&scenario.zenith, "zenith's proof is seen again", OWNED_REASON, |reason| reason == "Held").await?;
    scenario.seen("zenith's record is back, and the domain is healthy")
}
