//! The subject kind of domains: observe, decide, act, report.

mod act;
pub mod decide;
pub mod observe;
mod report;

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use self::{
    decide::{
        assess::Assessment,
        decide,
        step::{Decision, Step},
    },
    observe::{cache::DomainCache, observation::Observation},
};
use super::{
    context::{Context, ReconcileError},
    queue::scheduler::Scheduler,
    subject::{Kept, Reconcile, Subject},
};
use crate::{
    cluster::{
        leadership::Term,
        store::{PendingEvent, StoreError},
    },
    model::{claim::claim_name, name::Domain},
    serve::health::Heartbeat,
};

/// The domains of this environment.
pub struct DomainSubject {
    context: Arc<Context>,
}

impl DomainSubject {
    pub fn new(context: Arc<Context>) -> Self {
        Self { context }
    }
}

#[async_trait]
impl Subject for DomainSubject {
    type Key = Domain;
    type Cache = DomainCache;
    type Observation = Observation;
    type Step = Step;

    const KIND: &'static str = "SenderDomain";
    const HEARTBEAT: Heartbeat = Heartbeat::Domains;

    fn scheduler(&self) -> &Scheduler<Domain> {
        &self.context.domains
    }

    fn all(&self) -> Vec<Domain> {
        self.context.index().subjects::<Domain>(&self.context.config.environment).into_iter().cloned().collect()
    }

    fn group(&self, domain: &Domain) -> Arc<str> {
        self.context.index().group(domain)
    }

    fn claim_name(&self, domain: &Domain) -> String {
        claim_name(&self.context.config.environment, domain)
    }

    fn log_name(&self, domain: &Domain) -> String {
        domain.to_string()
    }

    async fn observe(&self, domain: &Domain, kept: Kept<DomainCache>) -> Result<Observation, StoreError> {
        observe::observe(&self.context, domain, kept).await
    }

    fn decide(&self, observation: &mut Observation, now: Timestamp) -> Decision {
        observe::count_creations(&self.context, observation);
        decide(&Assessment::of(&self.context.config, observation, now))
    }

    fn plan(&self, observation: &Observation, step: &Step) -> Option<String> {
        match step {
            Step::Read(_) => None,
            Step::Write(write) => Some(write.plan(observation.domain.as_str())),
        }
    }

    async fn act(
        &self,
        observation: &mut Observation,
        step: Step,
        reconcile: &Reconcile<'_>,
    ) -> Result<(), ReconcileError> {
        act::act(&self.context, observation, step, reconcile).await
    }

    async fn report(
        &self,
        observation: &Observation,
        events: Vec<PendingEvent>,
        term: Term,
    ) -> Result<(), ReconcileError> {
        report::report(&self.context, observation, events, term).await
    }

    fn settled(&self, observation: &mut Observation, now: Timestamp) {
        let config = &self.context.config;
        let assessed = Assessment::of(config, observation, now);
        let held_back = report::events::held_back(&assessed, &claim_name(&config.environment, &observation.domain));
        if let Some(wait) = assessed.awaits_ses() {
            self.context.sweep.hasten(wait, config.poll_interval);
        }
        observation.cache.held_back = held_back.is_some();
        observation.progress.events.extend(held_back);
    }
}
