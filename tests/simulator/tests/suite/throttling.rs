//! One call per second for all clients together.

use std::time::Duration;

use ses_simulator::{Options, Simulator};

use crate::common::{client, eventually, http, refusal, start};

#[tokio::test]
async fn one_call_a_second_passes_whoever_makes_it() {
    let (sim, first) = start(Options::default()).await;
    let second = client(&sim).await;
    let passed = || sim.journal().into_iter().filter(|call| call.status == 200).collect::<Vec<_>>();
    eventually("three calls pass", async || {
        let _ = first.get_account().send().await;
        let _ = second.get_account().send().await;
        passed().len() >= 3
    })
    .await;
    let times: Vec<u64> = passed().iter().map(|call| call.at_ms).collect();
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= 1000), "{times:?}");
    assert!(sim.journal().iter().all(|call| call.status == 200 || call.fault.as_deref() == Some("throttle")));
}

#[tokio::test]
async fn every_kind_of_call_counts() {
    let (sim, ses) = start(Options { rate: Some(0.0), ..Options::default() }).await;
    let (status, _) = http(&sim.url(), "PUT", "/v2/email/unheard-of", "").await;
    assert_eq!(status, 404);
    let refused = ses.get_email_identity().email_identity("acme.example").send().await;
    assert_eq!(refusal(refused), "429 TooManyRequestsException Rate exceeded");
}

#[tokio::test]
async fn a_throttled_answer_has_no_hint_when_to_come_again() {
    let sim = Simulator::start(Options { rate: Some(0.0), ..Options::default() }).await.unwrap();
    for _ in 0..2 {
        http(&sim.url(), "GET", "/v2/email/account", "").await;
    }
    let ses = client(&sim).await;
    let error = ses.get_account().send().await.unwrap_err();
    let headers = error.raw_response().unwrap().headers();
    assert_eq!(headers.get("x-amzn-errortype"), Some("TooManyRequestsException"));
    assert!(headers.get("retry-after").is_none());
    assert!(error.into_service_error().is_too_many_requests_exception());
}

#[tokio::test]
async fn the_rate_can_be_set_and_switched_off() {
    let (sim, ses) = start(Options::default()).await;
    sim.throttle(None);
    for _ in 0..5 {
        ses.get_account().send().await.unwrap();
    }
    sim.throttle(Some(0.0));
    ses.get_account().send().await.unwrap();
    assert!(ses.get_account().send().await.is_err());
    sim.throttle(Some(200.0));
    assert_eq!(sim.rate(), Some(200.0));
    eventually("200 a second", async || ses.get_account().send().await.is_ok()).await;
}

#[tokio::test]
async fn a_refused_call_has_no_effect() {
    let (sim, ses) = start(Options { rate: Some(0.0), ..Options::default() }).await;
    ses.get_account().send().await.unwrap();
    let refused = ses.create_email_identity().email_identity("acme.example").send().await;
    assert!(refusal(refused).starts_with("429"));
    sim.advance(Duration::ZERO).await;
    assert!(sim.identity("acme.example").is_none());
}
