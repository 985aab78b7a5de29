//! How many mails may be sent, and what is said while one waits.

use jiff::Timestamp;
use sender_operator::model::claim::State;

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
async fn a_mailbox_gets_three_a_day() {
    let world = World::new();
    let _operator = world.start();
    asked(&world).await;
    let first = world.now();
    for (n, value) in ["a", "b"].iter().enumerate() {
        world.pass(HOUR).await;
        world.resend(OBJECT, value);
        world.until("another mail", || world.mails_to(SALES).len() == n + 2).await;
    }
    world.pass(MINUTE).await;
    world.resend(OBJECT, "c");
    world.until_address_says(OBJECT, "Ready False MailLimit").await;
    assert!(world.address_message(OBJECT, "Ready").contains("this address has had its mails of a day"));
    assert!(waits_until(&world, OBJECT).duration_since(first).as_hours() >= 23);
    assert!(world.dead_links().is_empty(), "the newest link is good as long as there is no other");
    comes_then(&world, OBJECT, SALES).await;
}

#[tokio::test(start_paused = true)]
async fn a_tenant_gets_so_many_an_hour() {
    let world = World::new();
    let _operator = limited(&world, |limits| limits.tenant = 2);
    ready_domain(&world).await;
    for name in ["a", "b", "c"] {
        world.ask(&format!("acme/{name}"), &format!("{name}@example.com"));
        world.pass(MINUTE).await;
    }
    assert!(world.address_message("acme/c", "Ready").contains("this tenant has had its mails of an hour"));
    comes_then(&world, "acme/c", "c@example.com").await;
}

#[tokio::test(start_paused = true)]
async fn the_addresses_of_a_domain_get_so_many_an_hour() {
    let world = World::new();
    let _operator = limited(&world, |limits| limits.domain = 2);
    ready_domain(&world).await;
    world.publish("example.org");
    world.apply("acme/org", "example.org");
    for name in ["a", "b", "c"] {
        world.ask(&format!("acme/{name}"), &format!("{name}@example.com"));
        world.pass(MINUTE).await;
    }
    world.ask("acme/other", "a@example.org");
    world.until_address_says("acme/other", "Confirmed False AwaitingOwner").await;
    assert!(world.address_message("acme/c", "Ready").contains("the addresses of this domain"));
    comes_then(&world, "acme/c", "c@example.com").await;
}

#[tokio::test(start_paused = true)]
async fn the_installation_sends_so_many_an_hour() {
    let world = World::new();
    let _operator = limited(&world, |limits| limits.all = 2);
    ready_domain(&world).await;
    world.ready("rival", "example.org").await;
    for name in ["a", "b"] {
        world.ask(&format!("acme/{name}"), &format!("{name}@example.com"));
        world.pass(MINUTE).await;
    }
    world.ask("rival/c", "c@example.org");
    world.until_address_says("rival/c", "Ready False MailLimit").await;
    assert!(world.address_message("rival/c", "Ready").contains("the installation has sent its mails of an hour"));
    comes_then(&world, "rival/c", "c@example.org").await;
}

#[tokio::test(start_paused = true)]
async fn deleting_and_asking_anew_makes_no_room_and_neither_does_a_restart() {
    let world = World::new();
    let settings = || {
        let mut me = World::settings();
        me.claim_retention = HOUR;
        me
    };
    let mut operator = world.start_as(settings());
    asked(&world).await;
    for mails in 2..=3 {
        world.stop_asking(OBJECT);
        world.until_address_state(SALES, State::Released).await;
        // Longer than free claims are kept otherwise.
        world.pass(2 * HOUR).await;
        operator.stop().await;
        operator = world.start_as(settings());
        world.ask(OBJECT, SALES);
        world.until("another mail", || world.mails_to(SALES).len() == mails).await;
    }
    world.stop_asking(OBJECT);
    world.until_address_state(SALES, State::Released).await;
    world.pass(2 * HOUR).await;
    world.ask(OBJECT, SALES);
    world.until_address_says(OBJECT, "Ready False MailLimit").await;
    comes_then(&world, OBJECT, SALES).await;
    world.stop_asking(OBJECT);
    world.until_within(2 * DAY, "it is forgotten", || world.address_claim(SALES).is_none()).await;
}
