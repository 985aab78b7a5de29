//! The life of a domain's verification, as DNS changes.

use super::RuleTest;
use crate::core::account::{IdentityPatch, VerificationError};
use crate::core::dns::DnsFault;
use crate::core::lifecycle::Status;

#[test]
fn verification_info_has_the_last_check_and_the_time_of_failure() {
    use VerificationError::{DnsServerError, HostNotFound, InvalidValue, TypeNotFound};
    /// The records in DNS from then on, and SES's error.
    type Row = (&'static str, fn(&mut RuleTest, &str, &str), Option<VerificationError>);
    let rows: [Row; 13] = [
        ("nothing is published", |_, _, _| {}, Some(HostNotFound)),
        ("a TXT instead", |test, first, _| test.set(first, "TXT", &["x"]), Some(TypeNotFound)),
        ("an alias elsewhere", |test, first, _| test.set(first, "CNAME", &["b.example"]), Some(InvalidValue)),
        ("all three", |test, _, _| test.publish("acme.example", true), None),
        ("one is gone", |test, _, last| assert!(test.zone.remove(last, "CNAME").unwrap()), Some(HostNotFound)),
        (
            "an alias between",
            |test, first, _| {
                test.publish("acme.example", true);
                let target = test.ses.dkim_records("acme.example")[0].2.clone();
                test.set(first, "CNAME", &["alias.dns.example"]);
                test.set("alias.dns.example", "CNAME", &[&target]);
            },
            None,
        ),
        (
            "the server fails",
            |test, _, last| test.zone.set_fault(last, Some(DnsFault::ServFail)).unwrap(),
            Some(DnsServerError),
        ),
        (
            "it refuses",
            |test, _, last| test.zone.set_fault(last, Some(DnsFault::Refused)).unwrap(),
            Some(DnsServerError),
        ),
        (
            "it is silent",
            |test, _, last| test.zone.set_fault(last, Some(DnsFault::Timeout)).unwrap(),
            Some(HostNotFound),
        ),
        (
            "it lies",
            |test, _, last| {
                test.zone.set_fault(last, Some(DnsFault::WrongValue("b.example".into()))).unwrap();
            },
            Some(InvalidValue),
        ),
        ("it is well", |test, _, last| test.zone.set_fault(last, None).unwrap(), None),
        ("all of DNS is down", |test, _, _| test.zone.set_down(true), Some(HostNotFound)),
        ("and back", |test, _, _| test.zone.clear_faults(), None),
    ];
    let mut test = RuleTest::acme();
    assert!(test.identity("acme.example").get("VerificationInfo").is_none(), "nobody has looked yet");
    let records = test.ses.dkim_records("acme.example");
    let (first, last) = (&records[0].0, &records[2].0);
    for (why, change, error) in rows {
        change(&mut test, first, last);
        test.advance(1);
        let view = test.view("acme.example");
        assert_eq!((view.error, view.last_checked), (error, Some(test.now)), "{why}");
        assert_eq!(view.last_success == view.last_checked, error.is_none(), "{why}");
    }
    test.publish("acme.example", false);
    let before = test.now;
    test.advance(1000);
    let given_up = test.view("acme.example").last_checked.unwrap();
    assert_eq!(given_up.duration_since(before).as_hours(), 72);
}

#[test]
fn verification_info_names_the_zone_ses_saw() {
    let mut test = RuleTest::new();
    test.create("mail.acme.example");
    test.advance(1);
    let soa = |test: &RuleTest| test.view("mail.acme.example").soa.unwrap();
    assert_eq!(
        [soa(&test).primary_name_server, soa(&test).admin_email],
        ["ns1.acme.example", "hostmaster.acme.example"]
    );
    test.set("acme.example", "SOA", &["dns.host.example admin.host.example 42 1 2 3 4"]);
    test.advance(1);
    assert_eq!((soa(&test).primary_name_server.as_str(), soa(&test).serial_number), ("dns.host.example", 42));
}

#[test]
fn a_recreated_domain_has_its_tokens_again_and_is_verified_at_once() {
    let mut test = RuleTest::acme();
    test.publish("acme.example", true);
    test.advance(1);
    let tokens = test.view("acme.example").tokens;
    test.delete("acme.example");
    test.create("ACME.example");
    assert_eq!(test.states("acme.example"), "PENDING PENDING false");
    test.advance(1);
    assert_eq!(test.states("acme.example"), "SUCCESS SUCCESS true");
    assert_eq!(test.view("acme.example").tokens, tokens);
}

#[test]
fn a_verified_domain_covers_subdomains_and_addresses_for_sending() {
    let mut test = RuleTest::acme();
    for (name, expected, why) in [
        ("news.acme.example", "PENDING PENDING true", "sends through its parent"),
        ("ops@acme.example", "PENDING SUCCESS true", "shows the DKIM of its domain"),
        ("ops@news.acme.example", "PENDING PENDING true", "of the one after the @"),
        ("ops@deep.acme.example", "PENDING NOT_STARTED true", "never of a grandparent"),
    ] {
        test.create(name);
        test.publish("acme.example", true);
        test.advance(1);
        assert_eq!(test.states(name), expected, "{why}");
    }
    let dkim = test.identity("ops@deep.acme.example")["DkimAttributes"].clone();
    assert!(dkim["SigningEnabled"] == false && dkim["Tokens"].is_null());
}

#[test]
fn a_state_set_by_hand_stays_until_it_is_released() {
    let mut test = RuleTest::new();
    test.put("acme.example", IdentityPatch::status(Status::Success));
    test.advance(1000);
    assert_eq!(test.states("acme.example"), "SUCCESS SUCCESS true");
    test.put("acme.example", IdentityPatch { pinned: Some(false), ..IdentityPatch::default() });
    test.advance(1);
    assert_eq!(test.states("acme.example"), "TEMPORARY_FAILURE TEMPORARY_FAILURE true");
}

#[test]
fn a_key_of_ones_own_is_a_txt_record_under_its_selector() {
    let mut test = RuleTest::acme();
    test.publish("acme.example", true);
    test.advance(1);
    test.put("acme.example", IdentityPatch::default().origin("EXTERNAL"));
    test.advance(1);
    assert_eq!(test.states("acme.example"), "TEMPORARY_FAILURE TEMPORARY_FAILURE true");
    test.publish("acme.example", true);
    test.advance(1);
    assert_eq!(test.states("acme.example"), "SUCCESS SUCCESS true");
}
