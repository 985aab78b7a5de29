//! The watches: what changed in the cluster reaches the operators a moment later, in order.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use kube::ResourceExt;
use sender_operator::{
    api::SenderDomain,
    cluster::{
        index::{ClaimSeen, Index, Key},
        watch::{Sink, Watch},
    },
    model::{
        claim::{State, StoredClaim, claim_name},
        name::Domain,
        tenant::{ENVIRONMENT_LABEL, TENANT_LABEL},
    },
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{Shared, World, cluster::Cluster, lock};

/// How long the API server takes to tell a watcher.
const LAG: Duration = Duration::from_millis(2);

/// What a watch tells.
#[derive(Clone)]
pub enum Seen {
    Domain(Box<SenderDomain>),
    DomainGone(Key),
    Claim(Box<StoredClaim>),
    ClaimGone(Box<StoredClaim>),
    Namespace(String, BTreeMap<String, String>),
    NamespaceGone(String),
    Synced(Watch),
}

/// Who is told.
pub struct Subscriber(UnboundedSender<Seen>);

impl Cluster {
    /// Tells every watcher.
    pub fn tell(&mut self, seen: &Seen) {
        self.subscribers.retain(|subscriber| subscriber.0.send(seen.clone()).is_ok());
    }

    fn subscribe(&mut self) -> UnboundedReceiver<Seen> {
        let (sender, receiver) = unbounded_channel();
        let subscriber = Subscriber(sender);
        let send = |seen| {
            let _ = subscriber.0.send(seen);
        };
        self.domains.values().for_each(|object| send(Seen::Domain(Box::new(object.clone()))));
        send(Seen::Synced(Watch::Domains));
        self.claims.values().for_each(|claim| send(Seen::Claim(Box::new(claim.clone()))));
        send(Seen::Synced(Watch::Claims));
        self.namespaces.iter().for_each(|(name, facts)| send(Seen::Namespace(name.clone(), facts.labels.clone())));
        send(Seen::Synced(Watch::Namespaces));
        self.subscribers.push(subscriber);
        receiver
    }
}

/// Feeds an operator of one environment until dropped.
pub async fn feed(shared: Arc<Shared>, environment: String, sink: Arc<dyn Sink>) {
    let mut watch = lock(&shared.cluster).subscribe();
    let mut held = shared.watches_held.subscribe();
    while let Some(seen) = watch.recv().await {
        tokio::time::sleep(LAG).await;
        if held.wait_for(|held| !held).await.is_err() {
            return;
        }
        match seen {
            Seen::Synced(watch) => sink.synced(watch),
            seen => sink.change(&mut |index| apply(index, &environment, &seen)),
        }
    }
}

fn apply(index: &mut Index, environment: &str, seen: &Seen) -> Vec<Domain> {
    match seen {
        Seen::Domain(object) => {
            let key = key(object);
            let asks = object.metadata.deletion_timestamp.is_none();
            match Domain::parse(&object.spec.domain).ok().filter(|_| asks) {
                Some(domain) => {
                    let generation = object.metadata.generation.unwrap_or_default();
                    index.put_object(key, domain, &object.uid().unwrap_or_default(), generation)
                }
                None => index.remove_object(&key),
            }
        }
        Seen::DomainGone(key) => index.remove_object(key),
        Seen::Claim(stored) | Seen::ClaimGone(stored) if stored.claim.environment != environment => {
            let gone = matches!(seen, Seen::ClaimGone(_));
            let stands = !gone && matches!(stored.claim.state, State::Held | State::Releasing);
            let domain = &stored.claim.subject.domain;
            index.put_elsewhere(domain, &claim_name(&stored.claim.environment, domain), stands)
        }
        Seen::Claim(stored) => index.put_claim(&ClaimSeen::of(&stored.claim, &stored.version)),
        Seen::ClaimGone(stored) => index.remove_claim(&stored.claim.subject.domain),
        Seen::Namespace(name, labels) => {
            let ours = |key: &String| [TENANT_LABEL, ENVIRONMENT_LABEL].contains(&key.as_str());
            let labels = labels.iter().filter(|(key, _)| ours(key)).map(|(key, value)| (key.clone(), value.clone()));
            index.put_namespace(name, &labels.collect())
        }
        Seen::NamespaceGone(name) => index.remove_namespace(name),
        Seen::Synced(_) => Vec::new(),
    }
}

/// As the watches spell a key.
pub fn key(object: &SenderDomain) -> Key {
    (object.namespace().unwrap_or_default().into(), object.name_any().into())
}

impl World {
    /// From now on the operators' watches tell nothing new: their indexes get stale.
    pub fn hold_watches(&self) {
        self.shared.watches_held.send_replace(true);
    }

    /// The watches catch up.
    pub fn release_watches(&self) {
        self.shared.watches_held.send_replace(false);
    }
}
