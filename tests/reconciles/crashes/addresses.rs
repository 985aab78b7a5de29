//! Stories of addresses. The owner of the mailbox opens the newest mail as soon as it arrives, whatever the operator
//! knows.

use sender_operator::model::{
    admin_annotations::{APPROVE_ADDRESS, ActionKind, FORCE_RELEASE},
    claim::State,
    confirmation::answer::{Act, ConfirmationPage},
};

use super::stories::{Story, stories};
use crate::simulation::{DAY, HOUR, MINUTE, Simulation};

/// All stories about addresses.
pub const ADDRESSES: &[Story] = stories! {
    // Other stories have faults at the writes before a domain is Ready.
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

async fn ready(sim: &Simulation) {
    sim.verify_sender();
    sim.tenant("acme");
    sim.publish(DOMAIN);
    sim.apply("acme/mail", DOMAIN);
    sim.until_ready("acme/mail").await;
    sim.ask(OBJECT, SALES);
}

async fn mailed(sim: &Simulation, count: usize) {
    sim.until("the mail has arrived", || sim.mails_to(SALES).len() >= count).await;
}

async fn confirmed(sim: &Simulation) {
    ready(sim).await;
    mailed(sim, 1).await;
    assert_eq!(sim.click(SALES, Act::Confirm), ConfirmationPage::Confirmed);
    sim.until_address_says(OBJECT, "Ready True Ready").await;
}

async fn confirmed_and_let_go_and_forgotten(sim: &Simulation) {
    confirmed(sim).await;
    sim.stop_asking(OBJECT);
    sim.until_address_state(SALES, State::Releasing).await;
    sim.until_address_state(SALES, State::Released).await;
    sim.until_within(2 * DAY, "it is forgotten", || sim.address_claim(SALES).is_none()).await;
}

async fn expired_and_asked_once_more(sim: &Simulation) {
    ready(sim).await;
    mailed(sim, 1).await;
    sim.until_within(2 * DAY, "it has expired", || sim.address_says(OBJECT)[2] == "Ready False Expired").await;
    let before = sim.mails_to(SALES).len();
    sim.resend(OBJECT, "again");
    mailed(sim, before + 1).await;
    assert_eq!(sim.click(SALES, Act::Confirm), ConfirmationPage::Confirmed);
    sim.until_address_says(OBJECT, "Ready True Ready").await;
}

async fn declined_and_undone_and_withdrawn(sim: &Simulation) {
    ready(sim).await;
    // Otherwise a request for another mail would restart the same attempt.
    let taken = || sim.request_for(SALES).is_some_and(|request| request.attempt.sent_time.is_some());
    sim.until("the operator knows that SES accepted the mail", taken).await;
    sim.click(SALES, Act::Decline);
    sim.until_address_says(OBJECT, "Stalled True Declined").await;
    sim.resend(OBJECT, "please");
    sim.advance(HOUR).await;
    assert_eq!(sim.click(SALES, Act::Undo), ConfirmationPage::Asked);
    sim.until("the request is observed", || sim.request_for(SALES).unwrap().attempt.number == 2).await;
    // The second attempt's mail arrives later; the first link is valid until then.
    assert_eq!(sim.click(SALES, Act::Confirm), ConfirmationPage::Confirmed);
    sim.until_address_says(OBJECT, "Ready True Ready").await;
    assert!(matches!(sim.click(SALES, Act::Withdraw), ConfirmationPage::Withdrawn { .. }));
    sim.until_address_says(OBJECT, "Stalled True Withdrawn").await;
}

async fn the_domain_changes_hands(sim: &Simulation) {
    confirmed(sim).await;
    sim.tenant("rival");
    sim.apply("rival/mail", DOMAIN);
    sim.ask("rival/sales", SALES);
    sim.until_address_says("rival/sales", "Stalled True DomainOwnedByAnotherTenant").await;
    let before = sim.mails_to(SALES).len();
    sim.request_action(DOMAIN, ActionKind::Transfer, "tenant/rival");
    sim.until_address_says(OBJECT, "Stalled True DomainOwnedByAnotherTenant").await;
    mailed(sim, before + 1).await;
    sim.click(SALES, Act::Confirm);
    sim.until_address_says("rival/sales", "Ready True Ready").await;
}

async fn approved_by_an_administrator(sim: &Simulation) {
    ready(sim).await;
    mailed(sim, 1).await;
    sim.annotate_address(SALES, APPROVE_ADDRESS, "a sender without a mailbox");
    sim.until_address_says(OBJECT, "Ready True Ready").await;
}

async fn taken_by_an_administrator(sim: &Simulation) {
    confirmed(sim).await;
    sim.annotate_address(SALES, FORCE_RELEASE, "abuse");
    sim.until_address_says(OBJECT, "Stalled True ForceReleased").await;
    sim.advance(MINUTE).await;
    let before = sim.mails_to(SALES).len();
    sim.annotate_address(SALES, FORCE_RELEASE, "");
    mailed(sim, before + 1).await;
    sim.click(SALES, Act::Confirm);
    sim.until_address_says(OBJECT, "Ready True Ready").await;
}

async fn two_objects_of_a_tenant(sim: &Simulation) {
    confirmed(sim).await;
    sim.ask("acme/sales-too", SALES);
    sim.until_address_says("acme/sales-too", "Stalled True Duplicate").await;
    sim.stop_asking(OBJECT);
    sim.until_address_says("acme/sales-too", "Ready True Ready").await;
}
