//! What the owner refuses, takes back, and takes back again. What each button does is a table of
//! `model/confirmation/answering.rs`.

use sender_operator::{
    api::reasons::EventReason,
    model::{
        claim::State,
        confirmation::answering::{Act, Page},
    },
};

use super::{OBJECT, SALES, asked, confirmed, for_weeks};
use crate::world::DAY;

#[tokio::test(start_paused = true)]
async fn who_was_declined_is_told_until_when_and_neither_a_wish_nor_deleting_makes_the_owner_hear_from_them_before() {
    let (world, _operator) = asked(for_weeks).await;
    assert_eq!(world.click(SALES, Act::Decline), Page::Declined { undo: true });
    let declined = world.now();
    world.until_address_says(OBJECT, "Stalled True Declined").await;
    world.until("it is told", || world.events_of(OBJECT).contains(&EventReason::AddressDeclined)).await;
    let until = world.address_status(OBJECT).confirmation.unwrap().next_attempt_time.unwrap();
    assert_eq!(until.duration_since(declined).as_hours(), 720);
    world.resend(OBJECT, "please");
    world.pass(20 * DAY).await;
    assert_eq!(world.address_says(OBJECT)[2], "Ready False Declined");
    world.stop_asking(OBJECT);
    world.until_address_state(SALES, State::Released).await;
    world.ask(OBJECT, SALES);
    world.resend(OBJECT, "please");
    world.until_address_says(OBJECT, "Stalled True Declined").await;
    assert_eq!(world.address_status(OBJECT).confirmation.unwrap().next_attempt_time, Some(until));
    world.pass(9 * DAY).await;
    assert_eq!(world.mails_to(SALES).len(), 1);
    world.until_within(2 * DAY, "the time is over", || world.mails_to(SALES).len() == 2).await;
    world.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
}

#[tokio::test(start_paused = true)]
async fn a_confirmation_is_withdrawn_at_any_time() {
    let (world, _operator) = confirmed(for_weeks).await;
    world.pass(10 * DAY).await;
    assert_eq!(world.click(SALES, Act::Withdraw), Page::Withdrawn { undo: false });
    world.until_address_says(OBJECT, "Stalled True Withdrawn").await;
    assert_eq!(world.address_status(OBJECT).from, None);
    let told = || world.events_of(OBJECT).ends_with(&[EventReason::AddressWithdrawn, EventReason::BecameUnready]);
    world.until("it is told", told).await;
    world.resend(OBJECT, "again");
    world.pass(DAY).await;
    assert_eq!(world.mails_to(SALES).len(), 1, "they don't want to hear from the tenant");
}
