//! The simulated DNS: records, answers to questions, and SES's checks.

mod answer;
mod look;
mod record;
mod zone;

pub use answer::DnsReply;
pub use look::Look;
pub(crate) use look::Wanted;
pub use record::RecordError;
pub use zone::{DnsFault, RecordView, Zone};
