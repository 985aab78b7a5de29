//! The API server's port.

use std::time::Duration;

use async_trait::async_trait;
use kube::ResourceExt;
use sender_operator::{
    api::{SenderAddress, SenderAddressStatus, SenderDomain, SenderDomainStatus},
    cluster::store::{NamespaceFacts, Notice, Regarding, Store, StoreError},
    model::{
        address::Address,
        claim::{Claim, StoredClaim},
        name::Domain,
    },
};
use sender_operator_harness::lint::{lint, lint_change};

use super::{
    addresses_laws, challenges_laws,
    cluster::Cluster,
    failures::How,
    laws::{self, Change},
    lock,
    ports::Port,
    requests::Applied,
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
    GetAddress,
    ListAddresses,
    ApplyAddressStatus,
    GetNamespace,
    ApplyStatus,
    Notify,
}

/// All requests but events.
pub const STORE_CALLS: [StoreCall; 9] = {
    use StoreCall::{
        ApplyStatus, CreateClaim, DeleteClaim, GetClaim, GetDomain, GetNamespace, ListClaims, ListDomains, SwapClaim,
    };
    [ApplyStatus, CreateClaim, DeleteClaim, GetClaim, GetDomain, GetNamespace, ListClaims, ListDomains, SwapClaim]
};

/// Requests that a pass over an address makes, but events.
pub const ADDRESS_CALLS: [StoreCall; 8] = {
    use StoreCall::{
        ApplyAddressStatus, CreateClaim, DeleteClaim, GetAddress, GetClaim, GetNamespace, ListAddresses, SwapClaim,
    };
    [ApplyAddressStatus, CreateClaim, DeleteClaim, GetAddress, GetClaim, GetNamespace, ListAddresses, SwapClaim]
};

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
            // A request about claims changes the one it names.
            let one = |cluster: &Cluster| cluster.claims.get_key_value(about).map(|(k, v)| (k.clone(), v.clone()));
            let before = (call.is_write() && call.is_about_claims()).then(|| one(&cluster).into_iter().collect());
            let answer = effect(&mut cluster);
            if !call.is_write() {
                *lock(&self.shared.requests).reads.entry(call).or_default() += 1;
            }
            if call.is_write() {
                let mut requests = lock(&self.shared.requests);
                *requests.writes.entry(call).or_default() += 1;
                if requests.writes.values().sum::<usize>() > RUNAWAY {
                    self.shared.fault("the operators write without end");
                    self.link.kill();
                }
            }
            if let Some(before) = before {
                let after = one(&cluster).into_iter().collect();
                let change = Change { before: &before, after: &after, all: &cluster.claims };
                let (now, fresh) = (self.shared.now(), self.shared.domains_are_fresh());
                self.shared.faults(addresses_laws::claims(&self.link, change, fresh));
                self.shared.faults(laws::claims(change));
                self.shared.faults(challenges_laws::claims(&self.link, change, now));
                self.shared.note_domains(change);
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
        struck.or_else(|| lock(&self.shared.requests).failures.next(call, about))
    }
}

#[async_trait]
impl Store for Port {
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

    async fn sender_domain(&self, namespace: &str, name: &str) -> Result<Option<SenderDomain>, StoreError> {
        let key = (namespace.to_owned(), name.to_owned());
        let about = format!("{namespace}/{name}");
        self.request(StoreCall::GetDomain, &about, |cluster| Ok(cluster.domains.get(&key).cloned())).await
    }

    async fn sender_domains_for(&self, domain: &Domain) -> Result<Vec<SenderDomain>, StoreError> {
        let list = |cluster: &mut Cluster| Ok(cluster.sender_domains_for(domain));
        self.request(StoreCall::ListDomains, domain.as_str(), list).await
    }

    async fn namespace(&self, name: &str) -> Result<Option<NamespaceFacts>, StoreError> {
        self.request(StoreCall::GetNamespace, name, |cluster| Ok(cluster.namespaces.get(name).cloned())).await
    }

    async fn apply_status(&self, object: &SenderDomain, status: &SenderDomainStatus) -> Result<(), StoreError> {
        let key = (object.namespace().unwrap_or_default(), object.name_any());
        let about = format!("{}/{}", key.0, key.1);
        let apply = |cluster: &mut Cluster| {
            let stored = cluster.apply_status(object, status)?;
            let mut faults = lint(&stored);
            faults.extend(challenges_laws::status(&self.link, &cluster.claims, &stored));
            let told = serde_json::to_string(status).unwrap_or_default();
            faults.extend(laws::names_nobody(&key.0, cluster.namespaces.get(&key.0), &object.spec.domain, &told));
            // What the writer had seen: another one may have written since, and strangers may.
            let before = object.status.clone().unwrap_or_default();
            if before.observed_generation != -1 {
                faults.extend(lint_change(&before, status));
            }
            self.shared.faults(faults.into_iter().map(|fault| format!("{about}: {fault}")).collect());
            lock(&self.shared.requests).applied.push(Applied { key, status: status.clone() });
            Ok(())
        };
        self.request(StoreCall::ApplyStatus, &about, apply).await
    }

    async fn sender_address(&self, namespace: &str, name: &str) -> Result<Option<SenderAddress>, StoreError> {
        let key = (namespace.to_owned(), name.to_owned());
        let about = format!("{namespace}/{name}");
        self.request(StoreCall::GetAddress, &about, |cluster| Ok(cluster.addresses.get(&key).cloned())).await
    }

    async fn sender_addresses_for(&self, address: &Address) -> Result<Vec<SenderAddress>, StoreError> {
        let list = |cluster: &mut Cluster| Ok(cluster.sender_addresses_for(address));
        self.request(StoreCall::ListAddresses, &address.to_string(), list).await
    }

    async fn apply_address_status(
        &self,
        object: &SenderAddress,
        status: &SenderAddressStatus,
    ) -> Result<(), StoreError> {
        let key = (object.namespace().unwrap_or_default(), object.name_any());
        let about = format!("{}/{}", key.0, key.1);
        let apply = |cluster: &mut Cluster| {
            let stored = cluster.apply_address_status(object, status)?;
            let mut faults = lint(&stored);
            faults.extend(addresses_laws::status(&self.link, &cluster.claims, &stored));
            let told = serde_json::to_string(status).unwrap_or_default();
            faults.extend(laws::names_nobody(&key.0, cluster.namespaces.get(&key.0), &object.spec.address, &told));
            let before = object.status.clone().unwrap_or_default();
            if before.observed_generation != -1 {
                faults.extend(lint_change(&before, status));
            }
            self.shared.faults(faults.into_iter().map(|fault| format!("{about}: {fault}")).collect());
            Ok(())
        };
        self.request(StoreCall::ApplyAddressStatus, &about, apply).await
    }

    async fn notify(&self, notice: &Notice) {
        let at = self.shared.start.elapsed();
        let tell = |cluster: &mut Cluster| {
            if let Regarding::Domain { namespace, name, .. } = &notice.regarding {
                let object = cluster.domains.get(&(namespace.clone(), name.clone()));
                let domain = object.map(|object| object.spec.domain.clone()).unwrap_or_default();
                let facts = cluster.namespaces.get(namespace);
                self.shared.faults(laws::names_nobody(namespace, facts, &domain, &notice.note));
            }
            lock(&self.shared.requests).told.push((at, notice.clone()));
            Ok(())
        };
        let _ = self.request(StoreCall::Notify, notice.reason.as_str(), tell).await;
    }
}
