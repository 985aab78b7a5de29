//! Typical sets of values.

use std::fs;

use sender_operator_harness::controlplane::workspace;
use serde_json::{Value, json};

use crate::{
    helm::{chart, path, run, template},
    objects::RenderedObjects,
};

/// Name and values of each set.
pub fn all() -> Vec<(String, Value)> {
    let file =
        |path: &str| serde_saphyr::from_str::<Value>(&fs::read_to_string(workspace().join(path)).unwrap()).unwrap();
    let example =
        |name: &str| (format!("examples/{name}.yaml"), file(&format!("charts/sender-operator/examples/{name}.yaml")));
    let mail = json!({ "confirmationSender": "confirm@ops.example.com", "publicUrl": "https://mail.example.com/base" });
    let own = |name: &str, values: Value| (name.to_owned(), values);
    vec![
        example("dev"),
        example("staging"),
        example("production"),
        own("the end-to-end tests", file("tests/e2e/values.yaml")),
        own("only a region", json!({})),
        own("IRSA", json!({ "aws": { "roleArn": "arn:aws:iam::111122223333:role/mail" } })),
        own("a key", json!({ "aws": { "credentialsSecret": "aws", "endpointUrl": "http://simulator:4579" } })),
        own("an existing service account", json!({ "serviceAccount": { "create": false, "name": "mail" } })),
        own(
            "Gateway API",
            json!({
                "config": mail, "httpRoute": { "enabled": true, "parentRefs": [{ "name": "public", "namespace": "gateways" }] },
            }),
        ),
        own(
            "Ingress without a certificate",
            json!({
                "config": mail, "ingress": { "enabled": true, "annotations": { "example.com/a": "b" } },
            }),
        ),
        own(
            "a second release",
            json!({
                "environment": "staging", "crds": { "enabled": false }, "rolesForPeople": { "enabled": false },
                "namespaceLabelPolicy": { "enabled": false },
            }),
        ),
        own("chosen namespaces", json!({ "watchNamespaces": ["kube-public", "kube-system"] })),
        own("CRDs that are deleted with the release", json!({ "crds": { "keep": false } })),
        own(
            "locked in",
            json!({
                "replicas": 3, "podDisruptionBudget": { "enabled": true },
                "networkPolicy": {
                    "enabled": true, "from": [{ "namespaceSelector": {} }], "apiServerPorts": [443, 6443],
                    "extraEgress": [{ "ports": [{ "port": 4579 }] }],
                },
            }),
        ),
        own(
            "files",
            json!({
                "delegations": { "corp.example.com": ["tenant/it", "namespace/web/uid-1"] },
                "mailTemplates": { "confirmation.en.subject": "May {{ tenant }} send?\n" },
                "logo": { "data": "iVBORw0KGgo=", "type": "png" },
            }),
        ),
        own(
            "pods of their own kind",
            json!({
                "image": { "repository": "registry.example.com/mail", "digest": format!("sha256:{}", "0".repeat(64)) },
                "imagePullSecrets": [{ "name": "registry" }], "priorityClassName": "system-cluster-critical",
                "podAnnotations": { "a": "b" }, "podLabels": { "c": "d" }, "nodeSelector": { "disk": "ssd" },
                "tolerations": [{ "key": "dedicated", "operator": "Exists", "effect": "NoSchedule" }],
                "affinity": { "nodeAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": {
                    "nodeSelectorTerms": [{ "matchExpressions": [{ "key": "a", "operator": "Exists" }] }] } } },
                "extraEnv": [{ "name": "HTTPS_PROXY", "value": "http://proxy.example.com:3128" }],
                "resources": { "requests": { "cpu": 1, "memory": "1Gi" }, "limits": { "memory": "1Gi" } },
            }),
        ),
        own(
            "a load balancer and scraping",
            json!({
                "service": { "type": "LoadBalancer", "webPort": 8443, "webNodePort": 30443, "annotations": { "a": "b" } },
                "serviceMonitor": { "enabled": true, "interval": "15s", "labels": { "release": "prometheus" } },
            }),
        ),
    ]
}

#[test]
fn every_set_passes_the_strict_lint() {
    for (name, values) in all() {
        let chart = chart();
        let arguments = ["lint", "--strict", "--quiet", path(&chart), "--set", "aws.region=eu-west-1", "--values", "-"];
        run("helm", &arguments, &values.to_string()).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn every_set_renders_a_deployment_with_one_locked_down_container() {
    for (name, values) in all() {
        let objects = RenderedObjects::parse(&template(&values).unwrap());
        let pod = &objects.get("Deployment", "").unwrap()["spec"]["template"]["spec"];
        let container = &pod["containers"][0];
        let locked = json!({
            "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": { "drop": ["ALL"] },
        });
        assert_eq!(container["securityContext"], locked, "{name}");
        assert_eq!(pod["securityContext"]["runAsNonRoot"], true, "{name}");
        assert_eq!(pod["containers"].as_array().unwrap().len(), 1, "{name}");
    }
}

#[test]
fn the_package_holds_what_a_release_needs_and_nothing_else() {
    let folder = std::env::temp_dir().join(format!("sender-operator-package-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let chart = chart();
    run("helm", &["package", path(&chart), "--destination", path(&folder)], "").unwrap();
    let package = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let listed = std::process::Command::new("tar").args(["tzf", path(&package)]).output().unwrap();
    fs::remove_dir_all(&folder).unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    for line in listed.lines() {
        let inside = line.strip_prefix("sender-operator/").unwrap();
        let known = [".helmignore", "Chart.yaml", "README.md", "values.yaml", "values.schema.json"].contains(&inside)
            || ["templates/", "files/", "examples/"].iter().any(|folder| inside.starts_with(folder));
        assert!(known, "{inside}");
    }
    assert!(listed.contains("files/crds/senderdomains.yaml") && listed.contains("examples/"));
}
