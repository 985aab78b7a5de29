//! The part of the demo about an address and the owner of its mailbox.

use anyhow::ensure;

use super::scenario::DemoScenario;
use crate::controlplane::PATIENT;

const ADDRESS: &str = "sales@mail.acme.example";

const MANIFEST: &str = "\
apiVersion: sender-operator.io/v1alpha1
kind: SenderAddress
metadata:
  name: sales
spec:
  address: sales@mail.acme.example
  note: For the invoices of our web shop.
";

const READY_MESSAGE: &str = r#"{.status.conditions[?(@.type=="Ready")].message}"#;
const READY_REASON: &str = r#"{.status.conditions[?(@.type=="Ready")].reason}"#;
const SENDERS: [&str; 3] = ["get", "saddr", "--field-selector=status.from=sales@mail.acme.example"];

pub(super) async fn tell(scenario: &DemoScenario<'_>) -> anyhow::Result<()> {
    ask(scenario).await?;
    confirm(scenario).await?;
    refuse(scenario).await
}

async fn ask(scenario: &DemoScenario<'_>) -> anyhow::Result<()> {
    scenario
        .step(
            "9. A team wants to send as an address",
            "Owning the domain is not enough to send as an address in it: the mailbox owner must agree first. zenith \
             applies a SenderAddress.",
        )
        .await?;
    scenario.apply(&scenario.zenith, MANIFEST).await?;
    let asked = |reason: &str| reason == "AwaitingOwner";
    scenario.field_of(&scenario.zenith, "saddr/sales", "the owner is asked", READY_REASON, asked).await?;
    scenario.kubectl(&scenario.zenith, &["get", "saddr"]).await?;
    scenario.seen("the owner gets an email with a link that works for 24 hours")
}

async fn confirm(scenario: &DemoScenario<'_>) -> anyhow::Result<()> {
    scenario
        .step(
            "10. The mailbox owner confirms",
            "The email names the team and the permission. Opening its link changes nothing, because mail scanners open links \
             too. Only the button on the page confirms, together with the code from the email.",
        )
        .await?;
    let mail = scenario.mail(ADDRESS).await?;
    let page = scenario.open(&mail).await?;
    let wrong = scenario.press(&mail, &page, "Yes, confirm", "BCDF-2345").await?;
    ensure!(wrong.status == 422, "a wrong code was taken:\n{}", wrong.text());
    scenario.seen("a wrong code changes nothing")?;
    let confirmed = scenario.press(&mail, &wrong, "Yes, confirm", &mail.code).await?;
    ensure!(confirmed.heading() == format!("{ADDRESS} is confirmed"), "{}", confirmed.text());
    scenario.kubectl(&scenario.zenith, &["wait", "--for=condition=Ready", "saddr/sales", PATIENT]).await?;
    scenario.kubectl(&scenario.zenith, &SENDERS).await?;
    scenario.seen("zenith may send as the address; the owner can withdraw that at any time with the same link")
}

async fn refuse(scenario: &DemoScenario<'_>) -> anyhow::Result<()> {
    scenario
        .step(
            "11. Another team claims the same address",
            "acme owned the domain before and applies the same manifest. The addresses of a domain belong to its current \
             owner, so no email is sent.",
        )
        .await?;
    scenario.apply(&scenario.acme, MANIFEST).await?;
    let refused = |reason: &str| reason == "DomainOwnedByAnotherTenant";
    scenario.field_of(&scenario.acme, "saddr/sales", "acme is refused", READY_REASON, refused).await?;
    scenario.kubectl(&scenario.acme, &["get", "saddr"]).await?;
    let message = format!("jsonpath={READY_MESSAGE}");
    scenario.kubectl(&scenario.acme, &["get", "saddr", "sales", "-o", &message]).await?;
    let told = scenario.told(&scenario.acme, "saddr/sales").await?;
    ensure!(!told.contains("zenith"), "acme reads whose address it is:\n{told}");
    ensure!(scenario.mails_to(ADDRESS) == 1, "the owner got another mail");
    scenario.seen("it is refused without naming the owner, and the mailbox owner gets no email")
}
