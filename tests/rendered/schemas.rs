//! Validates every set of values strictly with kubeconform, with the schemas of the API server that the tests run,
//! without downloads.

use std::{collections::BTreeMap, fs, path::PathBuf};

use sender_operator_harness::{ControlPlane, Identity};
use serde_json::{Map, Value, json};

use crate::{
    helm::{path, run, template},
    sets,
};

/// Third-party kinds without a schema here; kubeconform skips them.
const OF_OTHERS: &str = "ServiceMonitor,HTTPRoute";

/// A definition without references and without unknown keys. Recursive definitions end in an unrestricted object.
fn resolved(value: &Value, definitions: &Map<String, Value>, within: &mut Vec<String>) -> Value {
    let Some(object) = value.as_object() else { return value.clone() };
    if let Some(name) = object.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next()) {
        if within.iter().any(|outer| outer == name) {
            return json!({});
        }
        // It may be a string or a number; OpenAPI only has the string.
        if name.ends_with(".resource.Quantity") {
            return json!({ "type": ["string", "number"] });
        }
        within.push(name.to_owned());
        let inner = resolved(&definitions[name], definitions, within);
        within.pop();
        return inner;
    }
    let mut out = Map::new();
    for (key, value) in object {
        let value = match key.as_str() {
            "properties" => {
                let each = value.as_object().unwrap().iter();
                Value::Object(each.map(|(key, value)| (key.clone(), resolved(value, definitions, within))).collect())
            }
            "items" | "additionalProperties" => resolved(value, definitions, within),
            _ => value.clone(),
        };
        out.insert(key.clone(), value);
    }
    if out.contains_key("properties") && !out.contains_key("additionalProperties") {
        out.insert("additionalProperties".to_owned(), json!(false));
    }
    // The API server accepts a number or a string.
    if out.get("format") == Some(&json!("int-or-string")) {
        return json!({ "oneOf": [{ "type": "string" }, { "type": "integer" }] });
    }
    Value::Object(out)
}

/// Writes `{kind}-{group's first label}-{version}.json`, the names that kubeconform expects.
fn write_schemas(swagger: &Value) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("sender-operator-schemas-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let definitions = swagger["definitions"].as_object().unwrap();
    let mut written = BTreeMap::new();
    for (name, definition) in definitions {
        for kind in definition["x-kubernetes-group-version-kind"].as_array().into_iter().flatten() {
            let text = |key: &str| kind[key].as_str().unwrap().to_lowercase();
            let group = text("group").split('.').next().unwrap().to_owned();
            let parts = [text("kind"), group, text("version")];
            let file = parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join("-");
            let schema = resolved(definition, definitions, &mut vec![name.clone()]);
            written.insert(file, schema);
        }
    }
    assert!(written.contains_key("deployment-apps-v1") && written.contains_key("service-v1"));
    for (file, schema) in written {
        fs::write(folder.join(file + ".json"), schema.to_string()).unwrap();
    }
    folder
}

#[tokio::test]
async fn kubeconform_finds_nothing_in_any_set_of_values() -> anyhow::Result<()> {
    let cluster = ControlPlane::shared()?;
    let swagger = cluster.kubectl(&["get", "--raw", "/openapi/v2"], &Identity::Admin).await?.success()?;
    let folder = write_schemas(&serde_json::from_str(&swagger)?);
    let location = format!("{}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json", path(&folder));
    let arguments = ["-strict", "-summary", "-skip", OF_OTHERS, "-schema-location", &location, "-"];
    let sets = sets::all();
    assert!(sets.len() >= 10);
    for (name, values) in sets {
        let said = run("kubeconform", &arguments, &template(&values).unwrap())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(said.contains("Invalid: 0, Errors: 0"), "{name}: {said}");
    }
    // A typo would be found.
    let typo = template(&json!({})).unwrap().replacen("serviceAccountName:", "serviceAcountName:", 1);
    assert!(run("kubeconform", &arguments, &typo).unwrap_err().contains("serviceAcountName"));
    fs::remove_dir_all(folder)?;
    Ok(())
}
