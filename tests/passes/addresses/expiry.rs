//! Twenty-four hours, and mails of which nothing is heard.

use std::time::Duration;

use jiff::SignedDuration;
use sender_operator::{
    model::confirmation::answering::{Act, Page},
    ses::SesError,
};

use super::{OBJECT, SALES, asked, ready_domain};
use crate::world::{DAY, HOUR, How, MINUTE, SECOND, SesCall, World};

/// How long the last link is still good, but for so much.
fn left(world: &World, but: Duration) -> Duration {
    let opened = world.open(&world.mails_to(SALES).last().unwrap().link());
    let left = Duration::try_from(opened.link.expiry.duration_since(world.now())).unwrap();
    left.saturating_sub(but)
}

#[tokio::test(start_paused = true)]
async fn a_click_in_the_last_second_counts_and_one_second_later_none_does() {
    for (early, page, said) in
        [(SECOND, Page::Confirmed, "Ready True Ready"), (Duration::ZERO, Page::Expired, "Ready False Expired")]
    {
        let world = World::new();
        let _operator = world.start();
        asked(&world).await;
        // The time of day has whole seconds: to the beginning of one.
        world.pass(left(&world, early)).await;
        assert_eq!(world.click(SALES, Act::Confirm), page);
        world.until_address_says(OBJECT, said).await;
        world.pass(DAY).await;
        assert_eq!((world.address_says(OBJECT)[2].as_str(), world.mails_to(SALES).len()), (said, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn an_operator_that_is_down_at_the_expiry_keeps_nobody_from_confirming_and_asks_nobody_again() {
    for confirms in [true, false] {
        let world = World::new();
        let operator = world.start();
        asked(&world).await;
        operator.stop().await;
        world.pass(left(&world, SECOND)).await;
        if confirms {
            assert_eq!(world.click(SALES, Act::Confirm), Page::Confirmed);
        }
        world.pass(10 * HOUR).await;
        let _operator = world.start();
        let said = if confirms { "Ready True Ready" } else { "Ready False Expired" };
        world.until_address_says(OBJECT, said).await;
        assert_eq!(world.mails_to(SALES).len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_put_back_sends_nothing_again_and_kills_no_link() {
    let world = World::new();
    let _operator = world.start();
    asked(&world).await;
    world.move_clock(SignedDuration::from_hours(-30));
    world.pass(HOUR).await;
    assert_eq!((world.mails_to(SALES).len(), world.address_says(OBJECT)[2].as_str()), (1, "Ready False AwaitingOwner"));
    assert_eq!(world.click(SALES, Act::Confirm), Page::Confirmed);
    world.until_address_says(OBJECT, "Ready True Ready").await;
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_jumps_ahead_and_back_ends_no_request_for_good() {
    let world = World::new();
    let _operator = world.start();
    asked(&world).await;
    world.move_clock(SignedDuration::from_hours(25));
    assert_eq!(world.click(SALES, Act::Confirm), Page::Expired);
    world.until_address_says(OBJECT, "Ready False Expired").await;
    world.move_clock(SignedDuration::from_hours(-25));
    assert_eq!(world.click(SALES, Act::Confirm), Page::Confirmed, "nothing but the clock said that it was over");
    world.until_address_says(OBJECT, "Ready True Ready").await;
}

#[tokio::test(start_paused = true)]
async fn a_mail_whose_answer_is_lost_is_followed_by_one_more_and_both_links_are_good() {
    for clicked in [0, 1] {
        let world = World::new();
        let _operator = world.start();
        ready_domain(&world).await;
        world.fail_ses(SesCall::Send, How::AnswerLost, &SesError::Unreachable, 1);
        world.ask(OBJECT, SALES);
        world.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
        let mails = world.mails_to(SALES);
        assert_eq!(mails.len(), 2);
        let between = mails[1].at.saturating_sub(mails[0].at);
        assert!((MINUTE..3 * MINUTE).contains(&between), "{between:?}");
        assert_eq!(world.request_for(SALES).unwrap().attempt.number, 1, "they are of one attempt");
        assert_eq!(world.click_link(&mails[clicked].link(), Act::Confirm), Page::Confirmed);
        world.until_address_says(OBJECT, "Ready True Ready").await;
    }
}

#[tokio::test(start_paused = true)]
async fn each_mail_of_an_attempt_has_its_own_day() {
    let world = World::new();
    let _operator = world.start();
    ready_domain(&world).await;
    world.fail_ses(SesCall::Send, How::AnswerLost, &SesError::Unreachable, 1);
    world.ask(OBJECT, SALES);
    world.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
    let links: Vec<String> = world.mails_to(SALES).iter().map(super::super::world::Mailed::link).collect();
    world.pass(left(&world, 10 * SECOND)).await;
    assert_eq!((world.page(&links[0]), world.page(&links[1])), (Page::Expired, Page::Asked));
    assert_eq!(world.address_says(OBJECT)[2], "Ready False AwaitingOwner");
}

#[tokio::test(start_paused = true)]
async fn when_nothing_was_heard_twice_a_person_decides() {
    for how in [How::AnswerLost, How::Refused, How::Silent] {
        let world = World::new();
        let _operator = world.start();
        ready_domain(&world).await;
        world.fail_ses(SesCall::Send, how, &SesError::Unreachable, 2);
        world.ask(OBJECT, SALES);
        world.until_address_says(OBJECT, "Stalled True SendUnacknowledged").await;
        world.pass(10 * HOUR).await;
        assert_eq!(world.mails_to(SALES).len(), if how == How::AnswerLost { 2 } else { 0 });
        world.resend(OBJECT, "once more");
        world.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
        assert!(world.dead_links().is_empty());
        assert_eq!(world.click(SALES, Act::Confirm), Page::Confirmed);
        world.until_address_says(OBJECT, "Ready True Ready").await;
    }
}
