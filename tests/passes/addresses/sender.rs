//! The operator's own sender, and what SES says of a mail: told to everybody who waits, and over by itself.

use sender_operator::{api::reasons::EventReason, ses::SesError};

use super::{OBJECT, SALES, for_weeks, ready_domain, usual};
use crate::{
    setup::{ready, waiting},
    world::{DAY, HOUR, How, MINUTE, SECOND, Sending, SesCall, World},
};

const WAITING: [&str; 3] = ["a", "b", "c"];

#[tokio::test(start_paused = true)]
async fn while_nothing_can_be_sent_all_who_wait_say_why_and_then_each_owner_gets_one_mail() {
    for (trouble, cure, reason, note) in [
        ((|_| {}) as fn(&World), World::verify_sender as fn(&World), "SenderNotVerified", "confirm@ops.example.net"),
        (
            |world| world.set_sending(Sending { production: true, paused: true }),
            |world| world.set_sending(Sending::default()),
            "SendingPaused",
            "paused",
        ),
        (
            |world| world.set_sending(Sending { production: false, paused: false }),
            |world| world.set_sending(Sending::default()),
            "SandboxRecipient",
            "sandbox",
        ),
    ] {
        // Once its domain is verified, an address is a recipient that the sandbox allows.
        let in_sandbox = reason == "SandboxRecipient";
        let (world, operator) = match reason {
            "SenderNotVerified" => ready().await,
            "SandboxRecipient" => waiting().await,
            _ => ready_domain(usual).await,
        };
        if in_sandbox {
            world.verify_sender();
        }
        trouble(&world);
        let noted = || operator.notes().iter().any(|told| told.contains(note));
        for name in WAITING {
            world.ask(&format!("acme/{name}"), &format!("{name}@example.com"));
        }
        for name in WAITING {
            let first = if in_sandbox { "Confirmed" } else { "Ready" };
            world.until_address_says(&format!("acme/{name}"), &format!("{first} False {reason}")).await;
            let extra = if in_sandbox { "DomainNotReady" } else { reason };
            world.until_address_says(&format!("acme/{name}"), &format!("Reconciling True {extra}")).await;
        }
        assert!(noted(), "{:?}", operator.notes());
        world.pass(HOUR).await;
        assert!(world.mails().is_empty());
        cure(&world);
        for name in WAITING {
            world.until_address_says(&format!("acme/{name}"), "Confirmed False AwaitingOwner").await;
        }
        world.pass(HOUR).await;
        assert_eq!((world.mails().len(), noted()), (WAITING.len(), false), "{:?}", operator.notes());
    }
}

#[tokio::test(start_paused = true)]
async fn a_mail_that_ses_refuses_is_told_not_counted_and_sent_later() {
    let (world, _operator) = ready_domain(for_weeks).await;
    let rejected = SesError::Rejected { code: "MessageRejected".to_owned() };
    world.fail_ses(SesCall::Send, How::Refused, &rejected, usize::MAX);
    world.ask(OBJECT, SALES);
    world.until_address_says(OBJECT, "Ready False MailRejected").await;
    world.pass(DAY).await;
    let kept = world.address_claim(SALES).unwrap().claim.confirmation.unwrap();
    assert_eq!((kept.mails.len(), kept.request.unwrap().attempt.sends), (0, 0));
    assert!(!world.events_of(OBJECT).contains(&EventReason::OwnerAsked));
    world.heal();
    world.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
    assert_eq!(world.mails_to(SALES).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_mail_waits_for_another_turn_and_nobody_hears_of_it() {
    for throttled in [1, 2, 5] {
        let (world, _operator) = ready_domain(usual).await;
        world.fail_ses(SesCall::Send, How::Refused, &SesError::Throttled, throttled);
        world.ask(OBJECT, SALES);
        world.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
        assert_eq!(world.mails_to(SALES).len(), 1);
        let kept = world.address_claim(SALES).unwrap().claim.confirmation.unwrap();
        assert_eq!((kept.mails.len(), kept.request.unwrap().attempt.sends), (1, 1), "{throttled}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_sender_it_says_so_a_dry_run_tells_its_plan_and_with_a_sender_it_goes_on() {
    let (world, operator) = ready_domain(|me| me.mail = None).await;
    world.ask(OBJECT, SALES);
    world.until_address_says(OBJECT, "Ready False MailNotConfigured").await;
    operator.stop().await;
    world.ask("acme/new", "new@example.com");
    let (claims, calls) = (world.all_claims().len(), world.journal().len());
    let operator = world.start_with(|me| me.dry_run = true);
    for (object, plan) in [
        (OBJECT, "would send a mail to the owner of sales@example.com"),
        ("acme/new", "would set the claim on new@example.com to Held"),
    ] {
        world.until_address_says(object, "Ready False DryRun").await;
        assert!(world.address_message(object, "Ready").contains(plan), "{}", world.address_message(object, "Ready"));
    }
    world.pass(DAY + MINUTE + SECOND).await;
    assert_eq!((world.mails().len(), world.all_claims().len()), (0, claims));
    assert!(world.journal()[calls..].iter().all(|call| call.operation == SesCall::Get));
    operator.stop().await;
    let _operator = world.start();
    for object in [OBJECT, "acme/new"] {
        world.until_address_says(object, "Ready False AwaitingOwner").await;
    }
}
