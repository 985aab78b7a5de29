//! Limits on mails, and the status while one waits. `model/confirmation/limits.rs` has a table for each limit.

use jiff::Timestamp;
use sender_operator::model::{claim::State, confirmation::limits::MailLimits};

use super::{OBJECT, SALES, asked, limited, ready_domain};
use crate::simulation::{DAY, HOUR, MINUTE, Simulation};

/// The end of the wait, from its status.
fn waits_until(sim: &Simulation, object: &str) -> Timestamp {
    assert_eq!(sim.address_says(object)[2], "Ready False MailLimit");
    sim.address_status(object).confirmation.unwrap().next_attempt_time.unwrap()
}

/// The mail arrives within a minute of the time in the status.
async fn comes_then(sim: &Simulation, object: &str, address: &str) {
    let (until, before) = (waits_until(sim, object), sim.mails_to(address).len());
    sim.until_within(2 * DAY, "the mail arrives", || sim.mails_to(address).len() > before).await;
    let late = sim.now().duration_since(until);
    assert!(!late.is_negative() && late.as_mins() < 1, "{late:#} after the time in the status");
    sim.until_address_says(object, "Ready False AwaitingOwner").await;
}

#[tokio::test(start_paused = true)]
async fn a_tenant_the_addresses_of_a_domain_and_the_environment_have_hourly_limits() {
    // The third claimant, its address, and its message.
    for (limit, third, at, told) in [
        (
            (|limits| limits.tenant = 2) as fn(&mut MailLimits),
            "acme/c",
            "c@example.com",
            "this tenant has reached its hourly limit of emails",
        ),
        (|limits| limits.domain = 2, "acme/c", "c@example.com", "the addresses of this domain"),
        (
            |limits| limits.all = 2,
            "rival/c",
            "c@example.org",
            "this environment has reached its hourly limit of emails",
        ),
    ] {
        let (sim, _operator) = ready_domain(limited(limit)).await;
        sim.ready("rival", "example.org").await;
        for name in ["a", "b"] {
            sim.ask(&format!("acme/{name}"), &format!("{name}@example.com"));
            sim.advance(MINUTE).await;
        }
        sim.ask(third, at);
        sim.until_address_says(third, "Ready False MailLimit").await;
        assert!(sim.address_message(third, "Ready").contains(told), "{told}");
        if third == "acme/c" {
            sim.ask("rival/d", "d@example.org");
            sim.until_address_says("rival/d", "Ready False AwaitingOwner").await;
        }
        comes_then(&sim, third, at).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_mailbox_gets_three_a_day_and_neither_a_new_claim_nor_a_restart_raises_the_limit() {
    let retention = |config: &mut sender_operator::controller::Config| config.claim_retention = HOUR;
    let (sim, mut operator) = asked(retention).await;
    let first = sim.now();
    for mails in 2..=4 {
        sim.stop_asking(OBJECT);
        sim.until_address_state(SALES, State::Released).await;
        // Longer than free claims are kept by default.
        sim.advance(2 * HOUR).await;
        operator.stop().await;
        operator = sim.start_with(retention);
        sim.ask(OBJECT, SALES);
        if mails <= 3 {
            sim.until("another mail", || sim.mails_to(SALES).len() == mails).await;
        }
    }
    sim.until_address_says(OBJECT, "Ready False MailLimit").await;
    assert!(sim.address_message(OBJECT, "Ready").contains("this address has reached its limit of emails in 24 hours"));
    assert!(waits_until(&sim, OBJECT).duration_since(first).as_hours() >= 23);
    comes_then(&sim, OBJECT, SALES).await;
    sim.stop_asking(OBJECT);
    sim.until_within(2 * DAY, "it is forgotten", || sim.address_claim(SALES).is_none()).await;
}
