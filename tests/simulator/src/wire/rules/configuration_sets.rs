//! Configuration sets, and the default of an identity.

use serde_json::{Value, json};

use super::{TRACKED, World};

const CREATE: &str = "POST configuration-sets";
const MISSING: &str = "404 NotFoundException Configuration set <tracked> does not exist.";

fn named(name: &str) -> Value {
    json!({"ConfigurationSetName": name})
}

#[test]
fn it_gives_back_the_options_it_was_given() {
    let mut world = World::new();
    let delivery = json!({"TlsPolicy": "REQUIRE"});
    world.get(
        CREATE,
        &json!({"ConfigurationSetName": "tracked", "Tags": [{"Key": "a", "Value": "b"}],
                "SendingOptions": {"SendingEnabled": false}, "DeliveryOptions": delivery, "Other": 1}),
    );
    let got = world.get("GET configuration-sets/tracked", &json!({}));
    assert_eq!((&got["SendingOptions"]["SendingEnabled"], &got["DeliveryOptions"]), (&json!(false), &delivery));
    assert_eq!(got["ReputationOptions"]["ReputationMetricsEnabled"], json!(true), "SES always shows it");
    assert_eq!((&got["TrackingOptions"], &got["Other"]), (&Value::Null, &Value::Null));
    assert_eq!(world.says("DELETE configuration-sets/tracked", &json!({})), "ok");
    assert_eq!(world.says("GET configuration-sets/tracked", &json!({})), MISSING);
    assert_eq!(world.says("DELETE configuration-sets/tracked", &json!({})), MISSING);
}

#[test]
fn create_refuses_bad_names_bad_tags_what_exists_and_too_many() {
    let mut world = World::new();
    for name in ["", "a b", "a.b", &"a".repeat(65)] {
        let refused = world.says(CREATE, &named(name));
        assert!(refused.starts_with("400 BadRequestException Invalid configuration set name"), "{refused}");
    }
    assert!(world.says(CREATE, &json!({})).contains("Value at 'configurationSetName' failed"));
    let bad_tag = json!({"ConfigurationSetName": "tracked", "Tags": [{"Key": "aws:x", "Value": "y"}]});
    world.expect(
        CREATE,
        &[
            (bad_tag, "400 BadRequestException Tag keys must not start with aws:."),
            (named(&"a".repeat(64)), "ok"),
            (named("tracked"), "ok"),
            (named("tracked"), "400 AlreadyExistsException Configuration set tracked already exists."),
        ],
    );
    for number in 0..9_998 {
        world.ses.put_configuration_set(&format!("s{number}"));
    }
    assert!(world.says(CREATE, &named("over")).starts_with("400 LimitExceededException"));
}

#[test]
fn the_default_of_an_identity_must_exist_is_cleared_and_outlives_its_set() {
    let mut world = World::acme();
    world.ses.put_configuration_set("tracked");
    let put = "PUT identities/acme.example/configuration-set";
    world.expect(put, &[(named("none"), "404 NotFoundException Configuration set <none> does not exist.")]);
    world.expect(put, &[(named("tracked"), "ok"), (json!({}), "ok")]);
    assert_eq!(world.view("acme.example").configuration_set, None);
    let unknown = world.says("PUT identities/other.example/configuration-set", &json!({}));
    assert_eq!(unknown, "404 NotFoundException Email identity other.example does not exist.");
    world.get("POST identities", &json!({"EmailIdentity": "b.example", "ConfigurationSetName": "tracked"}));
    world.get("DELETE configuration-sets/tracked", &json!({}));
    assert_eq!(world.identity("b.example")["ConfigurationSetName"], "tracked");
}

#[test]
fn one_that_belongs_to_a_tenant_is_not_deleted_but_by_hand() {
    let mut world = World::new();
    world.ses.put_configuration_set("tracked");
    world.put_tenant("team-a");
    world.ses.associate("team-a", TRACKED, world.now).unwrap();
    let refused = format!(
        "400 BadRequestException Cannot delete <{TRACKED}> because it has tenant associations. Remove all tenant \
         associations and try again."
    );
    world.expect("DELETE configuration-sets/tracked", &[(json!({}), &refused)]);
    assert!(world.ses.remove_configuration_set("tracked"));
    assert!(world.ses.tenant("team-a").unwrap().resources.is_empty());
}
