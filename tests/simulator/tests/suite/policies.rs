//! Policies of identities: create, update, delete, get, and each refusal.

use std::collections::HashMap;

use aws_sdk_sesv2::Client;
use ses_simulator::{IdentityPatch, NoSuch};

use crate::common::{by_hand, create, get, http, refusal, start};

/// A policy that lets these addresses send for `acme.example`.
fn policy(addresses: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Principal":"*","Action":"ses:SendEmail","Resource":"arn:aws:ses:eu-central-1:123456789012:identity/acme.example","Condition":{{"StringNotLike":{{"ses:FromAddress":"{addresses}"}}}}}}}}"#
    )
}

/// Creates a policy; the refusal, or `ok`.
async fn put(ses: &Client, identity: &str, name: &str, text: &str) -> String {
    match ses.create_email_identity_policy().email_identity(identity).policy_name(name).policy(text).send().await {
        Ok(_) => "ok".to_owned(),
        refused => refusal(refused),
    }
}

/// Updates a policy; the refusal, or `ok`.
async fn update(ses: &Client, identity: &str, name: &str, text: &str) -> String {
    match ses.update_email_identity_policy().email_identity(identity).policy_name(name).policy(text).send().await {
        Ok(_) => "ok".to_owned(),
        refused => refusal(refused),
    }
}

/// Deletes a policy; the refusal, or `ok`.
async fn delete(ses: &Client, identity: &str, name: &str) -> String {
    match ses.delete_email_identity_policy().email_identity(identity).policy_name(name).send().await {
        Ok(_) => "ok".to_owned(),
        refused => refusal(refused),
    }
}

/// All policies of an identity, which Get shows too.
async fn policies(ses: &Client, identity: &str) -> HashMap<String, String> {
    let got = ses.get_email_identity_policies().email_identity(identity).send().await.unwrap();
    let policies = got.policies.unwrap();
    assert_eq!(get(ses, identity).await.policies.unwrap(), policies);
    policies
}

fn of<const N: usize>(policies: [(&str, String); N]) -> HashMap<String, String> {
    policies.map(|(name, policy)| (name.to_owned(), policy)).into()
}

#[tokio::test]
async fn policies_are_created_updated_and_deleted_one_by_one() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    assert_eq!(policies(&ses, "acme.example").await, of([]));
    assert_eq!(put(&ses, "ACME.example", "one", &policy("a@acme.example")).await, "ok");
    assert_eq!(put(&ses, "acme.example", "Two_-2", &policy("b@acme.example")).await, "ok");
    let both = of([("one", policy("a@acme.example")), ("Two_-2", policy("b@acme.example"))]);
    assert_eq!(policies(&ses, "acme.example").await, both);
    assert_eq!(update(&ses, "acme.example", "one", &policy("c@acme.example")).await, "ok");
    assert_eq!(delete(&ses, "acme.example", "Two_-2").await, "ok");
    assert_eq!(policies(&ses, "acme.example").await, of([("one", policy("c@acme.example"))]));
    assert_eq!(sim.identity("acme.example").unwrap().policies["one"], policy("c@acme.example"));
    let call = sim.journal().into_iter().find(|call| call.operation == "UpdateEmailIdentityPolicy").unwrap();
    assert_eq!(call.identity.as_deref(), Some("acme.example"));
}

#[tokio::test]
async fn white_space_between_the_parts_of_a_policy_is_not_kept() {
    let (_sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    let text = policy("a b@acme.example");
    put(&ses, "acme.example", "one", &text.replace(",\"", " ,\n  \"").replace("{\"", "{ \"")).await;
    assert_eq!(policies(&ses, "acme.example").await, of([("one", text)]));
}

#[tokio::test]
async fn what_exists_and_what_does_not_is_told_apart() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    let text = policy("a@acme.example");
    put(&ses, "acme.example", "one", &text).await;
    let exists = "400 AlreadyExistsException Policy <one> already exists";
    assert_eq!(put(&ses, "acme.example", "one", &text).await, exists);
    let missing = "404 NotFoundException Policy <two> does not exist";
    assert_eq!(update(&ses, "acme.example", "two", &text).await, missing);
    assert_eq!(delete(&ses, "acme.example", "two").await, missing);
    let missing = "404 NotFoundException Email identity <other.example> does not exist.";
    assert_eq!(put(&ses, "other.example", "one", &text).await, missing);
    assert_eq!(update(&ses, "other.example", "one", &text).await, missing);
    assert_eq!(delete(&ses, "other.example", "one").await, missing);
    assert_eq!(refusal(ses.get_email_identity_policies().email_identity("other.example").send().await), missing);
    let path = "/v2/email/identities/acme.example/policies/two";
    let (status, body) = http(&sim.url(), "POST", path, "{}").await;
    assert!(status == 400 && body.contains("Value at 'policy' failed"), "{body}");
}

#[tokio::test]
async fn names_sizes_and_texts_keep_the_rules() {
    let (_sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    let text = policy("a@acme.example");
    let long = "a".repeat(65);
    let name = "400 BadRequestException PolicyName is invalid. Policy names must only include alpha-numeric characters, \
                dashes, and underscores.";
    let length = "400 BadRequestException 1 validation error detected: Value at 'policyName' failed to satisfy \
                  constraint: Member must have length less than or equal to 64";
    let room = 4096 - policy("").len();
    for (policy_name, text, expected) in [
        ("a.b", text.clone(), name),
        ("a b", text.clone(), name),
        (&long, text.clone(), length),
        (&"a".repeat(64), text.clone(), "ok"),
        ("full", policy(&"x".repeat(room)), "ok"),
        ("over", policy(&"x".repeat(room + 1)), "400 BadRequestException Policy is larger than 4096 bytes."),
        ("none", "{}".to_owned(), "400 BadRequestException Policy is invalid: it has no Statement"),
        (
            "elsewhere",
            text.replace("identity/acme", "identity/other"),
            "400 BadRequestException Policy is invalid: the Resource is \
             arn:aws:ses:eu-central-1:123456789012:identity/acme.example and no other",
        ),
    ] {
        assert_eq!(put(&ses, "acme.example", policy_name, &text).await, expected, "{policy_name}");
        if expected.starts_with("400") {
            assert_eq!(update(&ses, "acme.example", policy_name, &text).await, expected, "{policy_name}");
        }
    }
}

#[tokio::test]
async fn an_identity_has_at_most_20_policies() {
    let (_sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    let text = policy("a@acme.example");
    for number in 0..20 {
        assert_eq!(put(&ses, "acme.example", &format!("p{number}"), &text).await, "ok");
    }
    let refused = "400 LimitExceededException Number of policies for <acme.example> exceeds max allowed number of \
                   policies per resource";
    assert_eq!(put(&ses, "acme.example", "p20", &text).await, refused);
    assert_eq!(update(&ses, "acme.example", "p19", &text).await, "ok");
    delete(&ses, "acme.example", "p0").await;
    assert_eq!(put(&ses, "acme.example", "p20", &text).await, "ok");
}

#[tokio::test]
async fn policies_go_with_their_identity() {
    let (_sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    put(&ses, "acme.example", "one", &policy("a@acme.example")).await;
    ses.delete_email_identity().email_identity("acme.example").send().await.unwrap();
    create(&ses, "acme.example").await;
    assert_eq!(policies(&ses, "acme.example").await, of([]));
}

#[tokio::test]
async fn somebody_with_the_console_writes_a_policy() {
    let (sim, ses) = start(by_hand()).await;
    sim.put_identity("acme.example", IdentityPatch::default());
    sim.put_policy("ACME.example", "theirs", "{}").unwrap();
    assert_eq!(policies(&ses, "acme.example").await, of([("theirs", "{}".to_owned())]));
    assert_eq!(sim.remove_policy("acme.example", "theirs"), Ok(true));
    assert_eq!(sim.remove_policy("acme.example", "theirs"), Ok(false));
    let missing = NoSuch::Identity("other.example".into());
    assert_eq!(sim.put_policy("other.example", "theirs", "{}"), Err(missing.clone()));
    assert_eq!(sim.remove_policy("other.example", "theirs"), Err(missing));
}
