//! Which objects ask in this environment, and on whose behalf: the same for domains and addresses.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kube::{Resource, ResourceExt};

use super::Controller;
use crate::{
    clock::whole_seconds,
    cluster::store::{NamespaceFacts, StoreError},
    model::{
        claim::Holder,
        tenant::{Tenant, serves},
    },
};

/// On whose behalf an object asks.
pub(super) struct Asks {
    /// The tenant of its namespace.
    pub(super) tenant: Tenant,
    /// The object, as claims name it.
    pub(super) object: Holder,
    /// When it was created.
    pub(super) created: Timestamp,
}

impl Controller {
    /// Those of the objects that ask, oldest first: not those that are being deleted, and only in namespaces that this
    /// environment serves. Each namespace is read once.
    pub(super) async fn those_who_ask<K>(&self, objects: Vec<K>) -> Result<Vec<(Asks, K)>, StoreError>
    where
        K: Resource<DynamicType = ()>,
    {
        let mut namespaces: BTreeMap<String, Option<NamespaceFacts>> = BTreeMap::new();
        let mut asking = Vec::new();
        for object in objects.into_iter().filter(|object| object.meta().deletion_timestamp.is_none()) {
            let name = object.namespace().unwrap_or_default();
            if !namespaces.contains_key(&name) {
                let facts = self.ports.store.namespace(&name).await?;
                namespaces.insert(name.clone(), facts);
            }
            let Some(Some(namespace)) = namespaces.get(&name) else { continue };
            if serves(&self.me.environment, &namespace.labels) {
                asking.push((asks(&name, namespace, &object), object));
            }
        }
        asking.sort_by(|(a, _), (b, _)| (a.created, &a.object.uid).cmp(&(b.created, &b.object.uid)));
        Ok(asking)
    }
}

fn asks<K: Resource<DynamicType = ()>>(namespace: &str, facts: &NamespaceFacts, object: &K) -> Asks {
    let holder = Holder {
        namespace: namespace.to_owned(),
        namespace_uid: facts.uid.clone(),
        name: object.name_any(),
        uid: object.uid().unwrap_or_default(),
    };
    let created = object.meta().creation_timestamp.as_ref().map_or(Timestamp::UNIX_EPOCH, |t| whole_seconds(t.0));
    Asks { tenant: Tenant::of_namespace(namespace, &facts.uid, &facts.labels), object: holder, created }
}
