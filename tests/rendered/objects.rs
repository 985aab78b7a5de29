//! Rendered objects.

use serde_json::Value;

pub struct RenderedObjects(pub Vec<Value>);

impl RenderedObjects {
    pub fn parse(text: &str) -> Self {
        let documents = text.split("\n---").map(|text| serde_saphyr::from_str::<Value>(text.trim_start_matches("---")));
        Self(documents.map(Result::unwrap).filter(Value::is_object).collect())
    }

    /// The only object of a kind whose name ends with this suffix.
    pub fn get(&self, kind: &str, suffix: &str) -> Option<&Value> {
        let mut found = self.0.iter().filter(|object| object["kind"] == kind && name(object).ends_with(suffix));
        let first = found.next();
        assert!(found.next().is_none(), "there are several {kind}s …{suffix}");
        first
    }

    /// Kind, namespace and name of each.
    pub fn names(&self) -> Vec<(String, String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let one = |object: &Value| {
            (text(&object["kind"]), text(&object["metadata"]["namespace"]), text(&object["metadata"]["name"]))
        };
        self.0.iter().map(one).collect()
    }
}

pub fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap()
}
