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

mod checker;
mod clock;
mod control;
mod dns;
mod faults;
mod handle;
mod http;
mod journal;
mod lifecycle;
mod listener;
mod mail;
mod options;
mod page;
mod scan;
mod simulator;
mod state;
mod throttle;
mod wire;
mod world;

pub use dns::{DnsFault, RecordError, RecordView};
pub use faults::{ActiveFault, Fault, FaultKind};
pub use handle::{Handle, NoSuch};
pub use journal::{Call, DnsQuery, Email};
pub use lifecycle::Status;
pub use mail::{Delivery, Header, Mail, SuppressionReason};
pub use options::Options;
pub use scan::{Scanner, Scanners, Visit};
pub use simulator::Simulator;
pub use state::{
    AccountPatch, AccountSettings, BehaviorOnMxFailure, IdentityPatch, IdentityType, IdentityView, MailFromView,
    SendingStatus, SoaSeen, TenantPatch, TenantView, VerificationError,
};
