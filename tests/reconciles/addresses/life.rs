//! The life of an address: claimed, requested by mail, confirmed, shared, released.

use sender_operator::{
    api::reasons::EventReason,
    model::{
        claim::State,
        confirmation::answer::{Act, ConfirmationPage},
        tenant::TENANT_LABEL,
    },
};

use super::{OBJECT, SALES, confirmed, usual};
use crate::{
    setup::{ACME, DOMAIN},
    simulation::{HOUR, MINUTE, Simulation},
};

#[tokio::test(start_paused = true)]
async fn an_address_is_claimed_confirmed_ready_released_and_claimed_again() {
    let sim = Simulation::new();
    sim.verify_sender();
    sim.tenant("acme");
    let _operator = sim.start();
    sim.ask(OBJECT, SALES);
    sim.until_address_says(OBJECT, "Ready False DomainMissing").await;
    sim.advance(HOUR).await;
    assert!(sim.mails().is_empty() && sim.address_claim(SALES).is_none(), "no mail before");
    sim.apply(ACME, DOMAIN);
    sim.until_address_says(OBJECT, "Confirmed False AwaitingOwner").await;
    sim.until_address_says(OBJECT, "DomainReady False DomainNotReady").await;
    assert_eq!(sim.mails_to(SALES).len(), 1, "the owner gets a mail once the domain is held");
    assert_eq!(sim.click(SALES, Act::Confirm), ConfirmationPage::Confirmed);
    sim.until_address_says(OBJECT, "Confirmed True Confirmed").await;
    assert_eq!(
        (sim.address_says(OBJECT)[2].as_str(), sim.address_status(OBJECT).from),
        ("Ready False DomainNotReady", None)
    );
    sim.publish(DOMAIN);
    sim.until_address_says(OBJECT, "Ready True Ready").await;
    let status = sim.address_status(OBJECT);
    assert_eq!(status.from.as_deref(), Some(SALES));
    assert!(status.confirmation.unwrap().confirmed_time.is_some());
    let told = || sim.events_of(OBJECT);
    sim.until("it is reported", || told().contains(&EventReason::BecameReady)).await;
    assert_eq!(told(), [EventReason::OwnerAsked, EventReason::AddressConfirmed, EventReason::BecameReady]);

    sim.stop_asking(OBJECT);
    sim.advance(10 * MINUTE).await;
    sim.ask("acme/again", SALES);
    sim.until_address_says("acme/again", "Ready True Ready").await;
    assert_eq!(sim.mails_to(SALES).len(), 1, "returning in time needs no mail");
    sim.stop_asking("acme/again");
    sim.until_address_state(SALES, State::Released).await;
    sim.ask(OBJECT, SALES);
    sim.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
    assert_eq!(sim.mails_to(SALES).len(), 2, "the owner gets a new mail");
}

#[tokio::test(start_paused = true)]
async fn the_second_object_is_a_duplicate_and_inherits_without_a_mail() {
    let (sim, _operator) = confirmed(usual).await;
    sim.namespace("acme-too", &[(TENANT_LABEL, "acme")]);
    for second in ["acme/second", "acme-too/sales"] {
        sim.ask(second, SALES);
        sim.until_address_says(second, "Stalled True Duplicate").await;
        sim.advance(HOUR).await;
    }
    assert_eq!(sim.address_says(OBJECT)[2], "Ready True Ready");
    sim.stop_asking(OBJECT);
    sim.until_address_says("acme/second", "Ready True Ready").await;
    sim.delete_namespace("acme");
    sim.until_address_says("acme-too/sales", "Ready False DomainReleasing").await;
    sim.apply("acme-too/mail", DOMAIN);
    sim.until_address_says("acme-too/sales", "Ready True Ready").await;
    assert_eq!((sim.mails_to(SALES).len(), sim.address_state(SALES).unwrap().0), (1, State::Held));
}
