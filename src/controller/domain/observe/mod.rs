//! Reads the input of every reconcile of a domain: the claim, the claimants, related claims. Every read is live; the
//! index only narrows the reads.

pub mod cache;
pub mod observation;

use std::collections::BTreeSet;

use self::{
    cache::DomainCache,
    observation::{Claimant, Live, Observation},
};
use crate::{
    api::SenderDomain,
    cluster::{index::Index, keys::random_id, store::StoreError},
    controller::{
        claimants::{Origin, served_claimants},
        context::Context,
        subject::{Kept, Progress},
    },
    model::{
        claim::{State, StoredClaim, claim_name},
        name::Domain,
        ownership::{Asker, Related},
        policy::Required,
        proof::Consent,
        tenant::Tenant,
    },
};

pub async fn observe(context: &Context, domain: &Domain, kept: Kept<DomainCache>) -> Result<Observation, StoreError> {
    let store = &context.ports.store;
    let claim = store.claim(&claim_name(&context.config.environment, domain)).await?;
    let keys = context.index().claimants(domain);
    let mut objects: Vec<SenderDomain> = Vec::new();
    for (namespace, name) in keys {
        objects.extend(store.object(&namespace, &name).await?);
    }
    let claimants = claimants(context, domain, objects).await?;
    let namespace_remade = is_namespace_remade(context, claim.as_ref()).await?;
    let releasing_time = claim.as_ref().and_then(|stored| stored.claim.releasing_time);
    let elsewhere = held_elsewhere(context, domain, &claimants).await?;
    let index = context.index();
    let sponsor = claim.as_ref().and_then(|stored| stored.claim.sponsor.as_ref());
    Ok(Observation {
        domain: domain.clone(),
        elsewhere,
        roomy: roomy(context, &index, domain, &claimants),
        below_another: index.held_above(domain).iter().any(|above| Some(above) != sponsor),
        new_holding: random_id(),
        claimants,
        namespace_remade,
        releasing_together: releasing_time.map_or(0, |time| index.releasing_together(time)),
        held: index.count::<Domain>(State::Held),
        creations: Vec::new(),
        live: Live::default(),
        cache: kept.cache,
        progress: Progress { attempts: kept.attempts, ..Progress::default() },
        claim,
    })
}

/// Reads the recent creations of the tenant that is about to have one more.
pub fn count_creations(context: &Context, seen: &mut Observation) {
    let claim = seen.claim.as_ref().map(|stored| &stored.claim);
    let claim = claim.filter(|claim| claim.identity.created_time.is_none());
    let tenant = claim.and_then(|claim| claim.tenant.as_ref().or(claim.sponsor.as_ref()));
    seen.creations = tenant.map_or_else(Vec::new, |tenant| context.index().creations_for(tenant));
}

/// The claimants, by a list over all namespaces that bypasses watch caches.
pub async fn live_claimants(context: &Context, domain: &Domain) -> Result<Vec<Claimant>, StoreError> {
    let objects = context.ports.store.objects_for(domain).await?;
    claimants(context, domain, objects).await
}

/// Claims of this environment above the domain and, in first-come mode, below it. Each is read live.
pub async fn live_related(context: &Context, domain: &Domain) -> Result<Vec<Related>, StoreError> {
    let claims = if context.config.policy.required(domain) == Required::FirstCome {
        context.ports.store.claims().await?
    } else {
        let mut above = Vec::new();
        for ancestor in domain.ancestors() {
            above.extend(context.ports.store.claim(&claim_name(&context.config.environment, &ancestor)).await?);
        }
        above
    };
    let ours = claims.into_iter().filter(|stored| stored.claim.environment == context.config.environment);
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

/// Uids of claimants whose namespace has a claim of another environment on the domain; that claim has to end first. The
/// index narrows the reads.
async fn held_elsewhere(
    context: &Context,
    domain: &Domain,
    claimants: &[Claimant],
) -> Result<BTreeSet<String>, StoreError> {
    let names = context.index().foreign_claims(domain);
    let mut uids = BTreeSet::new();
    for name in names {
        let claim = context.ports.store.claim(&name).await?.map(|stored| stored.claim);
        let claim = claim.filter(|claim| matches!(claim.state, State::Held | State::Releasing));
        let Some(holder) = claim.and_then(|claim| claim.holder) else { continue };
        let objects = claimants.iter().map(|claimant| &claimant.asker.object);
        let moved = objects.filter(|object| object.namespace_uid == holder.namespace_uid);
        uids.extend(moved.map(|object| object.uid.clone()));
    }
    Ok(uids)
}

/// Tenants whose limits allow one more unproven identity.
fn roomy(context: &Context, index: &Index, domain: &Domain, claimants: &[Claimant]) -> BTreeSet<Tenant> {
    let policy = &context.config.policy;
    let has_room = |tenant: &&Tenant| {
        let (all, of) = index.provisional_beside(domain, tenant);
        all < policy.provisional_in_all && of < policy.provisional_per_tenant
    };
    claimants.iter().map(|claimant| &claimant.asker.tenant).filter(has_room).cloned().collect()
}

/// The claimants among these resources, oldest first, with their tenants.
async fn claimants(
    context: &Context,
    domain: &Domain,
    mut objects: Vec<SenderDomain>,
) -> Result<Vec<Claimant>, StoreError> {
    objects.retain(|object| object.spec.domain == domain.as_str());
    Ok(served_claimants(context, objects).await?.into_iter().map(claimant).collect())
}

async fn is_namespace_remade(context: &Context, claim: Option<&StoredClaim>) -> Result<bool, StoreError> {
    let releasing = claim.map(|stored| &stored.claim).filter(|claim| claim.state == State::Releasing);
    let Some(holder) = releasing.and_then(|claim| claim.holder.as_ref()) else { return Ok(false) };
    let namespace = context.ports.store.namespace(&holder.namespace).await?;
    Ok(namespace.is_some_and(|namespace| namespace.uid != holder.namespace_uid))
}

fn claimant((origin, object): (Origin, SenderDomain)) -> Claimant {
    let asker = Asker {
        tenant: origin.tenant,
        object: origin.object,
        created: origin.created,
        suspended: object.spec.suspend.unwrap_or_default(),
        deletion_policy: object.spec.deletion_policy.unwrap_or_default(),
        // Assessed after the proof is looked up.
        elsewhere: false,
        consent: Consent::Unknown,
        has_room: false,
    };
    Claimant { asker, object }
}
