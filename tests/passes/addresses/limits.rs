//! How many mails may be sent, and what is said while one waits. Each limit is a table of `model/confirmation/limits.rs`.

use jiff::Timestamp;
use sender_operator::model::{claim::State, confirmation::limits::Limits};

use super::{OBJECT, SALES, asked, limited, ready_domain};
use crate::world::{DAY, HOUR, MINUTE, World};

/// Until when it waits, as it says.
fn waits_until(world: &World, object: &str) -> Timestamp {
    assert_eq!(world.address_says(object)[2], "Ready False MailLimit");
    world.address_status(object).confirmation.unwrap().next_attempt_time.unwrap()
}

/// The mail comes when the status said, within a minute.
async fn comes_then(world: &World, object: &str, address: &str) {
    let (until, before) = (waits_until(world, object), world.mails_to(address).len());
    world.until_within(2 * DAY, "the mail comes", || world.mails_to(address).len() > before).await;
    let late = world.now().duration_since(until);
    assert!(!late.is_negative() && late.as_mins() < 1, "{late:#} after it was promised");
    world.until_address_says(object, "Ready False AwaitingOwner").await;
}

#[tokio::test(start_paused = true)]
async fn a_tenant_the_addresses_of_a_domain_and_the_installation_get_so_many_an_hour() {
    // Who asks third for what, and what the third one is told.
    for (limit, third, at, told) in [
        (
            (|limits| limits.tenant = 2) as fn(&mut Limits),
            "acme/c",
            "c@example.com",
            "this tenant has reached its limit of mails in one hour",
        ),
        (|limits| limits.domain = 2, "acme/c", "c@example.com", "the addresses of this domain"),
        (
            |limits| limits.all = 2,
            "rival/c",
            "c@example.org",
            "this environment has reached its limit of mails in one hour",
        ),
    ] {
        let (world, _operator) = ready_domain(limited(limit)).await;
        world.ready("rival", "example.org").await;
        for name in ["a", "b"] {
            world.ask(&format!("acme/{name}"), &format!("{name}@example.com"));
            world.pass(MINUTE).await;
        }
        world.ask(third, at);
        world.until_address_says(third, "Ready False MailLimit").await;
        assert!(world.address_message(third, "Ready").contains(told), "{told}");
        if third == "acme/c" {
            world.ask("rival/d", "d@example.org");
            world.until_address_says("rival/d", "Ready False AwaitingOwner").await;
        }
        comes_then(&world, third, at).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_mailbox_gets_three_a_day_and_neither_asking_anew_nor_a_restart_makes_room() {
    let retention = |me: &mut sender_operator::controller::Config| me.claim_retention = HOUR;
    let (world, mut operator) = asked(retention).await;
    let first = world.now();
    for mails in 2..=4 {
        world.stop_asking(OBJECT);
        world.until_address_state(SALES, State::Released).await;
        // Longer than free claims are kept otherwise.
        world.pass(2 * HOUR).await;
        operator.stop().await;
        operator = world.start_with(retention);
        world.ask(OBJECT, SALES);
        if mails <= 3 {
            world.until("another mail", || world.mails_to(SALES).len() == mails).await;
        }
    }
    world.until_address_says(OBJECT, "Ready False MailLimit").await;
    assert!(world.address_message(OBJECT, "Ready").contains("this address has reached its limit of mails in 24 hours"));
    assert!(waits_until(&world, OBJECT).duration_since(first).as_hours() >= 23);
    comes_then(&world, OBJECT, SALES).await;
    world.stop_asking(OBJECT);
    world.until_within(2 * DAY, "it is forgotten", || world.address_claim(SALES).is_none()).await;
}
