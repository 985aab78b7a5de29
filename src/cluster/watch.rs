//! The watches that feed the index.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use futures::{Stream, StreamExt, TryStreamExt};
use k8s_openapi::api::core::v1::Namespace;
use kube::{
    Api, Client, Resource, ResourceExt,
    core::{DeserializeGuard, PartialObjectMeta},
    runtime::{
        WatchStreamExt,
        watcher::{Config, DefaultBackoff, Event, watcher},
    },
};

use super::index::{ClaimSeen, Index, Key};
use crate::{
    api::{SenderClaim, SenderDomain},
    model::{
        name::Domain,
        tenant::{ENVIRONMENT_LABEL, TENANT_LABEL},
    },
};

/// Where the watches report to.
pub trait Sink: Send + Sync {
    /// Changes the index and looks at the domains that the change names.
    fn change(&self, change: &mut dyn FnMut(&mut Index) -> Vec<Domain>);
    /// A watch has delivered its first complete list.
    fn synced(&self, watch: Watch);
}

/// The watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Watch {
    /// `SenderDomain`s of all namespaces.
    Domains,
    /// `SenderClaim`s.
    Claims,
    /// Namespaces (metadata only).
    Namespaces,
}

/// Watches `SenderDomain`s until dropped. An object that can't be read is logged and left out: it asks for nothing.
pub async fn domains(client: Client, sink: Arc<dyn Sink>) {
    let stream = watcher(Api::<DeserializeGuard<SenderDomain>>::all(client), Config::default());
    let mut seen = HashSet::new();
    each(stream, Watch::Domains, &*sink.clone(), |event| match event {
        Event::Init => seen.clear(),
        Event::InitApply(object) => {
            seen.insert(key(&object));
            put_domain(&*sink, &object);
        }
        Event::Apply(object) => put_domain(&*sink, &object),
        Event::Delete(object) => sink.change(&mut |index| index.remove_object(&key(&object))),
        Event::InitDone => sink.change(&mut |index| index.keep_objects(&seen)),
    })
    .await;
}

/// Watches the claims of one environment until dropped.
pub async fn claims(client: Client, environment: String, sink: Arc<dyn Sink>) {
    let stream = watcher(Api::<DeserializeGuard<SenderClaim>>::all(client), Config::default());
    let mut seen = HashSet::new();
    let claim = |object: &DeserializeGuard<SenderClaim>| {
        let claim = &object.0.as_ref().ok()?.spec.claim;
        (claim.environment == environment).then(|| ClaimSeen {
            domain: claim.subject.domain.clone(),
            state: claim.state,
            releasing_time: claim.releasing_time,
            version: object.resource_version().unwrap_or_default().into(),
        })
    };
    each(stream, Watch::Claims, &*sink.clone(), |event| match event {
        Event::Init => seen.clear(),
        Event::InitApply(object) => {
            if let Some(found) = claim(&object) {
                seen.insert(found.domain.clone());
                sink.change(&mut |index| index.put_claim(&found));
            }
        }
        Event::Apply(object) => {
            if let Some(found) = claim(&object) {
                sink.change(&mut |index| index.put_claim(&found));
            }
        }
        Event::Delete(object) => {
            if let Some(found) = claim(&object) {
                sink.change(&mut |index| index.remove_claim(&found.domain));
            }
        }
        Event::InitDone => sink.change(&mut |index| index.keep_claims(&seen)),
    })
    .await;
}

/// Watches the labels of namespaces until dropped.
pub async fn namespaces(client: Client, sink: Arc<dyn Sink>) {
    let stream = watcher(Api::<PartialObjectMeta<Namespace>>::all(client), Config::default());
    each(stream, Watch::Namespaces, &*sink.clone(), |event| match event {
        Event::Init | Event::InitDone => {}
        Event::InitApply(meta) | Event::Apply(meta) => put_namespace(&*sink, &meta),
        Event::Delete(meta) => sink.change(&mut |index| index.remove_namespace(&meta.name_any())),
    })
    .await;
}

async fn each<K, S>(stream: S, watch: Watch, sink: &dyn Sink, mut on_event: impl FnMut(Event<K>) + Send)
where
    K: Send,
    S: Stream<Item = Result<Event<K>, kube::runtime::watcher::Error>> + Send,
{
    let stream = stream.backoff(DefaultBackoff::default()).inspect_err(|error| {
        tracing::warn!(?watch, %error, "watch interrupted; it is started again");
    });
    let mut stream = std::pin::pin!(stream);
    while let Some(event) = stream.next().await {
        let Ok(event) = event else { continue };
        let complete = matches!(event, Event::InitDone);
        on_event(event);
        if complete {
            sink.synced(watch);
        }
    }
}

fn key(object: &DeserializeGuard<SenderDomain>) -> Key {
    (object.namespace().unwrap_or_default().into(), object.name_any().into())
}

fn put_domain(sink: &dyn Sink, object: &DeserializeGuard<SenderDomain>) {
    let key = key(object);
    let domain = match &object.0 {
        Ok(domain) if domain.metadata.deletion_timestamp.is_none() => Domain::parse(&domain.spec.domain).ok(),
        Ok(_) => None,
        Err(error) => {
            tracing::warn!(namespace = %key.0, name = %key.1, %error, "a SenderDomain can't be read and is left out");
            None
        }
    };
    let uid = object.uid().unwrap_or_default();
    let generation = object.meta().generation.unwrap_or_default();
    sink.change(&mut |index| match &domain {
        Some(domain) => index.put_object(key.clone(), domain.clone(), &uid, generation),
        None => index.remove_object(&key),
    });
}

fn put_namespace(sink: &dyn Sink, meta: &PartialObjectMeta<Namespace>) {
    let ours = [TENANT_LABEL, ENVIRONMENT_LABEL];
    let labels: BTreeMap<String, String> =
        meta.labels().iter().filter(|(k, _)| ours.contains(&k.as_str())).map(|(k, v)| (k.clone(), v.clone())).collect();
    sink.change(&mut |index| index.put_namespace(&meta.name_any(), &labels));
}
