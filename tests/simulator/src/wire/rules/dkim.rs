//! DKIM settings of a domain.

use serde_json::{Value, json};

use super::RuleTest;
use crate::core::Rules;

const PUT: &str = "PUT identities/acme.example/dkim/signing";

fn verified() -> RuleTest {
    let mut test = RuleTest::acme();
    test.publish("acme.example", true);
    test.advance(1);
    test
}

fn own() -> Value {
    json!({"DomainSigningSelector": "sel1", "DomainSigningPrivateKey": "QUJD"})
}

fn length(bits: u32) -> Value {
    let attributes = json!({"NextSigningKeyLength": format!("RSA_{bits}_BIT")});
    json!({"SigningAttributesOrigin": "AWS_SES", "SigningAttributes": attributes})
}

#[test]
fn signing_is_turned_off_and_on_without_touching_the_verification() {
    let mut test = verified();
    test.create("ops@acme.example");
    for on in [true, false] {
        test.get("PUT identities/acme.example/dkim", &json!({"SigningEnabled": on}));
        assert_eq!(test.view("acme.example").signing_enabled, on);
        assert_eq!(test.states("acme.example"), "SUCCESS SUCCESS true");
    }
    test.get("PUT identities/ops@acme.example/dkim", &json!({"SigningEnabled": true}));
    assert!(!test.view("acme.example").signing_enabled, "an address cannot change its domain's");
    let missing = "404 NotFoundException Email identity other.example does not exist.";
    test.expect("PUT identities/other.example/dkim", &[(json!({"SigningEnabled": true}), missing)]);
}

#[test]
fn signing_attributes_switch_the_kind_of_key_and_the_identity_stays_verified() {
    let mut test = verified();
    let easy = test.view("acme.example").tokens;
    let put =
        |origin: &str, attributes: Value| json!({"SigningAttributesOrigin": origin, "SigningAttributes": attributes});
    let answer = test.get(PUT, &put("EXTERNAL", own()));
    assert_eq!(answer, json!({"DkimStatus": "PENDING", "DkimTokens": ["sel1"], "SigningHostedZone": null}));
    assert_eq!(test.states("acme.example"), "SUCCESS PENDING true");
    let answer = test.get(PUT, &put("AWS_SES", Value::Null));
    let zone = "dkim.amazonses.com";
    assert_eq!(
        answer,
        json!({"DkimStatus": "PENDING", "DkimTokens": easy, "SigningHostedZone": zone}),
        "the same tokens"
    );
    let copy = test.get(PUT, &put("AWS_SES_US_EAST_1", Value::Null));
    assert_ne!(copy["DkimTokens"], json!(easy), "those of the other region");
    assert_eq!(test.view("acme.example").origin, "AWS_SES_US_EAST_1");

    let (mut with_length, selector) = (own(), json!({"DomainSigningSelector": "sel1"}));
    with_length["NextSigningKeyLength"] = json!("RSA_1024_BIT");
    for (body, expected) in [
        (json!({}), "1 validation error detected: Value at 'signingAttributesOrigin'"),
        (put("EXTERNAL", Value::Null), "EXTERNAL needs"),
        (put("EXTERNAL", selector), "DomainSigningSelector and"),
        (put("EXTERNAL", with_length), "NextSigningKeyLength cannot"),
        (put("AWS_SES", own()), "SigningAttributesOrigin AWS_SES does not fit"),
        (put("NONSENSE", Value::Null), "SigningAttributesOrigin NONSENSE does not fit"),
    ] {
        let answer = test.says(PUT, &body);
        assert!(answer.starts_with(&format!("400 BadRequestException {expected}")), "{body}: {answer}");
    }
    let address = "400 BadRequestException The EmailIdentity value must be a valid domain.";
    test.expect("PUT identities/ops@acme.example/dkim/signing", &[(put("AWS_SES", Value::Null), address)]);
}

#[test]
fn the_key_length_changes_once_a_day_and_not_to_the_same() {
    let mut test = verified();
    let same = "400 BadRequestException The DKIM signing key length is already RSA_2048_BIT.";
    let daily = "400 BadRequestException The DKIM signing key length can be changed at most once per day.";
    test.expect(PUT, &[(length(2048), same), (length(1024), "ok"), (length(2048), daily)]);
    assert_eq!(test.states("acme.example"), "SUCCESS PENDING true", "a new key does not revoke the identity");
    test.advance(24);
    assert_eq!(test.identity("acme.example")["DkimAttributes"]["CurrentSigningKeyLength"], "RSA_1024_BIT");
    test.expect(PUT, &[(length(2048), "ok")]);
}

#[test]
fn create_takes_a_key_of_ones_own_of_another_region_or_of_another_length() {
    let mut test = RuleTest::new();
    for (attributes, member, expected) in [
        (own(), "SigningAttributesOrigin", json!("EXTERNAL")),
        (own(), "Tokens", json!(["sel1"])),
        (own(), "SigningHostedZone", Value::Null),
        (
            json!({"DomainSigningAttributesOrigin": "AWS_SES_EU_WEST_1"}),
            "SigningAttributesOrigin",
            json!("AWS_SES_EU_WEST_1"),
        ),
        (json!({"NextSigningKeyLength": "RSA_1024_BIT"}), "CurrentSigningKeyLength", json!("RSA_1024_BIT")),
    ] {
        let body = json!({"EmailIdentity": "acme.example", "DkimSigningAttributes": attributes});
        assert_eq!(test.get("POST identities", &body)["DkimAttributes"][member], expected, "{body}");
        test.delete("acme.example");
    }
}

#[test]
fn a_failed_domain_is_restarted_by_putting_its_signing_attributes() {
    for (restart_works, expected) in [(true, "PENDING PENDING false"), (false, "FAILED FAILED false")] {
        let mut test = RuleTest::with(&Rules { restart_works, ..Rules::default() });
        test.create("acme.example");
        test.advance(80);
        test.get(PUT, &json!({"SigningAttributesOrigin": "AWS_SES"}));
        assert_eq!(test.states("acme.example"), expected);
        test.advance(71);
        assert_eq!(test.states("acme.example"), expected, "it has 72 hours again");
    }
}
