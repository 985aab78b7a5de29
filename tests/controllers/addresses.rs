//! The whole life of an address: resource, mail, page, Ready, withdrawal, deletion; and a click on another replica.
//! `tests/reconciles` and the tables of `src/web` test each rule alone. Here the mails come over SES's wire protocol,
//! and scanners at the recipient open links and press buttons first.

use std::time::Instant;

use anyhow::{Context, ensure};
use kube::api::DeleteParams;
use sender_operator::{
    api::{SenderAddress, address::ConfirmationStatus},
    model::{claim::State, confirmation::evidence::EvidenceEvent},
};
use sender_operator_harness::{BrowserPage, ReceivedMail, TenantNamespace, TestEnv, browser::USER_AGENT, eventually};
use serde_json::json;
use ses_simulator::{Scanner, Visit};

use crate::{history::StatusHistory, support::*};

/// The domain of these tests, and an address at it.
const DOMAIN: &str = "example.com";
const SALES: &str = "sales@example.com";

/// The label of the button.
pub const CONFIRM: &str = "Yes, confirm";
const DECLINE: &str = "No, decline";
const UNDO: &str = "Undo";
const WITHDRAW: &str = "Withdraw the permission";

/// The tenant `acme`, whose domain is Ready.
pub async fn acme<'c>(env: &TestEnv<'c>) -> anyhow::Result<TenantNamespace<'c>> {
    let acme = env.tenant_namespace("acme", Some("acme")).await?;
    apply_until_ready(env, &acme, "mail", DOMAIN, json!({})).await?;
    Ok(acme)
}

/// Claims the address and returns the mail that arrives.
pub async fn asked(
    env: &TestEnv<'_>,
    tenant: &TenantNamespace<'_>,
    name: &str,
    address: &str,
) -> anyhow::Result<ReceivedMail> {
    let before = env.simulator.mails_to(address).len();
    apply_address(tenant, name, address, json!({})).await?;
    address_becomes(tenant, name, "Ready", "False/AwaitingOwner").await?;
    env.mail(address, before + 1).await
}

/// Waits until mail can be sent as the address.
pub async fn usable(tenant: &TenantNamespace<'_>, name: &str) -> anyhow::Result<SenderAddress> {
    address_becomes(tenant, name, "Ready", "True/Ready").await
}

/// The confirmation's progress in the status.
fn progress(object: &SenderAddress) -> ConfirmationStatus {
    object.status.clone().and_then(|status| status.confirmation).unwrap_or_default()
}

/// The permitted senders of an address, by the one list call documented for it.
pub async fn senders(tenant: &TenantNamespace<'_>, address: &str) -> anyhow::Result<String> {
    let selector = format!("--field-selector=status.from={address}");
    tenant.kubectl(&["get", "saddr", &selector, "-o", "name"]).await?.success()
}

/// Fails unless the page has this heading.
pub fn shows(page: &BrowserPage, heading: &str) -> anyhow::Result<()> {
    ensure!(page.heading() == heading, "{} {}", page.status, page.text());
    Ok(())
}

/// Opens the page of a mail at the first replica.
pub async fn open(env: &TestEnv<'_>, mail: &ReceivedMail) -> anyhow::Result<BrowserPage> {
    env.operator.open(&mail.path).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_claimed_confirmed_withdrawn_and_released() -> anyhow::Result<()> {
    TestEnv::builder("address")
        .asking_owners()
        .run(async |env| {
            let acme = acme(env).await?;
            let history = StatusHistory::of(addresses(&acme));
            is_asked_when_mails_can_be_sent(env, &acme).await?;
            let mail = scanners_decide_nothing(env, &acme).await?;
            let confirmed = is_confirmed(env, &acme, &mail).await?;
            is_refused_to_another(env).await?;
            is_withdrawn(env, &acme, &mail, &confirmed).await?;
            is_asked_again(env, &acme, &mail, &confirmed).await?;
            history.lint("sales")
        })
        .await
}

/// An unverified sender is named in the status and is not an operator failure.
async fn is_asked_when_mails_can_be_sent(env: &TestEnv<'_>, acme: &TenantNamespace<'_>) -> anyhow::Result<()> {
    env.verify_sender(false);
    apply_address(acme, "sales", SALES, json!({})).await?;
    let waiting = address_becomes(acme, "sales", "Confirmed", "False/SenderNotVerified").await?;
    ensure!(condition(&waiting, "Reconciling") == "True/SenderNotVerified", "{:#?}", waiting.status);
    contains(&message(&waiting, "Ready"), &["Ask your administrator to verify it", "is then sent"])?;
    // Removing the replica from service would fix nothing.
    let (code, readiness) = env.operator.get("/readyz").await?;
    ensure!(code == 200, "{code} {readiness}");
    contains(
        &readiness,
        &[
            "mail: addresses@notify.platform.example (--confirmation-sender) is not verified in SES",
            "verify its domain",
        ],
    )?;
    ensure!(env.simulator.mails().is_empty());
    Ok(())
}

/// The code in the mail keeps scanners, which open links and press buttons, from confirming or declining.
async fn scanners_decide_nothing(env: &TestEnv<'_>, acme: &TenantNamespace<'_>) -> anyhow::Result<ReceivedMail> {
    for scanner in Scanner::ALL {
        env.simulator.scan(scanner, true);
    }
    env.verify_sender(true);
    let mail = env.mail(SALES, 1).await?;
    env.simulator.scanned().await;
    let visits = env.simulator.visits();
    ensure!(visits.iter().all(|visit| visit.status.is_some()), "{visits:#?}");
    ensure!(visits.iter().any(|visit| visit.url == mail.link && visit.method == "HEAD"), "{visits:#?}");
    let pressed = |action: &str, filled: bool| {
        let of = |visit: &&Visit| {
            let form = visit.form.as_deref().unwrap_or_default();
            form.contains(&format!("action={action}")) && form.contains("code=&") != filled
        };
        visits.iter().find(of).map(|visit| visit.status)
    };
    // Press each button with the code field empty and with a wrong code.
    for action in ["confirm", "decline"] {
        for filled in [false, true] {
            ensure!(pressed(action, filled) == Some(Some(422)), "{action} {filled}: {visits:#?}");
        }
    }
    ensure!(is_unanswered(env).await?);
    address_becomes(acme, "sales", "Ready", "False/AwaitingOwner").await?;
    Ok(mail)
}

async fn is_unanswered(env: &TestEnv<'_>) -> anyhow::Result<bool> {
    let confirmation = claim_on(env, SALES).await?.confirmation.context("there is no evidence")?;
    Ok(confirmation.request.context("no request")?.answer.is_none())
}

/// Only the owner, with the code, confirms; a decline can be reversed.
async fn is_confirmed(
    env: &TestEnv<'_>,
    acme: &TenantNamespace<'_>,
    mail: &ReceivedMail,
) -> anyhow::Result<BrowserPage> {
    ensure!(senders(acme, SALES).await?.is_empty());
    let page = open(env, mail).await?;
    shows(&page, "Allow email to be sent as sales@example.com?")?;
    contains(&page.text(), &[&acme.namespace, "sales", env.environment(), "Opening this page changes nothing"])?;
    for (typed, complaint) in
        [("", "Enter the code from the email"), ("ZZZZ-ZZZZ", "This code does not match this link")]
    {
        let again = page.press(CONFIRM, typed).await?;
        contains(&again.text(), &[complaint, "Allow email to be sent as sales@example.com?"])?;
        ensure!(again.status == 422 && is_unanswered(env).await?);
    }
    let declined = page.press(DECLINE, &mail.code).await?;
    shows(&declined, "You have declined")?;
    let object = address_becomes(acme, "sales", "Stalled", "True/Declined").await?;
    ensure!(progress(&object).next_attempt_time.is_some(), "{:#?}", object.status);
    let page = declined.press(UNDO, &mail.code).await?;
    shows(&page, "Allow email to be sent as sales@example.com?")?;
    address_becomes(acme, "sales", "Ready", "False/AwaitingOwner").await?;

    // As people type it.
    let typed = mail.code.to_lowercase().replace(' ', "-");
    let confirmed = page.press(CONFIRM, &typed).await?;
    shows(&confirmed, "sales@example.com is confirmed")?;
    acme.kubectl(&["wait", "--for=condition=Ready", "saddr/sales", PATIENT]).await?.success()?;
    ensure!(senders(acme, SALES).await?.trim() == "senderaddress.sender-operator.io/sales");
    let found = acme.kubectl(&["get", "saddr", "--field-selector=spec.address=sales@example.com"]).await?.success()?;
    let table: Vec<Vec<&str>> = found.lines().map(|line| line.split_whitespace().collect()).collect();
    ensure!(table[0] == ["NAME", "ADDRESS", "READY", "REASON", "UNTIL", "AGE"], "{found}");
    // The column is empty because nothing expires any more.
    ensure!(table[1][..4] == ["sales", SALES, "True", "Ready"] && table[1].len() == 5, "{found}");
    let evidence = claim_on(env, SALES).await?.confirmation.unwrap().evidence;
    let events: Vec<EvidenceEvent> = evidence.iter().map(|entry| entry.event).collect();
    let all = [
        EvidenceEvent::Requested,
        EvidenceEvent::Sent,
        EvidenceEvent::Declined,
        EvidenceEvent::Undone,
        EvidenceEvent::Confirmed,
    ];
    ensure!(events == all, "{evidence:#?}");
    ensure!(evidence[1].message_id.as_ref() == Some(&mail.mail.message_id), "{evidence:#?}");
    let visitor = evidence[4].visitor.clone().unwrap();
    ensure!(visitor.ip == "127.0.0.1" && visitor.user_agent == USER_AGENT, "{visitor:?}");
    for reason in ["OwnerAsked", "AddressConfirmed", "BecameReady"] {
        event(env, &acme.namespace, reason, SALES).await?;
    }
    Ok(confirmed)
}

/// Another tenant does not learn the holder, and the owner gets no mail.
async fn is_refused_to_another(env: &TestEnv<'_>) -> anyhow::Result<()> {
    let rival = env.tenant_namespace("rival", Some("rival")).await?;
    apply_address(&rival, "sales", SALES, json!({})).await?;
    let refused = address_becomes(&rival, "sales", "Stalled", "True/DomainOwnedByAnotherTenant").await?;
    contains(&message(&refused, "Ready"), &["Another tenant owns example.com"])?;
    let status = serde_json::to_string(&refused.status)?;
    let told = events(env, &rival.namespace).await?.join("\n") + &status;
    ensure!(!told.contains("acme"), "{told}");
    ensure!(senders(&rival, SALES).await?.is_empty() && env.simulator.mails().len() == 1);
    ensure!(holder(&claim_on(env, SALES).await?) == "tenant/acme");
    Ok(())
}

/// The second step of a withdrawal is a separate page.
async fn is_withdrawn(
    env: &TestEnv<'_>,
    acme: &TenantNamespace<'_>,
    mail: &ReceivedMail,
    page: &BrowserPage,
) -> anyhow::Result<()> {
    let second = page.click(WITHDRAW).await?;
    shows(&second, "Withdraw the permission for sales@example.com?")?;
    ensure!(senders(acme, SALES).await?.contains("sales"), "opening the page withdraws nothing");
    shows(&second.press("Yes, withdraw", &mail.code).await?, "The permission is withdrawn")?;
    let object = address_becomes(acme, "sales", "Stalled", "True/Withdrawn").await?;
    contains(&message(&object, "Ready"), &["sales@example.com", "withdrew the confirmation"])?;
    ensure!(senders(acme, SALES).await?.is_empty(), "the list call finds the address");
    event(env, &acme.namespace, "AddressWithdrawn", SALES).await?;
    Ok(())
}

/// After the deletion the old links are dead. An annotation requests another mail and invalidates the previous link.
async fn is_asked_again(
    env: &TestEnv<'_>,
    acme: &TenantNamespace<'_>,
    old: &ReceivedMail,
    confirmed: &BrowserPage,
) -> anyhow::Result<()> {
    let address = "info@example.com";
    addresses(acme).delete("sales", &DeleteParams::default()).await?;
    eventually("the claim is Released", async || {
        let state = claim_on(env, SALES).await.map_err(|error| error.to_string())?.state;
        if state == State::Released { Ok(()) } else { Err(state.as_str().to_owned()) }
    })
    .await?;
    ensure!(env.simulator.identity(DOMAIN).is_some(), "the address does not release the domain");
    for page in [open(env, old).await?, confirmed.click(WITHDRAW).await?] {
        shows(&page, "This link is not valid")?;
    }
    let first = asked(env, acme, "info", address).await?;
    acme.kubectl(&["annotate", "saddr", "info", "sender-operator.io/resend=once more"]).await?.success()?;
    let second = env.mail(address, 2).await?;
    ensure!(first.path != second.path && first.code != second.code);
    // The first link stays valid until the operator has recorded that SES accepted the second mail.
    eventually("the annotation is echoed and the mail is sent", async || {
        let object = addresses(acme).get("info").await.map_err(|error| error.to_string())?;
        let progress = progress(&object);
        let echoed = progress.last_handled_resend.as_deref() == Some("once more") && progress.sent_time.is_some();
        if echoed { Ok(()) } else { Err(format!("{progress:?}")) }
    })
    .await?;
    shows(&open(env, &first).await?, "There is a newer email")?;
    let page = open(env, &second).await?;
    shows(&page.press(CONFIRM, &first.code).await?, "Allow email to be sent as info@example.com?")?;
    shows(&page.press(CONFIRM, &second.code).await?, "info@example.com is confirmed")?;
    usable(acme, "info").await.map(drop)
}

/// `cargo test --test controllers addresses:: -- --nocapture` prints the duration of each step.
#[tokio::test(flavor = "multi_thread")]
async fn a_click_counts_on_every_replica_even_when_the_sender_of_the_mail_is_gone() -> anyhow::Result<()> {
    TestEnv::builder("replicas")
        .asking_owners()
        .run(async |env| {
            let acme = acme(env).await?;
            let mut other = env.replica("b")?;
            other.wait_ready().await?;
            let story = async {
                let mail = asked(env, &acme, "sales", SALES).await?;
                let page = other.open(&mail.path).await?;
                let clicked = Instant::now();
                shows(&page.press(CONFIRM, &mail.code).await?, "sales@example.com is confirmed")?;
                usable(&acme, "sales").await?;
                let passed_on = clicked.elapsed();

                let mail = asked(env, &acme, "info", "info@example.com").await?;
                env.operator.kill9().await?;
                let killed = Instant::now();
                let page = other.open(&mail.path).await?;
                // There is no leader now, and the owner still gets an immediate answer.
                shows(&page.press(CONFIRM, &mail.code).await?, "info@example.com is confirmed")?;
                usable(&acme, "info").await?;
                ensure!(env.simulator.mails().len() == 2, "the next leader sends no second mail");
                println!(
                    "Ready {:.1} s after a click on the standby, {:.1} s after the leader's end",
                    passed_on.as_secs_f64(),
                    killed.elapsed().as_secs_f64()
                );
                Ok(())
            };
            story.await.with_context(|| other.log_tail())
        })
        .await
}
