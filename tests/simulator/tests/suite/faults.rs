//! Injected faults, as the real SDK sees them.

use std::time::{Duration, Instant};

use aws_sdk_sesv2::error::SdkError;
use ses_simulator::{Fault, FaultKind};

use crate::common::{by_hand, client, create, eventually, refusal, start};

#[tokio::test]
async fn errors_look_like_those_of_aws() {
    let (sim, ses) = start(by_hand()).await;
    let denied = "403 AccessDeniedException User: arn:aws:iam::123456789012:user/simulator is not authorized to \
                  perform: ses:GetAccount";
    let table = [
        (Fault::throttled(), "429 TooManyRequestsException Rate exceeded"),
        (Fault::access_denied(), denied),
        (Fault::internal(), "500 InternalFailure The request processing has failed because of an unknown error"),
        (Fault::unavailable(), "503 ServiceUnavailable Service is unavailable"),
        (Fault::error(500, "ConcurrentModificationException"), "500 ConcurrentModificationException"),
        (
            Fault::new(FaultKind::Error { status: 400, code: "BadRequestException".into(), message: "No.".into() }),
            "400 BadRequestException No.",
        ),
    ];
    for (fault, expected) in table {
        sim.fault(fault.times(1));
        let refused = refusal(ses.get_account().send().await);
        assert!(refused.starts_with(expected), "{refused}");
        ses.get_account().send().await.unwrap();
    }
    let call = &sim.journal()[0];
    assert_eq!(
        (call.status, call.error.as_deref(), call.fault.as_deref()),
        (429, Some("TooManyRequestsException"), Some("error"))
    );
}

#[tokio::test]
async fn an_error_or_a_dropped_connection_has_an_effect_only_on_request() {
    let (sim, ses) = start(by_hand()).await;
    for (fault, status) in [(Fault::internal(), 500), (Fault::dropped(), 0)] {
        for effect in [false, true] {
            let fault = fault.clone().times(1).on("CreateEmailIdentity");
            sim.fault(if effect { fault.after_effect() } else { fault });
            let answer = ses.create_email_identity().email_identity("acme.example").send().await;
            match answer.unwrap_err() {
                SdkError::DispatchFailure(_) => assert_eq!(status, 0),
                SdkError::ServiceError(error) => assert_eq!(error.raw().status().as_u16(), status),
                other => panic!("{other:?}"),
            }
            assert_eq!(sim.remove_identity("acme.example"), effect);
            assert_eq!(sim.journal().last().unwrap().status, status);
        }
    }
}

#[tokio::test]
async fn a_late_answer_comes_after_the_effect_and_a_slow_call_before_it() {
    let (sim, ses) = start(by_hand()).await;
    sim.fault(Fault::late(Duration::from_mins(10)).on("CreateEmailIdentity"));
    sim.fault(Fault::latency(Duration::from_millis(150)).on("GetAccount"));
    let waiting = tokio::spawn({
        let create = ses.create_email_identity().email_identity("acme.example");
        async move { create.send().await }
    });
    eventually("the effect", async || sim.identity("acme.example").is_some()).await;
    assert!(!waiting.is_finished(), "the answer has not come");
    waiting.abort();
    let start = Instant::now();
    ses.get_account().send().await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn a_disconnected_caller_does_not_undo_its_call() {
    let (sim, ses) = start(by_hand()).await;
    sim.fault(Fault::latency(Duration::from_secs(2)).on("CreateEmailIdentity"));
    let create = tokio::spawn(ses.create_email_identity().email_identity("acme.example").send());
    eventually("the call is under way", async || sim.faults()[0].struck == 1).await;
    create.abort();
    assert!(sim.identity("acme.example").is_none());
    eventually("the effect", async || sim.identity("acme.example").is_some()).await;
}

#[tokio::test]
async fn a_malformed_answer_is_a_success_that_cannot_be_read() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    sim.fault(Fault::new(FaultKind::Malformed));
    let error = ses.get_email_identity().email_identity("acme.example").send().await.unwrap_err();
    assert!(matches!(error, SdkError::ServiceError(_) | SdkError::ResponseError(_)), "{error:?}");
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 200);
    let sts = aws_sdk_sts::Client::new(&crate::common::config(&sim).await);
    let caller = sts.get_caller_identity().send().await.unwrap();
    assert_eq!(caller.account, None, "the SDK takes broken XML for an answer that says less");
}

#[tokio::test]
async fn after_a_dropped_connection_the_same_client_goes_on() {
    let (sim, _) = start(by_hand()).await;
    let ses = client(&sim).await;
    ses.get_account().send().await.unwrap();
    sim.fault(Fault::dropped().times(1));
    ses.get_account().send().await.unwrap_err();
    ses.get_account().send().await.unwrap();
}
