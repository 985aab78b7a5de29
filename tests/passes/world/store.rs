//! The API server's port.

use std::time::Duration;

use async_trait::async_trait;
use kube::ResourceExt;
use sender_operator::{
    api::{SenderDomain, SenderDomainStatus},
    cluster::store::{NamespaceFacts, Notice, Store, StoreError},
    model::{
        claim::{Claim, StoredClaim},
        name::Domain,
        orders::Orders,
    },
};
use sender_operator_harness::lint::{lint, lint_change};

use super::{
    cluster::{Applied, Cluster},
    failures::How,
    laws, lock,
    ports::Port,
    watches::Seen,
};

/// How long a request takes.
const LATENCY: Duration = Duration::from_millis(1);
/// More writes than any scenario needs: something goes round in circles.
const RUNAWAY: usize = 20_000;

/// Requests to the API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StoreCall {
    GetClaim,
    CreateClaim,
    SwapClaim,
    DeleteClaim,
    ListClaims,
    GetDomain,
    ListDomains,
    GetNamespace,
    ApplyStatus,
    Notify,
}

impl StoreCall {
    fn is_write(self) -> bool {
        use StoreCall::{ApplyStatus, CreateClaim, DeleteClaim, Notify, SwapClaim};
        [ApplyStatus, CreateClaim, DeleteClaim, Notify, SwapClaim].contains(&self)
    }

    fn is_about_claims(self) -> bool {
        use StoreCall::{CreateClaim, DeleteClaim, GetClaim, ListClaims, SwapClaim};
        [CreateClaim, DeleteClaim, GetClaim, ListClaims, SwapClaim].contains(&self)
    }
}

impl Port {
    /// One request: its way there, ordered failures, its effect.
    async fn request<T>(
        &self,
        call: StoreCall,
        about: &str,
        effect: impl FnOnce(&mut Cluster) -> Result<T, StoreError> + Send,
    ) -> Result<T, StoreError> {
        self.way(LATENCY).await;
        if call.is_about_claims() {
            self.shared.turnstile.enter().await;
        }
        self.alive().await;
        let ordered = self.ordered(call, about);
        if let Some((how, error)) = ordered.clone().filter(|(how, _)| !how.has_effect()) {
            return self.fail(how, Err(error)).await;
        }
        let answer = {
            let mut cluster = lock(&self.shared.cluster);
            // Nothing else changes a claim, and copies of hundreds of them are what a crowded world would spend its time on.
            let before = (call.is_write() && call.is_about_claims()).then(|| cluster.claims.clone());
            let answer = effect(&mut cluster);
            if call.is_write() {
                *cluster.writes.entry(call).or_default() += 1;
                if cluster.writes.values().sum::<usize>() > RUNAWAY {
                    self.shared.fault("the operators write without end");
                    self.link.kill();
                }
            }
            if let Some(before) = before {
                self.shared.faults(laws::claims(&before, &cluster.claims));
            }
            answer
        };
        self.shared.changed.notify_waiters();
        match ordered {
            Some((how, error)) => self.fail(how, Err(error)).await,
            None => answer,
        }
    }

    /// How the request fails, if it does.
    fn ordered(&self, call: StoreCall, about: &str) -> Option<(How, StoreError)> {
        let struck = if call.is_write() { lock(&self.shared.writes).next(format!("{call:?} {about}")) } else { None };
        let struck = struck.map(|how| (how, StoreError::Unavailable));
        struck.or_else(|| lock(&self.shared.cluster).failures.next(call, about))
    }
}

#[async_trait]
impl Store for Port {
    async fn claim(&self, name: &str) -> Result<Option<StoredClaim>, StoreError> {
        self.request(StoreCall::GetClaim, name, |cluster| Ok(cluster.claims.get(name).cloned())).await
    }

    async fn create_claim(&self, name: &str, claim: &Claim) -> Result<StoredClaim, StoreError> {
        let now = self.shared.now();
        let create = |cluster: &mut Cluster| {
            if cluster.claims.contains_key(name) {
                return Err(StoreError::Conflict);
            }
            let stored = StoredClaim {
                claim: claim.clone(),
                uid: cluster.uid(),
                version: cluster.version(),
                created: now,
                orders: Orders::default(),
            };
            cluster.put_claim(name, stored.clone());
            Ok(stored)
        };
        self.request(StoreCall::CreateClaim, name, create).await
    }

    async fn swap_claim(&self, name: &str, old: &StoredClaim, new: &Claim) -> Result<StoredClaim, StoreError> {
        let swap = |cluster: &mut Cluster| {
            let stored = cluster.claims.get(name).cloned().ok_or(StoreError::NotFound)?;
            if (&stored.uid, &stored.version) != (&old.uid, &old.version) {
                return Err(StoreError::Conflict);
            }
            if stored.claim == *new {
                return Ok(stored);
            }
            let stored = StoredClaim { claim: new.clone(), version: cluster.version(), ..stored };
            cluster.put_claim(name, stored.clone());
            Ok(stored)
        };
        self.request(StoreCall::SwapClaim, name, swap).await
    }

    async fn delete_claim(&self, name: &str, old: &StoredClaim) -> Result<(), StoreError> {
        let delete = |cluster: &mut Cluster| {
            let Some(stored) = cluster.claims.get(name).cloned() else { return Ok(()) };
            if (&stored.uid, &stored.version) != (&old.uid, &old.version) {
                return Err(StoreError::Conflict);
            }
            cluster.claims.remove(name);
            cluster.tell(&Seen::ClaimGone(Box::new(stored)));
            Ok(())
        };
        self.request(StoreCall::DeleteClaim, name, delete).await
    }

    async fn claims(&self) -> Result<Vec<StoredClaim>, StoreError> {
        self.request(StoreCall::ListClaims, "", |cluster| Ok(cluster.claims.values().cloned().collect())).await
    }

    async fn sender_domain(&self, namespace: &str, name: &str) -> Result<Option<SenderDomain>, StoreError> {
        let key = (namespace.to_owned(), name.to_owned());
        let about = format!("{namespace}/{name}");
        self.request(StoreCall::GetDomain, &about, |cluster| Ok(cluster.domains.get(&key).cloned())).await
    }

    async fn sender_domains_for(&self, domain: &Domain) -> Result<Vec<SenderDomain>, StoreError> {
        let list = |cluster: &mut Cluster| {
            let asks = |object: &&SenderDomain| object.spec.domain == domain.as_str();
            Ok(cluster.domains.values().filter(asks).cloned().collect())
        };
        self.request(StoreCall::ListDomains, domain.as_str(), list).await
    }

    async fn namespace(&self, name: &str) -> Result<Option<NamespaceFacts>, StoreError> {
        self.request(StoreCall::GetNamespace, name, |cluster| Ok(cluster.namespaces.get(name).cloned())).await
    }

    async fn apply_status(&self, object: &SenderDomain, status: &SenderDomainStatus) -> Result<(), StoreError> {
        let key = (object.namespace().unwrap_or_default(), object.name_any());
        let about = format!("{}/{}", key.0, key.1);
        let apply = |cluster: &mut Cluster| {
            let stored = cluster.domains.get(&key).cloned().ok_or(StoreError::NotFound)?;
            if stored.uid() != object.uid() {
                return Err(StoreError::Conflict);
            }
            let mut next = stored;
            next.status = Some(status.clone());
            let mut faults = lint(&next);
            // What the writer had seen: another one may have written since, and strangers may.
            let before = object.status.clone().unwrap_or_default();
            if before.observed_generation != -1 {
                faults.extend(lint_change(&before, status));
            }
            self.shared.faults(faults.into_iter().map(|fault| format!("{about}: {fault}")).collect());
            cluster.applied.push(Applied { key: key.clone(), status: status.clone() });
            cluster.put_domain(next);
            Ok(())
        };
        self.request(StoreCall::ApplyStatus, &about, apply).await
    }

    async fn notify(&self, notice: &Notice) {
        let at = self.shared.start.elapsed();
        let tell = |cluster: &mut Cluster| {
            cluster.told.push((at, notice.clone()));
            Ok(())
        };
        let _ = self.request(StoreCall::Notify, notice.reason.as_str(), tell).await;
    }
}

impl Cluster {
    /// Stores a claim under its new version and tells the watchers.
    pub fn put_claim(&mut self, name: &str, stored: StoredClaim) {
        self.claims.insert(name.to_owned(), stored.clone());
        self.tell(&Seen::Claim(Box::new(stored)));
    }

    /// Stores an object under a new version and tells the watchers.
    pub fn put_domain(&mut self, mut object: SenderDomain) {
        object.metadata.resource_version = Some(self.version());
        self.domains.insert((object.namespace().unwrap_or_default(), object.name_any()), object.clone());
        self.tell(&Seen::Domain(Box::new(object)));
    }
}
