//! The namespace labels that matter to the operator.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use crate::model::tenant::{TENANT_LABEL, serves};

/// Labels by namespace.
#[derive(Debug, Default)]
pub struct Namespaces(HashMap<String, BTreeMap<String, String>>);

impl Namespaces {
    /// Stores the labels; returns whether they changed.
    pub fn put(&mut self, name: &str, labels: &BTreeMap<String, String>) -> bool {
        self.0.insert(name.to_owned(), labels.clone()).as_ref() != Some(labels)
    }

    /// Removes a namespace; returns whether it was known.
    pub fn remove(&mut self, name: &str) -> bool {
        self.0.remove(name).is_some()
    }

    /// Whether an environment serves a namespace. A namespace that was not observed yet is not served.
    pub fn is_served(&self, environment: &str, name: &str) -> bool {
        self.0.get(name).is_some_and(|labels| serves(environment, labels))
    }

    /// All namespaces of a group.
    pub fn of_group(&self, group: &str) -> Vec<&str> {
        match group.strip_prefix("tenant/") {
            Some(tenant) => {
                let members = self.0.iter().filter(|(_, labels)| tenant_label(labels) == Some(tenant));
                members.map(|(name, _)| name.as_str()).collect()
            }
            None => self.0.get_key_value(group).map(|(name, _)| name.as_str()).into_iter().collect(),
        }
    }

    /// The group of a namespace for fair scheduling: all namespaces of one tenant form one group.
    pub fn group(&self, name: &Arc<str>) -> Arc<str> {
        let tenant = self.0.get(&**name).and_then(tenant_label);
        tenant.map_or_else(|| name.clone(), |tenant| Arc::from(format!("tenant/{tenant}")))
    }
}

/// An empty label counts as none.
fn tenant_label(labels: &BTreeMap<String, String>) -> Option<&str> {
    labels.get(TENANT_LABEL).map(String::as_str).filter(|label| !label.is_empty())
}
