//! Who may lead, judged from what a Lease object shows. Pure.
//!
//! Clocks of different machines are never compared: how old a renewal is, is measured by this machine's own clock from the
//! moment at which the renewal was first *seen*. So a replica whose clock is wrong can neither take a lease too early nor
//! believe that it holds one for longer.

use std::time::Duration;

/// What a Lease object says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Who holds it; empty: nobody.
    pub holder: String,
    /// How long a renewal is good for.
    pub duration: Duration,
    /// Changes with each renewal.
    pub version: String,
}

/// What a contender does about the lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Nobody holds it, or its holder has not renewed it for its whole duration.
    Take,
    /// It is our own.
    Renew,
    /// Somebody else holds it, for so long at least.
    Wait(Duration),
}

/// One process that wants to lead.
#[derive(Clone, Debug)]
pub struct Contender {
    me: String,
    seen: Option<(Record, Duration)>,
}

impl Contender {
    /// `me` names this process: no two that run at the same time may share it.
    pub fn new(me: &str) -> Self {
        Self { me: me.to_owned(), seen: None }
    }

    /// What to do about the lease as it was read at `now`, a time of this machine that never goes back.
    pub fn judge(&mut self, record: Option<&Record>, now: Duration) -> Move {
        let Some(record) = record.filter(|record| !record.holder.is_empty()) else {
            self.seen = None;
            return Move::Take;
        };
        if record.holder == self.me {
            self.seen = None;
            return Move::Renew;
        }
        let since = match &self.seen {
            Some((seen, since)) if seen == record => *since,
            _ => {
                self.seen = Some((record.clone(), now));
                now
            }
        };
        let left = (since + record.duration).saturating_sub(now);
        if left.is_zero() { Move::Take } else { Move::Wait(left) }
    }
}

/// The times of a lease, all derived from how long a renewal is good for, in the proportions that Kubernetes' own
/// components use (15 s, 10 s, 2 s).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// How long a renewal is good for.
    pub duration: Duration,
}

impl Times {
    /// A holder that could not renew for so long stops leading.
    pub fn renew_deadline(self) -> Duration {
        self.duration * 2 / 3
    }

    /// Time between two renewals.
    pub fn period(self) -> Duration {
        self.duration * 2 / 15
    }

    /// Bound on one renewal. Three fit into the renew deadline, so that one stalled request costs no leadership.
    pub fn attempt(self) -> Duration {
        self.duration / 5
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn record(holder: &str, version: &str) -> Record {
        Record { holder: holder.to_owned(), duration: secs(15), version: version.to_owned() }
    }

    #[test]
    fn a_lease_is_taken_when_it_is_free_or_its_holder_was_silent_for_its_duration() {
        let mut me = Contender::new("me");
        for (at, lease, expected) in [
            (0, None, Move::Take),
            (0, Some(record("", "1")), Move::Take),
            (0, Some(record("other", "1")), Move::Wait(secs(15))),
            (14, Some(record("other", "1")), Move::Wait(secs(1))),
            (16, Some(record("other", "2")), Move::Wait(secs(15))),
            (30, Some(record("other", "2")), Move::Wait(secs(1))),
            (31, Some(record("other", "2")), Move::Take),
            (32, Some(record("me", "3")), Move::Renew),
            (99, Some(record("me", "3")), Move::Renew),
            (100, Some(record("other", "2")), Move::Wait(secs(15))),
        ] {
            assert_eq!(me.judge(lease.as_ref(), secs(at)), expected, "at {at} s: {lease:?}");
        }
    }

    #[test]
    fn another_holder_counts_from_when_it_is_seen() {
        let mut me = Contender::new("me");
        assert_eq!(me.judge(Some(&record("a", "1")), secs(100)), Move::Wait(secs(15)));
        assert_eq!(me.judge(Some(&record("b", "1")), secs(114)), Move::Wait(secs(15)));
    }

    #[test]
    fn a_stalled_renewal_costs_no_leadership_and_leadership_ends_before_the_lease() {
        let times = Times { duration: secs(15) };
        assert_eq!((times.renew_deadline(), times.period(), times.attempt()), (secs(10), secs(2), secs(3)));
        assert!(times.period() + 2 * times.attempt() < times.renew_deadline());
        assert!(times.renew_deadline() + times.attempt() < times.duration);
    }
}
