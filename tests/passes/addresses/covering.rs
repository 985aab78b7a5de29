//! The domain that covers an address: what it lacks is told, and what comes back needs no new mail. Which domain covers is a
//! table of `model/coverage.rs`.

use sender_operator::model::{claim::State, confirmation::answering::Act};

use super::{
    OBJECT, SALES, asked, confirmed, confirmed_where_domains_are_proven, for_weeks, proven, ready_domain, usual,
};
use crate::{
    setup::{ACME, DOMAIN},
    world::{DAY, HOUR, MINUTE},
};

const BELOW: &str = "mail.example.com";
const SALES_BELOW: &str = "sales@mail.example.com";

#[tokio::test(start_paused = true)]
async fn while_the_domain_is_suspended_nobody_is_asked() {
    let (world, _operator) = ready_domain(usual).await;
    let suspend = |suspend| world.edit(ACME, |spec| spec.suspend = Some(suspend));
    suspend(true);
    world.ask(OBJECT, SALES);
    world.until_address_says(OBJECT, "DomainReady False DomainNotReady").await;
    world.pass(HOUR).await;
    assert!(world.mails().is_empty());
    assert!(world.address_message(OBJECT, "DomainReady").contains("suspended"));
    suspend(false);
    world.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
    world.click(SALES, Act::Confirm);
    world.until_address_says(OBJECT, "Ready True Ready").await;
    suspend(true);
    world.until_address_says(OBJECT, "Ready False DomainNotReady").await;
    suspend(false);
    world.until_address_says(OBJECT, "Ready True Ready").await;
    assert_eq!(world.mails_to(SALES).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_longer_suffix_of_the_same_tenant_keeps_what_was_confirmed() {
    let (world, _operator) = ready_domain(usual).await;
    world.ask(OBJECT, SALES_BELOW);
    world.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
    world.click(SALES_BELOW, Act::Confirm);
    world.until_address_says(OBJECT, "Ready True Ready").await;
    world.apply("acme/sub", BELOW);
    world.until_address_says(OBJECT, "Ready False DomainNotReady").await;
    world.publish(BELOW);
    world.until_address_says(OBJECT, "Ready True Ready").await;
    assert_eq!(world.request_for(SALES_BELOW).unwrap().under.domain.as_str(), BELOW);
    assert_eq!(world.mails_to(SALES_BELOW).len(), 1, "the owner is not asked again");
}

#[tokio::test(start_paused = true)]
async fn a_longer_suffix_of_another_tenant_ends_the_request_below_it_and_no_other() {
    let (world, _operator) = confirmed_where_domains_are_proven(usual).await;
    world.ask("acme/sub", SALES_BELOW);
    world.until_address_says("acme/sub", "Ready False AwaitingOwner").await;
    world.click(SALES_BELOW, Act::Confirm);
    world.until_address_says("acme/sub", "Ready True Ready").await;
    proven(&world, "rival/mail", BELOW).await;
    world.until_address_says("acme/sub", "Stalled True DomainOwnedByAnotherTenant").await;
    world.until_address_state(SALES_BELOW, State::Released).await;
    world.ask("rival/sub", SALES_BELOW);
    world.until_address_says("rival/sub", "Ready False AwaitingOwner").await;
    assert_eq!(world.address_says(OBJECT)[2], "Ready True Ready");
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_the_domain_withdraws_ready_and_gives_it_back_without_a_mail() {
    let (world, _operator) = confirmed(for_weeks).await;
    world.unpublish(DOMAIN);
    let unready = || world.address_says(OBJECT)[2] == "Ready False DomainNotReady";
    // Longer than SES goes on without the records.
    world.until_within(5 * DAY, "SES has given the domain up", unready).await;
    assert_eq!(world.address_status(OBJECT).from, None);
    world.pass(DAY).await;
    world.publish(DOMAIN);
    world.until_within(DAY, "it is back", || world.address_says(OBJECT)[2] == "Ready True Ready").await;
    assert_eq!(world.mails_to(SALES).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_domain_that_is_let_go_and_comes_back_costs_no_mail() {
    for confirms_meanwhile in [false, true] {
        let (world, _operator) = if confirms_meanwhile { asked(usual).await } else { confirmed(usual).await };
        world.delete(ACME);
        world.until_address_says(OBJECT, "Ready False DomainReleasing").await;
        if confirms_meanwhile {
            world.click(SALES, Act::Confirm);
            world.until_address_says(OBJECT, "Confirmed True Confirmed").await;
        }
        world.ask("acme/new", "new@example.com");
        world.pass(5 * MINUTE).await;
        assert_eq!(world.address_says(OBJECT)[2], "Ready False DomainReleasing");
        assert_eq!(world.mails().len(), 1, "nobody is asked on behalf of a domain that is let go");
        world.apply(ACME, DOMAIN);
        world.until_address_says(OBJECT, "Ready True Ready").await;
        assert_eq!(world.mails_to(SALES).len(), 1);
    }
}
