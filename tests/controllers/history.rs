//! Every status of the objects in a namespace, as a watch shows them, so that none is missed as by polling.

use std::{
    fmt::Debug,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::ensure;
use futures::StreamExt;
use kube::{
    Api, ResourceExt,
    runtime::{
        WatchStreamExt,
        watcher::{Config, Event, watcher},
    },
};
use sender_operator_harness::{
    eventually,
    lint::{lint, lint_change},
};
use tokio::task::JoinHandle;

use crate::support::{Conditioned, condition};

/// The record; it continues until dropped.
pub struct StatusHistory<K> {
    versions: Arc<Mutex<Vec<K>>>,
    task: JoinHandle<()>,
}

impl<K: Conditioned> StatusHistory<K>
where
    K::Status: Debug,
{
    /// Records from now on.
    pub fn of(api: Api<K>) -> Self {
        let versions = Arc::new(Mutex::new(Vec::new()));
        let kept = versions.clone();
        let task = tokio::spawn(async move {
            let mut events = pin!(watcher(api, Config::default()).default_backoff());
            while let Some(event) = events.next().await {
                if let Ok(Event::InitApply(object) | Event::Apply(object)) = event {
                    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                    // A list after an interruption repeats known versions.
                    if !kept.iter().any(|old: &K| old.resource_version() == object.resource_version()) {
                        kept.push(object);
                    }
                }
            }
        });
        Self { versions, task }
    }

    /// All versions of an object since it was last created, oldest first.
    pub fn versions(&self, name: &str) -> Vec<K> {
        let all = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        let last = all.iter().rfind(|object| object.name_any() == name).and_then(ResourceExt::uid);
        all.iter().filter(|object| object.name_any() == name && object.uid() == last).cloned().collect()
    }

    /// Waits until the newest status has all of these conditions, as `(type, status/reason)`.
    pub async fn until(&self, name: &str, expected: &[(&str, &str)]) -> anyhow::Result<()> {
        eventually(&format!("{name}: {expected:?}"), async || {
            let newest = self.versions(name).pop().ok_or("the object does not exist")?;
            let all = expected.iter().all(|(type_, said)| condition(&newest, type_) == *said);
            if all { Ok(()) } else { Err(format!("{:#?}", newest.status())) }
        })
        .await
    }

    /// The values of a condition over time, as `status/reason`, without repetitions.
    pub fn of_condition(&self, name: &str, type_: &str) -> Vec<String> {
        let mut all: Vec<String> = self.versions(name).iter().map(|object| condition(object, type_)).collect();
        all.retain(|said| said != "-");
        all.dedup();
        all
    }

    /// Fails if a status or a transition breaks the rules, or if no status was seen.
    pub fn lint(&self, name: &str) -> anyhow::Result<()> {
        let versions = self.versions(name);
        ensure!(!versions.is_empty(), "no status of {name} was seen");
        for object in &versions {
            let faults = lint(object);
            ensure!(faults.is_empty(), "{name}: {faults:#?}\n{:#?}", object.status());
        }
        for pair in versions.windows(2) {
            if let (Some(before), Some(after)) = (pair[0].status(), pair[1].status()) {
                let faults = lint_change(before, after);
                ensure!(faults.is_empty(), "{name}: {faults:#?}");
            }
        }
        Ok(())
    }
}

impl<K> Drop for StatusHistory<K> {
    fn drop(&mut self) {
        self.task.abort();
    }
}
