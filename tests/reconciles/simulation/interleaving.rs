//! Forced interleavings: a test decides whose call about a claim goes next.

use std::{sync::Mutex, time::Duration};

use tokio::sync::oneshot;

use super::{Simulation, lock};

#[derive(Debug, Default)]
struct InterleavingState {
    closed: bool,
    waiting: Vec<oneshot::Sender<()>>,
}

/// Holds back calls while a test has closed it.
#[derive(Debug, Default)]
pub struct Interleaving(Mutex<InterleavingState>);

impl Interleaving {
    /// Waits for permission while the interleaving is closed.
    pub async fn enter(&self) {
        let passage = {
            let mut inner = lock(&self.0);
            if !inner.closed {
                return;
            }
            let (let_through, passage) = oneshot::channel();
            inner.waiting.push(let_through);
            passage
        };
        let _ = passage.await;
    }
}

impl Simulation {
    /// From now on calls about claims wait.
    pub fn close_interleaving(&self) {
        lock(&self.shared.interleaving.0).closed = true;
    }

    /// Releases all calls, now and later.
    pub fn open_interleaving(&self) {
        let mut inner = lock(&self.shared.interleaving.0);
        inner.closed = false;
        inner.waiting.clear();
    }

    /// Waits until nothing can proceed, then releases one call: the first that came, or else the last. Returns how many
    /// waited.
    pub async fn let_through(&self, first: bool) -> usize {
        // Longer than any latency: paused time gets there only when nothing else can run.
        self.advance(Duration::from_millis(5)).await;
        let mut inner = lock(&self.shared.interleaving.0);
        inner.waiting.retain(|waiting| !waiting.is_closed());
        let waiting = inner.waiting.len();
        if waiting > 0 {
            let next = if first { inner.waiting.remove(0) } else { inner.waiting.remove(waiting - 1) };
            let _ = next.send(());
        }
        waiting
    }
}
