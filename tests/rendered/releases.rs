//! Several releases in one cluster, and the objects of a release.

use std::{collections::BTreeSet, fs};

use sender_operator_harness::controlplane::workspace;
use serde_json::{Value, json};

use crate::{
    helm::{chart, path, rendered, run, template_as},
    objects::{RenderedObjects, name},
};

fn release(name: &str, namespace: &str, values: &Value) -> RenderedObjects {
    RenderedObjects::parse(&template_as(name, namespace, values).unwrap())
}

fn second() -> Value {
    json!({
        "environment": "staging", "crds": { "enabled": false }, "rolesForPeople": { "enabled": false },
        "namespaceLabelPolicy": { "enabled": false }, "networkPolicy": { "enabled": true },
    })
}

#[test]
fn two_releases_have_no_object_in_common() {
    let first: BTreeSet<_> = release("mail", "mail-system", &json!({})).names().into_iter().collect();
    for (name, namespace) in [("staging", "staging-system"), ("staging", "mail-system")] {
        let other = release(name, namespace, &second());
        assert!(other.names().iter().all(|object| !first.contains(object)), "{name} in {namespace}");
        assert!(other.names().iter().all(|(_, _, own)| own.starts_with("staging-sender-operator")));
    }
}

#[test]
fn a_release_without_the_switches_for_a_second_one_collides_where_its_values_say() {
    let names = |values: &Value| release("staging", "staging-system", values).names();
    let (first, other) =
        (release("mail", "mail-system", &json!({})).names(), names(&json!({ "environment": "staging" })));
    let common: Vec<_> = other.iter().filter(|object| first.contains(object)).map(|(kind, ..)| kind.as_str()).collect();
    assert_eq!(common, ["CustomResourceDefinition"; 3]);
}

#[test]
fn the_crds_are_the_bytes_of_crds_and_are_kept_unless_configured_otherwise() {
    let keep = "  annotations:\n    helm.sh/resource-policy: keep\n";
    for (values, kept) in [(json!({}), true), (json!({ "crds": { "keep": false } }), false)] {
        let text = template_as("mail", "mail-system", &values).unwrap();
        for file in fs::read_dir(workspace().join("crds")).unwrap() {
            let file = fs::read_to_string(file.unwrap().path()).unwrap();
            let expected = if kept { file.replacen("\nmetadata:\n", &format!("\nmetadata:\n{keep}"), 1) } else { file };
            assert!(text.contains(expected.trim()), "{values}: {}", &expected[..200]);
        }
        assert_eq!(text.matches("helm.sh/resource-policy: keep").count(), if kept { 3 } else { 0 });
    }
    let none = rendered(&json!({ "crds": { "enabled": false } }));
    assert!(none.get("CustomResourceDefinition", "senderclaims.sender-operator.io").is_none());
}

/// The rules of a file in the chart.
fn rules(file: &str) -> Value {
    let text = fs::read_to_string(chart().join("files").join(file)).unwrap();
    serde_saphyr::from_str::<Value>(&text).unwrap()["rules"].clone()
}

#[test]
fn the_rights_match_the_files_that_the_tests_use() {
    let objects = rendered(&json!({}));
    assert_eq!(
        objects.get("ClusterRole", "mail-sender-operator").unwrap()["rules"],
        rules("clusterrole-operator.yaml")
    );
    for (role, built_in) in [("tenant-admin", 2), ("tenant-viewer", 1), ("claim-admin", 0), ("tenant-assigner", 0)] {
        let rendered = objects.get("ClusterRole", role).unwrap();
        assert_eq!(rendered["rules"], rules(&format!("clusterrole-{role}.yaml")), "{role}");
        let labels = rendered["metadata"]["labels"].as_object().unwrap();
        let aggregated = labels.keys().filter(|key| key.contains("aggregate-to")).count();
        assert_eq!(aggregated, built_in, "{role}");
    }
    // The name of the operator's own Secret is the release's name.
    let own = objects.get("Role", "mail-sender-operator").unwrap()["rules"].to_string();
    assert_eq!(own.replace("mail-sender-operator", "sender-operator"), rules("role-operator.yaml").to_string());
}

#[test]
fn in_its_own_namespace_the_operator_reaches_only_objects_that_are_named() {
    let named = |environment: &str| {
        let objects = rendered(&json!({ "environment": environment }));
        let rules = objects.get("Role", "mail-sender-operator").unwrap()["rules"].as_array().unwrap().clone();
        let create = json!(["create"]);
        let (created, limited): (Vec<_>, Vec<_>) = rules.into_iter().partition(|rule| rule["verbs"] == create);
        assert_eq!(created.len(), 2, "RBAC can't limit `create`");
        limited.iter().map(|rule| rule["resourceNames"][0].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    for environment in ["default", "staging"] {
        let lease = format!("sender-operator-{environment}");
        assert_eq!(named(environment), [Some("mail-sender-operator".to_owned()), Some(lease)]);
    }
}

/// Group, resource and verb of each rule.
fn rights(rules: &Value) -> BTreeSet<String> {
    let texts = |value: &Value| -> Vec<String> {
        value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    let mut all = BTreeSet::new();
    for rule in rules.as_array().unwrap() {
        for resource in texts(&rule["resources"]) {
            all.extend(texts(&rule["verbs"]).iter().map(|verb| format!("{} {resource} {verb}", rule["apiGroups"][0])));
        }
    }
    all
}

#[test]
fn with_chosen_namespaces_the_rights_to_what_tenants_write_are_roles_there() {
    let objects = rendered(&json!({ "watchNamespaces": ["acme", "web"] })).0;
    let of = |kind: &str, namespace: &str| {
        let is_it = |object: &&Value| {
            object["kind"] == kind
                && object["metadata"]["namespace"].as_str().unwrap_or_default() == namespace
                && object["metadata"]["name"].as_str().unwrap().starts_with("mail-sender-operator")
                && (kind != "ClusterRole" || object["metadata"]["name"] == "mail-sender-operator")
        };
        objects.iter().find(is_it).cloned().unwrap_or_else(|| panic!("no {kind} in {namespace}"))
    };
    let cluster = rights(&of("ClusterRole", "")["rules"]);
    assert!(cluster.iter().all(|right| right.contains("senderclaims") || right.contains("namespaces")), "{cluster:?}");
    let inside = rights(&of("Role", "acme")["rules"]);
    assert_eq!(inside, rights(&of("Role", "web")["rules"]));
    assert!(cluster.is_disjoint(&inside));
    assert_eq!(
        &cluster | &inside,
        rights(&rules("clusterrole-operator.yaml")),
        "together they equal the rules of one role"
    );
    let events = rights(&of("Role", "default")["rules"]);
    assert!(events.iter().all(|right| right.contains("events")) && events.is_subset(&inside), "{events:?}");
    for namespace in ["acme", "web", "default"] {
        assert_eq!(of("RoleBinding", namespace)["roleRef"]["name"], of("Role", namespace)["metadata"]["name"]);
        assert_eq!(of("RoleBinding", namespace)["subjects"][0]["namespace"], "mail-system");
    }
}

#[test]
fn nobody_but_the_operator_may_write_a_status_or_read_claims_by_a_built_in_role() {
    let objects = rendered(&json!({}));
    for role in ["tenant-admin", "tenant-viewer"] {
        let rules = objects.get("ClusterRole", role).unwrap()["rules"].to_string();
        assert!(!rules.contains("/status") && !rules.contains("claims"), "{role}: {rules}");
    }
}

#[test]
fn the_notes_contain_the_next_step() {
    let chart = chart();
    let notes = |values: Value| {
        let arguments = ["install", "mail", path(&chart), "--namespace", "mail-system", "--dry-run=client"];
        let more = ["--set", "aws.region=eu-west-1", "--values", "-"];
        let all = run("helm", &[&arguments[..], &more].concat(), &values.to_string()).unwrap();
        all.split_once("NOTES:").unwrap().1.to_owned()
    };
    let plain = notes(json!({}));
    for words in ["rollout status deployment/mail-sender-operator", "kind: SenderDomain", "MailNotConfigured"] {
        assert!(plain.contains(words), "{words}: {plain}");
    }
    assert!(notes(second()).contains("sender-operator.io/environment=staging"));
    assert!(notes(second()).contains("This release does not install the CRDs"));
    assert!(notes(json!({ "config": { "dryRun": true } })).contains("Dry run (config.dryRun)"));
}

#[test]
fn every_object_carries_the_labels_of_its_release() {
    for object in rendered(&json!({})).0.iter().filter(|object| object["kind"] != "CustomResourceDefinition") {
        let labels = &object["metadata"]["labels"];
        assert_eq!(labels["app.kubernetes.io/instance"], "mail", "{}", name(object));
        assert_eq!(labels["app.kubernetes.io/name"], "sender-operator", "{}", name(object));
    }
}
