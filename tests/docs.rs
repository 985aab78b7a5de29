//! The documents agree with the code and the tests.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "docs/reasons.rs"]
mod reasons;

#[path = "docs/settings.rs"]
mod settings;

#[path = "docs/words.rs"]
mod words;

use std::{collections::BTreeSet, fs, path::Path};

/// Names in backquotes like `proofs/life::a_test` and `src/model/name::a_test`.
fn named_tests(text: &str) -> Vec<(&str, &str)> {
    text.split('`').skip(1).step_by(2).filter_map(|word| word.split_once("::")).collect()
}

#[test]
fn every_row_of_the_conflicts_names_a_test_that_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/conflicts.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---"));
    let rows: Vec<&str> = rows.filter(|row| !row.ends_with("| Test |")).collect();
    assert!(rows.len() > 40, "{}", rows.len());
    for row in rows {
        let names = named_tests(row);
        assert_eq!(names.len(), 1, "{row}");
        let (file, test) = names[0];
        let folder = if file.starts_with("src/") { root.to_owned() } else { root.join("tests/reconciles") };
        let code = fs::read_to_string(folder.join(file).with_extension("rs")).unwrap_or_default();
        assert!(code.contains(&format!("fn {test}(")), "there is no test {file}::{test}");
    }
}

/// `create_email_identity` as IAM spells it.
fn action(call: &str) -> String {
    let words = call.split('_').map(|word| word[..1].to_uppercase() + &word[1..]);
    format!("ses:{}", words.collect::<String>())
}

/// The calls of the AWS SDK in our own code: method names of two words or more, without arguments.
fn calls(code: &str) -> impl Iterator<Item = &str> {
    let names = code.split("()").filter_map(|before| before.rsplit_once('.')).map(|(_, name)| name);
    let verbs = ["create", "get", "list", "put", "delete", "tag", "untag", "send", "update", "batch"];
    let is_call = move |name: &&str| {
        let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        plain && name.split_once('_').is_some_and(|(verb, _)| verbs.contains(&verb))
    };
    names.filter(is_call)
}

#[test]
fn the_policy_for_aws_allows_the_calls_that_are_made_and_no_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let policy: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(root.join("deploy/aws/policy.json")).unwrap()).unwrap();
    let mut allowed = BTreeSet::new();
    for statement in policy["Statement"].as_array().unwrap() {
        match &statement["Action"] {
            serde_json::Value::String(action) => drop(allowed.insert(action.clone())),
            actions => allowed.extend(actions.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned())),
        }
    }
    let mut made = BTreeSet::new();
    for file in fs::read_dir(root.join("src/ses")).unwrap() {
        made.extend(calls(&fs::read_to_string(file.unwrap().path()).unwrap()).map(action));
    }
    // It belongs to STS and needs no permission.
    assert!(made.remove("ses:GetCallerIdentity"));
    assert_eq!(made, allowed);
}
