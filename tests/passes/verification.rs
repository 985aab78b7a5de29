//! What SES's own states lead to: 72 hours of looking, giving up, and looking again.

use sender_operator::api::reasons::EventReason;

use crate::world::{DAY, HOUR, MINUTE, SesCall, World};

fn restarts(world: &World) -> usize {
    world.ses_writes("example.com").iter().filter(|call| **call == SesCall::StartEasyDkim).count()
}

/// A world where nobody published the records of example.com for 72 hours, and looks are far apart.
async fn failed() -> (World, crate::world::Operator) {
    let world = World::new();
    let operator = world.start_with(|me| (me.poll_interval, me.refresh_interval) = (30 * MINUTE, HOUR));
    world.tenant("acme");
    world.apply("acme/mail", "example.com");
    world.until("the records are listed", || world.records("acme/mail").len() == 3).await;
    world.until_says_within(73 * HOUR, "acme/mail", &["IdentityVerified False VerificationFailed"]).await;
    assert!(world.age() > 72 * HOUR);
    (world, operator)
}

#[tokio::test(start_paused = true)]
async fn what_ses_gave_up_is_started_again_when_the_records_appear() {
    let (world, _operator) = failed().await;
    assert!(world.is_saying("acme/mail", &["Ready False RecordsMissing", "Reconciling True RecordsMissing"]));
    assert_eq!(restarts(&world), 0);
    world.publish("example.com");
    world.until_says_within(2 * HOUR, "acme/mail", &["Ready True Ready"]).await;
    assert_eq!(restarts(&world), 1);
    world.until("it is told", || world.told(EventReason::VerificationRestarted).len() == 1).await;
}

#[tokio::test(start_paused = true)]
async fn what_ses_gave_up_is_started_again_seldom_while_the_records_are_missing() {
    let (world, _operator) = failed().await;
    world.pass(20 * HOUR).await;
    assert_eq!(restarts(&world), 0);
    world.pass(5 * HOUR).await;
    assert_eq!(restarts(&world), 1);
    world.until_age(30 * DAY).await;
    // SES looks for 72 hours after each restart: at hours 96, 168, 240, …, 672.
    assert_eq!(restarts(&world), 9);
    let calls = world.journal().len();
    assert!(calls < 30 * 24 * 3 / 2, "{calls} calls in 30 days");
}

#[tokio::test(start_paused = true)]
async fn what_ses_gives_up_again_and_again_is_started_with_backoff() {
    let (world, _operator) = failed().await;
    world.at_ses("example.com", |identity| identity.blind = true);
    world.publish("example.com");
    world.until("it is started again", || restarts(&world) == 1).await;
    world.pass(HOUR).await;
    assert!((4..=6).contains(&restarts(&world)), "{} within the first hour", restarts(&world));
    world.until_age(30 * DAY).await;
    assert!((30..=40).contains(&restarts(&world)), "{} in 30 days", restarts(&world));
    assert!(world.journal().len() < 30 * 24 * 3 / 2, "{} calls in 30 days", world.journal().len());
    world.at_ses("example.com", |identity| identity.blind = false);
    world.until_says_within(DAY + HOUR, "acme/mail", &["Ready True Ready"]).await;
}

#[tokio::test(start_paused = true)]
async fn records_that_vanish_leave_it_ready_as_long_as_ses_sends() {
    let world = World::new();
    let _operator = world.start_with(|me| me.poll_interval = 15 * MINUTE);
    world.ready("acme", "example.com").await;
    world.unpublish("example.com");
    let gone = world.age();
    let expected = ["IdentityVerified True TemporaryFailure", "DkimReady False RecordsMissing", "Ready True Ready"];
    world.until_says("acme/mail", &expected).await;
    let unready = || !world.is_saying("acme/mail", &["Ready True Ready"]);
    world.never_within(71 * HOUR, "not Ready although SES sends", unready).await;
    world.until_says("acme/mail", &["IdentityVerified False VerificationFailed", "Ready False RecordsMissing"]).await;
    assert!((72 * HOUR..73 * HOUR).contains(&world.since(gone)));
    assert!(world.claim("example.com").unwrap().identity.unverified_time.is_some());
    world.until("it is told", || world.told(EventReason::BecameUnready).len() == 1).await;
    world.publish("example.com");
    world.until_ready("acme/mail").await;
    assert_eq!(world.ses_writes("example.com"), [SesCall::Create, SesCall::StartEasyDkim]);
}

#[tokio::test(start_paused = true)]
async fn records_that_come_back_in_time_cost_nothing() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    world.unpublish("example.com");
    world.until_says("acme/mail", &["IdentityVerified True TemporaryFailure"]).await;
    world.pass(10 * HOUR).await;
    world.publish("example.com");
    world.until_says("acme/mail", &["IdentityVerified True Verified", "DkimReady True Signing"]).await;
    assert_eq!(world.ses_writes("example.com"), [SesCall::Create]);
    assert!(world.told(EventReason::BecameUnready).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_state_of_ses_that_nobody_knows_yet_is_shown_and_changes_nothing() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    world.ses_says_of_dkim("example.com", "REPLICATING");
    let shown = || world.status("acme/mail").identity.is_some_and(|identity| identity.dkim_status == "REPLICATING");
    world.until("it is shown", shown).await;
    world.pass(HOUR).await;
    assert_eq!(world.ses_writes("example.com"), [SesCall::Create]);
}

#[tokio::test(start_paused = true)]
async fn ses_that_takes_hours_to_find_what_is_published_is_asked_less_and_less_often() {
    let world = World::new();
    let _operator = world.start();
    world.tenant("acme");
    world.apply("acme/mail", "example.com");
    world.until("the identity is created", || world.identity("example.com").is_some()).await;
    world.at_ses("example.com", |identity| identity.blind = true);
    world.publish("example.com");
    world.until_says("acme/mail", &["DkimReady False Pending"]).await;
    let asked = || world.lists() + world.ses_calls("example.com").len();
    let before = asked();
    world.pass(2 * MINUTE).await;
    let soon = asked() - before;
    assert!((4..=8).contains(&soon), "{soon} in the first two minutes");
    world.pass(10 * HOUR).await;
    let all = asked() - before;
    // A sweep every five minutes at most, and a full look every ten.
    assert!(all < 220, "{all} in ten hours");
    assert!(world.is_saying("acme/mail", &["DkimReady False Pending", "Ready False Pending"]));
}
