//! The cache of a domain between reconciles. Losing it costs reads, never correctness.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{model::records::LookUp, ses::Identity};

/// The remote state of the identity at SES, as last read.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum RemoteState {
    /// Not read since this process started.
    #[default]
    Unknown,
    /// Not read since the last write, or a list contradicts the last read.
    Stale,
    /// SES answered NotFound.
    Absent(Timestamp),
    /// SES returned the identity.
    Present(Timestamp, Box<Identity>),
}

impl RemoteState {
    /// Whether it has to be read again immediately.
    pub fn is_doubted(&self) -> bool {
        match self {
            Self::Unknown => false,
            Self::Stale => true,
            Self::Absent(read_at) | Self::Present(read_at, _) => *read_at == Timestamp::MIN,
        }
    }

    /// Marks the state for an immediate read, after a failed write or a contradicting list. Statuses keep the last
    /// observation.
    #[must_use]
    pub fn doubted(self) -> Self {
        match self {
            Self::Unknown | Self::Stale => Self::Stale,
            Self::Absent(_) => Self::Absent(Timestamp::MIN),
            Self::Present(_, identity) => Self::Present(Timestamp::MIN, identity),
        }
    }
}

/// The cache of a domain between reconciles.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DomainCache {
    pub identity: RemoteState,
    /// DNS answers by record name, and the time of the lookup.
    pub looked_up: Option<(Timestamp, BTreeMap<String, LookUp>)>,
    /// The last lookup of the challenge record.
    pub challenge: Option<(Timestamp, LookUp)>,
    /// Since when lookups have found every record.
    pub found_since: Option<Timestamp>,
    /// Restarts of a FAILED verification: their number, and the time of the last one (or of the first observed
    /// failure).
    pub restarts: (u32, Option<Timestamp>),
    /// The release waits for an administrator.
    pub held_back: bool,
}
