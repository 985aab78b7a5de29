//! The world's DNS: its records, the answers to questions, and what SES sees of it.

mod answer;
mod look;
mod record;
mod zone;

pub use answer::DnsReply;
pub use look::Look;
pub(crate) use look::Wanted;
pub use record::RecordError;
pub use zone::{DnsFault, RecordView, Zone};
