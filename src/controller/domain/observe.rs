//! The first beat of a pass: the claim, who asks, and what is remembered. Every read is live.

use std::collections::BTreeSet;

use super::facts::{Candidate, Observed};
use crate::{
    api::SenderDomain,
    cluster::{index::Index, keys::random_id, store::StoreError},
    controller::{Controller, asking::Asks},
    model::{
        claim::{State, StoredClaim, claim_name},
        name::Domain,
        ownership::{Asker, Related},
        policy::Required,
        proof::Consent,
        tenant::Tenant,
    },
};

impl Controller {
    pub(super) async fn observe(&self, domain: &Domain) -> Result<Observed, StoreError> {
        let claim = self.ports.store.claim(&claim_name(&self.me.environment, domain)).await?;
        let keys = self.index().claimants(domain);
        let mut objects: Vec<SenderDomain> = Vec::new();
        for (namespace, name) in keys {
            objects.extend(self.ports.store.object(&namespace, &name).await?);
        }
        let candidates = self.candidates(domain, objects).await?;
        let namespace_remade = self.is_namespace_remade(claim.as_ref()).await?;
        let releasing_time = claim.as_ref().and_then(|stored| stored.claim.releasing_time);
        let elsewhere = self.held_elsewhere(domain, &candidates).await?;
        let index = self.index();
        let sponsor = claim.as_ref().and_then(|stored| stored.claim.sponsor.as_ref());
        Ok(Observed {
            domain: domain.clone(),
            elsewhere,
            roomy: self.roomy(&index, domain, &candidates),
            below_another: index.held_above(domain).iter().any(|above| Some(above) != sponsor),
            new_holding: random_id(),
            challenge_live: false,
            associations: None,
            addresses: None,
            delete_refused: false,
            candidates,
            candidates_live: false,
            related: None,
            namespace_remade,
            releasing_together: releasing_time.map_or(0, |time| index.releasing_together(time)),
            held: index.count::<Domain>(State::Held),
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
        let claim = claim.filter(|claim| claim.identity.created_time.is_none());
        let tenant = claim.and_then(|claim| claim.tenant.as_ref().or(claim.sponsor.as_ref()));
        seen.creations = tenant.map_or_else(Vec::new, |tenant| self.index().creations_for(tenant));
    }

    /// Who asks for the domain, by a list of all namespaces that no watch cache answers.
    pub(super) async fn live_candidates(&self, domain: &Domain) -> Result<Vec<Candidate>, StoreError> {
        let objects = self.ports.store.objects_for(domain).await?;
        self.candidates(domain, objects).await
    }

    /// Claims of this environment above the domain, and where the first who asks has it also those below, each read
    /// live.
    pub(super) async fn live_related(&self, domain: &Domain) -> Result<Vec<Related>, StoreError> {
        let claims = if self.me.policy.required(domain) == Required::FirstCome {
            self.ports.store.claims().await?
        } else {
            let mut above = Vec::new();
            for ancestor in domain.ancestors() {
                above.extend(self.ports.store.claim(&claim_name(&self.me.environment, &ancestor)).await?);
            }
            above
        };
        let ours = claims.into_iter().filter(|stored| stored.claim.environment == self.me.environment);
        let domains = ours.filter(|stored| stored.claim.subject.address.is_none());
        let related = domains.filter(|stored| stored.claim.subject.domain.is_related(domain));
        Ok(related
            .map(|stored| Related {
                above: domain.is_below(&stored.claim.subject.domain),
                state: stored.claim.state,
                tenant: stored.claim.tenant.or(stored.claim.sponsor),
                order: (stored.created, stored.uid),
            })
            .collect())
    }

    /// Objects among these whose namespace holds a claim of another environment on the domain: it ends first. The index says
    /// where to look.
    async fn held_elsewhere(&self, domain: &Domain, candidates: &[Candidate]) -> Result<BTreeSet<String>, StoreError> {
        let names = self.index().foreign_claims(domain);
        let mut uids = BTreeSet::new();
        for name in names {
            let claim = self.ports.store.claim(&name).await?.map(|stored| stored.claim);
            let claim = claim.filter(|claim| matches!(claim.state, State::Held | State::Releasing));
            let Some(holder) = claim.and_then(|claim| claim.holder) else { continue };
            let objects = candidates.iter().map(|candidate| &candidate.asker.object);
            let moved = objects.filter(|object| object.namespace_uid == holder.namespace_uid);
            uids.extend(moved.map(|object| object.uid.clone()));
        }
        Ok(uids)
    }

    /// Tenants for whom one more identity may exist before anything is proven.
    fn roomy(&self, index: &Index, domain: &Domain, candidates: &[Candidate]) -> BTreeSet<Tenant> {
        let policy = &self.me.policy;
        let has_room = |tenant: &&Tenant| {
            let (all, of) = index.provisional_beside(domain, tenant);
            all < policy.provisional_in_all && of < policy.provisional_per_tenant
        };
        candidates.iter().map(|candidate| &candidate.asker.tenant).filter(has_room).cloned().collect()
    }

    /// Those of the objects that ask, oldest first, with their tenants.
    async fn candidates(&self, domain: &Domain, mut objects: Vec<SenderDomain>) -> Result<Vec<Candidate>, StoreError> {
        objects.retain(|object| object.spec.domain == domain.as_str());
        Ok(self.those_who_ask(objects).await?.into_iter().map(candidate).collect())
    }

    async fn is_namespace_remade(&self, claim: Option<&StoredClaim>) -> Result<bool, StoreError> {
        let releasing = claim.map(|stored| &stored.claim).filter(|claim| claim.state == State::Releasing);
        let Some(holder) = releasing.and_then(|claim| claim.holder.as_ref()) else { return Ok(false) };
        let namespace = self.ports.store.namespace(&holder.namespace).await?;
        Ok(namespace.is_some_and(|namespace| namespace.uid != holder.namespace_uid))
    }
}

fn candidate((asks, object): (Asks, SenderDomain)) -> Candidate {
    let asker = Asker {
        tenant: asks.tenant,
        object: asks.object,
        created: asks.created,
        suspended: object.spec.suspend.unwrap_or_default(),
        deletion_policy: object.spec.deletion_policy.unwrap_or_default(),
        // Weighed when the pass has looked.
        elsewhere: false,
        consent: Consent::Unknown,
        has_room: false,
    };
    Candidate { asker, object }
}
