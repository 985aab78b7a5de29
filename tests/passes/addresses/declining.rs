//! What the owner refuses, takes back, and takes back again.

use sender_operator::{
    api::reasons::EventReason,
    model::{
        claim::State,
        confirmation::{
            answering::{Act, Page},
            evidence::Event,
        },
    },
};

use super::{OBJECT, SALES, asked, confirmed, for_weeks};
use crate::world::{DAY, HOUR, MINUTE, World};

#[tokio::test(start_paused = true)]
async fn who_was_declined_is_told_until_when_and_no_wish_for_a_mail_is_heard_before() {
    let world = World::new();
    let _operator = world.start_with(for_weeks);
    asked(&world).await;
    assert_eq!(world.click(SALES, Act::Decline), Page::Declined { undo: true });
    let declined = world.now();
    world.until_address_says(OBJECT, "Stalled True Declined").await;
    let told = || world.address_events(OBJECT).contains(&EventReason::AddressDeclined);
    world.until("it is told", told).await;
    let until = world.address_status(OBJECT).confirmation.unwrap().next_attempt_time.unwrap();
    assert_eq!(until.duration_since(declined).as_hours(), 720);
    world.resend(OBJECT, "please");
    world.pass(29 * DAY).await;
    assert_eq!((world.mails_to(SALES).len(), world.address_says(OBJECT)[2].as_str()), (1, "Ready False Declined"));
    world.pass(2 * DAY).await;
    world.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
    assert_eq!(world.mails_to(SALES).len(), 2, "the wish that stood there is heard when the time is over");
}

#[tokio::test(start_paused = true)]
async fn deleting_the_resource_does_not_make_the_owner_hear_from_the_tenant_again() {
    let world = World::new();
    let _operator = world.start_with(for_weeks);
    asked(&world).await;
    world.click(SALES, Act::Decline);
    world.until_address_says(OBJECT, "Stalled True Declined").await;
    world.stop_asking(OBJECT);
    world.until_address_state(SALES, State::Released).await;
    world.ask(OBJECT, SALES);
    world.until_address_says(OBJECT, "Stalled True Declined").await;
    assert!(world.address_status(OBJECT).confirmation.unwrap().next_attempt_time.is_some());
    world.pass(29 * DAY).await;
    assert_eq!(world.mails_to(SALES).len(), 1);
    world.until_within(3 * DAY, "the time is over", || world.mails_to(SALES).len() == 2).await;
}

#[tokio::test(start_paused = true)]
async fn a_decline_of_one_tenant_blocks_no_other_one() {
    let world = World::new();
    let _operator = world.start();
    asked(&world).await;
    world.click(SALES, Act::Decline);
    world.delete("acme/mail");
    world.stop_asking(OBJECT);
    world.until_state(super::DOMAIN, State::Released).await;
    world.ready("rival", super::DOMAIN).await;
    world.ask("rival/sales", SALES);
    world.until_address_says("rival/sales", "Ready False AwaitingOwner").await;
    assert_eq!(world.mails_to(SALES).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_decline_is_undone_by_the_same_link_until_its_expiry() {
    let world = World::new();
    let _operator = world.start_with(for_weeks);
    asked(&world).await;
    world.click(SALES, Act::Decline);
    world.until_address_says(OBJECT, "Stalled True Declined").await;
    assert_eq!(world.click(SALES, Act::Undo), Page::Asked);
    world.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
    world.click(SALES, Act::Decline);
    world.pass(DAY).await;
    assert_eq!(world.click(SALES, Act::Undo), Page::Declined { undo: false }, "its time is over");
    world.until_address_says(OBJECT, "Stalled True Declined").await;
    assert_eq!(world.mails_to(SALES).len(), 1);
    let kinds = [Event::Asked, Event::Sent, Event::Declined, Event::Undone, Event::Declined];
    assert_eq!(world.evidence_for(SALES), kinds);
}

#[tokio::test(start_paused = true)]
async fn a_confirmation_is_withdrawn_at_any_time() {
    let world = World::new();
    let _operator = world.start_with(for_weeks);
    confirmed(&world).await;
    world.pass(100 * DAY).await;
    assert_eq!(world.click(SALES, Act::Withdraw), Page::Withdrawn { undo: false });
    world.until_address_says(OBJECT, "Stalled True Withdrawn").await;
    assert_eq!(world.address_status(OBJECT).from, None);
    let told = || world.address_events(OBJECT).ends_with(&[EventReason::AddressWithdrawn, EventReason::BecameUnready]);
    world.until("it is told", told).await;
    world.resend(OBJECT, "again");
    world.pass(DAY).await;
    assert_eq!(world.mails_to(SALES).len(), 1, "they don't want to hear from the tenant");
}

#[tokio::test(start_paused = true)]
async fn a_wish_for_a_mail_to_who_has_confirmed_is_seen_and_bothers_nobody() {
    let world = World::new();
    let _operator = world.start();
    confirmed(&world).await;
    world.resend(OBJECT, "for nothing");
    let handled = || world.address_status(OBJECT).confirmation.unwrap().last_handled_resend;
    world.until("it is seen", || handled().as_deref() == Some("for nothing")).await;
    world.pass(HOUR).await;
    assert_eq!((world.mails_to(SALES).len(), world.address_says(OBJECT)[2].as_str()), (1, "Ready True Ready"));
}

#[tokio::test(start_paused = true)]
async fn buttons_that_are_pressed_twice_change_nothing() {
    let world = World::new();
    let _operator = world.start();
    asked(&world).await;
    for act in [Act::Confirm, Act::Confirm, Act::Decline, Act::Undo] {
        assert_eq!(world.click(SALES, act), Page::Confirmed);
    }
    world.pass(MINUTE).await;
    let confirmations =
        |world: &World| world.evidence_for(SALES).iter().filter(|kind| **kind == Event::Confirmed).count();
    assert_eq!(confirmations(&world), 1);
}
