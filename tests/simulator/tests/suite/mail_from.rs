//! The custom MAIL FROM domain: its life, driven by real DNS look-ups, and each refusal.

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::types::BehaviorOnMxFailure as Behavior;
use ses_simulator::{DnsFault, IdentityPatch, Status};

use crate::common::{HOUR, by_hand, create, eventually, get, http, quick, refusal, start};

/// Puts a MAIL FROM domain; the refusal, or `ok`.
async fn put(ses: &Client, name: &str, domain: Option<&str>, behavior: Option<Behavior>) -> String {
    let put = ses.put_email_identity_mail_from_attributes().email_identity(name);
    match put.set_mail_from_domain(domain.map(str::to_owned)).set_behavior_on_mx_failure(behavior).send().await {
        Ok(_) => "ok".to_owned(),
        refused => refusal(refused),
    }
}

/// `domain status behavior` as Get shows them.
async fn shown(ses: &Client, name: &str) -> String {
    let shown = get(ses, name).await.mail_from_attributes.unwrap();
    format!("{} {} {}", shown.mail_from_domain, shown.mail_from_domain_status, shown.behavior_on_mx_failure)
}

const BOUNCE: &str = "bounce.acme.example";
const PENDING: &str = "bounce.acme.example PENDING USE_DEFAULT_VALUE";
const SUCCESS: &str = "bounce.acme.example SUCCESS USE_DEFAULT_VALUE";
const TEMPORARY: &str = "bounce.acme.example TEMPORARY_FAILURE USE_DEFAULT_VALUE";
const FAILED: &str = "bounce.acme.example FAILED USE_DEFAULT_VALUE";

#[tokio::test]
async fn it_succeeds_by_itself_once_the_mx_record_is_published() {
    let (sim, ses) = start(quick()).await;
    create(&ses, "acme.example").await;
    assert_eq!(put(&ses, "acme.example", Some(BOUNCE), None).await, "ok");
    assert_eq!(shown(&ses, "acme.example").await, PENDING);
    sim.set_record(BOUNCE, "MX", &["10 feedback-smtp.eu-central-1.amazonses.com"]).unwrap();
    eventually("seen", async || shown(&ses, "acme.example").await == SUCCESS).await;
    assert_eq!(get(&ses, "acme.example").await.verification_status.unwrap().as_str(), "PENDING", "a thing apart");
}

#[tokio::test]
async fn it_waits_72_hours_and_72_hours_more_when_the_record_vanishes() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    put(&ses, "acme.example", Some(BOUNCE), None).await;
    sim.advance(71 * HOUR).await;
    assert_eq!(shown(&ses, "acme.example").await, PENDING);
    sim.publish_mail_from(BOUNCE).unwrap();
    sim.advance(HOUR / 60).await;
    assert_eq!(shown(&ses, "acme.example").await, SUCCESS);
    sim.unpublish_mail_from(BOUNCE).unwrap();
    sim.advance(71 * HOUR).await;
    assert_eq!(shown(&ses, "acme.example").await, TEMPORARY);
    sim.publish_mail_from(BOUNCE).unwrap();
    sim.advance(1000 * HOUR).await;
    assert_eq!(shown(&ses, "acme.example").await, SUCCESS, "back in time");
    sim.unpublish_mail_from(BOUNCE).unwrap();
    sim.advance(72 * HOUR).await;
    assert_eq!(shown(&ses, "acme.example").await, FAILED);
}

#[tokio::test]
async fn a_failed_setup_is_looked_at_no_more_until_it_is_put_again() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    put(&ses, "acme.example", Some(BOUNCE), None).await;
    sim.advance(72 * HOUR).await;
    sim.publish_mail_from(BOUNCE).unwrap();
    sim.advance(1000 * HOUR).await;
    assert_eq!(shown(&ses, "acme.example").await, FAILED);
    put(&ses, "acme.example", Some(BOUNCE), None).await;
    assert_eq!(shown(&ses, "acme.example").await, PENDING);
    sim.advance(HOUR / 60).await;
    assert_eq!(shown(&ses, "acme.example").await, SUCCESS);
}

#[tokio::test]
async fn the_record_is_the_only_mx_and_names_the_feedback_host_of_a_region() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    let right = "10 feedback-smtp.eu-central-1.amazonses.com";
    for (values, expected) in [
        (vec![right], SUCCESS),
        (vec!["0 Feedback-SMTP.us-east-1.amazonses.com"], SUCCESS),
        (vec![right, "20 mail.acme.example"], PENDING),
        (vec![right, "20 feedback-smtp.us-east-1.amazonses.com"], PENDING),
        (vec!["10 mail.acme.example"], PENDING),
        (vec!["10 feedback-smtp.amazonses.com"], PENDING),
        (vec!["10 feedback-smtp.mail.eu-central-1.amazonses.com"], PENDING),
        (vec!["10 feedback-smtp.eu-central-1.amazonses.com.acme.example"], PENDING),
        (vec![], PENDING),
    ] {
        put(&ses, "acme.example", Some(BOUNCE), None).await;
        sim.set_record(BOUNCE, "MX", &values).unwrap();
        sim.advance(HOUR / 60).await;
        assert_eq!(shown(&ses, "acme.example").await, expected, "{values:?}");
    }
}

#[tokio::test]
async fn an_alias_is_followed_and_a_change_behind_it_is_seen() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    put(&ses, "acme.example", Some(BOUNCE), None).await;
    sim.set_record(BOUNCE, "CNAME", &["bounce.host.example"]).unwrap();
    sim.publish_mail_from("bounce.host.example").unwrap();
    sim.advance(HOUR).await;
    assert_eq!(shown(&ses, "acme.example").await, SUCCESS);
    sim.set_record("bounce.host.example", "MX", &["10 mail.host.example"]).unwrap();
    sim.advance(HOUR).await;
    assert_eq!(shown(&ses, "acme.example").await, TEMPORARY);
}

#[tokio::test]
async fn dns_that_fails_takes_a_success_back() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    put(&ses, "acme.example", Some(BOUNCE), None).await;
    sim.publish_mail_from(BOUNCE).unwrap();
    sim.advance(HOUR).await;
    for fault in [DnsFault::ServFail, DnsFault::Timeout, DnsFault::WrongValue("10 mail.acme.example".into())] {
        sim.dns_fault(BOUNCE, fault.clone()).unwrap();
        sim.advance(HOUR).await;
        assert_eq!(shown(&ses, "acme.example").await, TEMPORARY, "{fault:?}");
        sim.clear_dns_fault(BOUNCE).unwrap();
        sim.advance(HOUR).await;
        assert_eq!(shown(&ses, "acme.example").await, SUCCESS, "{fault:?}");
    }
}

#[tokio::test]
async fn it_lies_below_the_domain_of_its_identity() {
    let (_sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    create(&ses, "ops@Acme.example").await;
    for (identity, domain, fits) in [
        ("acme.example", "bounce.acme.example", true),
        ("acme.example", "a.b.ACME.example", true),
        ("ops@Acme.example", "bounce.acme.example", true),
        ("acme.example", "acme.example", false),
        ("acme.example", "bounce-acme.example", false),
        ("acme.example", "bounce.other.example", false),
        ("acme.example", ".acme.example", false),
        ("acme.example", "x@bounce.acme.example", false),
        ("ops@Acme.example", "acme.example", false),
    ] {
        let expected = if fits {
            "ok".to_owned()
        } else {
            format!(
                "400 BadRequestException Provided MAIL-FROM domain <{domain}> is not subdomain of the domain of the \
                 identity <{identity}>."
            )
        };
        assert_eq!(put(&ses, identity, Some(domain), None).await, expected, "{domain}");
    }
    let missing = put(&ses, "other.example", Some("bounce.other.example"), None).await;
    assert_eq!(missing, "404 NotFoundException Email identity other.example does not exist.");
}

#[tokio::test]
async fn the_behavior_without_a_record_is_set_kept_and_removed_with_the_domain() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    put(&ses, "acme.example", Some(BOUNCE), Some(Behavior::RejectMessage)).await;
    assert_eq!(shown(&ses, "acme.example").await, "bounce.acme.example PENDING REJECT_MESSAGE");
    put(&ses, "acme.example", Some("b.acme.example"), None).await;
    assert_eq!(shown(&ses, "acme.example").await, "b.acme.example PENDING REJECT_MESSAGE");
    let unknown = put(&ses, "acme.example", Some(BOUNCE), Some("SHRUG".into())).await;
    assert_eq!(
        unknown,
        "400 BadRequestException 1 validation error detected: Value at 'behaviorOnMxFailure' failed to satisfy \
         constraint: Member must satisfy enum value set: [REJECT_MESSAGE, USE_DEFAULT_VALUE]"
    );
    for domain in [None, Some("")] {
        put(&ses, "acme.example", domain, Some(Behavior::RejectMessage)).await;
        assert_eq!(shown(&ses, "acme.example").await, " no value was set USE_DEFAULT_VALUE", "{domain:?}");
        let (_, body) = http(&sim.url(), "GET", "/v2/email/identities/acme.example", "").await;
        assert!(body.contains(r#""MailFromAttributes":{"BehaviorOnMxFailure":"USE_DEFAULT_VALUE"}"#), "{body}");
        put(&ses, "acme.example", Some(BOUNCE), None).await;
        assert_eq!(shown(&ses, "acme.example").await, PENDING);
    }
}

#[tokio::test]
async fn somebody_with_the_console_sets_and_removes_it() {
    let (sim, ses) = start(by_hand()).await;
    let patch = IdentityPatch { mail_from: Some(BOUNCE.into()), ..IdentityPatch::status(Status::Success) };
    sim.put_identity("acme.example", patch);
    assert_eq!(shown(&ses, "acme.example").await, PENDING);
    sim.publish_mail_from(BOUNCE).unwrap();
    sim.advance(HOUR).await;
    assert_eq!(shown(&ses, "acme.example").await, SUCCESS, "a held verification does not hold it");
    let patch = |status| IdentityPatch { mail_from_status: Some(status), ..IdentityPatch::default() };
    sim.change_identity("acme.example", patch(Status::Failed));
    sim.advance(HOUR).await;
    assert_eq!(shown(&ses, "acme.example").await, FAILED);
    let view = sim.identity("acme.example").unwrap().mail_from.unwrap();
    assert_eq!((view.domain.as_str(), view.status, view.deadline), (BOUNCE, Status::Failed, None));
    sim.change_identity("acme.example", IdentityPatch { mail_from: Some(String::new()), ..IdentityPatch::default() });
    assert_eq!(sim.identity("acme.example").unwrap().mail_from, None);
}
