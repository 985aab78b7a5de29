//! Liveness and readiness.
//!
//! Liveness says whether a restart could help; a missing CRD or a refused credential is no reason for one. Readiness
//! says whether the operator does its work, and what it waits for.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::model::name::Domain;

/// What has to be in place before the operator is ready, in the order in which it comes about.
pub const GATES: [(&str, &str); 4] = [
    ("crds", "waiting for the CRDs of sender-operator.io to be installed"),
    ("keys", "waiting for the operator's Secret"),
    ("account", "waiting for AWS to say whose credentials these are"),
    ("watches", "waiting for the first complete lists of the API server"),
];

#[derive(Debug)]
struct State {
    waiting: BTreeMap<&'static str, String>,
    mismatches: BTreeMap<Domain, String>,
}

/// The health of the process; clones share it.
#[derive(Clone, Debug)]
pub struct Health(Arc<Mutex<State>>);

impl Default for Health {
    fn default() -> Self {
        let waiting = GATES.iter().map(|(gate, why)| (*gate, (*why).to_owned())).collect();
        Self(Arc::new(Mutex::new(State { waiting, mismatches: BTreeMap::new() })))
    }
}

impl Health {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A gate has been passed.
    pub fn open(&self, gate: &str) {
        self.lock().waiting.remove(gate);
    }

    /// A gate is not passed, for this reason.
    pub fn wait(&self, gate: &'static str, why: String) {
        self.lock().waiting.insert(gate, why);
    }

    /// The claim on a domain belongs to another AWS account (`Some`), or does not.
    pub fn mismatch(&self, domain: &Domain, problem: Option<String>) {
        let mut state = self.lock();
        match problem {
            Some(problem) => state.mismatches.insert(domain.clone(), problem),
            None => state.mismatches.remove(domain),
        };
    }

    /// What readiness waits for, a line each; empty when ready.
    pub fn waits_for(&self) -> Vec<String> {
        let state = self.lock();
        let order = |gate: &&&'static str| GATES.iter().position(|(name, _)| name == *gate);
        let mut gates: Vec<&&'static str> = state.waiting.keys().collect();
        gates.sort_by_key(order);
        let mut lines: Vec<String> = gates.iter().map(|gate| format!("{gate}: {}", state.waiting[**gate])).collect();
        if let Some(problem) = state.mismatches.values().next() {
            lines.push(format!("account: {problem} ({} domains)", state.mismatches.len()));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readiness_names_what_it_waits_for_in_order() {
        let health = Health::default();
        assert_eq!(health.waits_for().len(), GATES.len());
        assert!(health.waits_for()[0].starts_with("crds: "));
        health.wait("account", "account: AWS refused".into());
        for gate in ["crds", "keys", "watches"] {
            health.open(gate);
        }
        assert_eq!(health.waits_for(), ["account: account: AWS refused"]);
        health.open("account");
        let domain = Domain::parse("a.example.com").unwrap();
        health.mismatch(&domain, Some("AccountMismatch".into()));
        assert!(health.waits_for()[0].contains("AccountMismatch"));
        health.mismatch(&domain, None);
        assert!(health.waits_for().is_empty());
    }
}
