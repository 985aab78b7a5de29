//! What is kept of a domain between reconciles. Losing it costs reads, never correctness.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{model::records::LookUp, ses::Identity};

/// What was last seen of the identity at SES.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Sight {
    /// Nothing since this process started.
    #[default]
    Unseen,
    /// Nothing since the last write, or a list shows something that was not seen.
    Unsure,
    /// SES said NotFound.
    Absent(Timestamp),
    /// SES described it.
    Present(Timestamp, Box<Identity>),
}

impl Sight {
    /// Whether it is to be read again at once.
    pub fn is_doubted(&self) -> bool {
        match self {
            Self::Unseen => false,
            Self::Unsure => true,
            Self::Absent(seen) | Self::Present(seen, _) => *seen == Timestamp::MIN,
        }
    }

    /// The same, to be read again at once: after a write that failed, or a list that differs. Statuses keep what was seen.
    #[must_use]
    pub fn doubted(self) -> Self {
        match self {
            Self::Unseen | Self::Unsure => Self::Unsure,
            Self::Absent(_) => Self::Absent(Timestamp::MIN),
            Self::Present(_, identity) => Self::Present(Timestamp::MIN, identity),
        }
    }
}

/// What is kept of a domain between reconciles.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DomainCache {
    /// The identity.
    pub identity: Sight,
    /// DNS answers by record name, and when they were asked for.
    pub looked_up: Option<(Timestamp, BTreeMap<String, LookUp>)>,
    /// The last look-up of the challenge record.
    pub challenge: Option<(Timestamp, LookUp)>,
    /// Since when look-ups have found every record.
    pub found_since: Option<Timestamp>,
    /// Restarts of a FAILED verification: how many, and when the last one (or the first sight of the failure) was.
    pub restarts: (u32, Option<Timestamp>),
    /// The release waits for an administrator.
    pub held_back: bool,
}
