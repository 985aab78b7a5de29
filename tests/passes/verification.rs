//! What SES's own states lead to: 72 hours of looking, giving up, and looking again.

use sender_operator::api::reasons::EventReason;
use ses_simulator::Status;

use crate::{
    setup::{ACME, DOMAIN, ready},
    world::{DAY, HOUR, MINUTE, Operator, SesCall, World},
};

fn restarts(world: &World) -> usize {
    world.ses_writes(DOMAIN).iter().filter(|call| **call == SesCall::StartEasyDkim).count()
}

/// Nobody published the records for 72 hours; looks are far apart.
async fn failed() -> (World, Operator) {
    let world = World::new();
    let operator = world.start_with(|me| (me.poll_interval, me.refresh_interval) = (30 * MINUTE, HOUR));
    world.tenant("acme");
    world.apply(ACME, DOMAIN);
    world.until("the records are listed", || world.records(ACME).len() == 3).await;
    world.until_says_within(73 * HOUR, ACME, &["IdentityVerified False VerificationFailed"]).await;
    assert!(world.is_saying(ACME, &["Ready False RecordsMissing", "Reconciling True RecordsMissing"]));
    assert!(world.age() > 72 * HOUR && restarts(&world) == 0);
    (world, operator)
}

#[tokio::test(start_paused = true)]
async fn what_ses_gave_up_is_started_again_seldom_while_the_records_are_missing() {
    let (world, _operator) = failed().await;
    world.pass(20 * HOUR).await;
    assert_eq!(restarts(&world), 0);
    world.pass(5 * HOUR).await;
    assert_eq!(restarts(&world), 1);
    world.until_age(13 * DAY + 6 * HOUR).await;
    // SES looks for 72 hours after each restart: at hours 96, 168, 240 and 312.
    assert_eq!(restarts(&world), 4);
    assert!(world.journal().len() < 14 * 24 * 3 / 2, "{} calls in 13 days", world.journal().len());
}

#[tokio::test(start_paused = true)]
async fn what_ses_gave_up_is_started_again_when_the_records_appear_and_with_backoff_if_in_vain() {
    let (world, _operator) = failed().await;
    world.publish(DOMAIN);
    let mut waits = Vec::new();
    for count in 1..=9 {
        world.at_ses(DOMAIN, |identity| {
            (identity.blind, identity.verification, identity.dkim) = (true, Status::Failed, Status::Failed);
        });
        let age = world.age();
        world.until_within(DAY, "it is started again", || restarts(&world) == count).await;
        waits.push(world.since(age));
    }
    assert!(waits[2] <= HOUR && waits[8] >= 4 * HOUR && waits[6..].is_sorted(), "{waits:?}");
    world.until("each is told", || world.told(EventReason::VerificationRestarted).len() == 9).await;
    world.at_ses(DOMAIN, |identity| identity.blind = false);
    world.until_says_within(DAY + HOUR, ACME, &["Ready True Ready"]).await;
}

#[tokio::test(start_paused = true)]
async fn records_that_vanish_leave_it_ready_as_long_as_ses_sends() {
    let world = World::new();
    let _operator = world.start_with(|me| me.poll_interval = 15 * MINUTE);
    world.ready("acme", DOMAIN).await;
    let expected = ["IdentityVerified True TemporaryFailure", "DkimReady False RecordsMissing", "Ready True Ready"];
    world.unpublish(DOMAIN);
    world.until_says(ACME, &expected).await;
    world.pass(10 * HOUR).await;
    world.publish(DOMAIN);
    world.until_says(ACME, &["IdentityVerified True Verified", "DkimReady True Signing"]).await;
    assert!(world.told(EventReason::BecameUnready).is_empty(), "back in time they cost nothing");

    world.unpublish(DOMAIN);
    let gone = world.age();
    world.until_says(ACME, &expected).await;
    let unready = || !world.is_saying(ACME, &["Ready True Ready"]);
    world.never_within(71 * HOUR, "not Ready although SES sends", unready).await;
    assert_eq!(world.ses_writes(DOMAIN), [SesCall::Create]);
    world.until_says(ACME, &["IdentityVerified False VerificationFailed", "Ready False RecordsMissing"]).await;
    assert!((72 * HOUR..73 * HOUR).contains(&world.since(gone)));
    assert!(world.claim(DOMAIN).unwrap().identity.unverified_time.is_some());
    world.until("it is told", || world.told(EventReason::BecameUnready).len() == 1).await;
    world.publish(DOMAIN);
    world.until_ready(ACME).await;
    assert_eq!(world.ses_writes(DOMAIN), [SesCall::Create, SesCall::StartEasyDkim]);
}

#[tokio::test(start_paused = true)]
async fn a_state_of_ses_that_nobody_knows_yet_is_shown_and_changes_nothing() {
    let (world, _operator) = ready().await;
    world.ses_says_of_dkim(DOMAIN, "REPLICATING");
    let shown = || world.status(ACME).identity.is_some_and(|identity| identity.dkim_status == "REPLICATING");
    world.until("it is shown", shown).await;
    world.pass(HOUR).await;
    assert_eq!(world.ses_writes(DOMAIN), [SesCall::Create]);
}

#[tokio::test(start_paused = true)]
async fn ses_that_takes_hours_to_find_what_is_published_is_asked_less_and_less_often() {
    let world = World::new();
    let _operator = world.start();
    world.tenant("acme");
    world.apply(ACME, DOMAIN);
    world.until("the identity is created", || world.identity(DOMAIN).is_some()).await;
    world.at_ses(DOMAIN, |identity| identity.blind = true);
    world.publish(DOMAIN);
    world.until_says(ACME, &["DkimReady False Pending"]).await;
    let asked = || world.lists() + world.ses_calls(DOMAIN).len();
    let before = asked();
    world.pass(2 * MINUTE).await;
    let soon = asked() - before;
    assert!((4..=8).contains(&soon), "{soon} in the first two minutes");
    world.pass(10 * HOUR).await;
    // A sweep every five minutes at most, and a full look every ten.
    assert!(asked() - before < 220, "{} in ten hours", asked() - before);
    assert!(world.is_saying(ACME, &["DkimReady False Pending", "Ready False Pending"]));
}

#[tokio::test(start_paused = true)]
async fn a_subdomain_is_not_ready_by_the_right_of_its_verified_parent() {
    let (world, _operator) = ready().await;
    world.apply("acme/below", "mail.example.com");
    world.until_says("acme/below", &["Owned True Held", "Ready False RecordsMissing"]).await;
    world
        .never_within(2 * HOUR, "Ready without records of its own", || {
            world.is_saying("acme/below", &["Ready True Ready"])
        })
        .await;
    world.publish("mail.example.com");
    world.until_ready("acme/below").await;
}
