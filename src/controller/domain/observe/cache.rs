//! The cache of a domain between reconciles. Losing it costs reads, never correctness.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;

use crate::{
    model::{
        backoff::doubled,
        records::{DnsAnswer, Lookup},
    },
    ses::Identity,
};

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

/// Number of lookups in a row without an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unanswered(u32);

impl Unanswered {
    /// Longest delay, in intervals.
    const LONGEST: u32 = 16;

    /// Counts a lookup by its answers.
    pub fn count(&mut self, answers: &[Lookup]) {
        let unknown = answers.iter().any(|answer| matches!(answer.direct, DnsAnswer::Unknown(_)));
        self.0 = if unknown { self.0.saturating_add(1) } else { 0 };
    }

    /// The interval until the next lookup: doubled by each unanswered lookup, up to 16 times.
    pub fn delay(self, interval: Duration) -> Duration {
        doubled(interval, self.0, interval.saturating_mul(Self::LONGEST))
    }
}

/// What is kept of a domain between reconciles.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DomainCache {
    pub identity: RemoteState,
    /// DNS answers by record name, and the time of the lookup.
    pub looked_up: Option<(Timestamp, BTreeMap<String, Lookup>)>,
    /// The last lookup of the challenge record.
    pub challenge: Option<(Timestamp, Lookup)>,
    /// Unanswered lookups of the DKIM records.
    pub unanswered_records: Unanswered,
    /// Unanswered lookups of the challenge record.
    pub unanswered_challenge: Unanswered,
    /// Since when lookups have found every record.
    pub found_since: Option<Timestamp>,
    /// Restarts of a FAILED verification: their number, and the time of the last one (or of the first observed
    /// failure).
    pub restarts: (u32, Option<Timestamp>),
    /// The release waits for an administrator.
    pub held_back: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::records::Doubt;

    #[test]
    fn each_unanswered_lookup_doubles_the_interval_up_to_a_limit_and_an_answer_resets_it() {
        let look = |direct| [Lookup { direct, doubled: None, addresses: None }];
        let (silent, absent) = (look(DnsAnswer::Unknown(Doubt::Timeout)), look(DnsAnswer::NoName));
        let (mut unanswered, interval) = (Unanswered::default(), Duration::from_secs(15));
        let mut delays = Vec::new();
        for answers in [&absent, &silent, &silent, &silent, &silent, &silent, &absent] {
            unanswered.count(answers);
            delays.push(unanswered.delay(interval).as_secs());
        }
        assert_eq!(delays, [15, 30, 60, 120, 240, 240, 15]);
    }
}
