//! The simulated DNS data: one table for all names, and the faults of names.

use std::collections::{BTreeMap, HashMap};

use hickory_proto::rr::{RData, RecordType};
use serde::{Deserialize, Serialize};

use super::record::{RecordError, Shown, normal, parse, record_type};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DnsFault {
    ServFail,
    Timeout,
    Refused,
    /// Every question is answered with this value.
    WrongValue(String),
}

#[derive(Debug, Clone)]
pub(super) struct RecordSet {
    pub(super) ttl: u32,
    pub(super) data: Vec<RData>,
}

impl RecordSet {
    /// The values in zone file notation.
    fn shown(&self) -> Vec<String> {
        self.data.iter().map(|data| Shown(data).to_string()).collect()
    }
}

/// A set of records as the control API and the page show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordView {
    pub name: String,
    pub rtype: String,
    /// Seconds.
    pub ttl: u32,
    /// Values in zone file notation.
    pub values: Vec<String>,
}

#[derive(Debug)]
pub struct Zone {
    /// By labels from the root down, so that a name's descendants follow it.
    pub(super) records: BTreeMap<Vec<String>, BTreeMap<RecordType, RecordSet>>,
    pub(super) faults: BTreeMap<String, DnsFault>,
    pub(super) down: bool,
    pub(super) ttl: u32,
    version: u32,
    /// The last change of each registrable domain, which is the serial number of its default zone.
    pub(super) changes: HashMap<String, u32>,
    /// The last change of all names.
    changed_everywhere: u32,
}

impl Zone {
    pub fn new(ttl: u32) -> Self {
        Self {
            records: BTreeMap::new(),
            faults: BTreeMap::new(),
            down: false,
            ttl,
            version: 1,
            changes: HashMap::new(),
            changed_everywhere: 1,
        }
    }

    pub(crate) fn version(&self) -> u32 {
        self.version
    }

    /// Whether answers about these names can have changed since that version. All names of one registrable domain
    /// change together, because a record can change the answers above and below it.
    pub(crate) fn changed_since(&self, version: u32, names: &[String]) -> bool {
        let last = |name: &String| self.changes.get(apex(name)).copied().unwrap_or_default();
        self.changed_everywhere > version || names.iter().any(|name| last(name) > version)
    }

    fn note_change(&mut self, name: &str) {
        self.version += 1;
        self.changes.insert(apex(name).to_owned(), self.version);
    }

    fn note_change_everywhere(&mut self) {
        self.version += 1;
        self.changed_everywhere = self.version;
    }

    pub fn set(&mut self, name: &str, rtype: &str, values: &[&str], ttl: Option<u32>) -> Result<(), RecordError> {
        let rtype = record_type(rtype)?;
        let name = normal(name)?;
        let data = values.iter().map(|value| parse(rtype, value)).collect::<Result<Vec<_>, _>>()?;
        let set = RecordSet { ttl: ttl.unwrap_or(self.ttl), data };
        self.records.entry(path(&name)).or_default().insert(rtype, set);
        self.note_change(&name);
        Ok(())
    }

    /// Removes the records of a name and type; `false` if there were none.
    pub fn remove(&mut self, name: &str, rtype: &str) -> Result<bool, RecordError> {
        let rtype = record_type(rtype)?;
        let name = normal(name)?;
        let path = path(&name);
        let Some(sets) = self.records.get_mut(&path) else { return Ok(false) };
        let removed = sets.remove(&rtype).is_some();
        if sets.is_empty() {
            self.records.remove(&path);
        }
        self.note_change(&name);
        Ok(removed)
    }

    /// Changes the values of a name and type, as text; with no values left, the records are removed.
    pub fn change(
        &mut self,
        name: &str,
        rtype: &str,
        change: impl FnOnce(&mut Vec<String>),
    ) -> Result<(), RecordError> {
        let (path, kind) = (path(&normal(name)?), record_type(rtype)?);
        let set = self.records.get(&path).and_then(|sets| sets.get(&kind));
        let ttl = set.map(|set| set.ttl);
        let mut values = set.map(RecordSet::shown).unwrap_or_default();
        change(&mut values);
        if values.is_empty() {
            return self.remove(name, rtype).map(drop);
        }
        self.set(name, rtype, &values.iter().map(String::as_str).collect::<Vec<_>>(), ttl)
    }

    /// All records, parents before children.
    pub(crate) fn views(&self) -> Vec<RecordView> {
        let mut views = Vec::new();
        for (path, sets) in &self.records {
            let name = path.iter().rev().map(String::as_str).collect::<Vec<_>>().join(".");
            views.extend(sets.iter().map(|(rtype, set)| RecordView {
                name: name.clone(),
                rtype: rtype.to_string(),
                ttl: set.ttl,
                values: set.shown(),
            }));
        }
        views
    }

    /// Sets or clears a fault of a name.
    pub(crate) fn set_fault(&mut self, name: &str, fault: Option<DnsFault>) -> Result<(), RecordError> {
        let name = normal(name)?;
        self.note_change(&name);
        match fault {
            Some(fault) => self.faults.insert(name, fault),
            None => self.faults.remove(&name),
        };
        Ok(())
    }

    pub(crate) fn clear_faults(&mut self) {
        self.faults.clear();
        self.down = false;
        self.note_change_everywhere();
    }

    pub(crate) fn faults(&self) -> &BTreeMap<String, DnsFault> {
        &self.faults
    }

    /// Stops or restarts the whole server.
    pub(crate) fn set_down(&mut self, down: bool) {
        self.down = down;
        self.note_change_everywhere();
    }

    pub(crate) fn down(&self) -> bool {
        self.down
    }
}

/// A name's labels from the root down.
pub(super) fn path(key: &str) -> Vec<String> {
    key.rsplit('.').map(str::to_owned).collect()
}

/// The registrable domain of a name; a public suffix (or the root) is its own zone.
pub(super) fn apex(key: &str) -> &str {
    psl::domain_str(key).unwrap_or(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Name of the change, and the change.
    type Change = (&'static str, fn(&mut Zone));

    #[test]
    fn a_change_affects_the_names_of_its_registrable_domain() {
        let acme = ["x.acme.example".to_owned()];
        let two = ["other.example".to_owned(), "acme.example".to_owned()];
        let away = ["other.example".to_owned(), "acme.test".to_owned()];
        let changes: [Change; 4] = [
            ("set", |zone| zone.set("y.acme.example", "A", &["192.0.2.1"], Some(60)).unwrap()),
            ("fault", |zone| zone.set_fault("Acme.example.", Some(DnsFault::ServFail)).unwrap()),
            ("remove", |zone| assert!(zone.remove("y.acme.example", "A").unwrap())),
            ("change", |zone| zone.change("acme.example", "TXT", |values| values.push("x".into())).unwrap()),
        ];
        let mut zone = Zone::new(1);
        for (what, change) in changes {
            let before = zone.version();
            change(&mut zone);
            assert!(zone.changed_since(before, &acme) && zone.changed_since(before, &two), "{what}");
            assert!(!zone.changed_since(before, &away) && !zone.changed_since(zone.version(), &acme), "{what}");
        }
        let before = zone.version();
        zone.set_down(true);
        assert!(zone.changed_since(before, &away), "silence concerns everybody");
    }
}
