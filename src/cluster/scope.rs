//! The namespaces that the operator watches.

use kube::{Api, Client, Resource, core::NamespaceResourceScope};

/// All namespaces, or selected ones. Resources in other namespaces are ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope(Vec<String>);

impl Scope {
    /// An empty list selects all namespaces.
    pub fn of(namespaces: &[String]) -> Self {
        let mut chosen = namespaces.to_vec();
        chosen.sort();
        chosen.dedup();
        Self(chosen)
    }

    /// One API for all namespaces, or one per selected namespace, with its name. A selected namespace need not exist
    /// yet.
    pub fn apis<K>(&self, client: &Client) -> Vec<(Option<String>, Api<K>)>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
    {
        if self.0.is_empty() {
            return vec![(None, Api::all(client.clone()))];
        }
        self.0.iter().map(|name| (Some(name.clone()), Api::namespaced(client.clone(), name))).collect()
    }
}
