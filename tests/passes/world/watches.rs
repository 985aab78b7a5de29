//! The watches: what changed in the cluster reaches the operators a moment later, in order.

use std::{sync::Arc, time::Duration};

use super::{Shared, World, addresses, cluster::Seen, lock};
use kube::ResourceExt;
use sender_operator::{
    api::SenderDomain,
    cluster::{
        index::{ClaimSeen, Index, Key},
        mailboxes::AddressClaimSeen,
        watch::{Sink, Watch},
    },
    model::{
        claim::{State, claim_name},
        name::Domain,
        tenant::{ENVIRONMENT_LABEL, TENANT_LABEL},
    },
};

/// How long the API server takes to tell a watcher.
const LAG: Duration = Duration::from_millis(2);

/// Feeds an operator of one environment until dropped.
pub async fn feed(shared: Arc<Shared>, environment: String, sink: Arc<dyn Sink>) {
    let mut watch = lock(&shared.cluster).watch();
    let mut held = shared.watches_held.subscribe();
    while let Some(seen) = watch.recv().await {
        tokio::time::sleep(LAG).await;
        if held.wait_for(|held| !held).await.is_err() {
            return;
        }
        match seen {
            Seen::Begun => {
                for watch in Watch::ALL {
                    sink.synced(watch);
                }
            }
            seen => sink.change(&mut |index| apply(index, &environment, &seen)),
        }
    }
}

fn apply(index: &mut Index, environment: &str, seen: &Seen) -> Vec<Domain> {
    match seen {
        Seen::Domain { object, gone } => {
            let key = key(object);
            let asks = !gone && object.metadata.deletion_timestamp.is_none();
            match Domain::parse(&object.spec.domain).ok().filter(|_| asks) {
                Some(domain) => {
                    let generation = object.metadata.generation.unwrap_or_default();
                    index.put_object(key, domain, &object.uid().unwrap_or_default(), generation)
                }
                None => index.remove_object(&key),
            }
        }
        Seen::Address { object, gone } => {
            addresses::seen(index, object, *gone);
            Vec::new()
        }
        Seen::Claim { stored, gone } if stored.claim.subject.address.is_some() => {
            let ours = stored.claim.environment == environment;
            match AddressClaimSeen::of(&stored.claim, &stored.version).filter(|_| ours) {
                Some(found) if *gone => index.mailboxes.remove_claim(&found.address),
                Some(found) => index.mailboxes.put_claim(found),
                None => {}
            }
            Vec::new()
        }
        Seen::Claim { stored, gone } if stored.claim.environment != environment => {
            let stands = !gone && matches!(stored.claim.state, State::Held | State::Releasing);
            let domain = &stored.claim.subject.domain;
            index.put_elsewhere(domain, &claim_name(&stored.claim.environment, domain), stands)
        }
        Seen::Claim { stored, gone: false } => index.put_claim(&ClaimSeen::of(&stored.claim, &stored.version)),
        Seen::Claim { stored, gone: true } => index.remove_claim(&stored.claim.subject.domain),
        Seen::Namespace(name, Some(labels)) => {
            let ours = |key: &String| [TENANT_LABEL, ENVIRONMENT_LABEL].contains(&key.as_str());
            let labels = labels.iter().filter(|(key, _)| ours(key)).map(|(key, value)| (key.clone(), value.clone()));
            index.put_namespace(name, &labels.collect())
        }
        Seen::Namespace(name, None) => index.remove_namespace(name),
        Seen::Begun => Vec::new(),
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
