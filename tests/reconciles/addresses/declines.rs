//! What the owner refuses, takes back, and takes back again. What each button does is a table of
//! `model/confirmation/answer.rs`.

use sender_operator::{
    api::reasons::EventReason,
    model::{
        claim::State,
        confirmation::answer::{Act, ConfirmationPage},
    },
};

use super::{OBJECT, SALES, asked, confirmed, for_weeks};
use crate::simulation::DAY;

#[tokio::test(start_paused = true)]
async fn who_was_declined_is_told_until_when_and_neither_a_request_nor_deleting_makes_the_owner_hear_from_them_before()
{
    let (sim, _operator) = asked(for_weeks).await;
    assert_eq!(sim.click(SALES, Act::Decline), ConfirmationPage::Declined { undo: true });
    let declined = sim.now();
    sim.until_address_says(OBJECT, "Stalled True Declined").await;
    sim.until("it is told", || sim.events_of(OBJECT).contains(&EventReason::AddressDeclined)).await;
    let until = sim.address_status(OBJECT).confirmation.unwrap().next_attempt_time.unwrap();
    assert_eq!(until.duration_since(declined).as_hours(), 720);
    sim.resend(OBJECT, "please");
    sim.advance(20 * DAY).await;
    assert_eq!(sim.address_says(OBJECT)[2], "Ready False Declined");
    sim.stop_asking(OBJECT);
    sim.until_address_state(SALES, State::Released).await;
    sim.ask(OBJECT, SALES);
    sim.resend(OBJECT, "please");
    sim.until_address_says(OBJECT, "Stalled True Declined").await;
    assert_eq!(sim.address_status(OBJECT).confirmation.unwrap().next_attempt_time, Some(until));
    sim.advance(9 * DAY).await;
    assert_eq!(sim.mails_to(SALES).len(), 1);
    sim.until_within(2 * DAY, "the time is over", || sim.mails_to(SALES).len() == 2).await;
    sim.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
}

#[tokio::test(start_paused = true)]
async fn a_confirmation_is_withdrawn_at_any_time() {
    let (sim, _operator) = confirmed(for_weeks).await;
    sim.advance(10 * DAY).await;
    assert_eq!(sim.click(SALES, Act::Withdraw), ConfirmationPage::Withdrawn { undo: false });
    sim.until_address_says(OBJECT, "Stalled True Withdrawn").await;
    assert_eq!(sim.address_status(OBJECT).from, None);
    let told = || sim.events_of(OBJECT).ends_with(&[EventReason::AddressWithdrawn, EventReason::BecameUnready]);
    sim.until("it is told", told).await;
    sim.resend(OBJECT, "again");
    sim.advance(DAY).await;
    assert_eq!(sim.mails_to(SALES).len(), 1, "they don't want to hear from the tenant");
}
