//! The next call to SES: two lanes, tenants in turn, background calls with ageing. Pure.
//!
//! Times are measured from the start of the process.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use super::adaptive_rate::{AdaptiveRate, RateChange};
use crate::model::scheduling::{
    fair_queue::FairQueue,
    lanes::{AGED, Lane, Share},
};

/// An unused reservation expires this long after its turn.
const EXPIRY: Duration = Duration::from_mins(1);

/// The place of a deferred background call.
#[derive(Clone, Debug)]
struct Reservation {
    subject: String,
    since: Duration,
    expected: Duration,
}

/// Orders all management calls of the process.
#[derive(Clone, Debug)]
pub struct CallScheduler {
    rate: AdaptiveRate,
    next: Duration,
    interactive: FairQueue<u64>,
    /// Oldest first.
    reservations: VecDeque<Reservation>,
    share: Share,
}

impl CallScheduler {
    /// `ceiling`: calls per second, above 0.
    pub fn new(ceiling: f64) -> Self {
        Self {
            rate: AdaptiveRate::new(ceiling),
            next: Duration::ZERO,
            interactive: FairQueue::default(),
            reservations: VecDeque::new(),
            share: Share::default(),
        }
    }

    /// Current calls per second.
    pub fn rate(&self) -> f64 {
        self.rate.per_second()
    }

    /// Records an answer. The call arrived at SES at an unknown time, but not later than now. So a call that leaves a
    /// full interval from now arrives at least that much later. A call that takes longer than an interval delays no
    /// other.
    pub fn answered(&mut self, throttled: bool, now: Duration) -> Option<RateChange> {
        let change = self.rate.answered(throttled, now);
        if now < self.next {
            self.next = self.next.max(now + Duration::from_secs_f64(1.0 / self.rate()));
        }
        change
    }

    /// An interactive call starts to wait. Within its tenant the least `place` goes first.
    pub fn enqueue(&mut self, tenant: &Arc<str>, place: u64) {
        self.interactive.insert(tenant, place);
    }

    /// An interactive call stops waiting.
    pub fn cancel(&mut self, tenant: &str, place: u64) {
        self.interactive.remove(tenant, &place);
    }

    /// Whether a waiting interactive call may be made now; otherwise the latest time to try again.
    pub fn try_interactive(&mut self, place: u64, now: Duration) -> Result<(), Duration> {
        self.drop_expired(now);
        if now < self.next {
            return Err(self.next);
        }
        let reserved = self.background_goes_first(now);
        let until = self.next + self.rate.interval();
        if reserved && now < until {
            return Err(until);
        }
        if self.interactive.first() != Some(&place) {
            return Err(now + self.rate.interval());
        }
        self.interactive.pop();
        // A turn that its reservation left unused counts as a background turn: the next one is not kept free again.
        self.grant(if reserved { Lane::Background } else { Lane::Interactive }, now);
        Ok(())
    }

    /// Whether a background call for this subject may be made now, with the time since its first attempt; otherwise the
    /// time until the next attempt.
    pub fn try_background(&mut self, subject: &str, now: Duration) -> Result<Duration, Duration> {
        self.drop_expired(now);
        let place = self.reservations.iter().position(|reservation| reservation.subject == subject);
        let free = self.interactive.is_empty() || (place == Some(0) && self.background_goes_first(now));
        if now >= self.next && free {
            let used = place.and_then(|place| self.reservations.remove(place));
            let since = used.map_or(now, |reservation| reservation.since);
            self.grant(Lane::Background, now);
            return Ok(now.saturating_sub(since));
        }
        let place = place.unwrap_or_else(|| {
            self.reservations.push_back(Reservation { subject: subject.to_owned(), since: now, expected: now });
            self.reservations.len() - 1
        });
        let expected = self.expected(place, now);
        if let Some(reservation) = self.reservations.get_mut(place) {
            reservation.expected = expected;
        }
        Err(expected.saturating_sub(now))
    }

    /// The expected turn of the reservation at `place`. If no interactive call waits, each turn is a background turn.
    /// Otherwise the share of the lane applies, and only once the oldest reservation has aged.
    fn expected(&self, place: usize, now: Duration) -> Duration {
        let first = self.next.max(now);
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        if self.interactive.is_empty() {
            return first + self.rate.interval().saturating_mul(place);
        }
        let aged = self.oldest().map_or(now, |since| since + AGED);
        let calls = self.share.calls_before_background(place);
        (first + self.rate.interval().saturating_mul(calls)).max(aged)
    }

    fn background_goes_first(&self, now: Duration) -> bool {
        self.share.background_goes_first(self.oldest(), now)
    }

    fn oldest(&self) -> Option<Duration> {
        self.reservations.front().map(|reservation| reservation.since)
    }

    fn grant(&mut self, lane: Lane, now: Duration) {
        self.share.count(lane);
        self.next = now + self.rate.interval();
    }

    fn drop_expired(&mut self, now: Duration) {
        self.reservations.retain(|reservation| now < reservation.expected + EXPIRY);
    }
}

#[cfg(test)]
#[path = "call_scheduler_tests.rs"]
mod tests;
