//! The part of the story that is about an address and the owner of its mailbox.

use anyhow::ensure;

use super::stage::Stage;
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

pub(super) async fn tell(stage: &Stage<'_>) -> anyhow::Result<()> {
    ask(stage).await?;
    confirm(stage).await?;
    refuse(stage).await
}

async fn ask(stage: &Stage<'_>) -> anyhow::Result<()> {
    stage
        .step(
            "9. A team wants to send as an address",
            "Holding the domain is not enough to write as somebody in it: the owner of the mailbox is asked first. zenith \
             applies a SenderAddress.",
        )
        .await?;
    stage.apply(&stage.zenith, MANIFEST).await?;
    let asked = |reason: &str| reason == "AwaitingOwner";
    stage.field_of(&stage.zenith, "saddr/sales", "the owner is asked", READY_REASON, asked).await?;
    stage.kubectl(&stage.zenith, &["get", "saddr"]).await?;
    stage.seen("a mail is on its way, and its link works for 24 hours")
}

async fn confirm(stage: &Stage<'_>) -> anyhow::Result<()> {
    stage
        .step(
            "10. The owner of the mailbox confirms",
            "The mail says who asks, and what a yes allows. Opening its link changes nothing, because mail scanners open \
             links, too. Only the button on the page does, together with the code from the mail.",
        )
        .await?;
    let letter = stage.letter(ADDRESS).await?;
    let page = stage.open(&letter).await?;
    let wrong = stage.press(&letter, &page, "Yes, confirm", "BCDF-2345").await?;
    ensure!(wrong.status == 422, "a wrong code was taken:\n{}", wrong.text());
    stage.seen("a wrong code changes nothing")?;
    let confirmed = stage.press(&letter, &wrong, "Yes, confirm", &letter.code).await?;
    ensure!(confirmed.heading() == format!("{ADDRESS} is confirmed"), "{}", confirmed.text());
    stage.kubectl(&stage.zenith, &["wait", "--for=condition=Ready", "saddr/sales", PATIENT]).await?;
    stage.kubectl(&stage.zenith, &SENDERS).await?;
    stage.seen("zenith may send as the address; the owner can withdraw that at any time with the same link")
}

async fn refuse(stage: &Stage<'_>) -> anyhow::Result<()> {
    stage
        .step(
            "11. Another team asks for the same address",
            "acme held the domain once and applies the same manifest. Its addresses belong to whoever holds it now, so nobody \
             is asked.",
        )
        .await?;
    stage.apply(&stage.acme, MANIFEST).await?;
    let refused = |reason: &str| reason == "DomainOwnedByAnotherTenant";
    stage.field_of(&stage.acme, "saddr/sales", "acme is refused", READY_REASON, refused).await?;
    stage.kubectl(&stage.acme, &["get", "saddr"]).await?;
    let message = format!("jsonpath={READY_MESSAGE}");
    stage.kubectl(&stage.acme, &["get", "saddr", "sales", "-o", &message]).await?;
    let told = stage.told(&stage.acme, "saddr/sales").await?;
    ensure!(!told.contains("zenith"), "acme reads whose address it is:\n{told}");
    ensure!(stage.mails_to(ADDRESS) == 1, "the owner was bothered");
    stage.seen("it is refused without being told by whom, and the owner of the mailbox gets no mail")
}
