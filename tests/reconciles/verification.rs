//! Consequences of SES's own states: 72 hours of searching, failure, and restart.

use sender_operator::api::reasons::EventReason;
use ses_simulator::Status;

use crate::{
    setup::{ACME, DOMAIN, ready},
    simulation::{DAY, HOUR, MINUTE, Operator, SesCall, Simulation},
};

fn restarts(sim: &Simulation) -> usize {
    sim.ses_writes(DOMAIN).iter().filter(|call| **call == SesCall::StartEasyDkim).count()
}

/// The records were not published for 72 hours; reads are rare.
async fn failed() -> (Simulation, Operator) {
    let sim = Simulation::new();
    let operator = sim.start_with(|config| (config.poll_interval, config.refresh_interval) = (30 * MINUTE, HOUR));
    sim.tenant("acme");
    sim.apply(ACME, DOMAIN);
    sim.until("the records are listed", || sim.records(ACME).len() == 3).await;
    sim.until_says_within(73 * HOUR, ACME, &["IdentityVerified False VerificationFailed"]).await;
    assert!(sim.is_saying(ACME, &["Ready False RecordsMissing", "Reconciling True RecordsMissing"]));
    assert!(sim.age() > 72 * HOUR && restarts(&sim) == 0);
    (sim, operator)
}

#[tokio::test(start_paused = true)]
async fn a_failed_verification_is_rarely_restarted_while_the_records_are_missing() {
    let (sim, _operator) = failed().await;
    sim.advance(20 * HOUR).await;
    assert_eq!(restarts(&sim), 0);
    sim.advance(5 * HOUR).await;
    assert_eq!(restarts(&sim), 1);
    sim.until_age(13 * DAY + 6 * HOUR).await;
    // SES searches for 72 hours after each restart: at hours 96, 168, 240 and 312.
    assert_eq!(restarts(&sim), 4);
    assert!(sim.journal().len() < 14 * 24 * 3 / 2, "{} calls in 13 days", sim.journal().len());
}

#[tokio::test(start_paused = true)]
async fn a_failed_verification_is_restarted_when_the_records_appear_and_then_with_backoff() {
    let (sim, _operator) = failed().await;
    sim.publish(DOMAIN);
    let mut waits = Vec::new();
    for count in 1..=9 {
        sim.at_ses(DOMAIN, |identity| {
            (identity.blind, identity.verification, identity.dkim) = (true, Status::Failed, Status::Failed);
        });
        let age = sim.age();
        sim.until_within(DAY, "it is started again", || restarts(&sim) == count).await;
        waits.push(sim.since(age));
    }
    assert!(waits[2] <= HOUR && waits[8] >= 4 * HOUR && waits[6..].is_sorted(), "{waits:?}");
    sim.until("each is reported", || sim.told(EventReason::VerificationRestarted).len() == 9).await;
    sim.at_ses(DOMAIN, |identity| identity.blind = false);
    sim.until_says_within(DAY + HOUR, ACME, &["Ready True Ready"]).await;
}

#[tokio::test(start_paused = true)]
async fn records_that_vanish_leave_it_ready_as_long_as_ses_sends() {
    let sim = Simulation::new();
    let _operator = sim.start_with(|config| config.poll_interval = 15 * MINUTE);
    sim.ready("acme", DOMAIN).await;
    let expected = ["IdentityVerified True TemporaryFailure", "DkimReady False RecordsMissing", "Ready True Ready"];
    sim.unpublish(DOMAIN);
    sim.until_says(ACME, &expected).await;
    sim.advance(10 * HOUR).await;
    sim.publish(DOMAIN);
    sim.until_says(ACME, &["IdentityVerified True Verified", "DkimReady True Signing"]).await;
    assert!(sim.told(EventReason::BecameUnready).is_empty(), "back in time they cost nothing");

    sim.unpublish(DOMAIN);
    let gone = sim.age();
    sim.until_says(ACME, &expected).await;
    let unready = || !sim.is_saying(ACME, &["Ready True Ready"]);
    sim.never_within(71 * HOUR, "not Ready although SES sends", unready).await;
    assert_eq!(sim.ses_writes(DOMAIN), [SesCall::Create]);
    sim.until_says(ACME, &["IdentityVerified False VerificationFailed", "Ready False RecordsMissing"]).await;
    assert!((72 * HOUR..73 * HOUR).contains(&sim.since(gone)));
    assert!(sim.claim(DOMAIN).unwrap().identity.unverified_time.is_some());
    sim.until("it is reported", || sim.told(EventReason::BecameUnready).len() == 1).await;
    sim.publish(DOMAIN);
    sim.until_ready(ACME).await;
    assert_eq!(sim.ses_writes(DOMAIN), [SesCall::Create, SesCall::StartEasyDkim]);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_state_of_ses_is_shown_and_changes_nothing() {
    let (sim, _operator) = ready().await;
    sim.ses_says_of_dkim(DOMAIN, "REPLICATING");
    let shown = || sim.status(ACME).identity.is_some_and(|identity| identity.dkim_status == "REPLICATING");
    sim.until("it is reported", shown).await;
    sim.advance(HOUR).await;
    assert_eq!(sim.ses_writes(DOMAIN), [SesCall::Create]);
}

#[tokio::test(start_paused = true)]
async fn a_domain_that_ses_takes_hours_to_verify_is_read_less_and_less_often() {
    let sim = Simulation::new();
    let _operator = sim.start();
    sim.tenant("acme");
    sim.apply(ACME, DOMAIN);
    sim.until("the identity is created", || sim.identity(DOMAIN).is_some()).await;
    sim.at_ses(DOMAIN, |identity| identity.blind = true);
    sim.publish(DOMAIN);
    sim.until_says(ACME, &["DkimReady False Pending"]).await;
    let asked = || sim.lists() + sim.ses_calls(DOMAIN).len();
    let before = asked();
    sim.advance(2 * MINUTE).await;
    let soon = asked() - before;
    assert!((4..=8).contains(&soon), "{soon} in the first two minutes");
    sim.advance(10 * HOUR).await;
    // A sweep every five minutes at most, and a full read every ten.
    assert!(asked() - before < 220, "{} in ten hours", asked() - before);
    assert!(sim.is_saying(ACME, &["DkimReady False Pending", "Ready False Pending"]));
}

#[tokio::test(start_paused = true)]
async fn a_subdomain_is_not_ready_by_the_right_of_its_verified_parent() {
    let (sim, _operator) = ready().await;
    sim.apply("acme/below", "mail.example.com");
    sim.until_says("acme/below", &["Owned True Held", "Ready False RecordsMissing"]).await;
    sim.never_within(2 * HOUR, "Ready without records of its own", || {
        sim.is_saying("acme/below", &["Ready True Ready"])
    })
    .await;
    sim.publish("mail.example.com");
    sim.until_ready("acme/below").await;
}
