//! The watches: changes in the cluster reach the operators a moment later, in order.

use std::{sync::Arc, time::Duration};

use sender_operator::{
    cluster::{
        index::{AffectedSubjects, Index, ObservedClaim},
        key::key_of,
        kinds::Claimant,
        sink::{Sink, Watch},
    },
    model::{
        claim::{StoredClaim, claim_name},
        tenant::{ENVIRONMENT_LABEL, TENANT_LABEL},
    },
};

use super::{Shared, Simulation, cluster::Seen, lock};

/// The API server's latency of watch events.
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

fn apply(index: &mut Index, environment: &str, seen: &Seen) -> AffectedSubjects {
    match seen {
        Seen::Domain { object, gone } => put(index, &**object, *gone),
        Seen::Address { object, gone } => put(index, &**object, *gone),
        Seen::Claim { stored, gone } => {
            let StoredClaim { claim, version, .. } = &**stored;
            let name = claim_name(&claim.environment, &claim.subject.domain);
            index.observe_claim(environment, ObservedClaim { claim, name: &name, version, gone: *gone })
        }
        Seen::Namespace(name, Some(labels)) => {
            let ours = |key: &String| [TENANT_LABEL, ENVIRONMENT_LABEL].contains(&key.as_str());
            let labels = labels.iter().filter(|(key, _)| ours(key)).map(|(key, value)| (key.clone(), value.clone()));
            index.put_namespace(name, &labels.collect())
        }
        Seen::Namespace(name, None) => index.remove_namespace(name),
        Seen::Begun => AffectedSubjects::default(),
    }
}

fn put<K: Claimant>(index: &mut Index, object: &K, gone: bool) -> AffectedSubjects {
    match object.entry().filter(|_| !gone) {
        Some(entry) => index.put_object(key_of(object), entry),
        None => index.remove_object::<K::Subject>(&key_of(object)),
    }
}

impl Simulation {
    /// From now on the operators' watches deliver nothing: their indexes become stale.
    pub fn hold_watches(&self) {
        self.shared.watches_held.send_replace(true);
    }

    pub fn release_watches(&self) {
        self.shared.watches_held.send_replace(false);
    }
}
