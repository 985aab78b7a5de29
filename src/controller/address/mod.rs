//! The subject kind of addresses: observe, decide, act, report.

mod act;
pub mod decide;
pub mod observe;
mod report;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;

use self::{
    act::sender::Mailer,
    decide::{Decision, Step, assess::Assessment, decide},
    observe::{name_of_claim, observation::Observation},
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
    model::{address::Address, backoff, confirmation::request::Due},
    serve::health::Heartbeat,
};

/// The addresses of this environment.
pub struct AddressSubject {
    context: Arc<Context>,
    mailer: Mailer,
}

impl AddressSubject {
    pub fn new(context: Arc<Context>) -> Self {
        Self { mailer: Mailer::new(context.clone()), context }
    }
}

#[async_trait]
impl Subject for AddressSubject {
    type Key = Address;
    type Cache = ();
    type Observation = Observation;
    type Step = Step;

    const KIND: &'static str = "SenderAddress";
    const HEARTBEAT: Heartbeat = Heartbeat::Addresses;

    fn scheduler(&self) -> &Scheduler<Address> {
        &self.context.addresses
    }

    fn all(&self) -> Vec<Address> {
        self.context.index().subjects::<Address>(&self.context.config.environment).into_iter().cloned().collect()
    }

    fn group(&self, address: &Address) -> Arc<str> {
        self.context.index().group(address)
    }

    fn claim_name(&self, address: &Address) -> String {
        name_of_claim(&self.context, address)
    }

    /// The local part is personal data.
    fn log_name(&self, address: &Address) -> String {
        address.domain().to_string()
    }

    async fn observe(&self, address: &Address, kept: Kept<()>) -> Result<Observation, StoreError> {
        observe::observe(&self.context, address, kept.attempts).await
    }

    fn decide(&self, observation: &mut Observation, now: Timestamp) -> Decision {
        decide(&Assessment::of(&self.context.config, observation, now))
    }

    fn plan(&self, observation: &Observation, step: &Step) -> Option<String> {
        step.plan(observation)
    }

    async fn act(
        &self,
        observation: &mut Observation,
        step: Step,
        reconcile: &Reconcile<'_>,
    ) -> Result<(), ReconcileError> {
        act::act(&self.mailer, observation, step, reconcile).await
    }

    async fn report(
        &self,
        observation: &Observation,
        events: Vec<PendingEvent>,
        term: Term,
    ) -> Result<(), ReconcileError> {
        let now = self.context.ports.clock.now();
        if !matches!(Assessment::of(&self.context.config, observation, now).due, Some(Due::Send)) {
            // It was answered, deleted, or changed in another way.
            self.mailer.release(&observation.address);
        }
        report::report(&self.context, observation, events, term).await
    }

    /// A status that a user edited is corrected: each status is checked from time to time, spread over all addresses.
    fn longest_wait(&self, observation: &Observation) -> Option<Duration> {
        let spread = 0.9 + 0.1 * backoff::spread_of(&observation.address.to_string(), 0);
        (!observation.resources.is_empty()).then(|| self.context.config.refresh_interval.mul_f64(spread))
    }
}
