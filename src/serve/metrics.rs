//! Prometheus metrics. Labels come from closed sets; no domain, address, namespace or tenant is one.

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
    registry::{Metric, Registry},
};

use crate::{
    model::{claim::State, error_class::ErrorClass, records::Doubt, scheduling::lanes::Lane},
    ses::SesError,
};

type Labels<const N: usize> = [(&'static str, &'static str); N];
type CounterFamily<const N: usize> = Family<Labels<N>, Counter>;

/// Name and help text of a metric.
type Described = (&'static str, &'static str);

const MAILS: Described = (
    "mails",
    "Emails to mailbox owners, by outcome: sent, held_back by a limit, refused by SES, or unknown if SES did not respond",
);
const MAIL_WAIT: Described = ("mail_wait_seconds", "Time an email waits for its turn, in seconds");
const CONFIRMATION_PAGES: Described =
    ("confirmation_pages", "Requests to the pages of confirmation links, by action and outcome");
const ADDRESSES: Described = ("sender_addresses", "SenderAddresses in the cluster, across all environments");
const ADDRESS_CLAIMS: Described = ("address_claims", "Claims on addresses in this environment, by state");
const RECONCILES: Described =
    ("reconciles", "Reconciles of domains and addresses, by outcome. Alert on a rising share of failed reconciles");
const CALLS: Described = ("ses_calls", "Calls to the SES API, by operation and result (ok or the error class)");
const RECONCILE_ERRORS: Described = (
    "reconcile_errors",
    "Reconcile errors, by place (ses, kubernetes) and class: retry is temporary, stalled needs manual action, bug is a \
     defect. Alert on stalled and bug",
);
const LOOK_UPS: Described =
    ("dns_lookups", "DNS lookups, by result: answered, or the reason why there is no usable answer");
const WAITS: Described = (
    "ses_budget_wait_seconds",
    "Time a call waits for the call budget, by lane, in seconds. SES allows one call per second",
);
const RATE: Described =
    ("ses_rate", "Current rate of SES management calls per second. Below --ses-rate, SES is throttling the account");
const SWEEPS: Described = ("sweeps", "Sweeps (lists of all SES identities), by result. Alert if complete stops rising");
const UNCLAIMED: Described = (
    "ses_unclaimed_identities",
    "Domain identities in SES without a claim in this environment: of other environments, created by hand, or orphaned",
);
const BACKLOG: Described = ("queue_backlog", "Domains and addresses that are due and waiting for a worker");
const OBJECTS: Described = ("sender_domains", "SenderDomains in the cluster, across all environments");
const CLAIMS: Described = ("claims", "Claims on domains in this environment, by state");
const START: Described = ("start_time_seconds", "Unix time at which the process started");
const HELD_BACK: Described = (
    "releases_held_back",
    "Deletions in SES that look accidental and wait for an administrator, for at most 24 hours. Alert above 0",
);
const LEADING: Described = ("leading", "1 on the leader, 0 on standbys. Alert if the sum over all replicas is 0");

struct MetricGroups {
    registry: Registry,
    mail: MailMetrics,
    work: WorkMetrics,
    state: StateMetrics,
}

/// Emails, the pages that they link to, and addresses.
struct MailMetrics {
    mails: CounterFamily<1>,
    mail_wait: Histogram,
    answers: CounterFamily<2>,
    addresses: Gauge,
    address_claims: Family<Labels<1>, Gauge>,
}

/// Work and waits of reconciles.
struct WorkMetrics {
    reconciles: CounterFamily<1>,
    calls: CounterFamily<2>,
    reconcile_errors: CounterFamily<2>,
    lookups: CounterFamily<1>,
    waits: Family<Labels<1>, Histogram>,
    rate: Gauge<f64, AtomicU64>,
}

/// State of the cluster and of the process.
struct StateMetrics {
    sweeps: CounterFamily<1>,
    unclaimed: Gauge,
    backlog: Gauge,
    objects: Gauge,
    claims: Family<Labels<1>, Gauge>,
    start: Gauge<f64, AtomicU64>,
    held_back: Gauge,
    leading: Gauge,
}

/// How a reconcile ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReconcileOutcome {
    /// Nothing more to do until something changes or falls due.
    Settled,
    /// The reconcile waits for the call budget.
    Deferred,
    /// A step failed and is retried.
    Failed,
    /// The claim belongs to another AWS account or region; nothing was written.
    AccountMismatch,
}

impl ReconcileOutcome {
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

/// How a sweep (a list of all SES identities) ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SweepOutcome {
    /// The list was complete; domains that differ are reconciled.
    Complete,
    /// Too many identities were missing from the list; only a sample of them is reconciled.
    Doubted,
    /// The list was incomplete and is ignored.
    Failed,
}

impl SweepOutcome {
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
pub struct Metrics(Arc<MetricGroups>);

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("sender_operator");
        let mail = MailMetrics::new(&mut registry);
        let work = WorkMetrics::new(&mut registry);
        let state = StateMetrics::new(&mut registry);
        Self(Arc::new(MetricGroups { registry, mail, work, state }))
    }
}

impl MailMetrics {
    fn new(registry: &mut Registry) -> Self {
        Self {
            mails: add(registry, MAILS, Family::default()),
            // From a tenth of a second to a quarter of an hour.
            mail_wait: add(registry, MAIL_WAIT, Histogram::new(exponential_buckets(0.1, 2.0, 14))),
            answers: add(registry, CONFIRMATION_PAGES, Family::default()),
            addresses: add(registry, ADDRESSES, Gauge::default()),
            address_claims: add(registry, ADDRESS_CLAIMS, Family::default()),
        }
    }
}

impl WorkMetrics {
    fn new(registry: &mut Registry) -> Self {
        // From one turn of the budget (a second) to about an hour behind a rush of thousands.
        let waits: fn() -> Histogram = || Histogram::new(exponential_buckets(0.5, 2.0, 13));
        Self {
            reconciles: add(registry, RECONCILES, Family::default()),
            calls: add(registry, CALLS, Family::default()),
            reconcile_errors: add(registry, RECONCILE_ERRORS, Family::default()),
            lookups: add(registry, LOOK_UPS, Family::default()),
            waits: add(registry, WAITS, Family::new_with_constructor(waits)),
            rate: add(registry, RATE, Gauge::default()),
        }
    }
}

impl StateMetrics {
    fn new(registry: &mut Registry) -> Self {
        Self {
            sweeps: add(registry, SWEEPS, Family::default()),
            unclaimed: add(registry, UNCLAIMED, Gauge::default()),
            backlog: add(registry, BACKLOG, Gauge::default()),
            objects: add(registry, OBJECTS, Gauge::default()),
            claims: add(registry, CLAIMS, Family::default()),
            start: add(registry, START, Gauge::default()),
            held_back: add(registry, HELD_BACK, Gauge::default()),
            leading: add(registry, LEADING, Gauge::default()),
        }
    }
}

/// Registers a metric with its name and help text.
fn add<M: Metric + Clone>(registry: &mut Registry, (name, help): Described, metric: M) -> M {
    registry.register(name, help, metric.clone());
    metric
}

impl Metrics {
    /// A reconcile ended.
    pub fn reconcile(&self, outcome: ReconcileOutcome) {
        self.0.work.reconciles.get_or_create(&[("outcome", outcome.as_str())]).inc();
    }

    /// A call to SES was answered, or failed.
    pub fn ses_call(&self, operation: &'static str, error: Option<&SesError>) {
        let result = error.map_or("ok", SesError::label);
        self.0.work.calls.get_or_create(&[("operation", operation), ("result", result)]).inc();
    }

    /// A reconcile failed.
    pub fn reconcile_error(&self, place: &'static str, class: ErrorClass) {
        self.0.work.reconcile_errors.get_or_create(&[("place", place), ("class", class.as_str())]).inc();
    }

    /// A DNS lookup ended.
    pub fn look_up(&self, doubt: Option<Doubt>) {
        self.0.work.lookups.get_or_create(&[("result", doubt.map_or("answered", Doubt::label))]).inc();
    }

    /// Time a call waited for the call budget.
    pub fn budget_wait(&self, lane: Lane, wait: Duration) {
        self.0.work.waits.get_or_create(&[("lane", lane.as_str())]).observe(wait.as_secs_f64());
    }

    /// Current rate of the call budget, in calls per second.
    pub fn ses_rate(&self, rate: f64) {
        self.0.work.rate.set(rate);
    }

    /// A sweep ended.
    pub fn sweep(&self, how: SweepOutcome) {
        self.0.state.sweeps.get_or_create(&[("result", how.as_str())]).inc();
    }

    /// Number of domain identities in SES without a claim.
    pub fn unclaimed(&self, count: usize) {
        self.0.state.unclaimed.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Number of domains that wait for a worker.
    pub fn backlog(&self, waiting: usize) {
        self.0.state.backlog.set(i64::try_from(waiting).unwrap_or(i64::MAX));
    }

    /// Number of objects in the index.
    pub fn objects(&self, count: usize) {
        self.0.state.objects.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Number of claims in this state.
    pub fn claims(&self, state: State, count: usize) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.0.state.claims.get_or_create(&[("state", state.as_str())]).set(count);
    }

    /// The process started at this Unix time.
    pub fn started(&self, unix_seconds: f64) {
        self.0.state.start.set(unix_seconds);
    }

    /// Number of releases that wait for an administrator.
    pub fn held_back(&self, count: usize) {
        self.0.state.held_back.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Whether this replica leads.
    pub fn leading(&self, leading: bool) {
        self.0.state.leading.set(leading.into());
    }

    /// Outcome of an email: sent, held back, refused or unknown.
    pub fn mail(&self, outcome: &'static str) {
        self.0.mail.mails.get_or_create(&[("outcome", outcome)]).inc();
    }

    /// Time an email waited for its turn.
    pub fn mail_wait(&self, wait: Duration) {
        self.0.mail.mail_wait.observe(wait.as_secs_f64());
    }

    /// A visitor opened the page of a link or pressed a button on it.
    pub fn confirmation_page(&self, action: &'static str, outcome: &'static str) {
        self.0.mail.answers.get_or_create(&[("action", action), ("outcome", outcome)]).inc();
    }

    /// Number of `SenderAddress`es in the index.
    pub fn addresses(&self, count: usize) {
        self.0.mail.addresses.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Number of claims on addresses in this state.
    pub fn address_claims(&self, state: State, count: usize) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.0.mail.address_claims.get_or_create(&[("state", state.as_str())]).set(count);
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
        metrics.reconcile(ReconcileOutcome::Settled);
        metrics.ses_call("GetEmailIdentity", Some(&SesError::Throttled));
        metrics.budget_wait(Lane::Interactive, Duration::from_secs(1));
        metrics.reconcile_error("ses", ErrorClass::Retry);
        metrics.look_up(Some(Doubt::Timeout));
        metrics.backlog(2);
        metrics.ses_rate(0.5);
        metrics.sweep(SweepOutcome::Doubted);
        metrics.unclaimed(5);
        metrics.objects(3);
        metrics.claims(State::Held, 4);
        metrics.started(1.0);
        metrics.leading(true);
        metrics.held_back(6);
        metrics.mail("sent");
        metrics.mail_wait(Duration::from_secs(1));
        metrics.confirmation_page("confirm", "done");
        metrics.addresses(3);
        metrics.address_claims(State::Held, 4);
        let text = metrics.render().unwrap();
        for line in [
            "sender_operator_reconciles_total{outcome=\"settled\"} 1",
            "sender_operator_ses_calls_total{operation=\"GetEmailIdentity\",result=\"throttled\"} 1",
            "sender_operator_ses_budget_wait_seconds_count{lane=\"interactive\"} 1",
            "sender_operator_reconcile_errors_total{place=\"ses\",class=\"retry\"} 1",
            "sender_operator_dns_lookups_total{result=\"timeout\"} 1",
            "sender_operator_queue_backlog 2",
            "sender_operator_ses_rate 0.5",
            "sender_operator_sweeps_total{result=\"doubted\"} 1",
            "sender_operator_ses_unclaimed_identities 5",
            "sender_operator_sender_domains 3",
            "sender_operator_claims{state=\"Held\"} 4",
            "sender_operator_start_time_seconds 1.0",
            "sender_operator_leading 1",
            "sender_operator_releases_held_back 6",
            "sender_operator_mails_total{outcome=\"sent\"} 1",
            "sender_operator_mail_wait_seconds_count 1",
            "sender_operator_confirmation_pages_total{action=\"confirm\",outcome=\"done\"} 1",
            "sender_operator_sender_addresses 3",
            "sender_operator_address_claims{state=\"Held\"} 4",
        ] {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
    }
}
