//! The chart's values match the operator's settings. `tests/rendered` tests what Helm renders.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use clap::CommandFactory;
use sender_operator::{api::crds, settings::Settings};
use serde_json::Value;

/// Flags that the chart sets automatically.
const BY_THE_CHART: [&str; 10] = [
    "environment",
    "watch-namespaces",
    "namespace",
    "secret",
    "identity",
    "listen",
    "web-listen",
    "delegations",
    "mail-templates",
    "logo",
];

fn chart(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("charts/sender-operator").join(path)
}

fn yaml(path: &str) -> Value {
    serde_saphyr::from_str(&fs::read_to_string(chart(path)).unwrap()).unwrap()
}

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect()
}

/// `release-delay` as Helm's values spell it.
fn camel(flag: &str) -> String {
    let mut words = flag.split('-');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |key, word| key + &word[..1].to_uppercase() + &word[1..])
}

fn schema() -> Value {
    serde_json::from_str(&fs::read_to_string(chart("values.schema.json")).unwrap()).unwrap()
}

#[test]
fn every_setting_of_the_operator_is_a_value_of_the_chart() {
    let command = Settings::command();
    let flags =
        command.get_arguments().filter_map(clap::Arg::get_long).filter(|flag| !["help", "version"].contains(flag));
    let settable: BTreeSet<String> = flags.filter(|flag| !BY_THE_CHART.contains(flag)).map(camel).collect();
    assert_eq!(keys(&yaml("values.yaml")["config"]), settable);
    assert_eq!(keys(&schema()["properties"]["config"]["properties"]), settable);
}

#[test]
fn the_schema_knows_every_value_and_refuses_others() {
    same_keys(&yaml("values.yaml"), &schema(), "values");
}

fn same_keys(values: &Value, schema: &Value, path: &str) {
    let Some(properties) = schema.get("properties") else { return };
    assert_eq!(schema["additionalProperties"], Value::Bool(false), "{path} accepts unknown keys");
    let mut known = keys(properties);
    // Helm passes it to every chart.
    known.remove("global");
    let mut there = keys(values);
    there.extend(["claims".to_owned()].into_iter().filter(|_| path.ends_with(".resources")));
    assert_eq!(there, known, "{path}");
    for (key, value) in values.as_object().unwrap() {
        same_keys(value, &properties[key], &format!("{path}.{key}"));
    }
}

#[test]
fn the_charts_crds_match_the_types() {
    for (name, text) in crds::files().unwrap() {
        let file = chart("files/crds").join(&name);
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&file, &text).unwrap();
        }
        assert!(fs::read_to_string(&file).unwrap_or_default() == text, "{name} differs: run `make crds`");
    }
}

#[test]
fn the_version_is_in_one_place_and_the_chart_repeats_it() {
    let about = yaml("Chart.yaml");
    for key in ["version", "appVersion"] {
        assert_eq!(about[key], env!("CARGO_PKG_VERSION"), "{key}");
    }
}

/// Path, default and explanation of each value, from the comments of `values.yaml`.
fn explained() -> Vec<(String, String, String)> {
    let text = fs::read_to_string(chart("values.yaml")).unwrap();
    let (mut rows, mut parents, mut comment) = (Vec::new(), Vec::<(usize, String)>::new(), None::<String>);
    for line in text.lines() {
        let (indent, key) = (line.len() - line.trim_start().len(), line.trim_start());
        if let Some(first) = key.strip_prefix("# -- ") {
            comment = Some(first.to_owned());
        } else if let Some(more) = key.strip_prefix("# ") {
            comment = comment.map(|text| format!("{text} {more}"));
        } else if let Some((name, value)) = key.split_once(':') {
            parents.retain(|(depth, _)| *depth < indent);
            let path: Vec<&str> = parents.iter().map(|(_, parent)| parent.as_str()).chain([name]).collect();
            if let Some(comment) = comment.take() {
                rows.push((path.join("."), value.trim().to_owned(), comment));
            }
            parents.push((indent, name.to_owned()));
        }
    }
    rows
}

#[test]
fn every_value_is_explained_and_the_charts_readme_lists_them_all() {
    let rows = explained();
    let listed: BTreeSet<&str> = rows.iter().map(|(path, ..)| path.as_str()).collect();
    for (key, value) in yaml("values.yaml").as_object().unwrap() {
        let inner: Vec<String> = keys(value).into_iter().map(|inner| format!("{key}.{inner}")).collect();
        let all_inner = !inner.is_empty() && inner.iter().all(|path| listed.contains(path.as_str()));
        assert!(listed.contains(key.as_str()) || all_inner, "{key} has a value without a comment");
    }
    let table = rows.iter().fold(String::new(), |all, (path, default, text)| {
        all + "| `" + path + "` | `" + default + "` | " + text + " |\n"
    });
    let table = table.replace("| `` |", "| |");
    let text = fs::read_to_string(chart("README.md")).unwrap();
    let (head, _) = text.split_once("| value |").unwrap();
    let expected = format!("{head}| value | default | what it is |\n| --- | --- | --- |\n{table}");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(chart("README.md"), &expected).unwrap();
    }
    assert!(fs::read_to_string(chart("README.md")).unwrap() == expected, "the chart's README differs: run `make crds`");
}
