//! The API server's port.

use std::time::Duration;

use async_trait::async_trait;
use kube::core::object::HasStatus;
use sender_operator::{
    api::{SenderAddress, SenderDomain},
    cluster::{
        kinds::Kind,
        store::{ClaimStore, ObjectStore, ObservedNamespace, PendingEvent, Regarding, Store, StoreError},
    },
    model::claim::{Claim, StoredClaim},
};
use sender_operator_harness::lint::{Linted, lint, lint_change, lint_event};

use super::{
    addresses_invariants, challenges_invariants,
    cluster::{Cluster, KeptObject, key_of},
    failures::How,
    invariants::{self, Change, Claims},
    lock,
    operator::Link,
    ports::Port,
    requests::{Applied, Requests},
};

const LATENCY: Duration = Duration::from_millis(1);
/// More writes than any scenario needs: a larger number means an endless loop.
const RUNAWAY: usize = 20_000;

macro_rules! store_calls {
    ($($name:ident)*) => {
        /// Requests to the API server.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum StoreCall { $($name),* }

        impl StoreCall {
            pub const ALL: &[Self] = &[$(Self::$name),*];
        }
    };
}
store_calls! {
    GetClaim CreateClaim SwapClaim DeleteClaim ListClaims GetDomain ListDomains ApplyStatus
    GetAddress ListAddresses ApplyAddressStatus GetNamespace Notify
}

impl StoreCall {
    fn is_write(self) -> bool {
        use StoreCall::{ApplyAddressStatus, ApplyStatus, CreateClaim, DeleteClaim, Notify, SwapClaim};
        [ApplyAddressStatus, ApplyStatus, CreateClaim, DeleteClaim, Notify, SwapClaim].contains(&self)
    }

    fn is_about_claims(self) -> bool {
        use StoreCall::{CreateClaim, DeleteClaim, GetClaim, ListClaims, SwapClaim};
        [CreateClaim, DeleteClaim, GetClaim, ListClaims, SwapClaim].contains(&self)
    }
}

impl Port {
    /// One request: its latency, scripted failures, its effect.
    async fn request<T>(
        &self,
        call: StoreCall,
        about: &str,
        effect: impl FnOnce(&mut Cluster) -> Result<T, StoreError> + Send,
    ) -> Result<T, StoreError> {
        self.way(LATENCY).await;
        if call.is_about_claims() {
            self.shared.interleaving.enter().await;
        }
        self.alive().await;
        let ordered = self.ordered(call, about);
        if let Some((how, error)) = ordered.clone().filter(|(how, _)| !how.has_effect()) {
            return self.fail(how, Err(error)).await;
        }
        let answer = {
            let mut cluster = lock(&self.shared.cluster);
            // A request about claims changes the one it names.
            let changes = call.is_write() && call.is_about_claims();
            let before = cluster.claims.get(about).filter(|_| changes).cloned();
            let answer = effect(&mut cluster);
            if !call.is_write() {
                let mut requests = lock(&self.shared.requests);
                *requests.reads.entry(call).or_default() += 1;
                if call == StoreCall::GetClaim && requests.is_hot(about, self.shared.start.elapsed()) {
                    self.shared.fault(format!("a hot loop reads the claim {about}"));
                    self.link.kill();
                }
            }
            if call.is_write() {
                let mut requests = lock(&self.shared.requests);
                *requests.writes.entry(call).or_default() += 1;
                if requests.writes.values().sum::<usize>() > RUNAWAY {
                    self.shared.fault("the operators never stop writing");
                    self.link.kill();
                }
            }
            if changes {
                let (after, all) = (cluster.claims.get(about), &cluster.claims);
                let (now, fresh) = (self.shared.now(), self.shared.domains_are_fresh());
                let change = Change { name: about, before: before.as_ref(), after, all, now, fresh };
                self.shared.faults(change.faults(&self.link));
                if change.of_domain() {
                    self.shared.domain_written();
                }
            }
            answer
        };
        self.shared.changed.notify_waiters();
        match ordered {
            Some((how, error)) => self.fail(how, Err(error)).await,
            None => answer,
        }
    }

    /// The scripted failure of the request, if any.
    fn ordered(&self, call: StoreCall, about: &str) -> Option<(How, StoreError)> {
        let struck = if call.is_write() { lock(&self.shared.writes).next(format!("{call:?} {about}")) } else { None };
        let struck = struck.map(|how| (how, StoreError::Unavailable));
        struck.or_else(|| lock(&self.shared.requests).failures.next(call, about))
    }
}

#[async_trait]
impl ClaimStore for Port {
    async fn claim(&self, name: &str) -> Result<Option<StoredClaim>, StoreError> {
        self.request(StoreCall::GetClaim, name, |cluster| Ok(cluster.claims.get(name).cloned())).await
    }

    async fn create_claim(&self, name: &str, claim: &Claim) -> Result<StoredClaim, StoreError> {
        let now = self.shared.now();
        self.request(StoreCall::CreateClaim, name, |cluster| cluster.create_claim(name, claim, now)).await
    }

    async fn swap_claim(&self, name: &str, old: &StoredClaim, new: &Claim) -> Result<StoredClaim, StoreError> {
        self.request(StoreCall::SwapClaim, name, |cluster| cluster.swap_claim(name, old, new)).await
    }

    async fn delete_claim(&self, name: &str, old: &StoredClaim) -> Result<(), StoreError> {
        self.request(StoreCall::DeleteClaim, name, |cluster| cluster.delete_claim(name, old)).await
    }

    async fn claims(&self) -> Result<Vec<StoredClaim>, StoreError> {
        self.request(StoreCall::ListClaims, "", |cluster| Ok(cluster.claims.values().cloned().collect())).await
    }
}

/// A kind with a linter and invariants for its statuses.
trait Checked: KeptObject + HasStatus<Status: Linted> {
    const GET: StoreCall;
    const LIST: StoreCall;
    const APPLY: StoreCall;

    /// Faults in the status of this object.
    fn faults(&self, link: &Link, claims: &Claims) -> Vec<String>;
    /// Keeps a status that was applied.
    fn note(&self, _requests: &mut Requests) {}
}

impl Checked for SenderDomain {
    const GET: StoreCall = StoreCall::GetDomain;
    const LIST: StoreCall = StoreCall::ListDomains;
    const APPLY: StoreCall = StoreCall::ApplyStatus;

    fn faults(&self, link: &Link, claims: &Claims) -> Vec<String> {
        challenges_invariants::status(link, claims, self).into_iter().chain(lint(self)).collect()
    }

    fn note(&self, requests: &mut Requests) {
        requests.applied.push(Applied { key: key_of(self), status: self.status.clone().unwrap_or_default() });
    }
}

impl Checked for SenderAddress {
    const GET: StoreCall = StoreCall::GetAddress;
    const LIST: StoreCall = StoreCall::ListAddresses;
    const APPLY: StoreCall = StoreCall::ApplyAddressStatus;

    fn faults(&self, link: &Link, claims: &Claims) -> Vec<String> {
        addresses_invariants::status(link, claims, self).into_iter().chain(lint(self)).collect()
    }
}

#[async_trait]
impl<K: Checked> ObjectStore<K> for Port {
    async fn object(&self, namespace: &str, name: &str) -> Result<Option<K>, StoreError> {
        let key = (namespace.to_owned(), name.to_owned());
        self.request(K::GET, &format!("{namespace}/{name}"), |cluster| Ok(cluster.object(&key))).await
    }

    async fn objects_for(&self, subject: &K::Subject) -> Result<Vec<K>, StoreError> {
        self.request(K::LIST, &subject.to_string(), |cluster| Ok(cluster.objects_for(subject))).await
    }

    async fn apply_status(&self, object: &K, status: &K::Status) -> Result<(), StoreError> {
        let key = key_of(object);
        let about = format!("{}/{}", key.0, key.1);
        let apply = |cluster: &mut Cluster| {
            let stored = cluster.apply_status(object, status)?;
            let mut faults = stored.faults(&self.link, &cluster.claims);
            let told = serde_json::to_string(status).unwrap_or_default();
            faults.extend(invariants::names_nobody(
                &key.0,
                cluster.namespaces.get(&key.0),
                object.subject_text(),
                &told,
            ));
            // The status that the writer had seen: another process or a stranger may have written since.
            let before = object.status().filter(|before| before.observed_generation() != -1);
            faults.extend(before.map_or_else(Vec::new, |before| lint_change(before, status)));
            self.shared.faults(faults.into_iter().map(|fault| format!("{about}: {fault}")).collect());
            stored.note(&mut lock(&self.shared.requests));
            Ok(())
        };
        self.request(K::APPLY, &about, apply).await
    }
}

#[async_trait]
impl Store for Port {
    async fn namespace(&self, name: &str) -> Result<Option<ObservedNamespace>, StoreError> {
        self.request(StoreCall::GetNamespace, name, |cluster| Ok(cluster.namespaces.get(name).cloned())).await
    }

    async fn notify(&self, event: &PendingEvent) {
        let at = self.shared.start.elapsed();
        let tell = |cluster: &mut Cluster| {
            self.shared.faults(lint_event(event));
            if let Regarding { kind: Kind::Domain, namespace: Some(namespace), name, .. } = &event.regarding {
                let object = cluster.domains.get(&(namespace.clone(), name.clone()));
                let domain = object.map(|object| object.spec.domain.clone()).unwrap_or_default();
                let facts = cluster.namespaces.get(namespace);
                self.shared.faults(invariants::names_nobody(namespace, facts, &domain, &event.note));
            }
            lock(&self.shared.requests).told.push((at, event.clone()));
            Ok(())
        };
        let _ = self.request(StoreCall::Notify, event.reason.as_str(), tell).await;
    }
}
