//! `GetAccount`, STS, unknown operations, the journal, and stopping.

use std::time::Duration;

use ses_simulator::{AccountPatch, Fault, Options, Simulator};

use crate::common::{by_hand, client, config, create, eventually, get, http, refusal, start};

#[tokio::test]
async fn get_account_returns_the_settings() {
    let (sim, ses) = start(by_hand()).await;
    let account = ses.get_account().send().await.unwrap();
    assert!(account.production_access_enabled && account.sending_enabled);
    assert_eq!(account.enforcement_status.as_deref(), Some("HEALTHY"));
    assert!((account.send_quota.unwrap().max_send_rate - 14.0).abs() < f64::EPSILON);
    sim.change_account(AccountPatch {
        production_access: Some(false),
        sending_enabled: Some(false),
        enforcement_status: Some("PROBATION".into()),
        ..AccountPatch::default()
    });
    let account = ses.get_account().send().await.unwrap();
    assert!(!account.production_access_enabled && !account.sending_enabled);
    assert_eq!(account.enforcement_status.as_deref(), Some("PROBATION"));
    assert!((account.send_quota.unwrap().max24_hour_send - 200.0).abs() < f64::EPSILON, "the sandbox");
}

#[tokio::test]
async fn sts_names_the_account_and_is_not_throttled_by_ses() {
    let (sim, _) = start(Options { rate: Some(0.0), ..Options::default() }).await;
    let sts = aws_sdk_sts::Client::new(&config(&sim).await);
    for _ in 0..3 {
        let caller = sts.get_caller_identity().send().await.unwrap();
        assert_eq!(caller.account.as_deref(), Some("123456789012"));
        assert_eq!(caller.arn.as_deref(), Some("arn:aws:iam::123456789012:user/simulator"));
        assert!(caller.user_id.is_some());
    }
    sim.change_account(AccountPatch { sts_account: Some("999999999999".into()), ..AccountPatch::default() });
    assert_eq!(sts.get_caller_identity().send().await.unwrap().account.as_deref(), Some("999999999999"));
    sim.fault(Fault::access_denied().on("GetCallerIdentity").times(1));
    let refused = refusal(sts.get_caller_identity().send().await);
    assert!(refused.starts_with("403 AccessDeniedException User: "), "{refused}");
    let refused = refusal(sts.get_session_token().send().await);
    assert_eq!(refused, "400 InvalidAction Could not find operation GetSessionToken for STS");
    let call = &sim.journal()[0];
    assert_eq!((call.service, call.operation.as_str()), ("sts", "GetCallerIdentity"));
}

#[tokio::test]
async fn account_and_region_are_in_arns_and_tokens() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    let tokens = sim.identity("acme.example").unwrap().tokens;
    sim.remove_identity("acme.example");
    let patch = AccountPatch {
        account: Some("222222222222".into()),
        region: Some("us-east-1".into()),
        signing_hosted_zone: Some("dkim.us-east-1.amazonses.com".into()),
        ..AccountPatch::default()
    };
    sim.change_account(patch);
    create(&ses, "acme.example").await;
    let dkim = get(&ses, "acme.example").await.dkim_attributes.unwrap();
    assert_ne!(dkim.tokens.unwrap(), tokens);
    assert_eq!(dkim.signing_hosted_zone.as_deref(), Some("dkim.us-east-1.amazonses.com"));
    let arn = "arn:aws:ses:us-east-1:222222222222:identity/acme.example";
    ses.list_tags_for_resource().resource_arn(arn).send().await.unwrap();
}

#[tokio::test]
async fn an_operation_the_simulator_lacks_is_unknown_and_not_html() {
    let (sim, ses) = start(by_hand()).await;
    let refused = refusal(ses.list_contact_lists().send().await);
    assert_eq!(refused, "404 UnknownOperationException The simulator has no operation GET /v2/email/contact-lists");
    assert_eq!(sim.journal()[0].operation, "GET /v2/email/contact-lists");
    let (status, body) = http(&sim.url(), "GET", "/nowhere", "").await;
    assert_eq!((status, body.starts_with('{')), (404, true));
}

#[tokio::test]
async fn the_journal_has_every_call_in_order() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    sim.advance(Duration::from_hours(1)).await;
    refusal(ses.get_email_identity().email_identity("Other.example").send().await);
    let arn = "arn:aws:ses:eu-central-1:123456789012:identity/acme.example";
    ses.untag_resource().resource_arn(arn).tag_keys("x").send().await.unwrap();
    let calls = sim.journal();
    let lines: Vec<_> = calls
        .iter()
        .map(|call| {
            let identity = call.identity.as_deref().unwrap_or("-");
            format!(
                "{} {} {identity} {} {}",
                call.seq,
                call.operation,
                call.status,
                call.error.as_deref().unwrap_or("-")
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            "1 CreateEmailIdentity acme.example 200 -",
            "2 GetEmailIdentity Other.example 404 NotFoundException",
            "3 UntagResource acme.example 200 -",
        ]
    );
    assert!(calls.iter().all(|call| call.access_key.as_deref() == Some("AKIDTEST") && call.fault.is_none()));
    assert_eq!(calls[0].request, r#"{"EmailIdentity":"acme.example"}"#);
    assert!(calls[0].at_ms <= calls[1].at_ms && calls[1].at_ms - calls[0].at_ms < 60_000, "real time");
    assert!(calls[1].time.duration_since(calls[0].time).as_secs() >= 3600, "simulated time");
    sim.clear_journal();
    ses.get_account().send().await.unwrap();
    assert_eq!(sim.journal().iter().map(|call| call.seq).collect::<Vec<_>>(), [4]);
}

#[tokio::test]
async fn a_dropped_simulator_releases_everything() {
    let (sim, ses) = start(by_hand()).await;
    sim.fault(Fault::latency(Duration::from_mins(10)).on("GetAccount"));
    let (url, dns, handle) = (sim.url(), sim.dns(), sim.handle());
    let waiting = tokio::spawn(async move { ses.get_account().send().await });
    eventually("the call is under way", async || handle.faults()[0].struck == 1).await;
    drop(sim);
    waiting.await.unwrap().unwrap_err();
    let again = Options { listen: url.strip_prefix("http://").unwrap().parse().unwrap(), dns, ..by_hand() };
    eventually("the ports are free", async || match Simulator::start(again.clone()).await {
        Ok(sim) => client(&sim).await.get_account().send().await.is_ok(),
        Err(_) => false,
    })
    .await;
}

#[tokio::test]
async fn a_taken_port_is_reported() {
    let (sim, _) = start(by_hand()).await;
    let listen = sim.url().strip_prefix("http://").unwrap().parse().unwrap();
    let error = Simulator::start(Options { listen, ..by_hand() }).await.err().unwrap();
    assert_eq!(error.to_string(), format!("HTTP cannot listen on {listen}"));
    let error = Simulator::start(Options { dns: sim.dns(), ..by_hand() }).await.err().unwrap();
    assert_eq!(error.to_string(), format!("DNS cannot listen on {} (UDP)", sim.dns()));
}
