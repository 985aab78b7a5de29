//! The custom MAIL FROM domain of an identity.

use serde_json::{Value, json};

use super::World;
use crate::core::account::IdentityPatch;
use crate::core::dns::DnsFault;
use crate::core::lifecycle::Status;

const PUT: &str = "PUT identities/acme.example/mail-from";
const BOUNCE: &str = "bounce.acme.example";
const RIGHT: &str = "10 feedback-smtp.eu-central-1.amazonses.com";

fn domain(name: &str) -> Value {
    json!({"MailFromDomain": name})
}

fn status(world: &mut World) -> String {
    world.identity("acme.example")["MailFromAttributes"]["MailFromDomainStatus"].as_str().unwrap().to_owned()
}

/// A world in which the MAIL FROM domain was put.
fn put() -> World {
    let mut world = World::acme();
    world.get(PUT, &domain(BOUNCE));
    world
}

#[test]
fn it_fails_after_72_hours_and_is_looked_at_no_more_until_it_is_put_again() {
    let mut world = put();
    world.pass(71);
    assert_eq!(status(&mut world), "PENDING");
    world.pass(1);
    world.set(BOUNCE, "MX", &[RIGHT]);
    world.pass(1000);
    assert_eq!(status(&mut world), "FAILED");
    world.get(PUT, &domain(BOUNCE));
    assert_eq!(status(&mut world), "PENDING");
    world.pass(1);
    assert_eq!(status(&mut world), "SUCCESS");
}

#[test]
fn the_record_is_the_only_mx_and_names_the_feedback_host_of_a_region() {
    let mut world = put();
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
        world.get(PUT, &domain(BOUNCE));
        world.set(BOUNCE, "MX", &values);
        world.pass(1);
        assert_eq!(status(&mut world), expected, "{values:?}");
    }
}

#[test]
fn an_alias_is_followed_and_what_changes_behind_it_or_fails_takes_a_success_back() {
    let mut world = put();
    world.set(BOUNCE, "CNAME", &["bounce.host.example"]);
    world.set("bounce.host.example", "MX", &[RIGHT]);
    for (fault, expected) in [
        (None, "SUCCESS"),
        (Some(DnsFault::ServFail), "TEMPORARY_FAILURE"),
        (None, "SUCCESS"),
        (Some(DnsFault::Timeout), "TEMPORARY_FAILURE"),
        (None, "SUCCESS"),
        (Some(DnsFault::WrongValue("10 mail.acme.example".into())), "TEMPORARY_FAILURE"),
        (None, "SUCCESS"),
    ] {
        world.zone.set_fault(BOUNCE, fault.clone()).unwrap();
        world.pass(1);
        assert_eq!(status(&mut world), expected, "{fault:?}");
    }
    world.set("bounce.host.example", "MX", &["10 mail.host.example"]);
    world.pass(1);
    assert_eq!(status(&mut world), "TEMPORARY_FAILURE");
}

#[test]
fn it_lies_below_the_domain_of_its_identity() {
    let mut world = World::acme();
    world.create("ops@Acme.example");
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
        world.expect(&line, &[(domain(name), if fits { "ok" } else { &refused })]);
    }
    let missing = "404 NotFoundException Email identity other.example does not exist.";
    world.expect("PUT identities/other.example/mail-from", &[(domain("bounce.other.example"), missing)]);
}

#[test]
fn the_behavior_without_a_record_is_set_kept_and_removed_with_the_domain() {
    let mut world = World::acme();
    let shown = |world: &mut World| world.identity("acme.example")["MailFromAttributes"].clone();
    let status = "MailFromDomainStatus";
    let whole = |name: &str, behavior: &str| json!({"MailFromDomain": name, status: "PENDING", "BehaviorOnMxFailure": behavior});
    world.get(PUT, &json!({"MailFromDomain": BOUNCE, "BehaviorOnMxFailure": "REJECT_MESSAGE"}));
    world.get(PUT, &domain("b.acme.example"));
    assert_eq!(shown(&mut world), whole("b.acme.example", "REJECT_MESSAGE"));
    let unknown = "400 BadRequestException 1 validation error detected: Value at 'behaviorOnMxFailure' failed to satisfy \
                   constraint: Member must satisfy enum value set: [REJECT_MESSAGE, USE_DEFAULT_VALUE]";
    world.expect(PUT, &[(json!({"MailFromDomain": BOUNCE, "BehaviorOnMxFailure": "SHRUG"}), unknown)]);
    for name in [Value::Null, json!("")] {
        world.get(PUT, &json!({"MailFromDomain": name, "BehaviorOnMxFailure": "REJECT_MESSAGE"}));
        assert_eq!(shown(&mut world), json!({"BehaviorOnMxFailure": "USE_DEFAULT_VALUE"}), "{name}");
        world.get(PUT, &domain(BOUNCE));
        assert_eq!(shown(&mut world), whole(BOUNCE, "USE_DEFAULT_VALUE"));
    }
}

#[test]
fn somebody_with_the_console_sets_and_removes_it() {
    let mut world = World::new();
    let mail_from = |name: &str| Some(name.to_owned());
    world.put("acme.example", IdentityPatch { mail_from: mail_from(BOUNCE), ..IdentityPatch::status(Status::Success) });
    assert_eq!(status(&mut world), "PENDING");
    world.set(BOUNCE, "MX", &[RIGHT]);
    world.pass(1);
    assert_eq!(status(&mut world), "SUCCESS", "a held verification does not hold it");
    let failed = IdentityPatch { mail_from_status: Some(Status::Failed), ..IdentityPatch::default() };
    world.put("acme.example", failed);
    world.pass(1);
    let view = world.view("acme.example").mail_from.unwrap();
    assert_eq!((view.domain.as_str(), view.status, view.deadline), (BOUNCE, Status::Failed, None));
    world.put("acme.example", IdentityPatch { mail_from: mail_from(""), ..IdentityPatch::default() });
    assert_eq!(world.view("acme.example").mail_from, None);
}
