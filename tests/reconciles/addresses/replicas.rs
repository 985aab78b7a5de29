//! Several replicas: the leader sends the mails, and no change of leader causes a needless mail.

use sender_operator::model::confirmation::answer::{Act, ConfirmationPage};

use super::{OBJECT, SALES, asked, ready_domain, usual};
use crate::simulation::{HOUR, SECOND};

#[tokio::test(start_paused = true)]
async fn a_standby_sends_nothing_and_a_click_there_counts_once_a_replica_leads() {
    let (sim, first) = asked(usual).await;
    first.stand_by();
    sim.ask("acme/later", "later@example.com");
    sim.advance(HOUR).await;
    assert_eq!(sim.mails().len(), 1);
    assert_eq!(sim.click(SALES, Act::Confirm), ConfirmationPage::Confirmed, "pages need no leader");
    let _second = sim.start();
    sim.until_address_says(OBJECT, "Ready True Ready").await;
    sim.until_address_says("acme/later", "Ready False AwaitingOwner").await;
}

#[tokio::test(start_paused = true)]
async fn a_change_of_leader_between_any_two_steps_of_a_send_costs_at_most_one_more_mail() {
    let mut second_mails = 0;
    for moment in 0..50 {
        let (sim, first) = ready_domain(usual).await;
        let second = sim.start();
        second.stand_by();
        sim.ask(OBJECT, SALES);
        sim.advance(moment * SECOND / 20).await;
        first.stand_by();
        second.lead();
        sim.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
        sim.advance(HOUR).await;
        let mails = sim.mails_to(SALES);
        assert!((1..=2).contains(&mails.len()), "{} mails with the change at {moment}", mails.len());
        second_mails += mails.len() - 1;
        assert!(sim.dead_links().is_empty(), "at {moment}: {:?}", sim.dead_links());
        for mailed in &mails {
            assert_eq!(sim.page(&mailed.link()), ConfirmationPage::Asked, "at {moment}");
        }
        sim.click_link(&mails[0].link(), Act::Confirm);
        sim.until_address_says(OBJECT, "Ready True Ready").await;
    }
    println!("a new leader at 50 moments of a send: {second_mails} second mails");
}
