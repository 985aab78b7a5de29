//! The store for comparison: whole objects in memory, kept up to date by a watch.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child as Process, Command, Stdio},
    sync::Arc,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use anyhow::Context;
use futures::StreamExt;
use kube::{
    Api, Client,
    runtime::{
        WatchStreamExt, reflector,
        watcher::{Config, Event, watcher},
    },
};
use sender_operator::api::SenderDomain;

use super::resident;
use crate::eventually;

/// Runs the store until killed. Prints its number of objects after each complete list and each object.
pub async fn keep() -> anyhow::Result<()> {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let api = Api::<SenderDomain>::all(Client::try_default().await?);
    let (store, writer) = reflector::store();
    let events = reflector(writer, watcher(api, Config::default()).default_backoff());
    let mut events = std::pin::pin!(events);
    while let Some(event) = events.next().await {
        let word = match event {
            Ok(Event::InitDone) => "listed",
            Ok(Event::Apply(_)) => "changed",
            _ => continue,
        };
        tell(word, store.len());
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "this is how the two processes talk")]
fn tell(word: &str, held: usize) {
    println!("{word} {held}");
}

/// The store's process. Dropping it kills it.
pub(super) struct Child {
    process: Process,
    held: Arc<AtomicUsize>,
    lists: Arc<AtomicUsize>,
}

impl Child {
    pub(super) fn start(program: &Path, kubeconfig: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        command.arg("store").env("KUBECONFIG", kubeconfig).stdout(Stdio::piped());
        let mut process = command.spawn().context("the store could not be started")?;
        let stdout = process.stdout.take().context("the store has no stdout")?;
        let (held, lists) = (Arc::new(AtomicUsize::new(usize::MAX)), Arc::new(AtomicUsize::new(0)));
        let (noted, listed) = (held.clone(), lists.clone());
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if let Some((word, Ok(count))) = line.split_once(' ').map(|(word, count)| (word, count.parse())) {
                    noted.store(count, Ordering::Relaxed);
                    listed.fetch_add(usize::from(word == "listed"), Ordering::Relaxed);
                }
            }
        });
        Ok(Self { process, held, lists })
    }

    pub(super) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Returns when it holds this number of objects.
    pub(super) async fn holds(&self, objects: usize) -> anyhow::Result<()> {
        eventually("the store holds all", async || match self.held.load(Ordering::Relaxed) {
            held if held == objects => Ok(()),
            held => Err(format!("{held}")),
        })
        .await
    }

    /// Returns when its second list is complete.
    pub(super) async fn listed_again(&self) -> anyhow::Result<()> {
        eventually("the store has listed again", async || match self.lists.load(Ordering::Relaxed) {
            // Only its memory shows the progress of a list.
            0 | 1 => Err(format!("it has not, and takes {:?} KiB", resident::of(self.pid()))),
            _ => Ok(()),
        })
        .await
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
