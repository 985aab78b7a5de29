//! A interleaving before the calls about claims: a test decides whose call goes next, and so forces an interleaving.

use std::{sync::Mutex, time::Duration};

use tokio::sync::oneshot;

use super::{Simulation, lock};

#[derive(Debug, Default)]
struct InterleavingState {
    closed: bool,
    waiting: Vec<oneshot::Sender<()>>,
}

/// The interleaving; open unless a test closes it.
#[derive(Debug, Default)]
pub struct Interleaving(Mutex<InterleavingState>);

impl Interleaving {
    /// Waits to be let through, if the interleaving is closed.
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

    /// Lets all through, now and later.
    pub fn open_interleaving(&self) {
        let mut inner = lock(&self.shared.interleaving.0);
        inner.closed = false;
        inner.waiting.clear();
    }

    /// Waits until nobody can go on, then lets one through: the first that came, or else the last. How many waited.
    pub async fn let_through(&self, first: bool) -> usize {
        // Longer than any latency: paused time gets there only when nobody else can run.
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
