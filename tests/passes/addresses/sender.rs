//! The operator's own sender, and what SES says of a mail: told to everybody who waits, and over by itself.

use std::sync::Arc;

use sender_operator::{api::reasons::EventReason, ses::SesError};

use super::{OBJECT, SALES, asked, for_weeks, ready_domain};
use crate::world::{DAY, HOUR, How, MINUTE, Operator, SECOND, Sending, SesCall, World};

const WAITING: [&str; 3] = ["acme/a", "acme/b", "acme/c"];

/// Three addresses wait and say why; then the trouble is over, and each is asked by one mail.
async fn wait_and_go_on(world: &World, operator: &Operator, says: &[&str], note: &str, cure: impl FnOnce(&World)) {
    for object in WAITING {
        world.ask(object, &format!("{}@example.com", object.replace("acme/", "")));
    }
    for object in WAITING {
        for said in says {
            world.until_address_says(object, said).await;
        }
    }
    let notes = operator.notes();
    assert!(notes.iter().any(|told| told.contains(note)), "{notes:?}");
    world.pass(HOUR).await;
    assert!(world.mails().is_empty());
    cure(world);
    for object in WAITING {
        world.until_address_says(object, "Confirmed False AwaitingOwner").await;
    }
    world.pass(HOUR).await;
    assert_eq!(world.mails().len(), 3, "one each");
    assert!(!operator.notes().iter().any(|told| told.contains(note)), "{:?}", operator.notes());
}

#[tokio::test(start_paused = true)]
async fn a_sender_that_is_not_verified() {
    let world = World::new();
    let operator = world.start();
    world.ready("acme", super::DOMAIN).await;
    let says = ["Ready False SenderNotVerified", "Reconciling True SenderNotVerified"];
    wait_and_go_on(&world, &operator, &says, "confirm@ops.example.net", World::verify_sender).await;
}

#[tokio::test(start_paused = true)]
async fn an_account_that_may_not_send() {
    let world = World::new();
    let operator = world.start();
    ready_domain(&world).await;
    world.set_sending(Sending { production: true, paused: true });
    let cure = |world: &World| world.set_sending(Sending::default());
    let says = ["Ready False SendingPaused", "Reconciling True SendingPaused"];
    wait_and_go_on(&world, &operator, &says, "paused", cure).await;
}

#[tokio::test(start_paused = true)]
async fn an_account_in_the_sandbox() {
    let world = World::new();
    let operator = world.start();
    world.verify_sender();
    // Once its domain is verified, an address is a recipient that the sandbox allows.
    world.asking("acme", super::DOMAIN).await;
    world.set_sending(Sending { production: false, paused: false });
    let cure = |world: &World| world.set_sending(Sending::default());
    wait_and_go_on(&world, &operator, &["Confirmed False SandboxRecipient"], "sandbox", cure).await;
}

#[tokio::test(start_paused = true)]
async fn a_sender_that_is_lost_while_mails_go_out() {
    let world = World::new();
    let operator = world.start();
    asked(&world).await;
    world.set_sending(Sending { production: true, paused: true });
    world.ask("acme/a", "a@example.com");
    world.until_address_says("acme/a", "Ready False SendingPaused").await;
    world.until("readiness names it", || operator.notes().iter().any(|note| note.contains("paused"))).await;
    world.set_sending(Sending::default());
    world.until_address_says("acme/a", "Ready False AwaitingOwner").await;
    assert_eq!(world.mails().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_installation_without_a_sender_says_so_and_goes_on_when_it_has_one() {
    let world = World::new();
    let operator = world.start_with(|me| me.post = None);
    ready_domain(&world).await;
    world.ask(OBJECT, SALES);
    world.until_address_says(OBJECT, "Ready False MailNotConfigured").await;
    world.pass(DAY).await;
    operator.stop().await;
    let _operator = world.start_with(|me| me.post = Some(Arc::new(World::post())));
    world.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
}

#[tokio::test(start_paused = true)]
async fn a_mail_that_ses_refuses_is_told_not_counted_and_sent_later() {
    let world = World::new();
    let _operator = world.start_with(for_weeks);
    ready_domain(&world).await;
    let rejected = SesError::Rejected { code: "MessageRejected".to_owned() };
    world.fail_ses(SesCall::Send, How::Refused, &rejected, usize::MAX);
    world.ask(OBJECT, SALES);
    world.until_address_says(OBJECT, "Ready False MailRejected").await;
    world.pass(DAY).await;
    let kept = world.address_claim(SALES).unwrap().claim.confirmation.unwrap();
    assert_eq!((kept.mails.len(), kept.request.unwrap().attempt.sends), (0, 0));
    assert!(!world.address_events(OBJECT).contains(&EventReason::OwnerAsked));
    world.heal();
    world.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
    assert_eq!(world.mails_to(SALES).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_mail_waits_for_another_turn_and_nobody_hears_of_it() {
    for throttled in [1, 2, 5] {
        let world = World::new();
        let _operator = world.start();
        ready_domain(&world).await;
        world.fail_ses(SesCall::Send, How::Refused, &SesError::Throttled, throttled);
        world.ask(OBJECT, SALES);
        world.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
        assert_eq!(world.mails_to(SALES).len(), 1);
        let kept = world.address_claim(SALES).unwrap().claim.confirmation.unwrap();
        assert_eq!((kept.mails.len(), kept.request.unwrap().attempt.sends), (1, 1), "{throttled}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_writes_no_claim_and_sends_no_mail() {
    let world = World::new();
    let operator = world.start();
    ready_domain(&world).await;
    operator.stop().await;
    world.ask(OBJECT, SALES);
    let (claims, calls) = (world.all_claims().len(), world.journal().len());
    let _operator = world.start_with(|me| me.dry_run = true);
    world.until_address_says(OBJECT, "Ready False DryRun").await;
    assert!(world.address_message(OBJECT, "Ready").contains("would make the claim on sales@example.com Held"));
    world.pass(DAY).await;
    assert_eq!((world.mails().len(), world.all_claims().len()), (0, claims));
    assert!(world.journal()[calls..].iter().all(|call| call.operation == SesCall::Get));
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_says_that_it_would_ask() {
    let world = World::new();
    let operator = world.start_with(|me| me.post = None);
    ready_domain(&world).await;
    world.ask(OBJECT, SALES);
    world.until_address_says(OBJECT, "Ready False MailNotConfigured").await;
    operator.stop().await;
    let _operator = world.start_with(|me| me.dry_run = true);
    world.until_address_says(OBJECT, "Ready False DryRun").await;
    assert!(world.address_message(OBJECT, "Ready").contains("would ask the owner of sales@example.com by a mail"));
    world.pass(MINUTE + SECOND).await;
    assert!(world.mails().is_empty());
}
