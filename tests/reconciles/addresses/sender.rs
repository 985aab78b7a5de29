//! The operator's own sender and SES's errors about a mail: reported on every waiting address, and cleared
//! automatically.

use sender_operator::{api::reasons::EventReason, ses::SesError};

use super::{OBJECT, SALES, for_weeks, ready_domain, usual};
use crate::{
    setup::{ready, waiting},
    simulation::{DAY, HOUR, How, MINUTE, SECOND, Sending, SesCall, Simulation},
};

const WAITING: [&str; 3] = ["a", "b", "c"];

#[tokio::test(start_paused = true)]
async fn while_sending_fails_each_waiting_address_reports_the_cause_and_then_each_owner_gets_one_mail() {
    for (trouble, cure, reason, note) in [
        (
            (|_| {}) as fn(&Simulation),
            Simulation::verify_sender as fn(&Simulation),
            "SenderNotVerified",
            "confirm@ops.example.net",
        ),
        (
            |sim| sim.set_sending(Sending { production: true, paused: true }),
            |sim| sim.set_sending(Sending::default()),
            "SendingPaused",
            "paused",
        ),
        (
            |sim| sim.set_sending(Sending { production: false, paused: false }),
            |sim| sim.set_sending(Sending::default()),
            "SandboxRecipient",
            "sandbox",
        ),
    ] {
        // Once its domain is verified, the sandbox allows the address as a recipient.
        let in_sandbox = reason == "SandboxRecipient";
        let (sim, operator) = match reason {
            "SenderNotVerified" => ready().await,
            "SandboxRecipient" => waiting().await,
            _ => ready_domain(usual).await,
        };
        if in_sandbox {
            sim.verify_sender();
        }
        trouble(&sim);
        let noted = || operator.notes().iter().any(|told| told.contains(note));
        for name in WAITING {
            sim.ask(&format!("acme/{name}"), &format!("{name}@example.com"));
        }
        for name in WAITING {
            let first = if in_sandbox { "Confirmed" } else { "Ready" };
            sim.until_address_says(&format!("acme/{name}"), &format!("{first} False {reason}")).await;
            let extra = if in_sandbox { "DomainNotReady" } else { reason };
            sim.until_address_says(&format!("acme/{name}"), &format!("Reconciling True {extra}")).await;
        }
        assert!(noted(), "{:?}", operator.notes());
        sim.advance(HOUR).await;
        assert!(sim.mails().is_empty());
        cure(&sim);
        for name in WAITING {
            sim.until_address_says(&format!("acme/{name}"), "Confirmed False AwaitingOwner").await;
        }
        sim.advance(HOUR).await;
        assert_eq!((sim.mails().len(), noted()), (WAITING.len(), false), "{:?}", operator.notes());
    }
}

#[tokio::test(start_paused = true)]
async fn a_mail_that_ses_refuses_is_reported_not_counted_and_sent_later() {
    let (sim, _operator) = ready_domain(for_weeks).await;
    let rejected = SesError::Rejected { code: "MessageRejected".to_owned() };
    sim.fail_ses(SesCall::Send, How::Refused, &rejected, usize::MAX);
    sim.ask(OBJECT, SALES);
    sim.until_address_says(OBJECT, "Ready False MailRejected").await;
    sim.advance(DAY).await;
    let kept = sim.address_claim(SALES).unwrap().claim.confirmation.unwrap();
    assert_eq!((kept.mails.len(), kept.request.unwrap().attempt.sends), (0, 0));
    assert!(!sim.events_of(OBJECT).contains(&EventReason::OwnerAsked));
    sim.heal();
    sim.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
    assert_eq!(sim.mails_to(SALES).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_mail_is_retried_and_not_reported() {
    for throttled in [1, 2, 5] {
        let (sim, _operator) = ready_domain(usual).await;
        sim.fail_ses(SesCall::Send, How::Refused, &SesError::Throttled, throttled);
        sim.ask(OBJECT, SALES);
        sim.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
        assert_eq!(sim.mails_to(SALES).len(), 1);
        let kept = sim.address_claim(SALES).unwrap().claim.confirmation.unwrap();
        assert_eq!((kept.mails.len(), kept.request.unwrap().attempt.sends), (1, 1), "{throttled}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_missing_sender_is_reported_a_dry_run_shows_its_plan_and_with_a_sender_it_continues() {
    let (sim, operator) = ready_domain(|config| config.mail = None).await;
    sim.ask(OBJECT, SALES);
    sim.until_address_says(OBJECT, "Ready False MailNotConfigured").await;
    operator.stop().await;
    sim.ask("acme/new", "new@example.com");
    let (claims, calls) = (sim.all_claims().len(), sim.journal().len());
    let operator = sim.start_with(|config| config.dry_run = true);
    for (object, plan) in [
        (OBJECT, "would send an email to the owner of sales@example.com"),
        ("acme/new", "would set the claim on new@example.com to Held"),
    ] {
        sim.until_address_says(object, "Ready False DryRun").await;
        assert!(sim.address_message(object, "Ready").contains(plan), "{}", sim.address_message(object, "Ready"));
    }
    sim.advance(DAY + MINUTE + SECOND).await;
    assert_eq!((sim.mails().len(), sim.all_claims().len()), (0, claims));
    assert!(sim.journal()[calls..].iter().all(|call| call.operation == SesCall::Get));
    operator.stop().await;
    let _operator = sim.start();
    for object in [OBJECT, "acme/new"] {
        sim.until_address_says(object, "Ready False AwaitingOwner").await;
    }
}
