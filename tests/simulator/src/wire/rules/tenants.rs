//! Tenants.

use serde_json::{Value, json};

use super::{RuleTest, all};
use crate::core::Rules;
use crate::core::account::{SendingStatus, TenantPatch};

const CREATE: &str = "POST tenants";
const LIST: &str = "POST tenants/list";

fn named(name: &str) -> Value {
    json!({"TenantName": name})
}

#[test]
fn a_recreated_tenant_has_a_new_id() {
    let mut test = RuleTest::new();
    let mut made = || {
        let id = test.get(CREATE, &named("team-a"))["TenantId"].as_str().unwrap().to_owned();
        assert!(id.starts_with("tn-") && id.len() == 33 && id[3..].bytes().all(|it| it.is_ascii_hexdigit()), "{id}");
        test.get("POST tenants/delete", &named("team-a"));
        id
    };
    assert_ne!(made(), made());
}

#[test]
fn create_refuses_bad_names_bad_tags_existing_tenants_and_too_many() {
    let mut test = RuleTest::with(&Rules { max_tenants: 2, ..Rules::default() });
    let empty = "400 BadRequestException 1 validation error detected: Value at 'tenantName' failed to satisfy \
                 constraint: Member must have length greater than or equal to 1";
    let null = "400 BadRequestException 1 validation error detected: Value at 'tenantName' failed to satisfy \
                constraint: Member must not be null";
    let tag = json!({"TenantName": "team-b", "Tags": [{"Key": "aws:x", "Value": "y"}]});
    let form = "400 BadRequestException Invalid tenant name <team.a>: only alphanumeric ASCII characters, '_', and '-' \
                are allowed.";
    test.expect(
        CREATE,
        &[
            (named("team-a"), "ok"),
            (named(""), empty),
            (json!({}), null),
            (named(" "), "400 BadRequestException TenantName cannot be empty"),
            (named(&"a".repeat(65)), "400 BadRequestException TenantName cannot exceed 64 characters."),
            (named("team.a"), form),
            (
                named("team-a"),
                "400 AlreadyExistsException Tenant with name team-a already exists in account 123456789012",
            ),
            (tag, "400 BadRequestException Tag keys must not start with aws:."),
            (named(&"b".repeat(64)), "ok"),
            (named("c"), "400 LimitExceededException The maximum number of tenants has been reached."),
        ],
    );
}

#[test]
fn suppression_attributes_come_in_pairs() {
    let mut test = RuleTest::new();
    let with = |attributes: Value| json!({"TenantName": "team-a", "SuppressionAttributes": attributes});
    let refused =
        |one: &str, other: &str| format!("400 BadRequestException {one} cannot be specified without {other}.");
    let (reasons, scope) = ("SuppressedReasons", "SuppressionScope");
    test.expect(
        CREATE,
        &[
            (with(json!({reasons: ["BOUNCE"]})), &refused(reasons, scope)),
            (with(json!({scope: "TENANT"})), &refused(scope, reasons)),
        ],
    );
    let whole = json!({reasons: ["BOUNCE"], scope: "TENANT"});
    assert_eq!(test.get(CREATE, &with(whole.clone()))["SuppressionAttributes"], whole);
}

#[test]
fn get_and_delete_need_the_name_of_a_tenant_that_exists() {
    for line in ["POST tenants/get", "POST tenants/delete"] {
        RuleTest::new().expect(
            line,
            &[
                (named("team-a"), "404 NotFoundException The requested tenant <team-a> does not exist."),
                (named(""), "400 BadRequestException TenantName cannot be empty"),
            ],
        );
    }
}

#[test]
fn the_list_has_pages_in_the_order_of_names() {
    let mut test = RuleTest::new();
    let names: Vec<String> = (0..120).map(|number| format!("t{number:03}")).collect();
    names.iter().rev().for_each(|name| test.put_tenant(name));
    let mut page = test.get(LIST, &json!({}));
    assert_eq!(all(&page["Tenants"], "TenantName"), names[..100]);
    page = test.get(LIST, &json!({"NextToken": page["NextToken"], "PageSize": 15}));
    assert_eq!(all(&page["Tenants"], "TenantName"), names[100..115]);
    page = test.get(LIST, &json!({"NextToken": page["NextToken"]}));
    assert_eq!((all(&page["Tenants"], "TenantName").len(), &page["NextToken"]), (5, &Value::Null));
}

#[test]
fn the_list_is_filtered_by_name_and_sending_status() {
    let mut test = RuleTest::new();
    for (name, sending_status) in
        [("Team-a", SendingStatus::Enabled), ("team-b", SendingStatus::Disabled), ("other", SendingStatus::Enabled)]
    {
        let patch = TenantPatch { sending_status: Some(sending_status), ..TenantPatch::default() };
        test.ses.put_tenant(name, patch, test.now);
    }
    let filter = |key: &str, value: &str| json!({"Filter": {key: value}});
    let both = json!({"Filter": {"SENDING_STATUS": "ENABLED", "TENANT_NAME_CONTAINS": "team"}});
    for (body, expected) in [
        (filter("TENANT_NAME_CONTAINS", "TEAM"), vec!["Team-a", "team-b"]),
        (filter("SENDING_STATUS", "DISABLED"), vec!["team-b"]),
        (both, vec!["Team-a"]),
    ] {
        assert_eq!(all(&test.get(LIST, &body)["Tenants"], "TenantName"), expected, "{body}");
    }
    let unknown = "400 BadRequestException 1 validation error detected: Value at 'filter' failed to satisfy constraint: \
                   Map keys must satisfy constraint: [Member must satisfy enum value set: [SENDING_STATUS, \
                   TENANT_NAME_CONTAINS]]";
    let short = "400 BadRequestException TENANT_NAME_CONTAINS must be at least 3 characters.";
    test.expect(
        LIST,
        &[
            (filter("TENANT_NAME_CONTAINS", "te"), short),
            (filter("SENDING_STATUS", "enabled"), "400 BadRequestException Invalid sending status <enabled>."),
            (filter("NAME", "x"), unknown),
        ],
    );
}

#[test]
fn a_page_is_asked_for_within_bounds_and_with_the_token_of_the_same_request() {
    let mut test = RuleTest::new();
    for name in ["team-a", "team-b"] {
        test.put_tenant(name);
    }
    let token = test.get(LIST, &json!({"PageSize": 1}))["NextToken"].clone();
    let small =
        "Value '0' at 'pageSize' failed to satisfy constraint: Member must have value greater than or equal to 1";
    let large =
        "Value '101' at 'pageSize' failed to satisfy constraint: Member must have value less than or equal to 100";
    let empty = "Value '' at 'nextToken' failed to satisfy constraint: Member must have length greater than or equal \
                 to 1";
    let one = |what: &str| format!("400 BadRequestException 1 validation error detected: {what}");
    let two = format!("400 BadRequestException 2 validation errors detected: {empty}; {small}");
    let filter = json!({"TENANT_NAME_CONTAINS": "te"});
    let foreign = |token: Value| json!({"NextToken": token, "Filter": {"TENANT_NAME_CONTAINS": "team"}});
    let invalid = "400 BadRequestException Invalid Next Token";
    test.expect(
        LIST,
        &[
            (json!({"PageSize": 0, "Filter": filter}), &one(small)),
            (json!({"PageSize": 101}), &one(large)),
            (json!({"NextToken": ""}), &one(empty)),
            (json!({"PageSize": 0, "NextToken": ""}), &two),
            (foreign(json!("x")), invalid),
            (foreign(json!("0123456789abcdef00")), invalid),
            (foreign(token.clone()), invalid),
            (json!({"NextToken": token}), "ok"),
        ],
    );
}
