//! Reads the input of every reconcile of a domain: the claim, the claimants, related claims. Every read is live; the
//! index only narrows the reads.

pub mod cache;
pub mod observation;

use std::collections::{BTreeMap, BTreeSet};

use self::{
    cache::DomainCache,
    observation::{DomainResource, Live, Observation},
};
use crate::{
    api::SenderDomain,
    cluster::{
        index::{Age, Index},
        operator_secret::random_id,
        store::StoreError,
    },
    controller::{
        claimants::{Origin, claimant_objects, served_claimants},
        context::Context,
        subject::{Kept, Progress},
    },
    model::{
        claim::{State, StoredClaim, claim_name},
        name::Domain,
        ownership::{DomainClaimant, Related},
        proof::ProofStatus,
        proof_policy::Required,
        suffix::is_public_suffix,
        tenant::Tenant,
    },
};

pub async fn observe(context: &Context, domain: &Domain, kept: Kept<DomainCache>) -> Result<Observation, StoreError> {
    let store = &context.ports.store;
    let claim = store.claim(&claim_name(&context.config.environment, domain)).await?;
    let objects = claimant_objects(context, domain).await?;
    let resources = resources(context, domain, claim.as_ref(), objects).await?;
    let namespace_remade = is_namespace_remade(context, claim.as_ref()).await?;
    let releasing_time = claim.as_ref().and_then(|stored| stored.claim.releasing_time);
    let foreign_claim_holders = foreign_claim_holders(context, domain, &resources).await?;
    let index = context.index();
    let pending_tenant = claim.as_ref().and_then(|stored| stored.claim.pending_tenant.as_ref());
    Ok(Observation {
        domain: domain.clone(),
        foreign_claim_holders,
        within_limit: within_limit(context, &index, domain, &resources),
        below_another: index.held_above(domain).iter().any(|above| Some(above) != pending_tenant),
        new_tenure_id: random_id(),
        resources,
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
pub fn count_creations(context: &Context, observation: &mut Observation) {
    let claim = observation.claim.as_ref().map(|stored| &stored.claim);
    let claim = claim.filter(|claim| claim.identity.created_time.is_none());
    let tenant = claim.and_then(|claim| claim.tenant.as_ref().or(claim.pending_tenant.as_ref()));
    observation.creations = tenant.map_or_else(Vec::new, |tenant| context.index().creations_for(tenant));
}

/// The claimants, by a list over all namespaces that bypasses watch caches.
pub async fn live_resources(
    context: &Context,
    domain: &Domain,
    claim: Option<&StoredClaim>,
) -> Result<Vec<DomainResource>, StoreError> {
    let objects = context.ports.store.objects_for(domain).await?;
    resources(context, domain, claim, objects).await
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
            tenant: stored.claim.tenant.or(stored.claim.pending_tenant),
            order: (stored.created, stored.uid),
        })
        .collect())
}

/// Uids of claimants whose namespace has a claim of another environment on the domain; that claim has to end first. The
/// index narrows the reads.
async fn foreign_claim_holders(
    context: &Context,
    domain: &Domain,
    resources: &[DomainResource],
) -> Result<BTreeSet<String>, StoreError> {
    let names = context.index().foreign_claims(domain);
    let mut uids = BTreeSet::new();
    for name in names {
        let claim = context.ports.store.claim(&name).await?.map(|stored| stored.claim);
        let claim = claim.filter(|claim| matches!(claim.state, State::Held | State::Releasing));
        let Some(holder) = claim.and_then(|claim| claim.holder) else { continue };
        let objects = resources.iter().map(|resource| &resource.claimant.object);
        let moved = objects.filter(|object| object.namespace_uid == holder.namespace_uid);
        uids.extend(moved.map(|object| object.uid.clone()));
    }
    Ok(uids)
}

/// Tenants whose limits allow one more unproven identity.
fn within_limit(context: &Context, index: &Index, domain: &Domain, resources: &[DomainResource]) -> BTreeSet<Tenant> {
    let policy = &context.config.policy;
    let (all, of) = index.provisional_beside(domain);
    let within_limit = |tenant: &&Tenant| {
        let of = of.get(*tenant).copied().unwrap_or_default();
        all < policy.provisional_in_all && of < policy.provisional_per_tenant
    };
    resources.iter().map(|resource| &resource.claimant.tenant).filter(within_limit).cloned().collect()
}

/// Marks the claimants whose tenants have too many older domains without a proof. A tenant that has the domain, or gets
/// it back, needs no proof of it.
fn mark_beyond_open_limit(
    context: &Context,
    domain: &Domain,
    claim: Option<&StoredClaim>,
    resources: &mut [DomainResource],
) {
    let config = &context.config;
    let is_open = |domain: &Domain| config.policy.required(domain) == Required::Challenge && !is_public_suffix(domain);
    if !is_open(domain) {
        return;
    }
    let owner = claim.and_then(|stored| stored.claim.tenant.as_ref());
    let mut last: BTreeMap<Tenant, Option<Age>> = BTreeMap::new();
    let claimants = resources.iter_mut().map(|resource| &mut resource.claimant);
    for claimant in claimants.filter(|claimant| Some(&claimant.tenant) != owner) {
        let limit = config.open_domains_per_tenant;
        let find = || context.index().last_open(&config.environment, &claimant.tenant, limit, is_open);
        let last = last.entry(claimant.tenant.clone()).or_insert_with(find);
        let age: Age = (claimant.created.as_second(), claimant.object.uid.as_str().into());
        claimant.beyond_open_limit = last.as_ref().is_some_and(|last| age > *last);
    }
}

/// The claimants among these resources, oldest first, with their tenants.
async fn resources(
    context: &Context,
    domain: &Domain,
    claim: Option<&StoredClaim>,
    mut objects: Vec<SenderDomain>,
) -> Result<Vec<DomainResource>, StoreError> {
    objects.retain(|object| object.spec.domain == domain.as_str());
    let mut resources: Vec<_> = served_claimants(context, objects).await?.into_iter().map(resource).collect();
    mark_beyond_open_limit(context, domain, claim, &mut resources);
    Ok(resources)
}

/// Whether the holder's namespace exists under another uid. `None`: the claim is not Releasing.
async fn is_namespace_remade(context: &Context, claim: Option<&StoredClaim>) -> Result<Option<bool>, StoreError> {
    let Some(releasing) = claim.map(|stored| &stored.claim).filter(|claim| claim.state == State::Releasing) else {
        return Ok(None);
    };
    let Some(holder) = &releasing.holder else { return Ok(Some(false)) };
    let namespace = context.ports.store.namespace(&holder.namespace).await?;
    Ok(Some(namespace.is_some_and(|namespace| namespace.uid != holder.namespace_uid)))
}

fn resource((origin, object): (Origin, SenderDomain)) -> DomainResource {
    let claimant = DomainClaimant {
        tenant: origin.tenant,
        object: origin.object,
        created: origin.created,
        suspended: object.spec.suspend.unwrap_or_default(),
        deletion_policy: object.spec.deletion_policy.unwrap_or_default(),
        // Assessed after the proof is looked up.
        has_foreign_claim: false,
        beyond_open_limit: false,
        proof_status: ProofStatus::Unknown,
        within_limit: false,
    };
    DomainResource { claimant, object }
}
