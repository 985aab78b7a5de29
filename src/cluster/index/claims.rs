//! Claims by subject, and the operator's own writes that no watch has delivered yet.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    entries::{ClaimEntry, Claimable},
    place::at_or_below,
};
use crate::model::name::Domain;

#[derive(Debug)]
pub struct Claims<S: Claimable> {
    entries: BTreeMap<String, ClaimEntry<S>>,
    /// Resource versions of the operator's own writes, by place, until a watch delivers them.
    noted: HashMap<String, Box<str>>,
}

#[derive(Debug)]
pub struct Change<S: Claimable> {
    pub subject: S,
    /// The previous entry.
    pub before: Option<ClaimEntry<S>>,
}

// A derived impl would require a default subject.
impl<S: Claimable> Default for Claims<S> {
    fn default() -> Self {
        Self { entries: BTreeMap::new(), noted: HashMap::new() }
    }
}

impl<S: Claimable> Claims<S> {
    /// Stores a claim from a watch; `None`: it is nothing new.
    ///
    /// A version from before the operator's own write is ignored. The write was conditional on it, so it contains
    /// nothing unknown. Storing it would briefly hide the counters in the write.
    pub fn put(&mut self, entry: ClaimEntry<S>) -> Option<Change<S>> {
        let place = entry.subject.place();
        if self.noted.get(&place).is_some_and(|own| is_before(&entry.version, own)) {
            return None;
        }
        self.noted.remove(&place);
        if self.entries.get(&place).is_some_and(|before| before.version == entry.version) {
            return None;
        }
        Some(self.insert(place, entry))
    }

    /// Stores the operator's own write.
    pub fn note(&mut self, entry: ClaimEntry<S>) -> Change<S> {
        let place = entry.subject.place();
        self.noted.insert(place.clone(), entry.version.clone());
        self.insert(place, entry)
    }

    fn insert(&mut self, place: String, entry: ClaimEntry<S>) -> Change<S> {
        let subject = entry.subject.clone();
        Change { subject, before: self.entries.insert(place, entry) }
    }

    /// `None`: there was no claim.
    pub fn remove(&mut self, subject: &S) -> Option<Change<S>> {
        let place = subject.place();
        self.noted.remove(&place);
        let before = self.entries.remove(&place)?;
        Some(Change { subject: subject.clone(), before: Some(before) })
    }

    /// Removes the claims that a complete list does not contain.
    pub fn keep(&mut self, listed: &HashSet<S>) -> Vec<Change<S>>
    where
        S: std::hash::Hash,
    {
        let gone = self.all().map(|entry| &entry.subject).filter(|subject| !listed.contains(*subject));
        let gone: Vec<S> = gone.cloned().collect();
        gone.iter().filter_map(|subject| self.remove(subject)).collect()
    }

    pub fn get(&self, subject: &S) -> Option<&ClaimEntry<S>> {
        self.entries.get(&subject.place())
    }

    pub fn all(&self) -> impl Iterator<Item = &ClaimEntry<S>> + Clone {
        self.entries.values()
    }

    /// Subjects with a claim, at a domain or below it.
    pub fn at_or_below<'a>(&'a self, domain: &Domain) -> impl Iterator<Item = &'a S> + use<'a, S> {
        at_or_below(&self.entries, domain).map(|entry| &entry.subject)
    }
}

/// Whether a resource version is older than another one of the same kind. They are increasing decimal numbers
/// (Kubernetes API concepts, "Resource versions"); other formats cannot be compared.
fn is_before(version: &str, other: &str) -> bool {
    let number = |text: &str| text.parse::<u128>().ok();
    matches!((number(version), number(other)), (Some(version), Some(other)) if version < other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resource_versions_are_compared_as_numbers() {
        assert!(is_before("9", "10") && !is_before("10", "9") && !is_before("a", "b"));
    }
}
