//! The API server goes and comes back.

use std::sync::PoisonError;

use super::Controller;
use crate::{
    cluster::probe::ApiServer,
    model::{address::Address, name::Domain},
};

impl Controller {
    /// Readiness tells that the API server is lost. When it is back, what it alone had made fail is looked at now: its
    /// next time may be minutes away.
    pub fn api_server(&self, change: ApiServer) {
        match change {
            ApiServer::Unreachable(why) => {
                tracing::error!(why, "the API server is lost");
                self.health
                    .wait("apiserver", format!("the Kubernetes API server {why}; nothing can be done meanwhile"));
            }
            ApiServer::Reachable => {
                tracing::info!("the API server is back");
                self.health.open("apiserver");
                let index = self.index();
                self.forgive().into_iter().for_each(|domain| self.queue.wake(domain.clone(), &index.group(&domain)));
                for address in self.forgive_addresses() {
                    let group = index.group(&address);
                    self.mailboxes.wake(address, &group);
                }
            }
        }
    }

    /// Those that failed through the API server alone. Their failures count no more: one that has just started may refuse
    /// again, and then the next try is to come soon.
    fn forgive(&self) -> Vec<Domain> {
        let mut memories = self.memories.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = memories.iter_mut().filter(|(_, memory)| memory.failures > 0 && memory.ses_error.is_none());
        let forgiven = failed.map(|(domain, memory)| {
            memory.failures = 0;
            domain.clone()
        });
        forgiven.collect()
    }

    /// The same of addresses.
    fn forgive_addresses(&self) -> Vec<Address> {
        let mut memories = self.address_memories.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = memories.iter_mut().filter(|(_, memory)| memory.failures > 0 && memory.ses_error.is_none());
        let forgiven = failed.map(|(address, memory)| {
            memory.failures = 0;
            address.clone()
        });
        forgiven.collect()
    }
}
