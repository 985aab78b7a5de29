//! Configuration sets, and the default of an identity.

use serde_json::{Value, json};

use super::{RuleTest, TRACKED};

const CREATE: &str = "POST configuration-sets";
const MISSING: &str = "404 NotFoundException Configuration set <tracked> does not exist.";

fn named(name: &str) -> Value {
    json!({"ConfigurationSetName": name})
}

#[test]
fn it_returns_its_options() {
    let mut test = RuleTest::new();
    let delivery = json!({"TlsPolicy": "REQUIRE"});
    test.get(
        CREATE,
        &json!({"ConfigurationSetName": "tracked", "Tags": [{"Key": "a", "Value": "b"}],
                "SendingOptions": {"SendingEnabled": false}, "DeliveryOptions": delivery, "Other": 1}),
    );
    let got = test.get("GET configuration-sets/tracked", &json!({}));
    assert_eq!((&got["SendingOptions"]["SendingEnabled"], &got["DeliveryOptions"]), (&json!(false), &delivery));
    assert_eq!(got["ReputationOptions"]["ReputationMetricsEnabled"], json!(true), "SES always shows it");
    assert_eq!((&got["TrackingOptions"], &got["Other"]), (&Value::Null, &Value::Null));
    assert_eq!(test.says("DELETE configuration-sets/tracked", &json!({})), "ok");
    assert_eq!(test.says("GET configuration-sets/tracked", &json!({})), MISSING);
    assert_eq!(test.says("DELETE configuration-sets/tracked", &json!({})), MISSING);
}

#[test]
fn create_refuses_bad_names_bad_tags_duplicates_and_too_many() {
    let mut test = RuleTest::new();
    for name in ["", "a b", "a.b", &"a".repeat(65)] {
        let refused = test.says(CREATE, &named(name));
        assert!(refused.starts_with("400 BadRequestException Invalid configuration set name"), "{refused}");
    }
    assert!(test.says(CREATE, &json!({})).contains("Value at 'configurationSetName' failed"));
    let bad_tag = json!({"ConfigurationSetName": "tracked", "Tags": [{"Key": "aws:x", "Value": "y"}]});
    test.expect(
        CREATE,
        &[
            (bad_tag, "400 BadRequestException Tag keys must not start with aws:."),
            (named(&"a".repeat(64)), "ok"),
            (named("tracked"), "ok"),
            (named("tracked"), "400 AlreadyExistsException Configuration set tracked already exists."),
        ],
    );
    for number in 0..9_998 {
        test.ses.put_configuration_set(&format!("s{number}"));
    }
    assert!(test.says(CREATE, &named("over")).starts_with("400 LimitExceededException"));
}

#[test]
fn the_default_of_an_identity_must_exist_is_cleared_and_outlives_its_set() {
    let mut test = RuleTest::acme();
    test.ses.put_configuration_set("tracked");
    let put = "PUT identities/acme.example/configuration-set";
    test.expect(put, &[(named("none"), "404 NotFoundException Configuration set <none> does not exist.")]);
    test.expect(put, &[(named("tracked"), "ok"), (json!({}), "ok")]);
    assert_eq!(test.view("acme.example").configuration_set, None);
    let unknown = test.says("PUT identities/other.example/configuration-set", &json!({}));
    assert_eq!(unknown, "404 NotFoundException Email identity other.example does not exist.");
    test.get("POST identities", &json!({"EmailIdentity": "b.example", "ConfigurationSetName": "tracked"}));
    test.get("DELETE configuration-sets/tracked", &json!({}));
    assert_eq!(test.identity("b.example")["ConfigurationSetName"], "tracked");
}

#[test]
fn a_tenants_configuration_set_is_only_deleted_by_hand() {
    let mut test = RuleTest::new();
    test.ses.put_configuration_set("tracked");
    test.put_tenant("team-a");
    test.ses.associate("team-a", TRACKED, test.now).unwrap();
    let refused = format!(
        "400 BadRequestException Cannot delete <{TRACKED}> because it has tenant associations. Remove all tenant \
         associations and try again."
    );
    test.expect("DELETE configuration-sets/tracked", &[(json!({}), &refused)]);
    assert!(test.ses.remove_configuration_set("tracked"));
    assert!(test.ses.tenant("team-a").unwrap().resources.is_empty());
}
