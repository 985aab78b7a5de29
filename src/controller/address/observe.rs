//! The first beat of a pass over an address: the claim, who asks, and the domain that covers it. Every read is live.

use super::facts::{Candidate, Observed};
use crate::{
    api::{SenderAddress, SenderDomain},
    cluster::{keys::random_id, store::StoreError},
    controller::{Controller, asking::Asks},
    model::{
        address::{Address, claim_name},
        claim::{State, StoredClaim},
        coverage::Suffixes,
        ownership::address::Asker,
    },
};

impl Controller {
    pub(super) async fn observe_address(&self, address: &Address) -> Result<Observed, StoreError> {
        let claim = self.ports.store.claim(&self.name_of_claim(address)).await?;
        let keys = self.index().claimants(address);
        let mut objects: Vec<SenderAddress> = Vec::new();
        for (namespace, name) in keys {
            objects.extend(self.ports.store.object(&namespace, &name).await?);
        }
        let candidates = self.address_candidates(address, objects).await?;
        let claims = self.ports.store.suffix_claims(&self.me.environment, address.domain()).await?;
        Ok(Observed {
            address: address.clone(),
            candidates,
            candidates_live: false,
            domain_suspended: self.is_suspended(&claims).await?,
            suffixes: Suffixes::of(address, claims.iter().map(|stored| &stored.claim)),
            new_ids: [random_id(), random_id()],
            held_back: None,
            memory: self.with_address_memory(address, |memory| memory.clone()),
            trouble: None,
            plan: None,
            claim,
        })
    }

    /// Who asks for the address, by a list of all namespaces that no watch cache answers.
    pub(super) async fn live_address_candidates(&self, address: &Address) -> Result<Vec<Candidate>, StoreError> {
        let objects = self.ports.store.objects_for(address).await?;
        self.address_candidates(address, objects).await
    }

    /// Whether the object that holds the nearest of these domains is suspended. `claims`: nearest first.
    pub(super) async fn is_suspended(&self, claims: &[StoredClaim]) -> Result<bool, StoreError> {
        let nearest = claims.iter().map(|stored| &stored.claim).find(|claim| claim.state == State::Held);
        let Some(holder) = nearest.and_then(|claim| claim.holder.as_ref()) else { return Ok(false) };
        let object: Option<SenderDomain> = self.ports.store.object(&holder.namespace, &holder.name).await?;
        Ok(object.is_some_and(|object| object.spec.suspend.unwrap_or_default()))
    }

    /// Those of the objects that ask, oldest first, with their tenants.
    async fn address_candidates(
        &self,
        address: &Address,
        mut objects: Vec<SenderAddress>,
    ) -> Result<Vec<Candidate>, StoreError> {
        let text = address.to_string();
        objects.retain(|object| object.spec.address == text);
        Ok(self.those_who_ask(objects).await?.into_iter().map(candidate).collect())
    }

    /// The name of the claim on an address.
    pub(super) fn name_of_claim(&self, address: &Address) -> String {
        claim_name(&self.me.environment, &address.hash())
    }
}

fn candidate((asks, object): (Asks, SenderAddress)) -> Candidate {
    Candidate { asker: Asker { tenant: asks.tenant, object: asks.object, created: asks.created }, object }
}
