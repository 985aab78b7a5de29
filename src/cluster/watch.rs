//! The watches that feed the index.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures::{Stream, StreamExt, future::join_all};
use k8s_openapi::api::core::v1::Namespace;
use kube::{
    Api, Client, ResourceExt,
    core::{DeserializeGuard, PartialObjectMeta},
    runtime::{
        WatchStreamExt,
        watcher::{Config, Error, Event, watcher},
    },
};
use tokio::time::Instant;

use super::{
    index::{ListedClaims, ObservedClaim},
    key::key_of,
    kinds::Claimant,
    request::PAGE,
    scope::Scope,
    sink::{Sink, Watch},
    watch_backoff::WatchBackoff,
};
use crate::{
    api::SenderClaim,
    model::tenant::{ENVIRONMENT_LABEL, TENANT_LABEL},
};

/// The API server ends a watch after this many seconds, and the watch resumes. A silently dead connection is noticed 5
/// s later; kube's default would be 295 s.
const WATCH_SECONDS: u32 = 25;
/// A connection without data for this long is dead. The client of the watches uses it as read timeout.
pub const SILENCE: Duration = Duration::from_secs(30);
/// Log interval of a watch that keeps failing.
const LOG_INTERVAL: Duration = Duration::from_mins(1);

/// Watches the objects of one kind in the watched namespaces until dropped. An unreadable object is logged and ignored:
/// it claims nothing.
pub async fn objects<K: Claimant>(client: Client, scope: Scope, sink: Arc<dyn Sink>) {
    let apis = scope.apis::<DeserializeGuard<K>>(&client);
    let places = Places::new(K::WATCH, apis.len());
    let watched = apis.into_iter();
    join_all(watched.map(|(namespace, api)| objects_in(namespace, api, &places, &*sink))).await;
}

async fn objects_in<K: Claimant>(
    namespace: Option<String>,
    api: Api<DeserializeGuard<K>>,
    places: &Places,
    sink: &dyn Sink,
) {
    let mut listed = HashSet::new();
    each(watcher(api, config().page_size(PAGE)), (places, namespace.as_deref()), sink, |event| match event {
        Event::Init => listed.clear(),
        Event::InitApply(object) => {
            listed.insert(key_of(&object));
            put_object(sink, &object);
        }
        Event::Apply(object) => put_object(sink, &object),
        Event::Delete(object) => sink.change(&mut |index| index.remove_object::<K::Subject>(&key_of(&object))),
        Event::InitDone => {
            sink.change(&mut |index| index.keep_objects::<K::Subject>(namespace.as_deref(), &listed));
        }
    })
    .await;
}

fn put_object<K: Claimant>(sink: &dyn Sink, object: &DeserializeGuard<K>) {
    let key = key_of(object);
    let entry = match &object.0 {
        Ok(object) => object.entry(),
        Err(error) => {
            let kind = K::KIND.as_str();
            tracing::warn!(kind, namespace = %key.0, name = %key.1, %error, "a resource cannot be parsed and is ignored");
            None
        }
    };
    sink.change(&mut |index| match &entry {
        Some(entry) => index.put_object(key.clone(), entry.clone()),
        None => index.remove_object::<K::Subject>(&key),
    });
}

/// Watches the claims until dropped: those of one environment, and only the existence of the others.
pub async fn claims(client: Client, environment: String, sink: Arc<dyn Sink>) {
    let stream = watcher(Api::<DeserializeGuard<SenderClaim>>::all(client), config());
    let mut listed = ListedClaims::default();
    let observe = |object: &DeserializeGuard<SenderClaim>, gone: bool| {
        let Ok(SenderClaim { spec, .. }) = &object.0 else { return };
        let (name, version) = (object.name_any(), object.resource_version().unwrap_or_default());
        let observed = ObservedClaim { claim: &spec.claim, name: &name, version: &version, gone };
        sink.change(&mut |index| index.observe_claim(&environment, observed));
    };
    each(stream, (&Places::new(Watch::Claims, 1), None), &*sink.clone(), |event| match event {
        Event::Init => listed = ListedClaims::default(),
        Event::InitApply(object) => {
            observe(&object, false);
            if let Ok(SenderClaim { spec, .. }) = &object.0
                && spec.claim.environment == environment
            {
                listed.insert(&spec.claim);
            }
        }
        Event::Apply(object) => observe(&object, false),
        Event::Delete(object) => observe(&object, true),
        Event::InitDone => sink.change(&mut |index| index.keep_claims(&listed)),
    })
    .await;
}

/// Watches the labels of namespaces until dropped.
pub async fn namespaces(client: Client, sink: Arc<dyn Sink>) {
    let stream = watcher(Api::<PartialObjectMeta<Namespace>>::all(client), config());
    each(stream, (&Places::new(Watch::Namespaces, 1), None), &*sink.clone(), |event| match event {
        Event::Init | Event::InitDone => {}
        Event::InitApply(meta) | Event::Apply(meta) => put_namespace(&*sink, &meta),
        Event::Delete(meta) => sink.change(&mut |index| index.remove_namespace(&meta.name_any())),
    })
    .await;
}

fn put_namespace(sink: &dyn Sink, meta: &PartialObjectMeta<Namespace>) {
    let ours = [TENANT_LABEL, ENVIRONMENT_LABEL];
    let labels: BTreeMap<String, String> =
        meta.labels().iter().filter(|(k, _)| ours.contains(&k.as_str())).map(|(k, v)| (k.clone(), v.clone())).collect();
    sink.change(&mut |index| index.put_namespace(&meta.name_any(), &labels));
}

/// The places of one watch: selected namespaces, or the whole cluster. It is complete when each place has delivered its
/// first list.
struct Places {
    watch: Watch,
    waiting: AtomicUsize,
}

impl Places {
    fn new(watch: Watch, count: usize) -> Self {
        Self { watch, waiting: AtomicUsize::new(count) }
    }

    /// Marks one place as listed; returns whether all are.
    fn one_is_listed(&self) -> bool {
        self.waiting.fetch_sub(1, Ordering::AcqRel) == 1
    }
}

/// Runs one watch in one of its places.
async fn each<K, S>(
    stream: S,
    (places, namespace): (&Places, Option<&str>),
    sink: &dyn Sink,
    mut on_event: impl FnMut(Event<K>) + Send,
) where
    K: Send,
    S: Stream<Item = Result<Event<K>, Error>> + Send,
{
    let watch = places.watch;
    let mut stream = std::pin::pin!(stream.backoff(WatchBackoff::new(watch)));
    let (mut logged, mut listed): (Option<Instant>, bool) = (None, false);
    while let Some(event) = stream.next().await {
        match event {
            Err(error) => {
                if logged.is_none_or(|logged| logged.elapsed() >= LOG_INTERVAL) {
                    tracing::warn!(?watch, namespace, %error, "a watch was interrupted and is restarted");
                    logged = Some(Instant::now());
                }
                sink.interrupted(watch, namespace, Some(reason(&error)));
            }
            Ok(event) => {
                let complete = matches!(event, Event::InitDone);
                on_event(event);
                sink.interrupted(watch, namespace, None);
                if complete && !std::mem::replace(&mut listed, true) && places.one_is_listed() {
                    sink.synced(watch);
                }
            }
        }
    }
}

/// The message of the API server, without the types around it.
fn reason(error: &Error) -> String {
    match error {
        Error::WatchError(status)
        | Error::InitialListFailed(kube::Error::Api(status))
        | Error::WatchStartFailed(kube::Error::Api(status))
        | Error::WatchFailed(kube::Error::Api(status)) => status.message.clone(),
        other => other.to_string(),
    }
}

fn config() -> Config {
    Config::default().timeout(WATCH_SECONDS)
}
