//! The port to Kubernetes and what stands behind it.

pub mod events;
pub mod index;
pub mod keys;
pub mod kube_lease;
pub mod kube_store;
pub mod lease;
pub mod mailboxes;
pub mod mandate;
pub mod pulse;
pub mod scope;
pub mod store;
pub mod watch;
