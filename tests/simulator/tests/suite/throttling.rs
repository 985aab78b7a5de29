//! One call per second for all clients together.

use std::time::Duration;

use ses_simulator::{Options, Simulator};

use crate::common::{client, eventually, http, refusal, start};

#[tokio::test]
async fn the_second_call_within_a_second_is_refused_for_whoever_makes_it() {
    let (sim, first) = start(Options::default()).await;
    let second = client(&sim).await;
    first.get_account().send().await.unwrap();
    let refused = second.get_email_identity().email_identity("acme.example").send().await;
    assert_eq!(refusal(refused), "429 TooManyRequestsException Rate exceeded");
    let (status, _) = http(&sim.url(), "PUT", "/v2/email/unheard-of", "").await;
    assert_eq!(status, 429, "an unknown operation counts too");
    let calls = sim.journal();
    assert_eq!((calls[1].status, calls[1].fault.as_deref()), (429, Some("throttle")));
    eventually("the next second", async || first.get_account().send().await.is_ok()).await;
    let passed = sim.journal().last().unwrap().at_ms - calls[0].at_ms;
    assert!((1000..2000).contains(&passed), "{passed} ms");
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
