//! A mail that SES took.

use crate::model::link::Link;

/// A mail that SES took.
pub struct Sent {
    /// Its id at SES.
    pub message_id: String,
    /// The link in it.
    pub link: Link,
}
