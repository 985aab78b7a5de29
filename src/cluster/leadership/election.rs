//! Which replica may lead, decided from the observed Lease object. Pure.
//!
//! Clocks of different machines are never compared. The age of a renewal is measured with this machine's own clock,
//! from the moment the renewal was first *observed*. So a replica with a wrong clock can neither take a lease too early
//! nor overestimate how long it holds one.

use std::time::Duration;

/// The observed content of a Lease object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseRecord {
    /// The replica that holds it; empty: none.
    pub holder: String,
    /// How long a renewal is valid.
    pub duration: Duration,
    /// Changes with each renewal.
    pub version: String,
}

/// The action of a contender on the lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseAction {
    /// No replica holds it, or its holder has not renewed it for its whole duration.
    Take,
    /// This process holds it.
    Renew,
    /// Another replica holds it, for at least this long.
    Wait(Duration),
}

/// One process that competes for leadership.
#[derive(Clone, Debug)]
pub struct Contender {
    identity: String,
    observed: Option<(LeaseRecord, Duration)>,
}

impl Contender {
    /// `identity` identifies this process; it must be unique among running processes.
    pub fn new(identity: &str) -> Self {
        Self { identity: identity.to_owned(), observed: None }
    }

    /// The action on the lease that was read at `now`, a monotonic time of this machine.
    pub fn decide(&mut self, record: Option<&LeaseRecord>, now: Duration) -> LeaseAction {
        let Some(record) = record.filter(|record| !record.holder.is_empty()) else {
            self.observed = None;
            return LeaseAction::Take;
        };
        if record.holder == self.identity {
            self.observed = None;
            return LeaseAction::Renew;
        }
        let since = match &self.observed {
            Some((observed, since)) if observed == record => *since,
            _ => {
                self.observed = Some((record.clone(), now));
                now
            }
        };
        let left = (since + record.duration).saturating_sub(now);
        if left.is_zero() { LeaseAction::Take } else { LeaseAction::Wait(left) }
    }
}

/// The times of a lease. All derive from the duration of a renewal, in the proportions of the Kubernetes components (15
/// s, 10 s, 2 s).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// How long a renewal is valid.
    pub duration: Duration,
}

impl Times {
    /// A leader that could not renew within this time stops leading.
    pub fn renew_deadline(self) -> Duration {
        self.duration * 2 / 3
    }

    /// Interval between renewals.
    pub fn period(self) -> Duration {
        self.duration * 2 / 15
    }

    /// Timeout of one renewal. Three fit into the renew deadline, so one stalled request does not cost leadership.
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

    fn record(holder: &str, version: &str) -> LeaseRecord {
        LeaseRecord { holder: holder.to_owned(), duration: secs(15), version: version.to_owned() }
    }

    #[test]
    fn a_lease_is_taken_when_it_is_free_or_its_holder_was_silent_for_its_duration() {
        let mut me = Contender::new("me");
        for (at, lease, expected) in [
            (0, None, LeaseAction::Take),
            (0, Some(record("", "1")), LeaseAction::Take),
            (0, Some(record("other", "1")), LeaseAction::Wait(secs(15))),
            (14, Some(record("other", "1")), LeaseAction::Wait(secs(1))),
            (16, Some(record("other", "2")), LeaseAction::Wait(secs(15))),
            (30, Some(record("other", "2")), LeaseAction::Wait(secs(1))),
            (31, Some(record("other", "2")), LeaseAction::Take),
            (32, Some(record("me", "3")), LeaseAction::Renew),
            (99, Some(record("me", "3")), LeaseAction::Renew),
            (100, Some(record("other", "2")), LeaseAction::Wait(secs(15))),
        ] {
            assert_eq!(me.decide(lease.as_ref(), secs(at)), expected, "at {at} s: {lease:?}");
        }
    }

    #[test]
    fn another_holder_counts_from_when_it_is_seen() {
        let mut me = Contender::new("me");
        assert_eq!(me.decide(Some(&record("a", "1")), secs(100)), LeaseAction::Wait(secs(15)));
        assert_eq!(me.decide(Some(&record("b", "1")), secs(114)), LeaseAction::Wait(secs(15)));
    }

    #[test]
    fn a_stalled_renewal_costs_no_leadership_and_leadership_ends_before_the_lease() {
        let times = Times { duration: secs(15) };
        assert_eq!((times.renew_deadline(), times.period(), times.attempt()), (secs(10), secs(2), secs(3)));
        assert!(times.period() + 2 * times.attempt() < times.renew_deadline());
        assert!(times.renew_deadline() + times.attempt() < times.duration);
    }
}
