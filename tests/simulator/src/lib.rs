//! Amazon SES, STS, the world's DNS and everybody's mailbox on loopback, for tests and for people who want to play.
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! let sim = ses_simulator::Simulator::start(ses_simulator::Options::default()).await?;
//! // Point AWS_ENDPOINT_URL_SESV2 and AWS_ENDPOINT_URL_STS at sim.url(), and a resolver at sim.dns().
//! sim.publish_dkim("acme.example")?;
//! sim.advance(std::time::Duration::from_secs(72 * 3600)).await;
//! # Ok(())
//! # }
//! ```

#![allow(missing_docs, reason = "a doc stands where a name does not say it all")]

mod backend;
mod checker;
mod clock;
mod control;
pub mod core;
mod handle;
mod http;
mod journal;
mod listener;
mod name_server;
mod options;
mod page;
mod scan;
mod simulator;
mod wire;

pub use crate::core::NoSuch;
pub use crate::core::account::{
    AccountPatch, AccountSettings, BehaviorOnMxFailure, IdentityPatch, IdentityType, IdentityView, MailFromView,
    SendingStatus, SoaRecord, TenantPatch, TenantView, VerificationError,
};
pub use crate::core::dns::{DnsFault, RecordError, RecordView};
pub use crate::core::faults::{ActiveFault, Fault, FaultKind};
pub use crate::core::lifecycle::Status;
pub use crate::core::mail::{Delivery, Header, Mail, SuppressionReason};
pub use handle::Handle;
pub use journal::{Call, DnsQuery, Email};
pub use options::Options;
pub use scan::{Scanner, Scanners, Visit};
pub use simulator::Simulator;
