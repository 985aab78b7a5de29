//! The port from the watches to the owner of the index.

#![warn(missing_docs)]

use tokio::sync::watch;

use super::index::{AffectedSubjects, Index};

/// The watches that feed the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Watch {
    /// `SenderDomain`s in the watched namespaces.
    Domains,
    /// `SenderAddress`es in the watched namespaces.
    Addresses,
    /// `SenderClaim`s of the whole cluster.
    Claims,
    /// Namespaces (metadata only).
    Namespaces,
}

impl Watch {
    /// Every watch, in the order of the enum.
    pub const ALL: [Self; 4] = [Self::Domains, Self::Addresses, Self::Claims, Self::Namespaces];

    /// The plural resource name, for logs and readiness.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Domains => "senderdomains",
            Self::Addresses => "senderaddresses",
            Self::Claims => "senderclaims",
            Self::Namespaces => "namespaces",
        }
    }
}

/// The receiver of watch events.
pub trait Sink: Send + Sync {
    /// Applies a change to the index, and schedules the affected subjects.
    fn change(&self, change: &mut dyn FnMut(&mut Index) -> AffectedSubjects);
    /// A watch has delivered its first complete list.
    fn synced(&self, watch: Watch);
    /// The watch of this namespace, or of the whole cluster, failed (`Some`) or recovered (`None`).
    fn interrupted(&self, watch: Watch, namespace: Option<&str>, problem: Option<String>);
}

/// The set of watches that have delivered their first complete list.
pub struct Synced(watch::Sender<Vec<Watch>>);

impl Default for Synced {
    fn default() -> Self {
        Self(watch::Sender::new(Vec::new()))
    }
}

impl Synced {
    /// Marks this watch as complete.
    pub fn add(&self, watch: Watch) {
        self.0.send_if_modified(|watches| {
            let new = !watches.contains(&watch);
            if new {
                watches.push(watch);
            }
            new
        });
    }

    /// Ends all waiting, because the process stops.
    pub fn release(&self) {
        self.0.send_replace(Watch::ALL.to_vec());
    }

    /// Returns once every watch is complete.
    pub async fn all(&self) {
        // The sender lives in `self`, so waiting can't fail.
        let _ = self.0.subscribe().wait_for(|watches| watches.len() == Watch::ALL.len()).await;
    }
}
