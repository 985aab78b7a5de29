//! Resources that can belong to tenants, and their ARNs.

use super::{Account, key};

/// The kinds of resources that SES associates with tenants, sorted like their ARNs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ResourceKind {
    ConfigurationSet,
    Identity,
    Template,
}

impl ResourceKind {
    pub(crate) const ALL: [Self; 3] = [Self::ConfigurationSet, Self::Identity, Self::Template];

    /// The word in ARNs. It is also the `ResourceType` in answers of the real SES, unlike the enum in its API model.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::ConfigurationSet => "configuration-set",
            Self::Identity => "identity",
            Self::Template => "template",
        }
    }

    pub(crate) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Resource {
    pub(crate) kind: ResourceKind,
    pub(crate) name: String,
}

impl Resource {
    /// A resource by its key: domains are case-insensitive.
    pub(crate) fn new(kind: ResourceKind, name: &str) -> Self {
        let name = if kind == ResourceKind::Identity { key(name) } else { name.to_owned() };
        Self { kind, name }
    }

    pub(crate) fn identity(name: &str) -> Self {
        Self::new(ResourceKind::Identity, name)
    }
}

impl Account {
    pub(crate) fn resource_arn(&self, resource: &Resource) -> String {
        format!("{}{}/{}", self.arn_prefix(), resource.kind.as_str(), resource.name)
    }

    /// The common prefix of all ARNs of this account and region.
    pub(crate) fn arn_prefix(&self) -> String {
        format!("arn:aws:ses:{}:{}:", self.settings.region, self.settings.account)
    }

    /// A resource as people name it: an ARN of this account, `configuration-set/NAME`, `identity/NAME`, or just the
    /// name of an identity.
    pub(crate) fn resource_named(&self, text: &str) -> Resource {
        let text = text.strip_prefix(&self.arn_prefix()).unwrap_or(text);
        let kind = text.split_once('/').and_then(|(word, name)| Some((ResourceKind::named(word)?, name)));
        kind.map_or_else(|| Resource::identity(text), |(kind, name)| Resource::new(kind, name))
    }

    /// Whether there is such a resource. The simulator has no templates.
    pub(crate) fn has(&self, resource: &Resource) -> bool {
        match resource.kind {
            ResourceKind::ConfigurationSet => self.configuration_sets.contains_key(&resource.name),
            ResourceKind::Identity => self.identities.contains_key(&resource.name),
            ResourceKind::Template => false,
        }
    }
}
