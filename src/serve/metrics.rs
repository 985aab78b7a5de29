//! Prometheus metrics. Labels come from closed sets; no domain, namespace or tenant is one.

use std::{
    fmt,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use prometheus_client::{
    encoding::text::encode,
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};

use super::mail_metrics::MailMetrics;
use crate::{
    model::{claim::State, records::Doubt, scheduling::lanes::Lane, trouble::Class},
    ses::SesError,
};

type Labels<const N: usize> = [(&'static str, &'static str); N];
type CounterFamily<const N: usize> = Family<Labels<N>, Counter>;

struct Inner {
    registry: Registry,
    passes: CounterFamily<1>,
    calls: CounterFamily<2>,
    failures: CounterFamily<2>,
    look_ups: CounterFamily<1>,
    waits: Family<Labels<1>, Histogram>,
    backlog: Gauge,
    rate: Gauge<f64, AtomicU64>,
    sweeps: CounterFamily<1>,
    unclaimed: Gauge,
    objects: Gauge,
    claims: Family<Labels<1>, Gauge>,
    start: Gauge<f64, AtomicU64>,
    leading: Gauge,
    held_back: Gauge,
    mails: MailMetrics,
}

/// How a pass ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Nothing more to do until something changes or falls due.
    Settled,
    /// Waits for its turn at SES.
    Deferred,
    /// A step failed; it is tried again.
    Failed,
    /// The claim belongs to another AWS account or region; nothing was written.
    AccountMismatch,
}

impl Outcome {
    /// Label for metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Settled => "settled",
            Self::Deferred => "deferred",
            Self::Failed => "failed",
            Self::AccountMismatch => "account_mismatch",
        }
    }
}

/// How a sweep (a list of all identities at SES) ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sweep {
    /// The list was complete; what differs is looked at.
    Complete,
    /// The list lacked so many identities that only a few of them are looked at.
    Doubted,
    /// The list did not come to its end; nothing was concluded from it.
    Failed,
}

impl Sweep {
    /// Label for metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Doubted => "doubted",
            Self::Failed => "failed",
        }
    }
}

/// The metrics of the process; clones share them.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("sender_operator");
        // From one turn of the budget (a second) to about an hour behind a rush of thousands.
        let waits: fn() -> Histogram = || Histogram::new(exponential_buckets(0.5, 2.0, 13));
        let inner = Inner {
            passes: Family::default(),
            calls: Family::default(),
            failures: Family::default(),
            look_ups: Family::default(),
            waits: Family::new_with_constructor(waits),
            backlog: Gauge::default(),
            rate: Gauge::default(),
            sweeps: Family::default(),
            unclaimed: Gauge::default(),
            objects: Gauge::default(),
            claims: Family::default(),
            start: Gauge::default(),
            leading: Gauge::default(),
            held_back: Gauge::default(),
            mails: MailMetrics::new(&mut registry),
            registry: Registry::default(),
        };
        registry.register(
            "passes",
            "Passes over a domain or an address, by how they ended. Alert on a rising share of failed",
            inner.passes.clone(),
        );
        registry.register(
            "ses_calls",
            "Calls to the SES API, by operation and result (ok, or the class of the error)",
            inner.calls.clone(),
        );
        registry.register(
            "failures",
            "What kept passes from going on, by where (ses, kubernetes) and what it asks for: retry passes by itself, \
             stalled needs a person, bug is a defect",
            inner.failures.clone(),
        );
        registry.register(
            "dns_look_ups",
            "Look-ups in DNS by result: answered, or why there was no usable answer",
            inner.look_ups.clone(),
        );
        registry.register(
            "ses_budget_wait_seconds",
            "Time a call waited for its turn: SES allows one management call a second",
            inner.waits.clone(),
        );
        registry.register(
            "ses_rate",
            "Calls a second that the budget gives at the moment. Below --ses-rate: SES throttles the account",
            inner.rate.clone(),
        );
        registry.register(
            "sweeps",
            "Lists of all identities at SES, by how they ended. Alert when complete does not rise",
            inner.sweeps.clone(),
        );
        registry.register(
            "ses_unclaimed_identities",
            "Domain identities at SES that this environment has no claim on: other environments', made by hand, or left behind",
            inner.unclaimed.clone(),
        );
        registry.register(
            "queue_backlog",
            "Domains whose time has come and that wait for a worker",
            inner.backlog.clone(),
        );
        registry.register(
            "sender_domains",
            "SenderDomains seen in the cluster, of all environments",
            inner.objects.clone(),
        );
        registry.register("claims", "Claims of this environment by state", inner.claims.clone());
        registry.register("start_time_seconds", "Unix time at which the process started", inner.start.clone());
        registry.register(
            "releases_held_back",
            "Releases that look like an accident and wait for an administrator, 24 hours at most: see the events of the claims",
            inner.held_back.clone(),
        );
        registry.register(
            "leading",
            "1 on the replica that leads, 0 on those that stand by. Alert when the sum over all replicas is 0",
            inner.leading.clone(),
        );
        Self(Arc::new(Inner { registry, ..inner }))
    }
}

impl Metrics {
    pub(super) fn mails(&self) -> &MailMetrics {
        &self.0.mails
    }

    /// A pass ended.
    pub fn pass(&self, outcome: Outcome) {
        self.0.passes.get_or_create(&[("outcome", outcome.as_str())]).inc();
    }

    /// A call to SES was answered, or failed.
    pub fn ses_call(&self, operation: &'static str, error: Option<&SesError>) {
        let result = error.map_or("ok", SesError::label);
        self.0.calls.get_or_create(&[("operation", operation), ("result", result)]).inc();
    }

    /// A pass could not go on.
    pub fn failure(&self, place: &'static str, class: Class) {
        self.0.failures.get_or_create(&[("place", place), ("class", class.as_str())]).inc();
    }

    /// DNS was asked.
    pub fn look_up(&self, doubt: Option<Doubt>) {
        self.0.look_ups.get_or_create(&[("result", doubt.map_or("answered", Doubt::label))]).inc();
    }

    /// A call waited so long for its turn.
    pub fn budget_wait(&self, lane: Lane, wait: Duration) {
        self.0.waits.get_or_create(&[("lane", lane.as_str())]).observe(wait.as_secs_f64());
    }

    /// The budget gives so many turns a second.
    pub fn ses_rate(&self, rate: f64) {
        self.0.rate.set(rate);
    }

    /// A sweep ended.
    pub fn sweep(&self, how: Sweep) {
        self.0.sweeps.get_or_create(&[("result", how.as_str())]).inc();
    }

    /// So many domain identities at SES have no claim.
    pub fn unclaimed(&self, count: usize) {
        self.0.unclaimed.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// So many domains wait for a worker.
    pub fn backlog(&self, waiting: usize) {
        self.0.backlog.set(i64::try_from(waiting).unwrap_or(i64::MAX));
    }

    /// So many objects are in the index.
    pub fn objects(&self, count: usize) {
        self.0.objects.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// So many claims are in this state.
    pub fn claims(&self, state: State, count: usize) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.0.claims.get_or_create(&[("state", state.as_str())]).set(count);
    }

    /// The process started at this Unix time.
    pub fn started(&self, unix_seconds: f64) {
        self.0.start.set(unix_seconds);
    }

    /// So many releases wait for an administrator.
    pub fn held_back(&self, count: usize) {
        self.0.held_back.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Whether this replica leads.
    pub fn leading(&self, leading: bool) {
        self.0.leading.set(leading.into());
    }

    /// All metrics in the `OpenMetrics` text format.
    pub fn render(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.0.registry)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_that_is_declared_is_set_by_what_it_is_named_after() {
        let metrics = Metrics::default();
        metrics.pass(Outcome::Settled);
        metrics.ses_call("GetEmailIdentity", Some(&SesError::Throttled));
        metrics.budget_wait(Lane::Interactive, Duration::from_secs(1));
        metrics.failure("ses", Class::Retry);
        metrics.look_up(Some(Doubt::Timeout));
        metrics.backlog(2);
        metrics.ses_rate(0.5);
        metrics.sweep(Sweep::Doubted);
        metrics.unclaimed(5);
        metrics.objects(3);
        metrics.claims(State::Held, 4);
        metrics.started(1.0);
        metrics.leading(true);
        metrics.held_back(6);
        let text = metrics.render().unwrap();
        for line in [
            "sender_operator_passes_total{outcome=\"settled\"} 1",
            "sender_operator_ses_calls_total{operation=\"GetEmailIdentity\",result=\"throttled\"} 1",
            "sender_operator_ses_budget_wait_seconds_count{lane=\"interactive\"} 1",
            "sender_operator_failures_total{place=\"ses\",class=\"retry\"} 1",
            "sender_operator_dns_look_ups_total{result=\"timeout\"} 1",
            "sender_operator_queue_backlog 2",
            "sender_operator_ses_rate 0.5",
            "sender_operator_sweeps_total{result=\"doubted\"} 1",
            "sender_operator_ses_unclaimed_identities 5",
            "sender_operator_sender_domains 3",
            "sender_operator_claims{state=\"Held\"} 4",
            "sender_operator_start_time_seconds 1.0",
            "sender_operator_leading 1",
            "sender_operator_releases_held_back 6",
        ] {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
    }
}
