//! `crds/` matches the types.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{env, fs, path::Path};

use sender_operator::api::crds;

#[test]
fn the_crds_on_disk_match_the_types() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crds");
    for (name, text) in crds::files().unwrap() {
        let file = folder.join(&name);
        if env::var_os("UPDATE").is_some() {
            fs::write(&file, &text).unwrap();
        }
        let on_disk = fs::read_to_string(&file).unwrap_or_default();
        assert!(on_disk == text, "crds/{name} is not up to date: run `make crds` and commit the result");
    }
}

#[test]
fn no_spec_has_a_default_and_every_text_and_list_in_it_has_a_length() {
    for (name, text) in crds::files().unwrap() {
        let crd: serde_json::Value = serde_saphyr::from_str(&text).unwrap();
        let schema = &crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"];
        check(schema, &format!("{name}: spec"));
    }
}

fn check(schema: &serde_json::Value, path: &str) {
    assert!(schema.get("default").is_none(), "{path} has a default");
    let bounded = match schema["type"].as_str() {
        Some("string") => ["maxLength", "enum", "format"].iter().any(|key| schema.get(key).is_some()),
        Some("array") => schema.get("maxItems").is_some(),
        _ => true,
    };
    assert!(bounded, "{path} has no length limit");
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        check(property, &format!("{path}.{name}"));
    }
}
