//! The life of an address: asked for, asked by mail, confirmed, shared, let go.

use sender_operator::{
    api::reasons::EventReason,
    model::{
        claim::State,
        confirmation::answering::{Act, Page},
        tenant::TENANT_LABEL,
    },
};

use super::{OBJECT, SALES, confirmed, usual};
use crate::{
    setup::{ACME, DOMAIN},
    world::{HOUR, MINUTE, World},
};

#[tokio::test(start_paused = true)]
async fn an_address_is_asked_for_confirmed_ready_let_go_and_asked_for_anew() {
    let world = World::new();
    world.verify_sender();
    world.tenant("acme");
    let _operator = world.start();
    world.ask(OBJECT, SALES);
    world.until_address_says(OBJECT, "Ready False DomainMissing").await;
    world.pass(HOUR).await;
    assert!(world.mails().is_empty() && world.address_claim(SALES).is_none(), "nobody is asked before");
    world.apply(ACME, DOMAIN);
    world.until_address_says(OBJECT, "Confirmed False AwaitingOwner").await;
    world.until_address_says(OBJECT, "DomainReady False DomainNotReady").await;
    assert_eq!(world.mails_to(SALES).len(), 1, "once the domain is held the owner is asked");
    assert_eq!(world.click(SALES, Act::Confirm), Page::Confirmed);
    world.until_address_says(OBJECT, "Confirmed True Confirmed").await;
    assert_eq!(
        (world.address_says(OBJECT)[2].as_str(), world.address_status(OBJECT).from),
        ("Ready False DomainNotReady", None)
    );
    world.publish(DOMAIN);
    world.until_address_says(OBJECT, "Ready True Ready").await;
    let status = world.address_status(OBJECT);
    assert_eq!(status.from.as_deref(), Some(SALES));
    assert!(status.confirmation.unwrap().confirmed_time.is_some());
    let told = || world.events_of(OBJECT);
    world.until("it is told", || told().contains(&EventReason::BecameReady)).await;
    assert_eq!(told(), [EventReason::OwnerAsked, EventReason::AddressConfirmed, EventReason::BecameReady]);

    world.stop_asking(OBJECT);
    world.pass(10 * MINUTE).await;
    world.ask("acme/again", SALES);
    world.until_address_says("acme/again", "Ready True Ready").await;
    assert_eq!(world.mails_to(SALES).len(), 1, "coming back in time costs nothing");
    world.stop_asking("acme/again");
    world.until_address_state(SALES, State::Released).await;
    world.ask(OBJECT, SALES);
    world.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
    assert_eq!(world.mails_to(SALES).len(), 2, "the owner is asked anew");
}

#[tokio::test(start_paused = true)]
async fn the_second_object_is_a_duplicate_and_inherits_without_a_mail() {
    let (world, _operator) = confirmed(usual).await;
    world.namespace("acme-too", &[(TENANT_LABEL, "acme")]);
    for second in ["acme/second", "acme-too/sales"] {
        world.ask(second, SALES);
        world.until_address_says(second, "Stalled True Duplicate").await;
        world.pass(HOUR).await;
    }
    assert_eq!(world.address_says(OBJECT)[2], "Ready True Ready");
    world.stop_asking(OBJECT);
    world.until_address_says("acme/second", "Ready True Ready").await;
    world.delete_namespace("acme");
    world.until_address_says("acme-too/sales", "Ready False DomainReleasing").await;
    world.apply("acme-too/mail", DOMAIN);
    world.until_address_says("acme-too/sales", "Ready True Ready").await;
    assert_eq!((world.mails_to(SALES).len(), world.address_state(SALES).unwrap().0), (1, State::Held));
}
