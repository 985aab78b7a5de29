//! Several replicas: whoever leads asks, and nobody is asked twice for it.

use sender_operator::model::confirmation::answering::{Act, Page};

use super::{OBJECT, SALES, asked, confirmed, ready_domain};
use crate::world::{DAY, HOUR, SECOND, World};

#[tokio::test(start_paused = true)]
async fn who_stands_by_sends_nothing_and_a_click_there_counts_when_somebody_leads() {
    let world = World::new();
    let first = world.start();
    asked(&world).await;
    first.stand_by();
    world.ask("acme/later", "later@example.com");
    world.pass(HOUR).await;
    assert_eq!(world.mails().len(), 1);
    assert_eq!(world.click(SALES, Act::Confirm), Page::Confirmed, "pages need no leader");
    let second = world.start();
    world.until_address_says(OBJECT, "Ready True Ready").await;
    world.until_address_says("acme/later", "Ready False AwaitingOwner").await;
    drop(second);
}

#[tokio::test(start_paused = true)]
async fn a_hand_over_between_any_two_steps_of_a_send_costs_at_most_one_more_mail() {
    let mut second_mails = 0;
    for moment in 0..50 {
        let world = World::new();
        let (first, second) = (world.start(), world.start());
        second.stand_by();
        ready_domain(&world).await;
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

#[tokio::test(start_paused = true)]
async fn a_new_leader_writes_nothing_about_what_is_settled() {
    let world = World::new();
    let first = world.start();
    confirmed(&world).await;
    world.pass(DAY).await;
    let (writes, mails) = (world.all_writes(), world.mails().len());
    first.stand_by();
    let _second = world.start();
    world.pass(DAY).await;
    assert_eq!((world.all_writes(), world.mails().len()), (writes, mails));
}
