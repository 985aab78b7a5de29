//! The port to DNS.

pub mod resolver;

use async_trait::async_trait;

use crate::model::records::{Answer, RecordType};

/// Asks DNS, freshly: no answer comes from a cache of this process.
#[async_trait]
pub trait Dns: Send + Sync {
    /// The records of one type at one name (without a trailing dot). Positive absence and failure are told apart.
    async fn look_up(&self, name: &str, record_type: RecordType) -> Answer;
}
