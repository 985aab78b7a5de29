//! DKIM settings of a domain.

use serde_json::{Value, json};

use super::World;
use crate::core::Rules;

const PUT: &str = "PUT identities/acme.example/dkim/signing";

fn verified() -> World {
    let mut world = World::acme();
    world.publish("acme.example", true);
    world.pass(1);
    world
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
    let mut world = verified();
    world.create("ops@acme.example");
    for on in [true, false] {
        world.get("PUT identities/acme.example/dkim", &json!({"SigningEnabled": on}));
        assert_eq!(world.view("acme.example").signing_enabled, on);
        assert_eq!(world.states("acme.example"), "SUCCESS SUCCESS true");
    }
    world.get("PUT identities/ops@acme.example/dkim", &json!({"SigningEnabled": true}));
    assert!(!world.view("acme.example").signing_enabled, "an address cannot change its domain's");
    let missing = "404 NotFoundException Email identity other.example does not exist.";
    world.expect("PUT identities/other.example/dkim", &[(json!({"SigningEnabled": true}), missing)]);
}

#[test]
fn signing_attributes_switch_the_kind_of_key_and_the_identity_stays_verified() {
    let mut world = verified();
    let easy = world.view("acme.example").tokens;
    let put =
        |origin: &str, attributes: Value| json!({"SigningAttributesOrigin": origin, "SigningAttributes": attributes});
    let answer = world.get(PUT, &put("EXTERNAL", own()));
    assert_eq!(answer, json!({"DkimStatus": "PENDING", "DkimTokens": ["sel1"], "SigningHostedZone": null}));
    assert_eq!(world.states("acme.example"), "SUCCESS PENDING true");
    let answer = world.get(PUT, &put("AWS_SES", Value::Null));
    let zone = "dkim.amazonses.com";
    assert_eq!(
        answer,
        json!({"DkimStatus": "PENDING", "DkimTokens": easy, "SigningHostedZone": zone}),
        "the same tokens"
    );
    let copy = world.get(PUT, &put("AWS_SES_US_EAST_1", Value::Null));
    assert_ne!(copy["DkimTokens"], json!(easy), "those of the other region");
    assert_eq!(world.view("acme.example").origin, "AWS_SES_US_EAST_1");

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
        let answer = world.says(PUT, &body);
        assert!(answer.starts_with(&format!("400 BadRequestException {expected}")), "{body}: {answer}");
    }
    let address = "400 BadRequestException The EmailIdentity value must be a valid domain.";
    world.expect("PUT identities/ops@acme.example/dkim/signing", &[(put("AWS_SES", Value::Null), address)]);
}

#[test]
fn the_key_length_changes_once_a_day_and_not_to_the_same() {
    let mut world = verified();
    let same = "400 BadRequestException The DKIM signing key length is already RSA_2048_BIT.";
    let daily = "400 BadRequestException The DKIM signing key length can be changed at most once per day.";
    world.expect(PUT, &[(length(2048), same), (length(1024), "ok"), (length(2048), daily)]);
    assert_eq!(world.states("acme.example"), "SUCCESS PENDING true", "a new key does not revoke the identity");
    world.pass(24);
    assert_eq!(world.identity("acme.example")["DkimAttributes"]["CurrentSigningKeyLength"], "RSA_1024_BIT");
    world.expect(PUT, &[(length(2048), "ok")]);
}

#[test]
fn create_takes_a_key_of_ones_own_of_another_region_or_of_another_length() {
    let mut world = World::new();
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
        assert_eq!(world.get("POST identities", &body)["DkimAttributes"][member], expected, "{body}");
        world.delete("acme.example");
    }
}

#[test]
fn a_failed_domain_is_restarted_by_putting_its_signing_attributes() {
    for (restart_works, expected) in [(true, "PENDING PENDING false"), (false, "FAILED FAILED false")] {
        let mut world = World::with(&Rules { restart_works, ..Rules::default() });
        world.create("acme.example");
        world.pass(80);
        world.get(PUT, &json!({"SigningAttributesOrigin": "AWS_SES"}));
        assert_eq!(world.states("acme.example"), expected);
        world.pass(71);
        assert_eq!(world.states("acme.example"), expected, "it has 72 hours again");
    }
}
