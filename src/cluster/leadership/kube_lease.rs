//! [`LeaseStore`] over a Lease object in the operator's own namespace.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;
use k8s_openapi::{
    api::coordination::v1::{Lease, LeaseSpec},
    apimachinery::pkg::apis::meta::v1::MicroTime,
};
use kube::{
    Api, Client, ResourceExt,
    api::{ObjectMeta, PostParams},
};

use super::{election::LeaseRecord, lease::LeaseStore};
use crate::{
    api::FIELD_MANAGER,
    cluster::{
        request::{bounded, found},
        store::StoreError,
    },
};

pub struct KubeLease {
    api: Api<Lease>,
    name: String,
    read: Mutex<Option<Lease>>,
}

impl KubeLease {
    pub fn new(client: Client, namespace: &str, environment: &str) -> Self {
        Self {
            api: Api::namespaced(client, namespace),
            name: format!("sender-operator-{environment}"),
            read: Mutex::default(),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Option<Lease>> {
        // No code panics while it holds this lock.
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl LeaseStore for KubeLease {
    async fn read(&self) -> Result<Option<LeaseRecord>, StoreError> {
        let lease = found(self.api.get(&self.name)).await?;
        self.kept().clone_from(&lease);
        Ok(lease.map(|lease| {
            let version = lease.resource_version().unwrap_or_default();
            let spec = lease.spec.unwrap_or_default();
            let seconds = spec.lease_duration_seconds.and_then(|seconds| u64::try_from(seconds).ok());
            LeaseRecord {
                holder: spec.holder_identity.unwrap_or_default(),
                duration: Duration::from_secs(seconds.unwrap_or_default()),
                version,
            }
        }))
    }

    async fn write(&self, old: Option<&LeaseRecord>, holder: &str, duration: Duration) -> Result<(), StoreError> {
        let params = PostParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PostParams::default() };
        let Some(old) = old else {
            let lease = Lease {
                metadata: ObjectMeta { name: Some(self.name.clone()), ..ObjectMeta::default() },
                spec: Some(spec(LeaseSpec::default(), holder, duration)),
            };
            return bounded(self.api.create(&params, &lease)).await.map(drop);
        };
        let read = self.kept().take().filter(|lease| lease.resource_version().as_deref() == Some(&old.version));
        let mut lease = read.ok_or(StoreError::Conflict)?;
        lease.spec = Some(spec(lease.spec.unwrap_or_default(), holder, duration));
        // With a resource version in the lease, the API server compares it.
        bounded(self.api.replace(&self.name, &params, &lease)).await.map(drop)
    }
}

fn spec(old: LeaseSpec, holder: &str, duration: Duration) -> LeaseSpec {
    let now = MicroTime(Timestamp::now());
    let same = old.holder_identity.as_deref() == Some(holder);
    LeaseSpec {
        holder_identity: Some(holder.to_owned()),
        lease_duration_seconds: i32::try_from(duration.as_secs()).ok(),
        acquire_time: if same { old.acquire_time } else { Some(now.clone()) },
        renew_time: Some(now),
        lease_transitions: Some(old.lease_transitions.unwrap_or_default() + i32::from(!same)),
        ..old
    }
}
