//! The part of the story that is about two teams and one domain.

use anyhow::ensure;
use jiff::Timestamp;

use super::{
    GRACE,
    stage::Stage,
    story::{DOMAIN, MANIFEST},
};
use crate::{Tenant, controlplane::PATIENT};

const READY_MESSAGE: &str = r#"{.status.conditions[?(@.type=="Ready")].message}"#;
const OWNED_MESSAGE: &str = r#"{.status.conditions[?(@.type=="Owned")].message}"#;
const OWNED_REASON: &str = r#"{.status.conditions[?(@.type=="Owned")].reason}"#;
/// Where a domain is proven, in the simulator's zone.
const CHALLENGE: &str = "/zone/_sender-operator-challenge.mail.acme.example/TXT";
/// The value of the record that proves the domain.
const PROOF: &str = r#"{.status.dnsRecords[?(@.purpose=="Ownership")].value}"#;

pub(super) async fn tell(stage: &Stage<'_>) -> anyhow::Result<()> {
    refuse(stage).await?;
    let old = hand_over(stage).await?;
    try_the_old_record(stage, &old).await
}

/// The DNS team publishes the team's TXT record in place of whatever stands there.
pub(super) async fn prove(stage: &Stage<'_>, team: &Tenant<'_>) -> anyhow::Result<()> {
    let value = value(stage, team).await?;
    publish(stage, &value).await
}

async fn value(stage: &Stage<'_>, team: &Tenant<'_>) -> anyhow::Result<String> {
    stage.field(team, "the record that proves the domain is listed", PROOF, |value| value.starts_with("token=")).await
}

async fn publish(stage: &Stage<'_>, value: &str) -> anyhow::Result<()> {
    stage.dns("PUT", CHALLENGE, value).await
}

async fn refuse(stage: &Stage<'_>) -> anyhow::Result<()> {
    stage
        .step(
            "6. Another team asks for the same domain",
            "The team zenith applies the same manifest in its namespace. SES would let it send at once: the domain is \
             verified for the whole AWS account.",
        )
        .await?;
    stage.apply(&stage.zenith, MANIFEST).await?;
    let is_refused = |reason: &str| reason == "OwnedByAnotherTenant";
    stage.field(&stage.zenith, "zenith is refused", OWNED_REASON, is_refused).await?;
    stage.kubectl(&stage.zenith, &["get", "sdom"]).await?;
    let message = format!("jsonpath={READY_MESSAGE}");
    stage.kubectl(&stage.zenith, &["get", "sdom", "mail", "-o", &message]).await?;
    let told = stage.told(&stage.zenith, "sdom/mail").await?.replace(DOMAIN, "");
    ensure!(!told.contains("acme"), "zenith reads whose domain it is:\n{told}");
    stage.seen("it is refused, and neither its status nor its events say by whom")
}

/// Gives the value of the record that proved the domain before.
async fn hand_over(stage: &Stage<'_>) -> anyhow::Result<String> {
    stage
        .step(
            "7. The domain changes hands",
            &format!(
                "zenith has bought the domain: in DNS, acme's record goes, and later zenith's takes its place. acme keeps \
                 the domain for a grace (a week in production, {} seconds here), so that a slip in DNS costs nobody a domain.",
                GRACE.as_secs()
            ),
        )
        .await?;
    let old = value(stage, &stage.acme).await?;
    stage.dns("DELETE", CHALLENGE, "").await?;
    stage.field(&stage.acme, "acme is told", OWNED_REASON, |reason| reason == "ProofLost").await?;
    let message = format!("jsonpath={OWNED_MESSAGE}");
    stage.kubectl(&stage.acme, &["get", "sdom", "mail", "-o", &message]).await?;
    stage.kubectl(&stage.acme, &["get", "sdom"]).await?;
    stage.seen("acme is told, and can still send")?;
    prove(stage, &stage.zenith).await?;
    stage.kubectl(&stage.zenith, &["wait", "--for=condition=Ready", "sdom/mail", PATIENT]).await?;
    stage.field(&stage.acme, "acme has lost the domain", OWNED_REASON, |reason| reason == "Displaced").await?;
    stage.kubectl(&stage.acme, &["get", "sdom"]).await?;
    let claims = stage.administer(&["get", "sclaim"]).await?;
    ensure!(claims.contains("tenant/zenith") && !claims.contains("tenant/acme"), "{claims}");
    stage.seen("after the grace the domain is zenith's; what acme had set up on the identity would be gone, too")?;
    Ok(old)
}

async fn try_the_old_record(stage: &Stage<'_>, old: &str) -> anyhow::Result<()> {
    stage
        .step(
            "8. The old record helps no more",
            "Somebody puts acme's old record back and removes zenith's, for longer than the grace. A token is bound to a \
             tenant and its tenure: the one that acme held the domain under is over.",
        )
        .await?;
    publish(stage, old).await?;
    let over = |since: &str| {
        let since = since.parse::<Timestamp>();
        since.is_ok_and(|since| Timestamp::now().duration_since(since).unsigned_abs() > GRACE * 3 / 2)
    };
    stage.claim("the grace is over", "{.spec.proof.lostTime}", over).await?;
    let claims = stage.administer(&["get", "sclaim"]).await?;
    ensure!(claims.contains("Held") && claims.contains("tenant/zenith"), "{claims}");
    let new = value(stage, &stage.acme).await?;
    ensure!(new != old, "acme is told its old record: {old}");
    stage.seen("the domain is still zenith's; acme is asked for another record")?;
    prove(stage, &stage.zenith).await?;
    stage.field(&stage.zenith, "zenith's proof is seen again", OWNED_REASON, |reason| reason == "Held").await?;
    stage.seen("zenith's record is back, and all is well")
}
