//! The namespace labels that matter to the operator.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use crate::model::tenant::{Tenant, serves, tenant_label};

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

    /// All namespaces of a tenant.
    pub fn of_tenant(&self, tenant: &Tenant) -> Vec<&str> {
        match tenant {
            Tenant::Label(label) => {
                let members = self.0.iter().filter(|(_, labels)| tenant_label(labels) == Some(label));
                members.map(|(name, _)| name.as_str()).collect()
            }
            Tenant::Namespace { name, .. } => {
                self.0.get_key_value(name).map(|(name, _)| name.as_str()).into_iter().collect()
            }
        }
    }

    /// The group of a namespace for fair scheduling: all namespaces of one tenant form one group.
    pub fn group(&self, name: &Arc<str>) -> Arc<str> {
        let tenant = self.0.get(&**name).and_then(tenant_label);
        tenant.map_or_else(|| name.clone(), |tenant| Arc::from(format!("tenant/{tenant}")))
    }
}
