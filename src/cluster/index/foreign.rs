//! Claims of other environments on domains; only their existence matters.

use std::collections::{BTreeSet, HashMap};

use crate::model::name::Domain;

/// Names of foreign claims by domain.
#[derive(Debug, Default)]
pub struct ForeignClaims(HashMap<Domain, BTreeSet<Box<str>>>);

impl ForeignClaims {
    /// Adds or removes a claim; returns whether anything changed.
    pub fn put(&mut self, domain: &Domain, name: &str, exists: bool) -> bool {
        let names = self.0.entry(domain.clone()).or_default();
        let changed = if exists { names.insert(name.into()) } else { names.remove(name) };
        if names.is_empty() {
            self.0.remove(domain);
        }
        changed
    }

    pub fn names(&self, domain: &Domain) -> impl Iterator<Item = &str> {
        self.0.get(domain).into_iter().flatten().map(|name| &**name)
    }
}
