//! Liveness and readiness.
//!
//! Liveness fails only if a restart can help: a loop that never waits for other systems is stuck. A missing CRD or a
//! refused credential does not fail it. Readiness shows whether the operator can do its work, and lists the causes if
//! it cannot; a standby replica is ready.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// Prerequisites of readiness, in the order of the start.
pub const GATES: [(&str, &str); 4] = [
    ("crds", "waiting for the CRDs of sender-operator.io"),
    ("keys", "waiting for the operator's Secret"),
    ("account", "waiting for AWS to confirm the credentials"),
    ("watches", "waiting for the initial lists from the API server"),
];

/// A loop that keeps iterating regardless of AWS, DNS and the API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Heartbeat {
    /// Hands out domains to workers. It waits for a worker at most as long as a reconcile may take.
    Domains,
    /// Hands out addresses to workers.
    Addresses,
    /// Renews the lease or stands by. Each attempt has a deadline of seconds.
    Election,
}

impl Heartbeat {
    /// A loop is stuck if no iteration completed within this time.
    fn limit(self) -> Duration {
        match self {
            Self::Domains | Self::Addresses => Duration::from_mins(5),
            Self::Election => Duration::from_mins(1),
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Domains => "the loop that starts domain reconciles",
            Self::Addresses => "the loop that starts address reconciles",
            Self::Election => "the leader election",
        }
    }
}

#[derive(Debug)]
struct HealthState {
    waiting: BTreeMap<&'static str, String>,
    mismatches: BTreeMap<String, String>,
    notes: BTreeMap<&'static str, String>,
    heartbeats: BTreeMap<Heartbeat, Instant>,
    watches: BTreeMap<String, (Instant, String)>,
}

impl HealthState {
    /// The failing watches, the first few by name. Each is retried within seconds. A watch that resumed may have
    /// nothing to deliver for a long time, so a failure counts for one minute.
    fn failing_watches(&self) -> Option<String> {
        const NAMED: usize = 4;
        let failing = self.watches.iter().filter(|(_, (failed, _))| failed.elapsed() < Duration::from_mins(1));
        let lines: Vec<_> = failing.map(|(place, (_, problem))| format!("cannot list {place}: {problem}")).collect();
        let more = lines.len().saturating_sub(NAMED);
        let more = if more == 0 { String::new() } else { format!(" (and {more} more)") };
        (!lines.is_empty()).then(|| lines.iter().take(NAMED).cloned().collect::<Vec<_>>().join("; ") + &more)
    }
}

/// The health of the process; clones share it.
#[derive(Clone, Debug)]
pub struct Health(Arc<Mutex<HealthState>>);

impl Default for Health {
    fn default() -> Self {
        let waiting = GATES.iter().map(|(gate, why)| (*gate, (*why).to_owned())).collect();
        Self(Arc::new(Mutex::new(HealthState {
            waiting,
            mismatches: BTreeMap::new(),
            notes: BTreeMap::new(),
            heartbeats: BTreeMap::new(),
            watches: BTreeMap::new(),
        })))
    }
}

impl Health {
    fn lock(&self) -> MutexGuard<'_, HealthState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records that a loop completed an iteration.
    pub fn heartbeat(&self, heartbeat: Heartbeat) {
        self.lock().heartbeats.insert(heartbeat, Instant::now());
    }

    /// The loops that are stuck, one line each. A loop that has not started yet is not stuck.
    pub fn stuck(&self) -> Vec<String> {
        let state = self.lock();
        let late = state.heartbeats.iter().filter(|(heartbeat, last)| last.elapsed() > heartbeat.limit());
        late.map(|(heartbeat, last)| {
            format!("{} has been stuck for {} s", heartbeat.as_str(), last.elapsed().as_secs())
        })
        .collect()
    }

    /// A gate has been passed.
    pub fn open(&self, gate: &str) {
        self.lock().waiting.remove(gate);
    }

    /// A gate is not passed, for this reason.
    pub fn wait(&self, gate: &'static str, why: String) {
        self.lock().waiting.insert(gate, why);
    }

    /// The claim on a subject belongs to another AWS account (`Some`), or does not.
    pub fn mismatch(&self, subject: &str, problem: Option<String>) {
        let mut state = self.lock();
        match problem {
            Some(problem) => state.mismatches.insert(subject.to_owned(), problem),
            None => state.mismatches.remove(subject),
        };
    }

    /// A problem that blocks only a part of the work started (`Some`) or ended. Readiness reports it but stays ready:
    /// taking the replica out of service would not help.
    pub fn note(&self, about: &'static str, problem: Option<String>) {
        let mut state = self.lock();
        match problem {
            Some(problem) => state.notes.insert(about, problem),
            None => state.notes.remove(about),
        };
    }

    /// A watch on these resources, in this namespace or in all, just failed (`Some`) or works.
    pub fn watch(&self, resources: &str, namespace: Option<&str>, problem: Option<String>) {
        let place = namespace.map_or_else(|| resources.to_owned(), |name| format!("{resources} in namespace {name}"));
        let mut state = self.lock();
        match problem {
            Some(problem) => state.watches.insert(place, (Instant::now(), problem)),
            None => state.watches.remove(&place),
        };
    }

    /// Additional problems that readiness reports, one line each.
    pub fn notes(&self) -> Vec<String> {
        let state = self.lock();
        let notes = state.notes.iter().map(|(about, problem)| format!("{about}: {problem}"));
        let watches = state.failing_watches().filter(|_| !state.waiting.contains_key("watches"));
        notes.chain(watches.map(|problem| format!("watches: {problem}"))).collect()
    }

    /// The gates that readiness waits for, one line each; empty when ready.
    pub fn waits_for(&self) -> Vec<String> {
        let state = self.lock();
        let order = |gate: &&&'static str| GATES.iter().position(|(name, _)| name == *gate);
        let mut gates: Vec<&&'static str> = state.waiting.keys().collect();
        gates.sort_by_key(order);
        let mut lines: Vec<String> = gates.iter().map(|gate| format!("{gate}: {}", state.waiting[**gate])).collect();
        if let (Some(line), Some(problem)) =
            (lines.iter_mut().find(|line| line.starts_with("watches: ")), state.failing_watches())
        {
            *line = format!("{line}; {problem}");
        }
        if let Some(problem) = state.mismatches.values().next() {
            lines.push(format!("account: {problem} ({} claims)", state.mismatches.len()));
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
        health.mismatch("a.example.com", Some("AccountMismatch".into()));
        assert!(health.waits_for()[0].contains("AccountMismatch"));
        health.mismatch("a.example.com", None);
        health.note("mail", Some("the sender is not verified".into()));
        assert!(health.waits_for().is_empty(), "a note keeps nobody from being ready");
        assert_eq!(health.notes(), ["mail: the sender is not verified"]);
        health.note("mail", None);
        assert!(health.notes().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn readiness_names_a_namespace_that_can_not_be_read_before_and_after_the_start() {
        let health = Health::default();
        for gate in ["crds", "keys", "account"] {
            health.open(gate);
        }
        health.watch("senderdomains", Some("acme"), Some("forbidden".into()));
        health.watch("senderdomains", Some("zenith"), Some("forbidden".into()));
        let line = &health.waits_for()[0];
        let both = ["acme", "zenith"].map(|name| format!("cannot list senderdomains in namespace {name}: forbidden"));
        assert!(line.ends_with(&format!("; {}", both.join("; "))), "{line}");
        assert!(health.notes().is_empty());
        health.open("watches");
        health.watch("senderdomains", Some("acme"), None);
        assert!(health.waits_for().is_empty());
        assert_eq!(health.notes(), ["watches: cannot list senderdomains in namespace zenith: forbidden"]);
        tokio::time::advance(Duration::from_mins(1)).await;
        assert!(health.notes().is_empty(), "the watch goes on, and there is nothing to deliver");
    }

    #[tokio::test(start_paused = true)]
    async fn liveness_names_the_loop_that_does_not_come_round() {
        let health = Health::default();
        assert!(health.stuck().is_empty(), "what was not begun is not stuck");
        health.heartbeat(Heartbeat::Domains);
        tokio::time::advance(Duration::from_mins(4)).await;
        health.heartbeat(Heartbeat::Election);
        tokio::time::advance(Duration::from_secs(59)).await;
        assert!(health.stuck().is_empty());
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(health.stuck().len(), 2);
        health.heartbeat(Heartbeat::Election);
        assert_eq!(health.stuck(), ["the loop that starts domain reconciles has been stuck for 301 s"]);
    }
}
