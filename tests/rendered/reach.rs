//! Every value of the chart does something: what is set is found in a rendered object.

use std::{collections::BTreeSet, fs};

use clap::CommandFactory;
use sender_operator::settings::Settings;
use serde_json::{Value, json};

use crate::helm::{chart, rendered};

/// A value's path, what it is set to, other values that are needed with it, and where it is found: kind, end of the name,
/// JSON pointer (none: the object is there or not), what is found there.
type Row = (&'static str, Value, Value, (&'static str, &'static str, &'static str), Value);

const CONTAINER: &str = "/spec/template/spec/containers/0";

fn table() -> Vec<Row> {
    let pod = |pointer: &'static str| ("Deployment", "", pointer);
    let none = || json!({});
    let mail = || json!({ "config": { "publicUrl": "https://mail.example.com/base" } });
    let image = |end: &str| json!(format!("ghcr.io/sender-operator/sender-operator{end}"));
    let digest = format!("sha256:{}", "0".repeat(64));
    let service = |pointer: &'static str| ("Service", "", pointer);
    let account = |pointer: &'static str| ("ServiceAccount", "", pointer);
    vec![
        ("environment", json!("blue"), none(), pod("/spec/template/spec/containers/0/env/0/value"), json!("blue")),
        ("replicas", json!(3), none(), pod("/spec/replicas"), json!(3)),
        (
            "image.repository",
            json!("r.example.com/x"),
            none(),
            pod("/spec/template/spec/containers/0/image"),
            json!("r.example.com/x:0.1.0"),
        ),
        ("image.tag", json!("9"), none(), pod("/spec/template/spec/containers/0/image"), image(":9")),
        (
            "image.digest",
            json!(digest),
            none(),
            pod("/spec/template/spec/containers/0/image"),
            image(&format!("@{digest}")),
        ),
        (
            "image.pullPolicy",
            json!("Never"),
            none(),
            pod("/spec/template/spec/containers/0/imagePullPolicy"),
            json!("Never"),
        ),
        (
            "imagePullSecrets",
            json!([{ "name": "a" }]),
            none(),
            pod("/spec/template/spec/imagePullSecrets"),
            json!([{ "name": "a" }]),
        ),
        ("fullnameOverride", json!("other"), none(), pod("/metadata/name"), json!("other")),
        (
            "crds.enabled",
            json!(false),
            none(),
            ("CustomResourceDefinition", "senderclaims.sender-operator.io", ""),
            Value::Null,
        ),
        (
            "crds.keep",
            json!(false),
            none(),
            ("CustomResourceDefinition", "senderclaims.sender-operator.io", "/metadata/annotations"),
            Value::Null,
        ),
        (
            "aws.region",
            json!("us-east-1"),
            none(),
            pod("/spec/template/spec/containers/0/env/4/value"),
            json!("us-east-1"),
        ),
        (
            "aws.roleArn",
            json!("arn:aws:iam::111122223333:role/r"),
            none(),
            account("/metadata/annotations/eks.amazonaws.com~1role-arn"),
            json!("arn:aws:iam::111122223333:role/r"),
        ),
        (
            "aws.credentialsSecret",
            json!("aws"),
            none(),
            pod("/spec/template/spec/containers/0/env/5/valueFrom/secretKeyRef/name"),
            json!("aws"),
        ),
        (
            "aws.endpointUrl",
            json!("http://s:1"),
            none(),
            pod("/spec/template/spec/containers/0/env/5/value"),
            json!("http://s:1"),
        ),
        (
            "delegations",
            json!({ "corp.example": ["tenant/it"] }),
            none(),
            ("ConfigMap", "-files", "/data/delegations.yaml"),
            json!("corp.example:\n- tenant/it\n"),
        ),
        (
            "mailTemplates",
            json!({ "layout.html": "x" }),
            none(),
            ("ConfigMap", "-files", "/data/layout.html"),
            json!("x"),
        ),
        ("logo.data", json!("aaaa"), none(), ("ConfigMap", "-files", "/binaryData/logo.png"), json!("aaaa")),
        (
            "logo.type",
            json!("svg"),
            json!({ "logo": { "data": "aaaa" } }),
            ("ConfigMap", "-files", "/binaryData/logo.svg"),
            json!("aaaa"),
        ),
        (
            "serviceAccount.create",
            json!(false),
            json!({ "serviceAccount": { "name": "own" } }),
            account(""),
            Value::Null,
        ),
        ("serviceAccount.name", json!("own"), none(), pod("/spec/template/spec/serviceAccountName"), json!("own")),
        ("serviceAccount.annotations", json!({ "a": "b" }), none(), account("/metadata/annotations/a"), json!("b")),
        ("rolesForPeople.enabled", json!(false), none(), ("ClusterRole", "-tenant-admin", ""), Value::Null),
        ("namespaceLabelPolicy.enabled", json!(false), none(), ("ValidatingAdmissionPolicy", "", ""), Value::Null),
        ("service.type", json!("NodePort"), none(), service("/spec/type"), json!("NodePort")),
        ("service.webPort", json!(8443), none(), service("/spec/ports/0/port"), json!(8443)),
        (
            "service.webNodePort",
            json!(30080),
            json!({ "service": { "type": "NodePort" } }),
            service("/spec/ports/0/nodePort"),
            json!(30080),
        ),
        ("service.annotations", json!({ "a": "b" }), none(), service("/metadata/annotations/a"), json!("b")),
        (
            "ingress.enabled",
            json!(true),
            mail(),
            ("Ingress", "", "/spec/rules/0/http/paths/0/path"),
            json!("/base/confirm"),
        ),
        (
            "ingress.className",
            json!("nginx"),
            with(mail(), "ingress", "enabled"),
            ("Ingress", "", "/spec/ingressClassName"),
            json!("nginx"),
        ),
        (
            "ingress.annotations",
            json!({ "a": "b" }),
            with(mail(), "ingress", "enabled"),
            ("Ingress", "", "/metadata/annotations/a"),
            json!("b"),
        ),
        (
            "ingress.tlsSecret",
            json!("tls"),
            with(mail(), "ingress", "enabled"),
            ("Ingress", "", "/spec/tls/0"),
            json!({ "hosts": ["mail.example.com"], "secretName": "tls" }),
        ),
        (
            "httpRoute.enabled",
            json!(true),
            gateway(),
            ("HTTPRoute", "", "/spec/hostnames/0"),
            json!("mail.example.com"),
        ),
        (
            "httpRoute.parentRefs",
            json!([{ "name": "b" }]),
            with(gateway(), "httpRoute", "enabled"),
            ("HTTPRoute", "", "/spec/parentRefs/0/name"),
            json!("b"),
        ),
        (
            "networkPolicy.enabled",
            json!(true),
            none(),
            ("NetworkPolicy", "", "/spec/policyTypes"),
            json!(["Ingress", "Egress"]),
        ),
        (
            "networkPolicy.from",
            json!([{ "podSelector": {} }]),
            with(none(), "networkPolicy", "enabled"),
            ("NetworkPolicy", "", "/spec/ingress/0/from"),
            json!([{ "podSelector": {} }]),
        ),
        (
            "networkPolicy.apiServerPorts",
            json!([7443]),
            with(none(), "networkPolicy", "enabled"),
            ("NetworkPolicy", "", "/spec/egress/1/ports"),
            json!([{ "port": 443 }, { "port": 7443 }]),
        ),
        (
            "networkPolicy.extraEgress",
            json!([{ "ports": [{ "port": 9 }] }]),
            with(none(), "networkPolicy", "enabled"),
            ("NetworkPolicy", "", "/spec/egress/3/ports"),
            json!([{ "port": 9 }]),
        ),
        (
            "serviceMonitor.enabled",
            json!(true),
            none(),
            ("ServiceMonitor", "", "/spec/endpoints/0/port"),
            json!("metrics"),
        ),
        (
            "serviceMonitor.interval",
            json!("5s"),
            with(none(), "serviceMonitor", "enabled"),
            ("ServiceMonitor", "", "/spec/endpoints/0/interval"),
            json!("5s"),
        ),
        (
            "serviceMonitor.labels",
            json!({ "a": "b" }),
            with(none(), "serviceMonitor", "enabled"),
            ("ServiceMonitor", "", "/metadata/labels/a"),
            json!("b"),
        ),
        (
            "podDisruptionBudget.enabled",
            json!(true),
            json!({ "replicas": 2 }),
            ("PodDisruptionBudget", "", "/spec/minAvailable"),
            json!(1),
        ),
        (
            "resources.requests.cpu",
            json!("1"),
            none(),
            pod("/spec/template/spec/containers/0/resources/requests/cpu"),
            json!("1"),
        ),
        (
            "resources.requests.memory",
            json!("1Gi"),
            none(),
            pod("/spec/template/spec/containers/0/resources/requests/memory"),
            json!("1Gi"),
        ),
        (
            "resources.limits.memory",
            json!("1Gi"),
            none(),
            pod("/spec/template/spec/containers/0/resources/limits/memory"),
            json!("1Gi"),
        ),
        ("priorityClassName", json!("p"), none(), pod("/spec/template/spec/priorityClassName"), json!("p")),
        ("podAnnotations", json!({ "a": "b" }), none(), pod("/spec/template/metadata/annotations/a"), json!("b")),
        ("podLabels", json!({ "a": "b" }), none(), pod("/spec/template/metadata/labels/a"), json!("b")),
        ("nodeSelector", json!({ "a": "b" }), none(), pod("/spec/template/spec/nodeSelector/a"), json!("b")),
        ("tolerations", json!([{ "key": "a" }]), none(), pod("/spec/template/spec/tolerations/0/key"), json!("a")),
        (
            "affinity",
            json!({ "podAffinity": {} }),
            none(),
            pod("/spec/template/spec/affinity"),
            json!({ "podAffinity": {} }),
        ),
        (
            "extraEnv",
            json!([{ "name": "A", "value": "b" }]),
            none(),
            pod("/spec/template/spec/containers/0/env/5/name"),
            json!("A"),
        ),
    ]
}

fn gateway() -> Value {
    json!({ "config": { "publicUrl": "https://mail.example.com" }, "httpRoute": { "parentRefs": [{ "name": "a" }] } })
}

fn with(mut values: Value, part: &str, switch: &str) -> Value {
    values[part][switch] = json!(true);
    values
}

/// The values with one more at a path such as `image.tag`.
fn set(mut values: Value, path: &str, value: Value) -> Value {
    let place = path.split('.').fold(&mut values, |place, key| &mut place[key]);
    *place = value;
    values
}

fn found(values: &Value, (kind, suffix, pointer): (&str, &str, &str)) -> Value {
    let objects = rendered(values);
    let place = objects.get(kind, suffix).map(|object| object.pointer(pointer).cloned().unwrap_or_default());
    place.unwrap_or_default()
}

#[test]
fn each_value_is_found_in_a_rendered_object_and_is_not_there_without_it() {
    for (path, value, needed, place, expected) in table() {
        assert_eq!(found(&set(needed.clone(), path, value), place), expected, "{path}");
        assert_ne!(found(&needed, place), expected, "{path} changes nothing");
    }
}

#[test]
fn each_setting_arrives_under_the_name_that_the_operator_reads() {
    let command = Settings::command();
    let values: Value = serde_saphyr::from_str(&fs::read_to_string(chart().join("values.yaml")).unwrap()).unwrap();
    for key in values["config"].as_object().unwrap().keys() {
        let flag = key.chars().fold(String::new(), |flag, letter| match letter {
            'A'..='Z' => flag + "-" + &letter.to_lowercase().to_string(),
            _ => flag + &letter.to_string(),
        });
        let argument = command.get_arguments().find(|argument| argument.get_long() == Some(&flag)).unwrap();
        let variable = argument.get_env().unwrap().to_str().unwrap();
        let (value, text) = sample(key);
        let mut config = json!({ "publicUrl": "https://mail.example.com" });
        config[key] = value;
        let objects = rendered(&json!({ "config": config }));
        let env = objects.get("Deployment", "").unwrap().pointer(&format!("{CONTAINER}/env")).cloned().unwrap();
        let is_it = |entry: &Value| entry["name"] == variable && entry["value"] == text;
        assert!(env.as_array().unwrap().iter().any(is_it), "{key}: {variable}={text} is not in {env}");
    }
}

/// A value that the schema takes for a setting, and how it is written in a variable.
fn sample(key: &str) -> (Value, String) {
    let schema: Value = serde_json::from_str(&fs::read_to_string(chart().join("values.schema.json")).unwrap()).unwrap();
    let property = &schema["properties"]["config"]["properties"][key];
    let value = match (property["enum"][0].clone(), property["type"][0].as_str().unwrap(), key) {
        (Value::String(choice), ..) => json!(choice),
        (_, "boolean", _) => json!(true),
        (_, "integer", _) => json!(7),
        (_, "number", _) => json!(2.5),
        (.., "dnsResolvers") => json!("10.0.0.10:53,[fd00::1]:53"),
        (.., "senderDomain") => json!("ops.example.com"),
        (.., "confirmationSender") => json!("confirm@ops.example.com"),
        (.., "publicUrl") => json!("https://other.example.com"),
        (.., "ownerId" | "log" | "company" | "confirmationSenderName" | "confirmationConfigurationSet") => {
            json!("some")
        }
        _ => json!("24h"),
    };
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    (value, text)
}

#[test]
fn the_table_knows_every_value() {
    let values: Value = serde_saphyr::from_str(&fs::read_to_string(chart().join("values.yaml")).unwrap()).unwrap();
    let mut leaves = BTreeSet::new();
    collect(&values, String::new(), &mut leaves);
    let leaves: BTreeSet<_> = leaves.into_iter().filter(|path| !path.starts_with("config.")).collect();
    assert_eq!(table().into_iter().map(|row| row.0.to_owned()).collect::<BTreeSet<_>>(), leaves);
}

fn collect(value: &Value, path: String, leaves: &mut BTreeSet<String>) {
    match value.as_object() {
        Some(keys) if !keys.is_empty() => {
            for (key, value) in keys {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                collect(value, path, leaves);
            }
        }
        _ => drop(leaves.insert(path)),
    }
}
