//! The port from the watches to whoever keeps the index.

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
}

/// Where the watches report to.
pub trait Sink: Send + Sync {
    /// Changes the index, and reconciles the subjects that the change concerns.
    fn change(&self, change: &mut dyn FnMut(&mut Index) -> Woken);
    /// A watch has delivered its first complete list.
    fn synced(&self, watch: Watch);
}
