//! Twenty-four hours, and mails of which nothing is heard. When a mail is due is a table of `model/confirmation/asking.rs`.

use std::time::Duration;

use jiff::SignedDuration;
use sender_operator::{
    model::confirmation::answering::{Act, Page},
    ses::SesError,
};

use super::{OBJECT, SALES, asked, ready_domain, usual};
use crate::world::{HOUR, How, MINUTE, Mailed, SECOND, SesCall, World};

/// How long the last link is still good, but for so much.
fn left(world: &World, but: Duration) -> Duration {
    let opened = world.open(&world.mails_to(SALES).last().unwrap().link());
    let left = Duration::try_from(opened.link.expiry.duration_since(world.now())).unwrap();
    left.saturating_sub(but)
}

#[tokio::test(start_paused = true)]
async fn an_operator_that_is_down_at_the_expiry_keeps_nobody_from_confirming_and_asks_nobody_again() {
    for (early, page, said) in
        [(SECOND, Page::Confirmed, "Ready True Ready"), (Duration::ZERO, Page::Expired, "Ready False Expired")]
    {
        for is_down in [true, false] {
            let (world, operator) = asked(usual).await;
            let running = if is_down {
                operator.stop().await;
                None
            } else {
                Some(operator)
            };
            // The time of day has whole seconds: to the beginning of one.
            world.pass(left(&world, early)).await;
            assert_eq!(world.click(SALES, Act::Confirm), page);
            world.pass(10 * HOUR).await;
            let _operator = running.unwrap_or_else(|| world.start());
            world.until_address_says(OBJECT, said).await;
            assert_eq!(world.mails_to(SALES).len(), 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_moved_sends_nothing_again_kills_no_link_and_ends_no_request_for_good() {
    let (world, _operator) = asked(usual).await;
    world.move_clock(SignedDuration::from_hours(25));
    assert_eq!(world.click(SALES, Act::Confirm), Page::Expired);
    world.until_address_says(OBJECT, "Ready False Expired").await;
    world.move_clock(SignedDuration::from_hours(-25 - 30));
    world.pass(HOUR).await;
    assert_eq!((world.mails_to(SALES).len(), world.address_says(OBJECT)[2].as_str()), (1, "Ready False AwaitingOwner"));
    assert_eq!(world.click(SALES, Act::Confirm), Page::Confirmed, "nothing but the clock said that it was over");
    world.until_address_says(OBJECT, "Ready True Ready").await;
}

#[tokio::test(start_paused = true)]
async fn a_mail_whose_answer_is_lost_is_followed_by_one_more_and_both_links_are_good() {
    for clicked in [0, 1] {
        let (world, _operator) = ready_domain(usual).await;
        world.fail_ses(SesCall::Send, How::AnswerLost, &SesError::Unreachable, 1);
        world.ask(OBJECT, SALES);
        world.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
        let mails: Vec<Mailed> = world.mails_to(SALES);
        assert_eq!(mails.len(), 2);
        let between = mails[1].at.saturating_sub(mails[0].at);
        assert!((MINUTE..3 * MINUTE).contains(&between), "{between:?}");
        assert_eq!(world.request_for(SALES).unwrap().attempt.number, 1, "they are of one attempt");
        if clicked == 1 {
            world.pass(left(&world, 10 * SECOND)).await;
            assert_eq!(world.page(&mails[0].link()), Page::Expired, "each has its own day");
            assert_eq!(world.address_says(OBJECT)[2], "Ready False AwaitingOwner");
        }
        assert_eq!(world.click_link(&mails[clicked].link(), Act::Confirm), Page::Confirmed);
        world.until_address_says(OBJECT, "Ready True Ready").await;
    }
}

#[tokio::test(start_paused = true)]
async fn when_nothing_was_heard_twice_a_person_decides() {
    for how in [How::AnswerLost, How::Refused, How::Silent] {
        let (world, _operator) = ready_domain(usual).await;
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
