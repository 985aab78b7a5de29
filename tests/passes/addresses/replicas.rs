//! Several replicas: whoever leads asks, and nobody is asked twice for it.

use sender_operator::model::confirmation::answering::{Act, Page};

use super::{OBJECT, SALES, asked, ready_domain, usual};
use crate::world::{HOUR, SECOND};

#[tokio::test(start_paused = true)]
async fn who_stands_by_sends_nothing_and_a_click_there_counts_when_somebody_leads() {
    let (world, first) = asked(usual).await;
    first.stand_by();
    world.ask("acme/later", "later@example.com");
    world.pass(HOUR).await;
    assert_eq!(world.mails().len(), 1);
    assert_eq!(world.click(SALES, Act::Confirm), Page::Confirmed, "pages need no leader");
    let _second = world.start();
    world.until_address_says(OBJECT, "Ready True Ready").await;
    world.until_address_says("acme/later", "Ready False AwaitingOwner").await;
}

#[tokio::test(start_paused = true)]
async fn a_hand_over_between_any_two_steps_of_a_send_costs_at_most_one_more_mail() {
    let mut second_mails = 0;
    for moment in 0..50 {
        let (world, first) = ready_domain(usual).await;
        let second = world.start();
        second.stand_by();
        world.ask(OBJECT, SALES);
        world.pass(moment * SECOND / 20).await;
        first.stand_by();
        second.lead();
        world.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
        world.pass(HOUR).await;
        let mails = world.mails_to(SALES);
        assert!((1..=2).contains(&mails.len()), "{} mails when it happens at {moment}", mails.len());
        second_mails += mails.len() - 1;
        assert!(world.dead_links().is_empty(), "at {moment}: {:?}", world.dead_links());
        for mailed in &mails {
            assert_eq!(world.page(&mailed.link()), Page::Asked, "at {moment}");
        }
        world.click_link(&mails[0].link(), Act::Confirm);
        world.until_address_says(OBJECT, "Ready True Ready").await;
    }
    println!("a hand-over at 50 moments of a send: {second_mails} second mails");
}
