//! The domain that covers an address: its defects are reported, and its recovery needs no new mail. `model/coverage.rs`
//! has the table of which domain covers.

use sender_operator::model::{claim::State, confirmation::answer::Act};

use super::{
    OBJECT, SALES, asked, confirmed, confirmed_where_domains_are_proven, for_weeks, proven, ready_domain, usual,
};
use crate::{
    setup::{ACME, DOMAIN},
    simulation::{DAY, HOUR, MINUTE},
};

const BELOW: &str = "mail.example.com";
const SALES_BELOW: &str = "sales@mail.example.com";

#[tokio::test(start_paused = true)]
async fn no_mail_is_sent_while_the_domain_is_suspended() {
    let (sim, _operator) = ready_domain(usual).await;
    let suspend = |suspend| sim.edit(ACME, |spec| spec.suspend = Some(suspend));
    suspend(true);
    sim.ask(OBJECT, SALES);
    sim.until_address_says(OBJECT, "DomainReady False DomainNotReady").await;
    sim.advance(HOUR).await;
    assert!(sim.mails().is_empty());
    assert!(sim.address_message(OBJECT, "DomainReady").contains("suspended"));
    suspend(false);
    sim.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
    sim.click(SALES, Act::Confirm);
    sim.until_address_says(OBJECT, "Ready True Ready").await;
    suspend(true);
    sim.until_address_says(OBJECT, "Ready False DomainNotReady").await;
    suspend(false);
    sim.until_address_says(OBJECT, "Ready True Ready").await;
    assert_eq!(sim.mails_to(SALES).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_longer_suffix_of_the_same_tenant_keeps_what_was_confirmed() {
    let (sim, _operator) = ready_domain(usual).await;
    sim.ask(OBJECT, SALES_BELOW);
    sim.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
    sim.click(SALES_BELOW, Act::Confirm);
    sim.until_address_says(OBJECT, "Ready True Ready").await;
    sim.apply("acme/sub", BELOW);
    sim.until_address_says(OBJECT, "Ready False DomainNotReady").await;
    sim.publish(BELOW);
    sim.until_address_says(OBJECT, "Ready True Ready").await;
    assert_eq!(sim.request_for(SALES_BELOW).unwrap().domain_tenure.domain.as_str(), BELOW);
    assert_eq!(sim.mails_to(SALES_BELOW).len(), 1, "the owner gets no other mail");
}

#[tokio::test(start_paused = true)]
async fn a_longer_suffix_of_another_tenant_ends_the_request_below_it_and_no_other() {
    let (sim, _operator) = confirmed_where_domains_are_proven(usual).await;
    sim.ask("acme/sub", SALES_BELOW);
    sim.until_address_says("acme/sub", "Ready False AwaitingOwner").await;
    sim.click(SALES_BELOW, Act::Confirm);
    sim.until_address_says("acme/sub", "Ready True Ready").await;
    proven(&sim, "rival/mail", BELOW).await;
    sim.until_address_says("acme/sub", "Stalled True DomainOwnedByAnotherTenant").await;
    sim.until_address_state(SALES_BELOW, State::Released).await;
    sim.ask("rival/sub", SALES_BELOW);
    sim.until_address_says("rival/sub", "Ready False AwaitingOwner").await;
    assert_eq!(sim.address_says(OBJECT)[2], "Ready True Ready");
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_the_domain_withdraws_ready_and_gives_it_back_without_a_mail() {
    let (sim, _operator) = confirmed(for_weeks).await;
    sim.unpublish(DOMAIN);
    let unready = || sim.address_says(OBJECT)[2] == "Ready False DomainNotReady";
    // Longer than SES keeps sending without the records.
    sim.until_within(5 * DAY, "SES has stopped sending for the domain", unready).await;
    assert_eq!(sim.address_status(OBJECT).from, None);
    sim.advance(DAY).await;
    sim.publish(DOMAIN);
    sim.until_within(DAY, "it is back", || sim.address_says(OBJECT)[2] == "Ready True Ready").await;
    assert_eq!(sim.mails_to(SALES).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_domain_that_is_released_and_comes_back_costs_no_mail() {
    for confirms_meanwhile in [false, true] {
        let (sim, _operator) = if confirms_meanwhile { asked(usual).await } else { confirmed(usual).await };
        sim.delete(ACME);
        sim.until_address_says(OBJECT, "Ready False DomainReleasing").await;
        if confirms_meanwhile {
            sim.click(SALES, Act::Confirm);
            sim.until_address_says(OBJECT, "Confirmed True Confirmed").await;
        }
        sim.ask("acme/new", "new@example.com");
        sim.advance(5 * MINUTE).await;
        assert_eq!(sim.address_says(OBJECT)[2], "Ready False DomainReleasing");
        assert_eq!(sim.mails().len(), 1, "no mail for a released domain");
        sim.apply(ACME, DOMAIN);
        sim.until_address_says(OBJECT, "Ready True Ready").await;
        assert_eq!(sim.mails_to(SALES).len(), 1);
    }
}
