//! The first beat of a pass over an address: the claim, who asks, and the domain that covers it. Every read is live.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kube::ResourceExt;

use super::facts::{Candidate, Observed};
use crate::{
    api::SenderAddress,
    clock::whole_seconds,
    cluster::{
        keys::random_id,
        store::{NamespaceFacts, StoreError},
    },
    controller::Controller,
    model::{
        address::{Address, claim_name},
        claim::{Holder, State, StoredClaim},
        coverage::Suffixes,
        ownership::address::Asker,
        tenant::{Tenant, serves},
    },
};

impl Controller {
    pub(super) async fn observe_address(&self, address: &Address) -> Result<Observed, StoreError> {
        let claim = self.ports.store.claim(&claim_name(&self.me.environment, &address.hash())).await?;
        let keys = self.index().mailboxes.askers(address);
        let mut objects = Vec::new();
        for (namespace, name) in keys {
            objects.extend(self.ports.store.sender_address(&namespace, &name).await?);
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
        let objects = self.ports.store.sender_addresses_for(address).await?;
        self.address_candidates(address, objects).await
    }

    /// Whether the object that holds the nearest of these domains is suspended. `claims`: nearest first.
    pub(super) async fn is_suspended(&self, claims: &[StoredClaim]) -> Result<bool, StoreError> {
        let nearest = claims.iter().map(|stored| &stored.claim).find(|claim| claim.state == State::Held);
        let Some(holder) = nearest.and_then(|claim| claim.holder.as_ref()) else { return Ok(false) };
        let object = self.ports.store.sender_domain(&holder.namespace, &holder.name).await?;
        Ok(object.is_some_and(|object| object.spec.suspend.unwrap_or_default()))
    }

    /// Those of the objects that ask, oldest first, with their tenants.
    async fn address_candidates(
        &self,
        address: &Address,
        objects: Vec<SenderAddress>,
    ) -> Result<Vec<Candidate>, StoreError> {
        let mut namespaces: BTreeMap<String, Option<NamespaceFacts>> = BTreeMap::new();
        let mut candidates = Vec::new();
        for object in objects {
            if object.metadata.deletion_timestamp.is_some() || object.spec.address != address.to_string() {
                continue;
            }
            let name = object.namespace().unwrap_or_default();
            if !namespaces.contains_key(&name) {
                let facts = self.ports.store.namespace(&name).await?;
                namespaces.insert(name.clone(), facts);
            }
            let Some(Some(namespace)) = namespaces.get(&name) else { continue };
            if serves(&self.me.environment, &namespace.labels) {
                candidates.push(candidate(&name, namespace, object));
            }
        }
        candidates.sort_by(|a, b| (a.asker.created, &a.asker.object.uid).cmp(&(b.asker.created, &b.asker.object.uid)));
        Ok(candidates)
    }
}

fn candidate(namespace: &str, facts: &NamespaceFacts, object: SenderAddress) -> Candidate {
    let holder = Holder {
        namespace: namespace.to_owned(),
        namespace_uid: facts.uid.clone(),
        name: object.name_any(),
        uid: object.uid().unwrap_or_default(),
    };
    let created = object.metadata.creation_timestamp.as_ref().map_or(Timestamp::UNIX_EPOCH, |t| whole_seconds(t.0));
    let tenant = Tenant::of_namespace(namespace, &facts.uid, &facts.labels);
    Candidate { asker: Asker { tenant, object: holder, created }, object }
}
