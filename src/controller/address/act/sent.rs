//! A mail that SES accepted.

use crate::model::link::Link;

pub struct Sent {
    /// Message id at SES.
    pub message_id: String,
    pub link: Link,
}
