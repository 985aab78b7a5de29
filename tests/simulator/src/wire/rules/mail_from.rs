//! The custom MAIL FROM domain of an identity.

use serde_json::{Value, json};

use super::RuleTest;
use crate::core::account::IdentityPatch;
use crate::core::dns::DnsFault;
use crate::core::lifecycle::Status;

const PUT: &str = "PUT identities/acme.example/mail-from";
const BOUNCE: &str = "bounce.acme.example";
const RIGHT: &str = "10 feedback-smtp.eu-central-1.amazonses.com";

fn domain(name: &str) -> Value {
    json!({"MailFromDomain": name})
}

fn status(test: &mut RuleTest) -> String {
    test.identity("acme.example")["MailFromAttributes"]["MailFromDomainStatus"].as_str().unwrap().to_owned()
}

/// A test with a MAIL FROM domain.
fn put() -> RuleTest {
    let mut test = RuleTest::acme();
    test.get(PUT, &domain(BOUNCE));
    test
}

#[test]
fn it_fails_after_72_hours_and_is_not_checked_until_it_is_set_again() {
    let mut test = put();
    test.advance(71);
    assert_eq!(status(&mut test), "PENDING");
    test.advance(1);
    test.set(BOUNCE, "MX", &[RIGHT]);
    test.advance(1000);
    assert_eq!(status(&mut test), "FAILED");
    test.get(PUT, &domain(BOUNCE));
    assert_eq!(status(&mut test), "PENDING");
    test.advance(1);
    assert_eq!(status(&mut test), "SUCCESS");
}

#[test]
fn the_record_is_the_only_mx_and_names_the_feedback_host_of_a_region() {
    let mut test = put();
    for (values, expected) in [
        (vec![RIGHT], "SUCCESS"),
        (vec!["0 Feedback-SMTP.us-east-1.amazonses.com"], "SUCCESS"),
        (vec![RIGHT, "20 mail.acme.example"], "PENDING"),
        (vec![RIGHT, "20 feedback-smtp.us-east-1.amazonses.com"], "PENDING"),
        (vec!["10 mail.acme.example"], "PENDING"),
        (vec!["10 feedback-smtp.amazonses.com"], "PENDING"),
        (vec!["10 feedback-smtp.mail.eu-central-1.amazonses.com"], "PENDING"),
        (vec!["10 feedback-smtp.eu-central-1.amazonses.com.acme.example"], "PENDING"),
        (vec![], "PENDING"),
    ] {
        test.get(PUT, &domain(BOUNCE));
        test.set(BOUNCE, "MX", &values);
        test.advance(1);
        assert_eq!(status(&mut test), expected, "{values:?}");
    }
}

#[test]
fn an_alias_is_followed_and_its_change_or_failure_revokes_a_success() {
    let mut test = put();
    test.set(BOUNCE, "CNAME", &["bounce.host.example"]);
    test.set("bounce.host.example", "MX", &[RIGHT]);
    for (fault, expected) in [
        (None, "SUCCESS"),
        (Some(DnsFault::ServFail), "TEMPORARY_FAILURE"),
        (None, "SUCCESS"),
        (Some(DnsFault::Timeout), "TEMPORARY_FAILURE"),
        (None, "SUCCESS"),
        (Some(DnsFault::WrongValue("10 mail.acme.example".into())), "TEMPORARY_FAILURE"),
        (None, "SUCCESS"),
    ] {
        test.zone.set_fault(BOUNCE, fault.clone()).unwrap();
        test.advance(1);
        assert_eq!(status(&mut test), expected, "{fault:?}");
    }
    test.set("bounce.host.example", "MX", &["10 mail.host.example"]);
    test.advance(1);
    assert_eq!(status(&mut test), "TEMPORARY_FAILURE");
}

#[test]
fn it_lies_below_the_domain_of_its_identity() {
    let mut test = RuleTest::acme();
    test.create("ops@Acme.example");
    for (identity, name, fits) in [
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
        let refused = format!(
            "400 BadRequestException Provided MAIL-FROM domain <{name}> is not subdomain of the domain of the identity \
             <{identity}>."
        );
        let line = format!("PUT identities/{identity}/mail-from");
        test.expect(&line, &[(domain(name), if fits { "ok" } else { &refused })]);
    }
    let missing = "404 NotFoundException Email identity other.example does not exist.";
    test.expect("PUT identities/other.example/mail-from", &[(domain("bounce.other.example"), missing)]);
}

#[test]
fn the_behavior_without_a_record_is_set_kept_and_removed_with_the_domain() {
    let mut test = RuleTest::acme();
    let shown = |test: &mut RuleTest| test.identity("acme.example")["MailFromAttributes"].clone();
    let status = "MailFromDomainStatus";
    let whole = |name: &str, behavior: &str| json!({"MailFromDomain": name, status: "PENDING", "BehaviorOnMxFailure": behavior});
    test.get(PUT, &json!({"MailFromDomain": BOUNCE, "BehaviorOnMxFailure": "REJECT_MESSAGE"}));
    test.get(PUT, &domain("b.acme.example"));
    assert_eq!(shown(&mut test), whole("b.acme.example", "REJECT_MESSAGE"));
    let unknown = "400 BadRequestException 1 validation error detected: Value at 'behaviorOnMxFailure' failed to satisfy \
                   constraint: Member must satisfy enum value set: [REJECT_MESSAGE, USE_DEFAULT_VALUE]";
    test.expect(PUT, &[(json!({"MailFromDomain": BOUNCE, "BehaviorOnMxFailure": "SHRUG"}), unknown)]);
    for name in [Value::Null, json!("")] {
        test.get(PUT, &json!({"MailFromDomain": name, "BehaviorOnMxFailure": "REJECT_MESSAGE"}));
        assert_eq!(shown(&mut test), json!({"BehaviorOnMxFailure": "USE_DEFAULT_VALUE"}), "{name}");
        test.get(PUT, &domain(BOUNCE));
        assert_eq!(shown(&mut test), whole(BOUNCE, "USE_DEFAULT_VALUE"));
    }
}

#[test]
fn somebody_with_the_console_sets_and_removes_it() {
    let mut test = RuleTest::new();
    let mail_from = |name: &str| Some(name.to_owned());
    test.put("acme.example", IdentityPatch { mail_from: mail_from(BOUNCE), ..IdentityPatch::status(Status::Success) });
    assert_eq!(status(&mut test), "PENDING");
    test.set(BOUNCE, "MX", &[RIGHT]);
    test.advance(1);
    assert_eq!(status(&mut test), "SUCCESS", "a held verification does not hold it");
    let failed = IdentityPatch { mail_from_status: Some(Status::Failed), ..IdentityPatch::default() };
    test.put("acme.example", failed);
    test.advance(1);
    let view = test.view("acme.example").mail_from.unwrap();
    assert_eq!((view.domain.as_str(), view.status, view.deadline), (BOUNCE, Status::Failed, None));
    test.put("acme.example", IdentityPatch { mail_from: mail_from(""), ..IdentityPatch::default() });
    assert_eq!(test.view("acme.example").mail_from, None);
}
