//! `ListEmailIdentities`: pages, order, filters.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{RuleTest, all};
use crate::core::account::IdentityPatch;

const LIST: &str = "POST list-identities";

fn names(page: &Value) -> Vec<String> {
    all(&page["EmailIdentities"], "IdentityName").into_iter().map(str::to_owned).collect()
}

fn filled(count: usize) -> (RuleTest, BTreeSet<String>) {
    let mut test = RuleTest::new();
    let names: BTreeSet<String> = (0..count).map(|number| format!("d{number}.example")).collect();
    for name in &names {
        test.put(name, IdentityPatch::default());
    }
    (test, names)
}

fn pages(test: &mut RuleTest, size: Option<usize>) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut token = Value::Null;
    loop {
        let page = test.get(LIST, &json!({"PageSize": size, "NextToken": token}));
        pages.push(names(&page));
        token = page["NextToken"].clone();
        if token.is_null() {
            return pages;
        }
    }
}

#[test]
fn pages_hold_every_identity_once_in_an_order_that_varies() {
    assert_eq!(pages(&mut RuleTest::new(), None), [Vec::<String>::new()], "an empty account has one empty page");
    let (mut test, names) = filled(60);
    let mut orders = BTreeSet::new();
    for (size, lengths) in
        [(None, vec![25, 25, 10]), (Some(1000), vec![60]), (Some(30), vec![30, 30]), (Some(59), vec![59, 1])]
    {
        let pages = pages(&mut test, size);
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), lengths, "page size {size:?}");
        assert_eq!(pages.concat().into_iter().collect::<BTreeSet<_>>(), names, "page size {size:?}");
        orders.insert(pages.concat());
    }
    assert!(orders.len() > 1, "the order differs from one listing to the next");
}

#[test]
fn a_listing_survives_changes_between_its_pages() {
    let (mut test, all) = filled(40);
    let first = test.get(LIST, &json!({"PageSize": 20}));
    test.ses.remove_identity(names(&first).last().unwrap());
    let rest = test.get(LIST, &json!({"PageSize": 1000, "NextToken": first["NextToken"]}));
    assert_eq!(names(&first).into_iter().chain(names(&rest)).collect::<BTreeSet<_>>(), all);
}

#[test]
fn filters_narrow_the_list_and_all_of_them_must_hold() {
    let mut test = RuleTest::new();
    test.put_verified("acme.example");
    test.put("other.example", IdentityPatch::default());
    test.put("ops@acme.example", IdentityPatch::default());
    let mut list = |filter: Value| {
        let page = test.get(LIST, &json!({"Filter": filter}));
        let line = |it: &Value| format!("{} {} {}", it["IdentityName"], it["VerificationStatus"], it["SendingEnabled"]);
        let mut lines: Vec<_> = page["EmailIdentities"].as_array().unwrap().iter().map(line).collect();
        lines.sort();
        lines.join(", ").replace('"', "")
    };
    let acme = "acme.example SUCCESS true";
    let (ops, other) = ("ops@acme.example PENDING true", "other.example PENDING false");
    assert_eq!(list(json!({})), [acme, ops, other].join(", "));
    assert_eq!(list(json!({"IDENTITY_NAME_CONTAINS": "  ACM  "})), [acme, ops].join(", "));
    assert_eq!(list(json!({"IDENTITY_TYPE": "DOMAIN"})), [acme, other].join(", "));
    assert_eq!(list(json!({"VERIFICATION_STATUS": "PENDING"})), [ops, other].join(", "));
    assert_eq!(list(json!({"IDENTITY_TYPE": "DOMAIN", "VERIFICATION_STATUS": "PENDING"})), other);
    assert_eq!(list(json!({"IDENTITY_NAME_CONTAINS": "a".repeat(320)})), "");
}

#[test]
fn sizes_keys_words_and_tokens_are_checked_in_this_order() {
    let keys = "1 validation error detected: Value at 'filter' failed to satisfy constraint: Map keys must satisfy \
                constraint: [Member must satisfy enum value set: [IDENTITY_NAME_CONTAINS, VERIFICATION_STATUS, \
                IDENTITY_TYPE]]";
    let size =
        |size: i64| format!("Value {size} for parameter PageSize is invalid. PageSize must be between 1 and 1000.");
    let (few, many) = ("must be at least 3 characters.", "must be at most 320 characters.");
    for (filter, page_size, why) in [
        (json!({"NAME": "x"}), Some(0), keys.to_owned()),
        (json!({"IDENTITY_NAME_CONTAINS": "ab"}), Some(0), size(0)),
        (json!({}), Some(-1), size(-1)),
        (json!({}), Some(1001), size(1001)),
        (
            json!({"IDENTITY_NAME_CONTAINS": " ab ", "IDENTITY_TYPE": "x"}),
            None,
            format!("Filter IDENTITY_NAME_CONTAINS {few}"),
        ),
        (json!({"IDENTITY_NAME_CONTAINS": "a".repeat(321)}), None, format!("Filter IDENTITY_NAME_CONTAINS {many}")),
        (
            json!({"IDENTITY_TYPE": "x", "VERIFICATION_STATUS": "x"}),
            None,
            "Invalid identity type <x> in filter.".into(),
        ),
        (json!({"IDENTITY_TYPE": "domain"}), None, "Invalid identity type <domain> in filter.".into()),
        (json!({"IDENTITY_TYPE": "MANAGED_DOMAIN"}), None, "Invalid identity type <MANAGED_DOMAIN> in filter.".into()),
        (json!({"VERIFICATION_STATUS": "Pending"}), None, "Invalid verification status <Pending> in filter.".into()),
        (json!({"VERIFICATION_STATUS": "NOT_STARTED"}), None, "Invalid verification status <NotStarted>.".into()),
        (json!({"VERIFICATION_STATUS": "PENDING"}), None, "Invalid NextToken.".into()),
        (json!({}), None, "Invalid NextToken <0123456789abcdefzz>.".into()),
    ] {
        let body = json!({"Filter": filter, "PageSize": page_size, "NextToken": "0123456789abcdefzz"});
        RuleTest::new().expect(LIST, &[(body, &format!("400 BadRequestException {why}"))]);
    }
    RuleTest::new().expect(LIST, &[(json!({"NextToken": ""}), "ok")]);
}

#[test]
fn a_token_fits_the_filter_it_came_with_and_no_other() {
    let (mut test, _) = filled(5);
    let filter = |part: &str| json!({"IDENTITY_NAME_CONTAINS": part});
    let filtered = |part: &str, token: &Value| json!({"PageSize": 2, "Filter": filter(part), "NextToken": token});
    let token = test.get(LIST, &filtered("example", &Value::Null))["NextToken"].clone();
    test.expect(
        LIST,
        &[
            (filtered(" EXAMPLE ", &token), "ok"),
            (filtered(".example", &token), "400 BadRequestException Invalid NextToken."),
        ],
    );
    let none = test.says(LIST, &json!({"NextToken": token}));
    assert_eq!(none, format!("400 BadRequestException Invalid NextToken <{}>.", token.as_str().unwrap()));
}
