//! The tenant that a namespace belongs to.

use std::{collections::BTreeMap, fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Namespace label that names the tenant. Only administrators who may assign tenants should be able to set it.
pub const TENANT_LABEL: &str = "sender-operator.io/tenant";
/// Namespace label that names the environment that serves the namespace.
pub const ENVIRONMENT_LABEL: &str = "sender-operator.io/environment";
/// The environment that also serves namespaces without [`ENVIRONMENT_LABEL`].
pub const DEFAULT_ENVIRONMENT: &str = "default";

/// The owner of namespaces and, through them, of domains.
///
/// A namespace without a label is a tenant of its own, identified by its uid: one that is deleted and recreated under
/// the same name is a different tenant. Labels and namespaces never mix, so no namespace name makes a labelled tenant.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub enum Tenant {
    /// All namespaces that carry this value of [`TENANT_LABEL`].
    Label(String),
    /// One namespace, until it is deleted.
    Namespace {
        /// The namespace's name.
        name: String,
        /// The namespace's uid.
        uid: String,
    },
}

/// The text is not a tenant in the format of [`Tenant`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not a tenant: use tenant/<label> or namespace/<name>/<uid>")]
pub struct NotATenant;

impl Tenant {
    /// The tenant of a namespace with these labels. An empty label counts as none.
    pub fn of_namespace(name: &str, uid: &str, labels: &BTreeMap<String, String>) -> Self {
        match tenant_label(labels) {
            Some(label) => Self::Label(label.to_owned()),
            None => Self::Namespace { name: name.to_owned(), uid: uid.to_owned() },
        }
    }
}

/// The tenant that the labels of a namespace name. An empty label counts as none.
pub fn tenant_label(labels: &BTreeMap<String, String>) -> Option<&str> {
    labels.get(TENANT_LABEL).map(String::as_str).filter(|label| !label.is_empty())
}

/// Whether this environment serves a namespace with these labels.
pub fn serves(environment: &str, labels: &BTreeMap<String, String>) -> bool {
    match labels.get(ENVIRONMENT_LABEL).filter(|label| !label.is_empty()) {
        Some(label) => label == environment,
        None => environment == DEFAULT_ENVIRONMENT,
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Label(label) => write!(f, "tenant/{label}"),
            Self::Namespace { name, uid } => write!(f, "namespace/{name}/{uid}"),
        }
    }
}

impl FromStr for Tenant {
    type Err = NotATenant;
    fn from_str(text: &str) -> Result<Self, NotATenant> {
        let parts: Vec<&str> = text.split('/').collect();
        match parts.as_slice() {
            ["tenant", label] if !label.is_empty() => Ok(Self::Label((*label).to_owned())),
            ["namespace", name, uid] if !name.is_empty() && !uid.is_empty() => {
                Ok(Self::Namespace { name: (*name).to_owned(), uid: (*uid).to_owned() })
            }
            _ => Err(NotATenant),
        }
    }
}

impl TryFrom<String> for Tenant {
    type Error = NotATenant;
    fn try_from(text: String) -> Result<Self, NotATenant> {
        text.parse()
    }
}

impl From<Tenant> for String {
    fn from(tenant: Tenant) -> Self {
        tenant.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn a_label_and_a_namespace_of_the_same_name_are_two_tenants() {
        let label = Tenant::of_namespace("a", "1", &labels(&[(TENANT_LABEL, "acme")]));
        let namespace = Tenant::of_namespace("acme", "1", &labels(&[]));
        let made_again = Tenant::of_namespace("acme", "2", &labels(&[(TENANT_LABEL, "")]));
        assert_eq!(label.to_string(), "tenant/acme");
        assert_eq!(namespace.to_string(), "namespace/acme/1");
        assert!(label != namespace && namespace != made_again);
        for tenant in [label, namespace, made_again] {
            assert_eq!(tenant.to_string().parse(), Ok(tenant));
        }
        for bad in ["", "acme", "tenant/", "tenant/a/b", "namespace/a", "namespace//1", "other/a"] {
            assert_eq!(bad.parse::<Tenant>(), Err(NotATenant), "{bad}");
        }
    }

    #[test]
    fn unlabelled_namespaces_belong_to_the_default_environment_only() {
        for (environment, label, expected) in [
            ("default", None, true),
            ("default", Some("default"), true),
            ("default", Some("prod"), false),
            ("prod", Some("prod"), true),
            ("prod", None, false),
            ("prod", Some("production"), false),
        ] {
            let labels = label.map(|l| labels(&[(ENVIRONMENT_LABEL, l)])).unwrap_or_default();
            assert_eq!(serves(environment, &labels), expected, "{environment} {label:?}");
        }
    }
}
