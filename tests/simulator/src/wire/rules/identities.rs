//! Create, get and delete identities.

use serde_json::{Value, json};

use super::{RuleTest, all};
use crate::core::Rules;
use crate::core::account::IdentityPatch;

const CREATE: &str = "POST identities";

#[test]
fn create_sets_up_easy_dkim_and_get_shows_it() {
    let mut test = RuleTest::new();
    let created =
        test.get(CREATE, &json!({"EmailIdentity": "Acme.Example", "Tags": [{"Key": "owner", "Value": "me"}]}));
    assert_eq!(
        (&created["IdentityType"], &created["DkimAttributes"]["Status"]),
        (&json!("DOMAIN"), &json!("NOT_STARTED"))
    );
    let got = test.identity("ACME.example");
    let dkim = &got["DkimAttributes"];
    assert_eq!(dkim["Tokens"], created["DkimAttributes"]["Tokens"]);
    assert_eq!(
        (&dkim["Status"], &dkim["SigningEnabled"]),
        (&json!("PENDING"), &json!(true)),
        "a read begins the search"
    );
    assert_eq!(
        [&dkim["SigningHostedZone"], &dkim["SigningAttributesOrigin"], &dkim["CurrentSigningKeyLength"]],
        ["dkim.amazonses.com", "AWS_SES", "RSA_2048_BIT"]
    );
    assert_eq!((all(&got["Tags"], "Key"), &got["ConfigurationSetName"]), (vec!["owner"], &Value::Null));
}

#[test]
fn create_refuses_in_the_order_name_exists_tags_configuration_set_and_at_last_too_many() {
    let mut test = RuleTest::with(&Rules { max_identities: 2, ..Rules::default() });
    let tags = json!([{"Key": "aws:x", "Value": "y"}]);
    let wrong = |name: &str| json!({"EmailIdentity": name, "Tags": tags, "ConfigurationSetName": "none"});
    let named = |name: &str| json!({"EmailIdentity": name});
    let null = "400 BadRequestException 1 validation error detected: Value at 'emailIdentity' failed to satisfy \
                constraint: Member must not be null";
    let length =
        json!({"EmailIdentity": "a@b.example", "DkimSigningAttributes": {"NextSigningKeyLength": "RSA_2048_BIT"}});
    test.expect(
        CREATE,
        &[
            (named("acme.example"), "ok"),
            (json!({}), null),
            (wrong("*.b"), "400 BadRequestException Email identity *.b is not a valid email address or domain."),
            (wrong("ACME.example"), "400 AlreadyExistsException Email identity ACME.example already exist."),
            (wrong("b.example"), "400 BadRequestException Tag keys must not start with aws:."),
            (
                json!({"EmailIdentity": "b.example", "ConfigurationSetName": "none"}),
                "404 NotFoundException Configuration set <none> does not exist.",
            ),
            (length, "400 BadRequestException DKIM signing attributes can be set for domains only."),
            (named("b.example"), "ok"),
            (named("c.example"), "400 LimitExceededException The maximum number of email identities has been reached."),
        ],
    );
    assert!(test.says(CREATE, &json!({"EmailIdentity": 1})).starts_with("400 SerializationException"));
}

#[test]
fn domains_ignore_case_and_addresses_do_not() {
    let mut test = RuleTest::acme();
    test.create("Ops@Acme.example");
    test.create("Ops@acme.example");
    let missing = |name: &str| format!("404 NotFoundException Email identity {name} does not exist.");
    assert_eq!(test.says("GET identities/ops@Acme.example", &json!({})), missing("ops@Acme.example"));
    assert_eq!(test.delete("ACME.example"), "ok");
    assert_eq!(test.delete("acme.example"), missing("acme.example"));
}

#[test]
fn console_changes_are_visible_through_the_api() {
    let mut test = RuleTest::new();
    test.put("acme.example", IdentityPatch::default().tags([("team", "a")]));
    assert_eq!(test.states("acme.example"), "PENDING PENDING false", "created like any other");
    test.put("ACME.example", IdentityPatch::default().signing_enabled(false).origin("EXTERNAL"));
    let zone = Some("dkim.eu-south-1.amazonses.com".to_owned());
    test.put("acme.example", IdentityPatch { signing_hosted_zone: zone.clone(), ..IdentityPatch::default() });
    let view = test.view("acme.example");
    assert_eq!(
        (view.signing_enabled, view.origin.as_str(), view.tokens.join(",").as_str()),
        (false, "EXTERNAL", "console")
    );
    test.put("acme.example", IdentityPatch::default().origin("AWS_SES"));
    let view = test.view("acme.example");
    assert_eq!((view.tokens.len(), Some(view.signing_hosted_zone)), (3, zone));
    assert_eq!(view.tags["team"], "a", "what a patch does not name stays");
    assert!(!test.ses.change_identity("other.example", IdentityPatch::default(), test.now));
    assert!(!test.ses.remove_identity("other.example"));
}
