//! SES throttles the account's calls: slower, but nothing else.

use sender_operator::ses::SesError;

use crate::world::{HOUR, How, MINUTE, SesCall, World};

#[tokio::test(start_paused = true)]
async fn with_nine_of_ten_calls_throttled_domains_become_ready_and_no_status_tells_of_it() {
    let world = World::new();
    let operator = world.start();
    world.ses_throttles_nine_of_ten();
    world.tenant("acme");
    let names: Vec<String> = (0..5).map(|n| format!("d{n}.example")).collect();
    for name in &names {
        world.publish(name);
        world.apply(&format!("acme/{name}"), name);
    }
    let ready = |name: &String| world.is_saying(&format!("acme/{name}"), &["Ready True Ready"]);
    world.until_within(6 * HOUR, "all are Ready", || names.iter().all(ready)).await;
    for name in &names {
        let told = world.history(&format!("acme/{name}"));
        assert!(told.iter().flatten().all(|line| !line.contains("Unavailable")), "{told:#?}");
        let mut once = told.clone();
        once.dedup();
        assert_eq!(once, told, "a status was written twice");
    }
    assert_eq!(operator.passes("failed"), 0);
    assert!(operator.ses_rate() < 0.5, "{}", operator.ses_rate());
}

#[tokio::test(start_paused = true)]
async fn the_rate_recovers_when_ses_no_longer_throttles() {
    let world = World::new();
    let operator = world.start();
    world.ready("acme", "example.com").await;
    assert!((operator.ses_rate() - 1.0).abs() < f64::EPSILON);
    world.fail_ses(SesCall::Get, How::Refused, &SesError::Throttled, 4);
    world.until("the rate went down", || operator.ses_rate() < 0.3).await;
    world.until_within(8 * HOUR, "the rate is back", || operator.ses_rate() > 0.999).await;
    assert_eq!(operator.passes("failed"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_delete_is_neither_a_failure_nor_forgotten() {
    let world = World::new();
    let operator = world.start();
    world.ready("acme", "example.com").await;
    world.fail_ses(SesCall::Delete, How::Refused, &SesError::Throttled, 12);
    world.delete("acme/mail");
    world.until_within(30 * MINUTE, "the identity is gone", || world.identity("example.com").is_none()).await;
    assert_eq!(operator.passes("failed"), 0);
}
