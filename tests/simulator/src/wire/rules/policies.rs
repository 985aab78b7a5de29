//! The policies of an identity.

use serde_json::{Value, json};

use super::{ACME, RuleTest};

const ONE: &str = "POST identities/acme.example/policies/one";
const MISSING: &str = "404 NotFoundException Email identity <other.example> does not exist.";

/// A policy with this text in its condition.
fn policy(text: &str) -> Value {
    let condition = json!({"StringNotLike": {"ses:FromAddress": text}});
    let statement =
        json!({"Effect": "Deny", "Principal": "*", "Action": "x", "Resource": ACME, "Condition": condition});
    json!({"Policy": json!({"Statement": statement}).to_string()})
}

fn names(test: &mut RuleTest) -> Vec<String> {
    let policies = test.get("GET identities/acme.example/policies", &json!({}))["Policies"].clone();
    assert_eq!(test.identity("acme.example")["Policies"], policies, "Get shows them too");
    policies.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn policies_are_created_updated_and_deleted_one_by_one_and_go_with_their_identity() {
    let mut test = RuleTest::acme();
    test.get("POST identities/ACME.example/policies/one", &policy("a"));
    test.get("POST identities/acme.example/policies/Two_-2", &policy("b"));
    assert_eq!(names(&mut test), ["Two_-2", "one"]);
    test.get("PUT identities/acme.example/policies/one", &policy("c"));
    test.get("DELETE identities/acme.example/policies/Two_-2", &json!({}));
    assert_eq!(test.view("acme.example").policies["one"], policy("c")["Policy"].as_str().unwrap());
    assert_eq!(test.delete("acme.example"), "ok");
    test.create("acme.example");
    assert!(names(&mut test).is_empty());
}

#[test]
fn missing_and_existing_names_are_distinguished() {
    let mut test = RuleTest::acme();
    test.get(ONE, &policy("a"));
    assert_eq!(test.says(ONE, &policy("a")), "400 AlreadyExistsException Policy <one> already exists");
    for method in ["PUT", "DELETE"] {
        let two = format!("{method} identities/acme.example/policies/two");
        assert_eq!(test.says(&two, &policy("a")), "404 NotFoundException Policy <two> does not exist");
    }
    for method in ["POST", "PUT", "DELETE"] {
        let other = format!("{method} identities/other.example/policies/one");
        assert_eq!(test.says(&other, &policy("a")), MISSING);
    }
    assert_eq!(test.says("GET identities/other.example/policies", &json!({})), MISSING);
    assert!(test.says(ONE, &json!({})).contains("Value at 'policy' failed"));
}

#[test]
fn names_sizes_and_texts_keep_the_rules() {
    let mut test = RuleTest::acme();
    let bad = "400 BadRequestException";
    let name = format!(
        "{bad} PolicyName is invalid. Policy names must only include alpha-numeric characters, dashes, and underscores."
    );
    let length = format!(
        "{bad} 1 validation error detected: Value at 'policyName' failed to satisfy constraint: Member must have length \
         less than or equal to 64"
    );
    let room = 4096 - policy("")["Policy"].as_str().unwrap().len();
    let elsewhere = policy("a")["Policy"].as_str().unwrap().replace("identity/acme", "identity/other");
    for (policy_name, body, expected) in [
        ("a.b", policy("a"), name.clone()),
        ("a%20b", policy("a"), name),
        (&"a".repeat(65), policy("a"), length),
        (&"a".repeat(64), policy("a"), "ok".to_owned()),
        ("full", policy(&"x".repeat(room)), "ok".to_owned()),
        ("over", policy(&"x".repeat(room + 1)), format!("{bad} Policy is larger than 4096 bytes.")),
        ("none", json!({"Policy": "{}"}), format!("{bad} Policy is invalid: it has no Statement")),
        ("far", json!({"Policy": elsewhere}), format!("{bad} Policy is invalid: the Resource is {ACME} and no other")),
    ] {
        let line = format!("identities/acme.example/policies/{policy_name}");
        assert_eq!(test.says(&format!("POST {line}"), &body), expected, "{policy_name}");
        assert_eq!(test.says(&format!("PUT {line}"), &body), expected, "{policy_name}");
    }
}

#[test]
fn an_identity_has_at_most_20_policies() {
    let mut test = RuleTest::acme();
    for number in 0..20 {
        test.get(&format!("POST identities/acme.example/policies/p{number}"), &policy("a"));
    }
    let refused = "400 LimitExceededException Number of policies for <acme.example> exceeds max allowed number of \
                   policies per resource";
    test.expect(ONE, &[(policy("a"), refused)]);
    test.get("PUT identities/acme.example/policies/p19", &policy("a"));
    test.get("DELETE identities/acme.example/policies/p0", &json!({}));
    test.expect(ONE, &[(policy("a"), "ok")]);
}
