//! A real Kubernetes control plane, the operator as a process, and the Amazon SES simulator, for tests and for the
//! demo.
//!
//! All processes end with the process that started them, even after SIGKILL: see [`process_guard`]. Tests act as the
//! operator's service account and as tenants' users, with the shipped roles; only set-up acts as administrator.

#![allow(missing_docs, reason = "a doc stands where a name does not say it all")]

pub mod bench;
pub mod browser;
pub mod controlplane;
pub mod demo;
pub mod house;
mod http;
pub mod lint;
pub mod operator;
pub mod process_guard;
pub mod proxy;
pub mod received_mail;
mod rights;
pub mod test_env;
pub mod wait;

pub use browser::BrowserPage;
pub use controlplane::{ControlPlane, Identity};
pub use operator::{Operator, OperatorOptions};
pub use proxy::{Mood, Proxy};
pub use received_mail::ReceivedMail;
pub use test_env::{TenantNamespace, TestEnv};
pub use wait::eventually;
