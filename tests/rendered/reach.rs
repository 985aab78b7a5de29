//! Every value of the chart has an effect: each set value appears in a rendered object.

use std::{collections::BTreeSet, fs};

use clap::CommandFactory;
use sender_operator::settings::Settings;
use serde_json::{Value, json};

use crate::helm::{chart, rendered};

/// A value's path, the value, other values that it needs, and its expected place: kind, suffix of the name, JSON
/// pointer, expected content.
type Row = (String, Value, Value, String, String, String, Value);

const POD: &str = "/spec/template/spec";
const CONTAINER: &str = "/spec/template/spec/containers/0";

fn table() -> Vec<Row> {
    serde_saphyr::from_str(include_str!("reach.yaml")).unwrap()
}

/// The values with one more at a path such as `image.tag`.
fn set(mut values: Value, path: &str, value: Value) -> Value {
    let place = path.split('.').fold(&mut values, |place, key| &mut place[key]);
    *place = value;
    values
}

fn found(values: &Value, kind: &str, suffix: &str, pointer: &str) -> Value {
    let objects = rendered(values);
    let pointer = match pointer.split_at_checked(1) {
        Some(("~", rest)) => format!("{POD}{rest}"),
        Some(("@", rest)) => format!("{CONTAINER}{rest}"),
        _ => pointer.to_owned(),
    };
    let place = objects.get(kind, suffix).map(|object| object.pointer(&pointer).cloned().unwrap_or_default());
    place.unwrap_or_default()
}

#[test]
fn each_value_is_found_in_a_rendered_object_and_is_not_there_without_it() {
    for (path, value, needed, kind, suffix, pointer, expected) in table() {
        assert_eq!(found(&set(needed.clone(), &path, value), &kind, &suffix, &pointer), expected, "{path}");
        assert_ne!(found(&needed, &kind, &suffix, &pointer), expected, "{path} changes nothing");
    }
}

#[test]
fn each_setting_arrives_under_the_name_that_the_operator_reads() {
    let command = Settings::command();
    let values: Value = serde_saphyr::from_str(&fs::read_to_string(chart().join("values.yaml")).unwrap()).unwrap();
    for key in values["config"].as_object().unwrap().keys() {
        let flag = key.chars().fold(String::new(), |flag, letter| match letter {
            'A'..='Z' => flag + "-" + &letter.to_lowercase().to_string(),
            _ => flag + letter.encode_utf8(&mut [0; 4]),
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

/// A sample that the schema accepts for a setting, and its form in a variable.
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
    assert_eq!(table().into_iter().map(|row| row.0).collect::<BTreeSet<_>>(), leaves);
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
