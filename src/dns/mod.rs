//! The port to DNS.

#![warn(missing_docs)]

pub mod resolver;

use async_trait::async_trait;

use crate::model::records::{DnsAnswer, RecordType};

/// Looks up records; no answer comes from a cache of this process.
#[async_trait]
pub trait Dns: Send + Sync {
    /// Looks up the records of one type at one name (without a trailing dot). Distinguishes positive absence from
    /// failure.
    async fn look_up(&self, name: &str, record_type: RecordType) -> DnsAnswer;
}
