//! The domain that covers an address: what it lacks is told, and what comes back needs no new mail.

use std::time::Duration;

use sender_operator::model::{claim::State, confirmation::answering::Act};

use super::{DOMAIN, OBJECT, SALES, asked, confirmed, for_weeks, proofs, proven, ready_domain};
use crate::world::{DAY, HOUR, MINUTE, World};

/// Longer than SES goes on without the records.
const OUTAGE: Duration = Duration::from_hours(24 * 5);

#[tokio::test(start_paused = true)]
async fn a_domain_that_is_held_and_not_ready_keeps_a_confirmed_address_back() {
    let world = World::new();
    let _operator = world.start();
    world.verify_sender();
    world.tenant("acme");
    world.apply("acme/mail", DOMAIN);
    world.ask(OBJECT, SALES);
    world.until_address_says(OBJECT, "Confirmed False AwaitingOwner").await;
    world.until_address_says(OBJECT, "DomainReady False DomainNotReady").await;
    world.click(SALES, Act::Confirm);
    world.until_address_says(OBJECT, "Confirmed True Confirmed").await;
    assert_eq!(world.address_says(OBJECT)[2], "Ready False DomainNotReady");
    world.publish(DOMAIN);
    world.until_address_says(OBJECT, "Ready True Ready").await;
}

#[tokio::test(start_paused = true)]
async fn while_the_domain_is_suspended_nobody_is_asked() {
    let world = World::new();
    let _operator = world.start();
    ready_domain(&world).await;
    world.edit("acme/mail", |spec| spec.suspend = Some(true));
    world.ask(OBJECT, SALES);
    world.until_address_says(OBJECT, "DomainReady False DomainNotReady").await;
    world.pass(HOUR).await;
    assert!(world.mails().is_empty());
    assert!(world.address_message(OBJECT, "DomainReady").contains("suspended"));
    world.edit("acme/mail", |spec| spec.suspend = None);
    world.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
    world.click(SALES, Act::Confirm);
    world.until_address_says(OBJECT, "Ready True Ready").await;
    world.edit("acme/mail", |spec| spec.suspend = Some(true));
    world.until_address_says(OBJECT, "Ready False DomainNotReady").await;
    world.edit("acme/mail", |spec| spec.suspend = None);
    world.until_address_says(OBJECT, "Ready True Ready").await;
    assert_eq!(world.mails_to(SALES).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn another_tenants_domain_covers_nobody_else() {
    let world = World::new();
    let _operator = world.start();
    ready_domain(&world).await;
    world.tenant("rival");
    world.ask("rival/sales", SALES);
    world.until_address_says("rival/sales", "Stalled True DomainOwnedByAnotherTenant").await;
    world.pass(HOUR).await;
    assert!(world.mails().is_empty() && world.address_claim(SALES).is_none());
}

#[tokio::test(start_paused = true)]
async fn a_longer_suffix_of_the_same_tenant_keeps_what_was_confirmed() {
    let world = World::new();
    let _operator = world.start();
    ready_domain(&world).await;
    let sub = "sales@mail.example.com";
    world.ask(OBJECT, sub);
    world.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
    world.click(sub, Act::Confirm);
    world.until_address_says(OBJECT, "Ready True Ready").await;
    world.apply("acme/sub", "mail.example.com");
    world.until_address_says(OBJECT, "Ready False DomainNotReady").await;
    world.publish("mail.example.com");
    world.until_address_says(OBJECT, "Ready True Ready").await;
    assert_eq!(world.request_for(sub).unwrap().under.domain.as_str(), "mail.example.com");
    assert_eq!(world.mails_to(sub).len(), 1, "the owner is not asked again");
}

#[tokio::test(start_paused = true)]
async fn a_longer_suffix_of_another_tenant_ends_the_request_below_it_and_no_other() {
    let world = World::new();
    let _operator = world.start_with(proofs);
    world.verify_sender();
    proven(&world, "acme/mail", DOMAIN).await;
    let sub = "sales@mail.example.com";
    for (object, address) in [(OBJECT, SALES), ("acme/sub", sub)] {
        world.ask(object, address);
        world.until_address_says(object, "Ready False AwaitingOwner").await;
        world.click(address, Act::Confirm);
        world.until_address_says(object, "Ready True Ready").await;
    }
    proven(&world, "rival/mail", "mail.example.com").await;
    world.until_address_says("acme/sub", "Stalled True DomainOwnedByAnotherTenant").await;
    world.until_address_state(sub, State::Released).await;
    world.ask("rival/sub", sub);
    world.until_address_says("rival/sub", "Ready False AwaitingOwner").await;
    assert_eq!(world.address_says(OBJECT)[2], "Ready True Ready");
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_the_domain_withdraws_ready_and_gives_it_back_without_a_mail() {
    let world = World::new();
    let _operator = world.start_with(for_weeks);
    confirmed(&world).await;
    world.unpublish(DOMAIN);
    let unready = || world.address_says(OBJECT)[2] == "Ready False DomainNotReady";
    world.until_within(OUTAGE, "SES has given the domain up", unready).await;
    assert_eq!(world.address_status(OBJECT).from, None);
    world.pass(DAY).await;
    world.publish(DOMAIN);
    world.until_within(DAY, "it is back", || world.address_says(OBJECT)[2] == "Ready True Ready").await;
    assert_eq!(world.mails_to(SALES).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_domain_that_is_let_go_and_comes_back_costs_no_mail() {
    let world = World::new();
    let _operator = world.start();
    confirmed(&world).await;
    world.delete("acme/mail");
    world.until_address_says(OBJECT, "Ready False DomainReleasing").await;
    world.pass(5 * MINUTE).await;
    world.apply("acme/mail", DOMAIN);
    world.until_address_says(OBJECT, "Ready True Ready").await;
    assert_eq!(world.mails_to(SALES).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_on_behalf_of_a_domain_that_is_let_go() {
    let world = World::new();
    let _operator = world.start();
    ready_domain(&world).await;
    world.delete("acme/mail");
    world.until_state(DOMAIN, State::Releasing).await;
    world.ask(OBJECT, SALES);
    world.until_address_says(OBJECT, "Ready False DomainReleasing").await;
    world.pass(5 * MINUTE).await;
    assert!(world.mails().is_empty() && world.address_claim(SALES).is_none());
}

#[tokio::test(start_paused = true)]
async fn a_link_counts_while_the_domain_is_let_go_and_may_come_back() {
    let world = World::new();
    let _operator = world.start();
    asked(&world).await;
    world.delete("acme/mail");
    world.until_state(DOMAIN, State::Releasing).await;
    world.click(SALES, Act::Confirm);
    world.until_address_says(OBJECT, "Confirmed True Confirmed").await;
    assert_eq!(world.address_says(OBJECT)[2], "Ready False DomainReleasing");
    world.apply("acme/mail", DOMAIN);
    world.until_address_says(OBJECT, "Ready True Ready").await;
}
