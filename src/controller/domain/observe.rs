//! The first beat of a pass: the claim, who asks, and what is remembered. Every read is live.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kube::ResourceExt;

use super::facts::{Candidate, Observed};
use crate::{
    api::SenderDomain,
    clock::whole_seconds,
    cluster::store::{NamespaceFacts, StoreError},
    controller::Controller,
    model::{
        claim::{Holder, State, StoredClaim, claim_name},
        name::Domain,
        ownership::{Asker, Related},
        tenant::{Tenant, serves},
    },
};

impl Controller {
    pub(super) async fn observe(&self, domain: &Domain) -> Result<Observed, StoreError> {
        let claim = self.ports.store.claim(&claim_name(&self.me.environment, domain)).await?;
        let keys = self.index().askers(domain);
        let mut objects = Vec::new();
        for (namespace, name) in keys {
            objects.extend(self.ports.store.sender_domain(&namespace, &name).await?);
        }
        let candidates = self.candidates(domain, objects).await?;
        let namespace_remade = self.is_namespace_remade(claim.as_ref()).await?;
        let releasing_time = claim.as_ref().and_then(|stored| stored.claim.releasing_time);
        let index = self.index();
        Ok(Observed {
            domain: domain.clone(),
            candidates,
            candidates_live: false,
            related: None,
            namespace_remade,
            releasing_together: releasing_time.map_or(0, |time| index.releasing_together(time)),
            held: index.count(State::Held),
            creations: Vec::new(),
            identity_live: false,
            written_to_ses: false,
            memory: self.with_memory(domain, |memory| memory.clone()),
            trouble: None,
            plan: None,
            claim,
        })
    }

    /// What was created lately for the tenant that is about to have one more created.
    pub(super) fn count_creations(&self, seen: &mut Observed) {
        let claim = seen.claim.as_ref().map(|stored| &stored.claim);
        let tenant =
            claim.filter(|claim| claim.identity.created_time.is_none()).and_then(|claim| claim.tenant.as_ref());
        seen.creations = tenant.map_or_else(Vec::new, |tenant| self.index().creations_for(tenant));
    }

    /// Who asks for the domain, by a list of all namespaces that no watch cache answers.
    pub(super) async fn live_candidates(&self, domain: &Domain) -> Result<Vec<Candidate>, StoreError> {
        let objects = self.ports.store.sender_domains_for(domain).await?;
        self.candidates(domain, objects).await
    }

    /// Claims of this environment above and below the domain, by a list that no watch cache answers.
    pub(super) async fn live_related(&self, domain: &Domain) -> Result<Vec<Related>, StoreError> {
        let claims = self.ports.store.claims().await?.into_iter();
        let ours = claims.filter(|stored| stored.claim.environment == self.me.environment);
        let related = ours.filter(|stored| stored.claim.subject.domain.is_related(domain));
        Ok(related
            .map(|stored| Related {
                state: stored.claim.state,
                tenant: stored.claim.tenant.or(stored.claim.sponsor),
                order: (stored.created, stored.uid),
            })
            .collect())
    }

    /// Those of the objects that ask, oldest first, with their tenants.
    async fn candidates(&self, domain: &Domain, objects: Vec<SenderDomain>) -> Result<Vec<Candidate>, StoreError> {
        let mut namespaces: BTreeMap<String, Option<NamespaceFacts>> = BTreeMap::new();
        let mut candidates = Vec::new();
        for object in objects {
            if object.metadata.deletion_timestamp.is_some() || object.spec.domain != domain.as_str() {
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

    async fn is_namespace_remade(&self, claim: Option<&StoredClaim>) -> Result<bool, StoreError> {
        let releasing = claim.map(|stored| &stored.claim).filter(|claim| claim.state == State::Releasing);
        let Some(holder) = releasing.and_then(|claim| claim.holder.as_ref()) else { return Ok(false) };
        let namespace = self.ports.store.namespace(&holder.namespace).await?;
        Ok(namespace.is_some_and(|namespace| namespace.uid != holder.namespace_uid))
    }
}

fn candidate(namespace: &str, facts: &NamespaceFacts, object: SenderDomain) -> Candidate {
    let holder = Holder {
        namespace: namespace.to_owned(),
        namespace_uid: facts.uid.clone(),
        name: object.name_any(),
        uid: object.uid().unwrap_or_default(),
    };
    let created = object.metadata.creation_timestamp.as_ref().map_or(Timestamp::UNIX_EPOCH, |t| whole_seconds(t.0));
    let asker = Asker {
        tenant: Tenant::of_namespace(namespace, &facts.uid, &facts.labels),
        object: holder,
        created,
        suspended: object.spec.suspend.unwrap_or_default(),
        deletion_policy: object.spec.deletion_policy.unwrap_or_default(),
    };
    Candidate { asker, object }
}
