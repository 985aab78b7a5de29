//! Stories of addresses. The owner of the mailbox opens the newest mail whenever one has come, whatever the operator knows.

use sender_operator::model::{
    claim::State,
    confirmation::answering::{Act, Page},
    orders::{APPROVE_ADDRESS, FORCE_RELEASE, Verb},
};

use super::stories::{Story, stories};
use crate::world::{DAY, HOUR, MINUTE, World};

/// All stories about addresses.
pub const ADDRESSES: &[Story] = stories! {
    // What leads to a domain that is Ready is struck in other stories.
    ["default"], None, "/sales":
    confirmed_and_let_go_and_forgotten
    expired_and_asked_once_more
    declined_and_undone_and_withdrawn
    the_domain_changes_hands
    approved_by_an_administrator
    taken_by_an_administrator
    two_objects_of_a_tenant
};

const DOMAIN: &str = "example.com";
const SALES: &str = "sales@example.com";
const OBJECT: &str = "acme/sales";

async fn ready(world: &World) {
    world.verify_sender();
    world.tenant("acme");
    world.publish(DOMAIN);
    world.apply("acme/mail", DOMAIN);
    world.until_ready("acme/mail").await;
    world.ask(OBJECT, SALES);
}

async fn mailed(world: &World, count: usize) {
    world.until("the mail has come", || world.mails_to(SALES).len() >= count).await;
}

async fn confirmed(world: &World) {
    ready(world).await;
    mailed(world, 1).await;
    assert_eq!(world.click(SALES, Act::Confirm), Page::Confirmed);
    world.until_address_says(OBJECT, "Ready True Ready").await;
}

async fn confirmed_and_let_go_and_forgotten(world: &World) {
    confirmed(world).await;
    world.stop_asking(OBJECT);
    world.until_address_state(SALES, State::Releasing).await;
    world.until_address_state(SALES, State::Released).await;
    world.until_within(2 * DAY, "it is forgotten", || world.address_claim(SALES).is_none()).await;
}

async fn expired_and_asked_once_more(world: &World) {
    ready(world).await;
    mailed(world, 1).await;
    world.until_within(2 * DAY, "it has expired", || world.address_says(OBJECT)[2] == "Ready False Expired").await;
    let before = world.mails_to(SALES).len();
    world.resend(OBJECT, "again");
    mailed(world, before + 1).await;
    assert_eq!(world.click(SALES, Act::Confirm), Page::Confirmed);
    world.until_address_says(OBJECT, "Ready True Ready").await;
}

async fn declined_and_undone_and_withdrawn(world: &World) {
    ready(world).await;
    // Else a wish for another mail would begin the same attempt anew.
    let taken = || world.request_for(SALES).is_some_and(|request| request.attempt.sent_time.is_some());
    world.until("the operator has heard that SES took the mail", taken).await;
    world.click(SALES, Act::Decline);
    world.until_address_says(OBJECT, "Stalled True Declined").await;
    world.resend(OBJECT, "please");
    world.pass(HOUR).await;
    assert_eq!(world.click(SALES, Act::Undo), Page::Asked);
    world.until("the wish is seen", || world.request_for(SALES).unwrap().attempt.number == 2).await;
    // The second attempt's mail comes when it comes; the first link is good until then.
    assert_eq!(world.click(SALES, Act::Confirm), Page::Confirmed);
    world.until_address_says(OBJECT, "Ready True Ready").await;
    assert!(matches!(world.click(SALES, Act::Withdraw), Page::Withdrawn { .. }));
    world.until_address_says(OBJECT, "Stalled True Withdrawn").await;
}

async fn the_domain_changes_hands(world: &World) {
    confirmed(world).await;
    world.tenant("rival");
    world.apply("rival/mail", DOMAIN);
    world.ask("rival/sales", SALES);
    world.until_address_says("rival/sales", "Stalled True DomainOwnedByAnotherTenant").await;
    let before = world.mails_to(SALES).len();
    world.order(DOMAIN, Verb::Transfer, "tenant/rival");
    world.until_address_says(OBJECT, "Stalled True DomainOwnedByAnotherTenant").await;
    mailed(world, before + 1).await;
    world.click(SALES, Act::Confirm);
    world.until_address_says("rival/sales", "Ready True Ready").await;
}

async fn approved_by_an_administrator(world: &World) {
    ready(world).await;
    mailed(world, 1).await;
    world.annotate_address(SALES, APPROVE_ADDRESS, "a sender without a mailbox");
    world.until_address_says(OBJECT, "Ready True Ready").await;
}

async fn taken_by_an_administrator(world: &World) {
    confirmed(world).await;
    world.annotate_address(SALES, FORCE_RELEASE, "abuse");
    world.until_address_says(OBJECT, "Stalled True ForceReleased").await;
    world.pass(MINUTE).await;
    let before = world.mails_to(SALES).len();
    world.annotate_address(SALES, FORCE_RELEASE, "");
    mailed(world, before + 1).await;
    world.click(SALES, Act::Confirm);
    world.until_address_says(OBJECT, "Ready True Ready").await;
}

async fn two_objects_of_a_tenant(world: &World) {
    confirmed(world).await;
    world.ask("acme/sales-too", SALES);
    world.until_address_says("acme/sales-too", "Stalled True Duplicate").await;
    world.stop_asking(OBJECT);
    world.until_address_says("acme/sales-too", "Ready True Ready").await;
}
