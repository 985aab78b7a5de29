//! The controller: one engine per kind of subject, and the sweep over all identities.

mod account_check;
pub mod address;
mod claim_writes;
mod claimants;
pub mod config;
pub mod context;
pub mod domain;
pub mod engine;
pub mod lookups;
mod measure;
pub mod queue;
mod report;
mod ses_calls;
pub mod subject;
mod sweep;
mod sweep_timer;

use std::sync::Arc;

use self::{address::AddressSubject, domain::DomainSubject, engine::Engine, measure::measure, sweep::Sweep};
pub use self::{
    config::Config,
    context::{Context, Ports},
};
use crate::{
    cluster::{
        index::{AffectedSubjects, Index},
        probe::ApiServer,
        sink::{Sink, Synced, Watch},
    },
    model::{address::Address, name::Domain},
    serve::{
        health::{Health, Heartbeat},
        metrics::Metrics,
    },
};

/// The controller of sender domains and addresses.
pub struct Controller {
    context: Arc<Context>,
    domains: Arc<Engine<DomainSubject>>,
    addresses: Arc<Engine<AddressSubject>>,
    sweep: Sweep,
    synced: Synced,
}

impl Controller {
    /// A controller that does nothing until watches feed it and [`Self::run`] is called.
    pub fn new(config: Config, ports: Ports, health: Health, metrics: Metrics) -> Arc<Self> {
        let context = Context::new(config, ports, health, metrics);
        let domains = Engine::new(DomainSubject::new(context.clone()), context.clone());
        let addresses = Engine::new(AddressSubject::new(context.clone()), context.clone());
        let sweep = Sweep::new(context.clone(), domains.clone());
        Arc::new(Self { context, domains, addresses, sweep, synced: Synced::default() })
    }

    /// Returns once every watch has delivered its first complete list.
    pub async fn synced(&self) {
        self.synced.all().await;
    }

    /// Reconciles with this many workers per kind while this replica leads, until [`Self::stop`]; then finishes the
    /// running reconciles. Nothing starts before [`Self::synced`].
    pub async fn run(&self, workers: usize) {
        self.synced().await;
        let context = &self.context;
        let (domains, addresses) = {
            let index = context.index();
            (index.objects::<Domain>(), index.objects::<Address>())
        };
        tracing::info!(
            environment = context.config.environment,
            domains,
            addresses,
            "the initial lists from the API server are complete"
        );
        context.health.open("watches");
        let leading =
            || context.unless_stopped(context.with_heartbeat(Heartbeat::Domains, context.ports.leadership.acquired()));
        while let Some(term) = leading().await {
            context.metrics.leading(true);
            self.domains.begin_term();
            self.addresses.begin_term();
            let sweeping = context.unless_over(term, self.sweep.run(term));
            tokio::join!(self.domains.run(workers, term), self.addresses.run(workers, term), sweeping);
            context.metrics.leading(false);
        }
    }

    /// No new reconcile begins, and waits for SES end.
    pub fn stop(&self) {
        self.context.stopping.cancel();
        self.context.domains.close();
        self.context.addresses.close();
        // Releases `run` even if the watches never synced.
        self.synced.release();
    }

    /// When the API server recovers, reconciles the subjects that failed only because of it; their next attempt may be
    /// minutes away.
    pub fn api_server(&self, state: &ApiServer) {
        self.context.show_api_server(state);
        if *state == ApiServer::Reachable {
            self.domains.forgive();
            self.addresses.forgive();
        }
    }

    /// Sets the gauges.
    pub fn measure(&self, metrics: &Metrics) {
        measure(&self.context, &self.domains, metrics);
    }
}

impl Sink for Controller {
    fn change(&self, change: &mut dyn FnMut(&mut Index) -> AffectedSubjects) {
        self.context.change_index(change);
    }

    fn synced(&self, watch: Watch) {
        self.synced.add(watch);
    }

    fn interrupted(&self, watch: Watch, namespace: Option<&str>, problem: Option<String>) {
        self.context.health.watch(watch.as_str(), namespace, problem);
    }
}
