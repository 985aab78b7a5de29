//! The port to Kubernetes and its implementation.

pub mod events;
pub mod index;
pub mod key;
pub mod kinds;
mod kube_claims;
mod kube_objects;
pub mod kube_store;
pub mod leadership;
pub mod operator_secret;
pub mod probe;
mod request;
pub mod scope;
pub mod sink;
pub mod store;
pub mod watch;
mod watch_backoff;
