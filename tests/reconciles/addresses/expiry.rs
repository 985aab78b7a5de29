//! The limit of twenty-four hours, and mails with a lost answer. `model/confirmation/request.rs` has the table of when
//! a mail is due.

use std::time::Duration;

use jiff::SignedDuration;
use sender_operator::{
    model::confirmation::answer::{Act, ConfirmationPage},
    ses::SesError,
};

use super::{OBJECT, SALES, asked, ready_domain, usual};
use crate::simulation::{HOUR, How, MINUTE, Mailed, SECOND, SesCall, Simulation};

/// The remaining validity of the last link, minus `but`.
fn left(sim: &Simulation, but: Duration) -> Duration {
    let verified = sim.open(&sim.mails_to(SALES).last().unwrap().link());
    let left = Duration::try_from(verified.link.expiry.duration_since(sim.now())).unwrap();
    left.saturating_sub(but)
}

#[tokio::test(start_paused = true)]
async fn an_operator_that_is_down_at_the_expiry_prevents_no_confirmation_and_sends_no_mail_again() {
    for (early, page, said) in [
        (SECOND, ConfirmationPage::Confirmed, "Ready True Ready"),
        (Duration::ZERO, ConfirmationPage::Expired, "Ready False Expired"),
    ] {
        for is_down in [true, false] {
            let (sim, operator) = asked(usual).await;
            let running = if is_down {
                operator.stop().await;
                None
            } else {
                Some(operator)
            };
            // The time of day has whole seconds: advance to the start of one.
            sim.advance(left(&sim, early)).await;
            assert_eq!(sim.click(SALES, Act::Confirm), page);
            sim.advance(10 * HOUR).await;
            let _operator = running.unwrap_or_else(|| sim.start());
            sim.until_address_says(OBJECT, said).await;
            assert_eq!(sim.mails_to(SALES).len(), 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_moved_sends_nothing_again_kills_no_link_and_ends_no_request_for_good() {
    let (sim, _operator) = asked(usual).await;
    sim.move_clock(SignedDuration::from_hours(25));
    assert_eq!(sim.click(SALES, Act::Confirm), ConfirmationPage::Expired);
    sim.until_address_says(OBJECT, "Ready False Expired").await;
    sim.move_clock(SignedDuration::from_hours(-25 - 30));
    sim.advance(HOUR).await;
    assert_eq!((sim.mails_to(SALES).len(), sim.address_says(OBJECT)[2].as_str()), (1, "Ready False AwaitingOwner"));
    assert_eq!(sim.click(SALES, Act::Confirm), ConfirmationPage::Confirmed, "only the clock had ended it");
    sim.until_address_says(OBJECT, "Ready True Ready").await;
}

#[tokio::test(start_paused = true)]
async fn a_mail_with_a_lost_answer_is_followed_by_one_more_and_both_links_are_valid() {
    for clicked in [0, 1] {
        let (sim, _operator) = ready_domain(usual).await;
        sim.fail_ses(SesCall::Send, How::AnswerLost, &SesError::Unreachable, 1);
        sim.ask(OBJECT, SALES);
        sim.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
        let mails: Vec<Mailed> = sim.mails_to(SALES);
        assert_eq!(mails.len(), 2);
        let between = mails[1].at.saturating_sub(mails[0].at);
        assert!((MINUTE..3 * MINUTE).contains(&between), "{between:?}");
        assert_eq!(sim.request_for(SALES).unwrap().attempt.number, 1, "they belong to one attempt");
        if clicked == 1 {
            sim.advance(left(&sim, 10 * SECOND)).await;
            assert_eq!(sim.page(&mails[0].link()), ConfirmationPage::Expired, "each is valid for its own day");
            assert_eq!(sim.address_says(OBJECT)[2], "Ready False AwaitingOwner");
        }
        assert_eq!(sim.click_link(&mails[clicked].link(), Act::Confirm), ConfirmationPage::Confirmed);
        sim.until_address_says(OBJECT, "Ready True Ready").await;
    }
}

#[tokio::test(start_paused = true)]
async fn after_two_lost_answers_a_person_decides() {
    for how in [How::AnswerLost, How::Refused, How::Silent] {
        let (sim, _operator) = ready_domain(usual).await;
        sim.fail_ses(SesCall::Send, how, &SesError::Unreachable, 2);
        sim.ask(OBJECT, SALES);
        sim.until_address_says(OBJECT, "Stalled True SendUnacknowledged").await;
        sim.advance(10 * HOUR).await;
        assert_eq!(sim.mails_to(SALES).len(), if how == How::AnswerLost { 2 } else { 0 });
        sim.resend(OBJECT, "once more");
        sim.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
        assert!(sim.dead_links().is_empty());
        assert_eq!(sim.click(SALES, Act::Confirm), ConfirmationPage::Confirmed);
        sim.until_address_says(OBJECT, "Ready True Ready").await;
    }
}
