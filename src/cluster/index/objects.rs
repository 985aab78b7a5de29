//! Objects by key and by claimed subject.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{
    entries::ObjectEntry,
    place::{Located, at_or_below},
};
use crate::{cluster::key::Key, model::name::Domain};

/// The objects that claim one subject; never empty.
#[derive(Debug)]
struct Claimants<S> {
    subject: S,
    keys: BTreeSet<Key>,
}

#[derive(Debug)]
pub struct Objects<S> {
    entries: BTreeMap<Key, ObjectEntry<S>>,
    claimants: BTreeMap<String, Claimants<S>>,
}

// A derived impl would require a default subject.
impl<S> Default for Objects<S> {
    fn default() -> Self {
        Self { entries: BTreeMap::new(), claimants: BTreeMap::new() }
    }
}

impl<S: Located + Clone + PartialEq> Objects<S> {
    /// Stores an object; returns its new and its previous subject if anything changed.
    pub fn put(&mut self, key: Key, entry: ObjectEntry<S>) -> Vec<S> {
        if self.entries.get(&key) == Some(&entry) {
            return Vec::new();
        }
        let mut changed: Vec<S> = self.remove(&key).into_iter().collect();
        let subject = entry.subject.clone();
        let new = || Claimants { subject: subject.clone(), keys: BTreeSet::new() };
        self.claimants.entry(subject.place()).or_insert_with(new).keys.insert(key.clone());
        self.entries.insert(key, entry);
        changed.push(subject);
        changed
    }

    /// Removes an object; returns its subject.
    pub fn remove(&mut self, key: &Key) -> Option<S> {
        let entry = self.entries.remove(key)?;
        let place = entry.subject.place();
        if let Some(claimants) = self.claimants.get_mut(&place) {
            claimants.keys.remove(key);
            if claimants.keys.is_empty() {
                self.claimants.remove(&place);
            }
        }
        Some(entry.subject)
    }

    /// Removes the objects that a complete list, of one namespace or of all, does not contain; returns their subjects.
    pub fn keep(&mut self, namespace: Option<&str>, listed: &HashSet<Key>) -> Vec<S> {
        let in_scope = |key: &Key| namespace.is_none_or(|namespace| &*key.0 == namespace);
        let gone = self.entries.keys().filter(|key| in_scope(key) && !listed.contains(*key));
        let gone: Vec<Key> = gone.cloned().collect();
        gone.iter().filter_map(|key| self.remove(key)).collect()
    }

    pub fn claimants(&self, subject: &S) -> impl Iterator<Item = &Key> + use<'_, S> {
        self.claimants.get(&subject.place()).into_iter().flat_map(|claimants| &claimants.keys)
    }

    pub fn subjects(&self) -> impl Iterator<Item = &S> {
        self.claimants.values().map(|claimants| &claimants.subject)
    }

    /// Subjects with a claimant, at a domain or below it.
    pub fn at_or_below<'a>(&'a self, domain: &Domain) -> impl Iterator<Item = &'a S> + use<'a, S> {
        at_or_below(&self.claimants, domain).map(|claimants| &claimants.subject)
    }

    /// The objects of a namespace.
    pub fn in_namespace(&self, namespace: &str) -> impl Iterator<Item = &ObjectEntry<S>> {
        let first: Key = (namespace.into(), "".into());
        let entries = self.entries.range(first.clone()..);
        entries.take_while(move |(key, _)| key.0 == first.0).map(|(_, entry)| entry)
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }
}
