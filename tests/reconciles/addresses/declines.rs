//! Declines, withdrawals and their reversals by the owner. `model/confirmation/answer.rs` has the table of what each
//! button does.

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
async fn a_declined_tenant_sees_the_end_of_the_wait_and_no_request_or_deletion_sends_a_mail_before() {
    let (sim, _operator) = asked(for_weeks).await;
    assert_eq!(sim.click(SALES, Act::Decline), ConfirmationPage::Declined { undo: true });
    let declined = sim.now();
    sim.until_address_says(OBJECT, "Stalled True Declined").await;
    sim.until("it is reported", || sim.events_of(OBJECT).contains(&EventReason::AddressDeclined)).await;
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
    sim.until_within(2 * DAY, "the period has ended", || sim.mails_to(SALES).len() == 2).await;
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
    sim.until("it is reported", told).await;
    sim.resend(OBJECT, "again");
    sim.advance(DAY).await;
    assert_eq!(sim.mails_to(SALES).len(), 1, "the owner refused mails of the tenant");
}
