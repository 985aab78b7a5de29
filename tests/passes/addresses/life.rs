//! The life of an address: asked for, asked by mail, confirmed, let go.

use sender_operator::{
    api::reasons::EventReason,
    model::{
        claim::State,
        confirmation::answering::{Act, Page},
    },
};

use super::{OBJECT, SALES, asked, confirmed, for_weeks};
use crate::world::{DAY, HOUR, MINUTE, World};

#[tokio::test(start_paused = true)]
async fn an_address_becomes_ready_when_its_owner_has_confirmed() {
    let world = World::new();
    let _operator = world.start_with(for_weeks);
    asked(&world).await;
    assert_eq!(world.mails_to(SALES).len(), 1);
    assert_eq!(world.address_status(OBJECT).from, None);
    assert_eq!(world.click(SALES, Act::Confirm), Page::Confirmed);
    world.until_address_says(OBJECT, "Ready True Ready").await;
    let status = world.address_status(OBJECT);
    assert_eq!(status.from.as_deref(), Some(SALES));
    assert!(status.confirmation.unwrap().confirmed_time.is_some());
    let told = || world.address_events(OBJECT);
    world.until("it is told", || told().contains(&EventReason::BecameReady)).await;
    assert_eq!(told(), [EventReason::OwnerAsked, EventReason::AddressConfirmed, EventReason::BecameReady]);
    world.pass(10 * DAY).await;
    assert_eq!(world.mails_to(SALES).len(), 1, "nobody is asked twice");
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_before_the_domain_is_held() {
    let world = World::new();
    world.verify_sender();
    world.tenant("acme");
    let _operator = world.start();
    world.ask(OBJECT, SALES);
    world.until_address_says(OBJECT, "Ready False DomainMissing").await;
    world.pass(HOUR).await;
    assert!(world.mails().is_empty() && world.address_claim(SALES).is_none());
    world.ready("acme", "example.com").await;
    world.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
}

#[tokio::test(start_paused = true)]
async fn after_a_day_without_an_answer_the_annotation_asks_again() {
    let world = World::new();
    let _operator = world.start();
    asked(&world).await;
    let first = world.mails_to(SALES)[0].link();
    world.pass(DAY + MINUTE).await;
    world.until_address_says(OBJECT, "Stalled True Expired").await;
    assert_eq!(world.click_link(&first, Act::Confirm), Page::Expired);
    world.resend(OBJECT, "once more");
    world.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
    assert_eq!(world.mails_to(SALES).len(), 2);
    let confirmation = world.address_status(OBJECT).confirmation.unwrap();
    assert_eq!((confirmation.attempt, confirmation.last_handled_resend.as_deref()), (2, Some("once more")));
    assert_eq!(world.click_link(&first, Act::Confirm), Page::Superseded);
    assert_eq!(world.click(SALES, Act::Confirm), Page::Confirmed);
    world.until_address_says(OBJECT, "Ready True Ready").await;
}

#[tokio::test(start_paused = true)]
async fn deleting_lets_go_after_the_delay_and_coming_back_before_costs_nothing() {
    let world = World::new();
    let _operator = world.start();
    confirmed(&world).await;
    world.stop_asking(OBJECT);
    world.pass(10 * MINUTE).await;
    world.ask("acme/again", SALES);
    world.until_address_says("acme/again", "Ready True Ready").await;
    world.stop_asking("acme/again");
    world.until("it is free", || world.address_claim(SALES).unwrap().claim.state == State::Released).await;
    world.ask(OBJECT, SALES);
    world.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
    assert_eq!(world.mails_to(SALES).len(), 2, "the owner is asked anew");
}
