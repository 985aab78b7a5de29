//! The port from the watches to whoever keeps the index.

use tokio::sync::watch;

use super::index::{Index, Woken};

/// The watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Watch {
    /// `SenderDomain`s of the namespaces that are served.
    Domains,
    /// `SenderAddress`es of the namespaces that are served.
    Addresses,
    /// `SenderClaim`s.
    Claims,
    /// Namespaces (metadata only).
    Namespaces,
}

impl Watch {
    /// Every watch.
    pub const ALL: [Self; 4] = [Self::Domains, Self::Addresses, Self::Claims, Self::Namespaces];

    /// What it lists.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Domains => "senderdomains",
            Self::Addresses => "senderaddresses",
            Self::Claims => "senderclaims",
            Self::Namespaces => "namespaces",
        }
    }
}

/// Where the watches report to.
pub trait Sink: Send + Sync {
    /// Changes the index, and reconciles the subjects that the change concerns.
    fn change(&self, change: &mut dyn FnMut(&mut Index) -> Woken);
    /// A watch has delivered its first complete list.
    fn synced(&self, watch: Watch);
    /// The watch in this namespace, or in the whole cluster, failed (`Some`), or works.
    fn interrupted(&self, watch: Watch, namespace: Option<&str>, problem: Option<String>);
}

/// The watches that have delivered their first complete list.
pub struct Synced(watch::Sender<Vec<Watch>>);

impl Default for Synced {
    fn default() -> Self {
        Self(watch::Sender::new(Vec::new()))
    }
}

impl Synced {
    /// This one has.
    pub fn add(&self, watch: Watch) {
        self.0.send_if_modified(|watches| {
            let new = !watches.contains(&watch);
            if new {
                watches.push(watch);
            }
            new
        });
    }

    /// Nobody needs to wait any more.
    pub fn release(&self) {
        self.0.send_replace(Watch::ALL.to_vec());
    }

    /// Returns when every watch has.
    pub async fn all(&self) {
        // The sender lives in `self`, so waiting can't fail.
        let _ = self.0.subscribe().wait_for(|watches| watches.len() == Watch::ALL.len()).await;
    }
}
