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
    Api, Client, Resource, ResourceExt,
    core::{DeserializeGuard, PartialObjectMeta},
    runtime::{
        WatchStreamExt,
        utils::Backoff,
        watcher::{Config, Event, watcher},
    },
};
use tokio::time::Instant;

use super::{
    index::{ClaimSeen, Index, Key},
    mailboxes::{AddressClaimSeen, AddressSeen, Mailboxes},
    scope::Scope,
};
use crate::{
    api::{SenderAddress, SenderClaim, SenderDomain},
    model::{
        address::Address,
        backoff::spread_of,
        claim::State,
        confirmation::asking::RESEND,
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

/// The API server ends a watch after so many seconds, and it is taken up where it was. A watch whose connection died
/// without a word is noticed 5 s after that: kube's default would be after 295 s.
const WATCH_SECONDS: u32 = 25;
/// A connection over which nothing has come for so long is dead: what the client of watches is to be set to.
pub const SILENCE: Duration = Duration::from_secs(30);
/// A watch that keeps failing is logged so often.
const LOG_INTERVAL: Duration = Duration::from_mins(1);

/// The watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Watch {
    /// `SenderDomain`s of the namespaces that are served.
    Domains,
    /// `SenderAddress`es of the namespaces that are served.
    Addresses,
    /// `SenderClaim`s.
    Claims,
    /// Namespaces (metadata only).
    Namespaces,
}

impl Watch {
    /// Every watch.
    pub const ALL: [Self; 4] = [Self::Domains, Self::Addresses, Self::Claims, Self::Namespaces];
}

/// Watches the `SenderDomain`s that are served until dropped. An object that can't be read is logged and left out: it asks for
/// nothing.
pub async fn domains(client: Client, scope: Scope, sink: Arc<dyn Sink>) {
    let apis = scope.apis::<DeserializeGuard<SenderDomain>>(&client);
    let places = Places::new(Watch::Domains, apis.len());
    join_all(apis.into_iter().map(|(namespace, api)| domains_in(namespace, api, &places, &*sink))).await;
}

async fn domains_in(
    namespace: Option<String>,
    api: Api<DeserializeGuard<SenderDomain>>,
    places: &Places,
    sink: &dyn Sink,
) {
    let mut seen = HashSet::new();
    each(watcher(api, config()), places, sink, |event| match event {
        Event::Init => seen.clear(),
        Event::InitApply(object) => {
            seen.insert(key(&object));
            put_domain(sink, &object);
        }
        Event::Apply(object) => put_domain(sink, &object),
        Event::Delete(object) => sink.change(&mut |index| index.remove_object(&key(&object))),
        Event::InitDone => sink.change(&mut |index| index.keep_objects(namespace.as_deref(), &seen)),
    })
    .await;
}

/// Watches the `SenderAddress`es that are served until dropped. One that can't be read is left out, as above.
pub async fn addresses(client: Client, scope: Scope, sink: Arc<dyn Sink>) {
    let apis = scope.apis::<DeserializeGuard<SenderAddress>>(&client);
    let places = Places::new(Watch::Addresses, apis.len());
    join_all(apis.into_iter().map(|(namespace, api)| addresses_in(namespace, api, &places, &*sink))).await;
}

async fn addresses_in(
    namespace: Option<String>,
    api: Api<DeserializeGuard<SenderAddress>>,
    places: &Places,
    sink: &dyn Sink,
) {
    let mut seen = HashSet::new();
    let change = |change: &mut dyn FnMut(&mut Mailboxes)| {
        sink.change(&mut |index| {
            change(&mut index.mailboxes);
            Vec::new()
        });
    };
    each(watcher(api, config()), places, sink, |event| match event {
        Event::Init => seen.clear(),
        Event::InitApply(object) => {
            seen.insert(key(&object));
            change(&mut |mailboxes| put_address(mailboxes, &object));
        }
        Event::Apply(object) => change(&mut |mailboxes| put_address(mailboxes, &object)),
        Event::Delete(object) => change(&mut |mailboxes| mailboxes.remove_object(&key(&object))),
        Event::InitDone => change(&mut |mailboxes| mailboxes.keep_objects(namespace.as_deref(), &seen)),
    })
    .await;
}

/// Watches the claims until dropped: those of one environment, and of the others only that they stand.
pub async fn claims(client: Client, environment: String, sink: Arc<dyn Sink>) {
    let stream = watcher(Api::<DeserializeGuard<SenderClaim>>::all(client), config());
    let (mut seen, mut addresses) = (HashSet::new(), HashSet::new());
    let put = |object: &DeserializeGuard<SenderClaim>, gone: bool| {
        let claim = &object.0.as_ref().ok()?.spec.claim;
        let version = object.resource_version().unwrap_or_default();
        if let Some(found) = AddressClaimSeen::of(claim, &version) {
            let found = (claim.environment == environment).then_some(found)?;
            let address = found.address.clone();
            put_address_claim(&*sink, found, gone);
            return Some(Claimed::Address(address));
        }
        let domain = claim.subject.domain.clone();
        if claim.environment != environment {
            let stands = !gone && matches!(claim.state, State::Held | State::Releasing);
            sink.change(&mut |index| index.put_elsewhere(&domain, &object.name_any(), stands));
            return None;
        }
        let found = ClaimSeen::of(claim, &version);
        sink.change(&mut |index| if gone { index.remove_claim(&domain) } else { index.put_claim(&found) });
        Some(Claimed::Domain(domain))
    };
    each(stream, &Places::new(Watch::Claims, 1), &*sink.clone(), |event| match event {
        Event::Init => {
            seen.clear();
            addresses.clear();
        }
        Event::InitApply(object) => match put(&object, false) {
            Some(Claimed::Domain(domain)) => drop(seen.insert(domain)),
            Some(Claimed::Address(address)) => drop(addresses.insert(address)),
            None => {}
        },
        Event::Apply(object) => drop(put(&object, false)),
        Event::Delete(object) => drop(put(&object, true)),
        Event::InitDone => sink.change(&mut |index| {
            index.mailboxes.keep_claims(&addresses);
            index.keep_claims(&seen)
        }),
    })
    .await;
}

/// Watches the labels of namespaces until dropped.
pub async fn namespaces(client: Client, sink: Arc<dyn Sink>) {
    let stream = watcher(Api::<PartialObjectMeta<Namespace>>::all(client), config());
    each(stream, &Places::new(Watch::Namespaces, 1), &*sink.clone(), |event| match event {
        Event::Init | Event::InitDone => {}
        Event::InitApply(meta) | Event::Apply(meta) => put_namespace(&*sink, &meta),
        Event::Delete(meta) => sink.change(&mut |index| index.remove_namespace(&meta.name_any())),
    })
    .await;
}

/// The places of one watch: chosen namespaces, or the whole cluster. It is complete when each has delivered its first list.
struct Places {
    watch: Watch,
    waiting: AtomicUsize,
}

impl Places {
    fn new(watch: Watch, count: usize) -> Self {
        Self { watch, waiting: AtomicUsize::new(count) }
    }

    /// One place has its first list; whether all have.
    fn one_is_listed(&self) -> bool {
        self.waiting.fetch_sub(1, Ordering::AcqRel) == 1
    }
}

async fn each<K, S>(stream: S, places: &Places, sink: &dyn Sink, mut on_event: impl FnMut(Event<K>) + Send)
where
    K: Send,
    S: Stream<Item = Result<Event<K>, kube::runtime::watcher::Error>> + Send,
{
    let watch = places.watch;
    let mut stream = std::pin::pin!(stream.backoff(Pauses::new(watch)));
    let (mut logged, mut listed): (Option<Instant>, bool) = (None, false);
    while let Some(event) = stream.next().await {
        match event {
            Err(error) => {
                if logged.is_none_or(|logged| logged.elapsed() >= LOG_INTERVAL) {
                    tracing::warn!(?watch, %error, "watch interrupted; it is started again");
                    logged = Some(Instant::now());
                }
            }
            Ok(event) => {
                let complete = matches!(event, Event::InitDone);
                on_event(event);
                if complete && !std::mem::replace(&mut listed, true) && places.one_is_listed() {
                    sink.synced(watch);
                }
            }
        }
    }
}

fn config() -> Config {
    Config::default().timeout(WATCH_SECONDS)
}

/// The waits before a watch is tried again: from half a second to 5 s, whatever a `Retry-After` says. Three requests in
/// that time burden no API server, and a watch that comes back minutes late helps nobody.
#[derive(Debug)]
struct Pauses {
    watch: Watch,
    failures: u32,
    last: Option<Instant>,
}

impl Pauses {
    const FIRST: Duration = Duration::from_millis(500);
    const LONGEST: Duration = Duration::from_secs(5);
    /// Failures farther apart are not in a row. The begin of each list counts as a success for [`Backoff::reset`].
    const CALM: Duration = Duration::from_mins(1);

    fn new(watch: Watch) -> Self {
        Self { watch, failures: 0, last: None }
    }
}

impl Iterator for Pauses {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let full = Self::FIRST.saturating_mul(1 << self.failures.min(8)).min(Self::LONGEST);
        // Over the upper half, so that watches that broke together are not begun together.
        let spread = spread_of(&format!("{:?}", self.watch), u64::from(self.failures));
        (self.failures, self.last) = (self.failures.saturating_add(1), Some(Instant::now()));
        Some(full.mul_f64(0.5 + 0.5 * spread))
    }
}

impl Backoff for Pauses {
    fn reset(&mut self) {
        if self.last.is_none_or(|last| last.elapsed() >= Self::CALM) {
            self.failures = 0;
        }
    }
}

/// What a claim is on.
enum Claimed {
    Domain(Domain),
    Address(Address),
}

fn put_address_claim(sink: &dyn Sink, found: AddressClaimSeen, gone: bool) {
    let address = found.address.clone();
    let mut found = Some(found);
    sink.change(&mut |index| {
        match found.take().filter(|_| !gone) {
            Some(found) => index.mailboxes.put_claim(found),
            None => index.mailboxes.remove_claim(&address),
        }
        Vec::new()
    });
}

fn key<K: Resource>(object: &K) -> Key {
    (object.namespace().unwrap_or_default().into(), object.name_any().into())
}

fn put_address(mailboxes: &mut Mailboxes, object: &DeserializeGuard<SenderAddress>) {
    let key = key(object);
    let address = match &object.0 {
        Ok(asker) if asker.metadata.deletion_timestamp.is_none() => Address::parse(&asker.spec.address).ok(),
        Ok(_) => None,
        Err(error) => {
            tracing::warn!(namespace = %key.0, name = %key.1, %error, "a SenderAddress can't be read and is left out");
            None
        }
    };
    let Some(address) = address else { return mailboxes.remove_object(&key) };
    let seen = AddressSeen {
        address,
        uid: object.uid().unwrap_or_default().into(),
        generation: object.meta().generation.unwrap_or_default(),
        resend: object.annotations().get(RESEND).map(|value| value.as_str().into()),
    };
    mailboxes.put_object(key, seen);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_to_five_seconds_and_begin_anew_after_a_calm_minute() {
        let mut pauses = Pauses::new(Watch::Domains);
        let waits: Vec<Duration> = pauses.by_ref().take(40).collect();
        assert!(waits[0] <= Pauses::FIRST && waits.iter().all(|wait| *wait <= Pauses::LONGEST), "{waits:?}");
        assert!(waits[10..].iter().all(|wait| *wait >= Pauses::LONGEST / 2), "{waits:?}");
        pauses.reset();
        assert!(pauses.next() >= Some(Pauses::LONGEST / 2), "the begin of a list is no success");
        tokio::time::advance(Pauses::CALM).await;
        pauses.reset();
        assert!(pauses.next() <= Some(Pauses::FIRST));
    }
}
