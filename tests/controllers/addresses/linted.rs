//! Every status that an address of a world has had, as a watch shows them, goes through the linter: what a poll would miss
//! counts too.

use std::{
    collections::HashMap,
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
use sender_operator::api::SenderAddress;
use sender_operator_harness::{
    World,
    lint::{lint_address, lint_address_change},
};
use tokio::task::JoinHandle;

#[derive(Default)]
struct Seen {
    /// The newest version of each object, by uid.
    newest: HashMap<String, SenderAddress>,
    statuses: usize,
    faults: Vec<String>,
}

/// The linter at work; it goes on until dropped.
pub struct Linted {
    seen: Arc<Mutex<Seen>>,
    task: JoinHandle<()>,
}

impl Linted {
    /// Looks at all addresses of this world's namespaces from now on.
    pub async fn begin(world: &World<'_>) -> anyhow::Result<Self> {
        let api: Api<SenderAddress> = Api::all(world.cluster.admin().await?);
        let prefix = format!("{}-", world.environment());
        let seen = Arc::new(Mutex::new(Seen::default()));
        let kept = seen.clone();
        let task = tokio::spawn(async move {
            let mut events = pin!(watcher(api, Config::default()).default_backoff());
            while let Some(event) = events.next().await {
                if let Ok(Event::InitApply(object) | Event::Apply(object)) = event
                    && object.namespace().is_some_and(|namespace| namespace.starts_with(&prefix))
                {
                    kept.lock().unwrap_or_else(PoisonError::into_inner).take(&object);
                }
            }
        });
        Ok(Self { seen, task })
    }

    /// Fails where a status, or the step from one to the next, broke the rules.
    pub fn verdict(&self) -> anyhow::Result<()> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        ensure!(seen.faults.is_empty(), "statuses break their rules: {:#?}", seen.faults);
        ensure!(seen.statuses > 0, "no status was seen");
        Ok(())
    }
}

impl Seen {
    fn take(&mut self, object: &SenderAddress) {
        let mut faults = lint_address(object);
        let before = self.newest.insert(object.uid().unwrap_or_default(), object.clone());
        let before = before.and_then(|before| before.status).filter(|status| status.observed_generation != -1);
        if let (Some(before), Some(after)) = (before, &object.status) {
            faults.extend(lint_address_change(&before, after));
        }
        self.statuses += 1;
        self.faults.extend(faults.into_iter().map(|fault| format!("{fault}: {:#?}", object.status)));
    }
}

impl Drop for Linted {
    fn drop(&mut self) {
        self.task.abort();
    }
}
