//! One call per second for all clients together.

use ses_simulator::Options;

use crate::common::{client, eventually, http, start};

#[tokio::test]
async fn one_call_per_second_passes_for_all_clients_together() {
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
async fn every_call_counts_and_a_throttled_one_has_no_effect_and_no_retry_after() {
    let (sim, ses) = start(Options { rate: Some(0.0), ..Options::default() }).await;
    assert_eq!(http(&sim.url(), "PUT", "/v2/email/unheard-of", "").await.0, 404);
    let error = ses.create_email_identity().email_identity("acme.example").send().await.unwrap_err();
    let headers = error.raw_response().unwrap().headers();
    assert_eq!(headers.get("x-amzn-errortype"), Some("TooManyRequestsException"));
    assert!(headers.get("retry-after").is_none());
    assert!(error.into_service_error().is_too_many_requests_exception());
    assert!(sim.identity("acme.example").is_none());
    sim.throttle(None);
    for _ in 0..5 {
        ses.get_account().send().await.unwrap();
    }
}
