//! An operator's process: the real controller over this simulation's ports.

use std::{
    str::FromStr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use clap::Parser;
use sender_operator::{
    cluster::{leadership::Leadership, operator_secret::Keys},
    controller::{Config, Controller, Ports},
    model::challenge::ChallengeKeys,
    serve::{health::Health, metrics::Metrics},
    settings::Settings,
};
use tokio::{
    task::{JoinHandle, JoinSet},
    time::Instant,
};

use super::{
    DAY, KnownAnswers, Shared, Simulation, lock,
    people::{OWNER, caller},
    ports::Port,
    watches,
};

/// Concurrent reconciles, the default.
const WORKERS: usize = 4;

/// Connects a process with the simulation.
pub struct Link {
    pub config: Config,
    /// What the process has read.
    pub known: KnownAnswers,
    dead: AtomicBool,
    last_call: Mutex<Option<Instant>>,
}

impl Link {
    /// For a process that has just started.
    pub fn new(config: &Config) -> Arc<Self> {
        Arc::new(Self {
            config: config.clone(),
            known: KnownAnswers::default(),
            dead: AtomicBool::new(false),
            last_call: Mutex::default(),
        })
    }

    pub fn is_dead(&self) -> bool {
        self.dead.load(Ordering::Relaxed)
    }

    /// From now on no action of the process has an effect.
    pub fn kill(&self) {
        self.dead.store(true, Ordering::Relaxed);
    }

    /// Notes a call to SES. Returns the time since the previous one.
    pub fn called(&self, now: Instant) -> Option<Duration> {
        lock(&self.last_call).replace(now).map(|last| now - last)
    }
}

/// A running operator. Dropping it kills it: its unfinished work never completes.
pub struct Operator {
    controller: Arc<Controller>,
    health: Health,
    metrics: Metrics,
    leadership: Leadership,
    link: Arc<Link>,
    feeding: JoinSet<()>,
    running: Option<JoinHandle<()>>,
}

impl Operator {
    fn start(shared: &Arc<Shared>, config: Config) -> Self {
        let link = Link::new(&config);
        let leadership = Leadership::default();
        leadership.renewed(Instant::now(), 1000 * 365 * DAY);
        let ports = Port::all(shared, &link, &leadership);
        let health = Health::default();
        for gate in ["crds", "keys", "account"] {
            health.open(gate);
        }
        let environment = config.environment.clone();
        let metrics = Metrics::default();
        let controller = Controller::new(config, ports, health.clone(), metrics.clone());
        let mut feeding = JoinSet::new();
        feeding.spawn(watches::feed(shared.clone(), environment, controller.clone()));
        let reconciles = controller.clone();
        let running = Some(tokio::spawn(async move { reconciles.run(WORKERS).await }));
        Self { controller, health, metrics, leadership, link, feeding, running }
    }

    /// Another replica leads from now on.
    pub fn stand_by(&self) {
        self.leadership.revoke();
    }

    /// This one leads until [`Self::stand_by`].
    pub fn lead(&self) {
        self.leadership.renewed(Instant::now(), 1000 * 365 * DAY);
    }

    /// Its lease was renewed now for this time, and is not renewed again.
    pub fn lead_for(&self, time: Duration) {
        self.leadership.renewed(Instant::now(), time);
    }

    pub fn is_dead(&self) -> bool {
        self.link.is_dead()
    }

    /// The readiness gates that are still closed.
    pub fn waits_for(&self) -> Vec<String> {
        self.health.waits_for()
    }

    /// Other messages of the health endpoint.
    pub fn notes(&self) -> Vec<String> {
        self.health.notes()
    }

    /// Number of reconciles with this outcome.
    pub fn reconciles(&self, outcome: &str) -> u64 {
        self.metric(&format!("sender_operator_reconciles_total{{outcome=\"{outcome}\"}}"))
    }

    /// A metric, 0 if it was never set.
    pub fn metric<T: FromStr + Default>(&self, name: &str) -> T {
        self.controller.measure(&self.metrics);
        let text = self.metrics.render().unwrap();
        let value = |line: &str| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok();
        text.lines().find_map(value).unwrap_or_default()
    }

    pub fn all_metrics(&self) -> String {
        self.controller.measure(&self.metrics);
        self.metrics.render().unwrap()
    }

    /// The current rate of the call budget, in calls per second.
    pub fn ses_rate(&self) -> f64 {
        self.metric("sender_operator_ses_rate")
    }

    /// Ends as at SIGTERM: running reconciles finish.
    pub async fn stop(mut self) {
        self.controller.stop();
        if let Some(running) = self.running.take() {
            running.await.unwrap();
        }
    }
}

impl Drop for Operator {
    fn drop(&mut self) {
        self.link.kill();
        self.controller.stop();
        self.feeding.abort_all();
    }
}

impl Simulation {
    /// The default settings of an operator, except that no proof is needed, and that each identity is read in full
    /// every ten minutes instead of every six hours.
    pub fn settings() -> Config {
        let keys = Keys {
            owner_id: OWNER.to_owned(),
            challenge: ChallengeKeys { current: [7; 32], previous: None },
            links: Self::mail_config().keys,
        };
        // Most scenarios are not about proofs.
        let flags = ["sender-operator", "--proof=none", "--allow-approval", "--refresh-interval=10m"];
        let config = Settings::try_parse_from(flags).unwrap().config(keys, caller()).unwrap();
        Config { mail: Some(Arc::new(Self::mail_config())), ..config }
    }

    pub fn start(&self) -> Operator {
        self.start_with(|_| {})
    }

    pub fn start_with(&self, change: impl FnOnce(&mut Config)) -> Operator {
        let mut config = Self::settings();
        change(&mut config);
        self.start_as(config)
    }

    /// The ports of a process that leads, without a controller.
    pub fn ports(&self, config: &Config) -> Ports {
        let leadership = Leadership::default();
        leadership.renewed(Instant::now(), 1000 * 365 * DAY);
        Port::all(&self.shared, &Link::new(config), &leadership)
    }

    pub fn start_as(&self, config: Config) -> Operator {
        Operator::start(&self.shared, config)
    }
}
