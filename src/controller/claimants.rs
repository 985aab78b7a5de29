//! Which resources are claimants in this environment, and for which tenant; for every kind.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kube::{Resource, ResourceExt};

use super::context::Context;
use crate::{
    clock::whole_seconds,
    cluster::{
        kinds::Claimant,
        store::{ObjectStore, ObservedNamespace, Store, StoreError},
    },
    model::{
        claim::Holder,
        tenant::{Tenant, serves},
    },
};

/// Up to this number of claimants, each is read by name; more are one list. A list costs the API server more than a
/// few reads, and less than many.
const READ_BY_NAME: usize = 8;

/// The objects that claim a subject according to the index, read live.
pub async fn claimant_objects<K>(context: &Context, subject: &K::Subject) -> Result<Vec<K>, StoreError>
where
    K: Claimant,
    dyn Store: ObjectStore<K>,
{
    let store: &dyn Store = &*context.ports.store;
    let keys = context.index().claimants(subject);
    if keys.len() > READ_BY_NAME {
        return store.objects_for(subject).await;
    }
    let mut objects = Vec::new();
    for (namespace, name) in keys {
        objects.extend(ObjectStore::<K>::object(store, &namespace, &name).await?);
    }
    Ok(objects)
}

/// Origin of a claimant.
pub struct Origin {
    /// Tenant of its namespace.
    pub tenant: Tenant,
    /// The object as claims refer to it.
    pub object: Holder,
    pub created: Timestamp,
}

/// The claimants among these resources, oldest first: without those being deleted, and only in namespaces of this
/// environment. Each namespace is read once.
pub async fn served_claimants<K>(context: &Context, objects: Vec<K>) -> Result<Vec<(Origin, K)>, StoreError>
where
    K: Resource<DynamicType = ()>,
{
    let mut namespaces: BTreeMap<String, Option<ObservedNamespace>> = BTreeMap::new();
    let mut served = Vec::new();
    for object in objects.into_iter().filter(|object| object.meta().deletion_timestamp.is_none()) {
        let name = object.namespace().unwrap_or_default();
        if !namespaces.contains_key(&name) {
            let observed = context.ports.store.namespace(&name).await?;
            namespaces.insert(name.clone(), observed);
        }
        let Some(Some(namespace)) = namespaces.get(&name) else { continue };
        if serves(&context.config.environment, &namespace.labels) {
            served.push((origin(&name, namespace, &object), object));
        }
    }
    served.sort_by(|(a, _), (b, _)| (a.created, &a.object.uid).cmp(&(b.created, &b.object.uid)));
    Ok(served)
}

fn origin<K: Resource<DynamicType = ()>>(namespace: &str, observed: &ObservedNamespace, object: &K) -> Origin {
    let holder = Holder {
        namespace: namespace.to_owned(),
        namespace_uid: observed.uid.clone(),
        name: object.name_any(),
        uid: object.uid().unwrap_or_default(),
    };
    let created = object.meta().creation_timestamp.as_ref().map_or(Timestamp::UNIX_EPOCH, |t| whole_seconds(t.0));
    Origin { tenant: Tenant::of_namespace(namespace, &observed.uid, &observed.labels), object: holder, created }
}
