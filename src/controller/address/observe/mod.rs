//! Reads the input of every reconcile of an address: the claim, the claimants, the covering domain. Every read is live.

pub mod observation;

use self::observation::{AddressResource, Observation};
use crate::{
    api::{SenderAddress, SenderDomain},
    cluster::{operator_secret::random_id, store::StoreError},
    controller::{
        claimants::{Origin, claimant_objects, served_claimants},
        context::Context,
        subject::{Attempts, Progress},
    },
    model::{
        address::{Address, claim_name},
        claim::{State, StoredClaim},
        coverage::Suffixes,
        ownership::address::AddressClaimant,
    },
};

pub async fn observe(context: &Context, address: &Address, attempts: Attempts) -> Result<Observation, StoreError> {
    let claim = context.ports.store.claim(&name_of_claim(context, address)).await?;
    let objects = claimant_objects(context, address).await?;
    let resources = resources(context, address, objects).await?;
    let claims = context.ports.store.suffix_claims(&context.config.environment, address.domain()).await?;
    Ok(Observation {
        address: address.clone(),
        resources,
        resources_live: false,
        domain_suspended: is_suspended(context, &claims).await?,
        suffixes: Suffixes::of(address, claims.iter().map(|stored| &stored.claim)),
        new_ids: [random_id(), random_id()],
        held_back: None,
        progress: Progress { attempts, ..Progress::default() },
        claim,
    })
}

/// The claimants, by a list over all namespaces that bypasses watch caches.
pub async fn live_resources(context: &Context, address: &Address) -> Result<Vec<AddressResource>, StoreError> {
    let objects = context.ports.store.objects_for(address).await?;
    resources(context, address, objects).await
}

/// Whether the object that holds the nearest of these domains is suspended. `claims`: nearest first.
pub async fn is_suspended(context: &Context, claims: &[StoredClaim]) -> Result<bool, StoreError> {
    let nearest = claims.iter().map(|stored| &stored.claim).find(|claim| claim.state == State::Held);
    let Some(holder) = nearest.and_then(|claim| claim.holder.as_ref()) else { return Ok(false) };
    let object: Option<SenderDomain> = context.ports.store.object(&holder.namespace, &holder.name).await?;
    Ok(object.is_some_and(|object| object.spec.suspend.unwrap_or_default()))
}

/// The claimants among these resources, oldest first, with their tenants.
async fn resources(
    context: &Context,
    address: &Address,
    mut objects: Vec<SenderAddress>,
) -> Result<Vec<AddressResource>, StoreError> {
    let text = address.to_string();
    objects.retain(|object| object.spec.address == text);
    Ok(served_claimants(context, objects).await?.into_iter().map(resource).collect())
}

pub fn name_of_claim(context: &Context, address: &Address) -> String {
    claim_name(&context.config.environment, &address.hash())
}

fn resource((origin, object): (Origin, SenderAddress)) -> AddressResource {
    AddressResource {
        claimant: AddressClaimant { tenant: origin.tenant, object: origin.object, created: origin.created },
        object,
    }
}
