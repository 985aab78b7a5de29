//! The life cycle of a verification, as a pure state machine.
//!
//! Amazon SES searches DNS for up to 72 hours after the creation of an identity (`PENDING`, then `FAILED`). If the
//! records of a verified domain disappear, SES keeps the domain usable for another 72 hours (`TEMPORARY_FAILURE`, then
//! `FAILED`). A failed verification is not checked again until it is restarted (AWS SES Developer Guide, "Managing
//! identities" and "Verified identities").

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::core::time::plus;

/// How long SES searches for DNS records.
pub(crate) const DNS_WINDOW: SignedDuration = SignedDuration::from_hours(72);
/// Lifetime of the link in a verification mail to an address.
pub(crate) const MAIL_WINDOW: SignedDuration = SignedDuration::from_hours(24);

/// `VerificationStatus` and `DkimStatus` of the SES API have the same five values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// Created; the search has not begun.
    NotStarted,
    /// SES searches and has not found the records.
    Pending,
    /// Found by the last check.
    Success,
    /// Found before and missing now; SES checks for another 72 hours.
    TemporaryFailure,
    /// Failed; SES no longer checks.
    Failed,
}

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotStarted => "NOT_STARTED",
            Self::Pending => "PENDING",
            Self::Success => "SUCCESS",
            Self::TemporaryFailure => "TEMPORARY_FAILURE",
            Self::Failed => "FAILED",
        }
    }

    pub fn allows_sending(self) -> bool {
        matches!(self, Self::Success | Self::TemporaryFailure)
    }
}

/// One verification: its state and the start of that state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Track {
    pub(crate) status: Status,
    /// Start of the state; the 72 (24) hours count from here.
    pub(crate) since: Timestamp,
}

impl Track {
    pub(crate) fn new(status: Status, now: Timestamp) -> Self {
        Self { status, since: now }
    }

    /// The effect of a read of the identity: the search has begun.
    pub(crate) fn begun(self) -> Self {
        match self.status {
            Status::NotStarted => Self { status: Status::Pending, ..self },
            _ => self,
        }
    }

    /// The end of this state, if it ends automatically.
    pub(crate) fn deadline(self, window: SignedDuration) -> Option<Timestamp> {
        match self.status {
            Status::NotStarted | Status::Pending | Status::TemporaryFailure => Some(plus(self.since, window)),
            Status::Success | Status::Failed => None,
        }
    }

    /// One check at `now` with the result `found`; `None`: there was no check. A passed deadline has precedence:
    /// records that are found afterwards are too late.
    fn look(self, found: Option<bool>, now: Timestamp, window: SignedDuration) -> Self {
        let track = self.begun();
        if let Some(deadline) = track.deadline(window)
            && now >= deadline
        {
            return Self::new(Status::Failed, deadline);
        }
        match (track.status, found) {
            (Status::Pending | Status::TemporaryFailure, Some(true)) => Self::new(Status::Success, now),
            (Status::Success, Some(false)) => Self::new(Status::TemporaryFailure, now),
            _ => track,
        }
    }

    /// The effect of a click on the link in the mail; `None` if the link is void.
    pub(crate) fn clicked(self, now: Timestamp) -> Option<Self> {
        let clicked = self.look(Some(true), now, MAIL_WINDOW);
        (clicked.status == Status::Success).then_some(clicked)
    }

    /// The state at `to` if DNS showed the same from `from` until `to`: one check at `from`, at each deadline in
    /// between, and at `to`. So a jump over many days ends in the right state.
    pub(crate) fn between(self, found: Option<bool>, from: Timestamp, to: Timestamp, window: SignedDuration) -> Self {
        let mut track = self.look(found, from, window);
        while let Some(deadline) = track.deadline(window).filter(|deadline| *deadline <= to) {
            let next = track.look(found, deadline, window);
            if next == track {
                break;
            }
            track = next;
        }
        track.look(found, to, window)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Status::{Failed, NotStarted, Pending, Success, TemporaryFailure};

    fn hour(h: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + h * 3600).unwrap()
    }

    #[test]
    fn results_of_one_check() {
        // (state entered at hour 0, what DNS shows, hour of the look, state then, its hour)
        let table = [
            (NotStarted, Some(false), 1, Pending, 0, "the first look begins the search, counted from creation"),
            (NotStarted, Some(true), 1, Success, 1, "records may be there already"),
            (NotStarted, None, 73, Failed, 72, "the search ends even if nobody read the identity"),
            (Pending, Some(false), 71, Pending, 0, "72 hours are not over"),
            (Pending, Some(true), 71, Success, 71, "found in time"),
            (Pending, Some(false), 72, Failed, 72, "given up at 72 hours"),
            (Pending, Some(true), 72, Failed, 72, "found at the deadline is too late"),
            (Pending, None, 10, Pending, 0, "without a look nothing is known"),
            (Success, Some(true), 1000, Success, 0, "stays"),
            (Success, Some(false), 1000, TemporaryFailure, 1000, "records gone"),
            (Success, None, 1000, Success, 0, "no look, no change: a verified address lasts"),
            (TemporaryFailure, Some(true), 71, Success, 71, "back in time"),
            (TemporaryFailure, Some(false), 71, TemporaryFailure, 0, "72 hours are not over"),
            (TemporaryFailure, Some(false), 72, Failed, 72, "given up"),
            (Failed, Some(true), 1000, Failed, 0, "SES looks no more"),
        ];
        for (status, found, at, then, since, why) in table {
            let track = Track::new(status, hour(0)).look(found, hour(at), DNS_WINDOW);
            assert_eq!(track, Track::new(then, hour(since)), "{why}");
        }
    }

    #[test]
    fn a_jump_passes_every_deadline_on_its_way() {
        // (state entered at hour 0, what DNS shows, jump from hour, to hour, state then, its hour)
        let table = [
            (Pending, false, 10, 1000, Failed, 72, "fails at its hour, not at the end of the jump"),
            (Pending, true, 10, 1000, Success, 10, "was found before the jump"),
            (Success, false, 10, 81, TemporaryFailure, 10, "71 hours gone"),
            (Success, false, 10, 82, Failed, 82, "72 hours gone"),
            (Success, false, 10, 1000, Failed, 82, "long gone"),
            (TemporaryFailure, true, 71, 1000, Success, 71, "saved in the last hour"),
            (TemporaryFailure, true, 73, 1000, Failed, 72, "an hour too late"),
            (NotStarted, false, 0, 72, Failed, 72, "created and forgotten"),
            (Failed, true, 10, 1000, Failed, 0, "no way out by waiting"),
            (Pending, false, 10, 10, Pending, 0, "a jump of nothing is a look"),
        ];
        for (status, found, from, to, then, since, why) in table {
            let track = Track::new(status, hour(0)).between(Some(found), hour(from), hour(to), DNS_WINDOW);
            assert_eq!(track, Track::new(then, hour(since)), "{why}");
        }
    }

    #[test]
    fn a_clock_set_back_ends_nothing() {
        let track = Track::new(Pending, hour(100)).between(Some(false), hour(100), hour(0), DNS_WINDOW);
        assert_eq!(track, Track::new(Pending, hour(100)));
    }

    #[test]
    fn sending_is_allowed_while_verified_or_in_its_grace_period() {
        let table = [(NotStarted, false), (Pending, false), (Success, true), (TemporaryFailure, true), (Failed, false)];
        for (status, allowed) in table {
            assert_eq!(status.allows_sending(), allowed, "{status:?}");
        }
    }
}
