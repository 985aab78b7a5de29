//! Who gets the next call: two lanes, tenants in turn, and background work that ages. Pure.
//!
//! Times are measured from the start of the process.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use super::pace::{Change, Pace};
use crate::model::round::Round;

/// Background work that waited so long gets turns although people wait.
const AGED: Duration = Duration::from_secs(30);
/// So many turns go to people before one goes to aged background work.
const SHARE: u32 = 4;
/// A booking whose owner does not come back so long after its time is dropped.
const FORGOTTEN: Duration = Duration::from_mins(1);

/// A background call that was put back.
#[derive(Clone, Debug)]
struct Booking {
    subject: String,
    since: Duration,
    told: Duration,
}

/// The turns of all management calls of the process.
#[derive(Clone, Debug)]
pub struct Turns {
    pace: Pace,
    next: Duration,
    people: Round<u64>,
    booked: VecDeque<Booking>,
    since_background: u32,
}

impl Turns {
    /// `ceiling` is in calls per second, above 0.
    pub fn new(ceiling: f64) -> Self {
        Self {
            pace: Pace::new(ceiling),
            next: Duration::ZERO,
            people: Round::default(),
            booked: VecDeque::new(),
            since_background: 0,
        }
    }

    /// Calls per second at the moment.
    pub fn rate(&self) -> f64 {
        self.pace.rate()
    }

    /// A call was answered. When it arrived at SES is not known, but not later than now: a call that leaves a full interval
    /// from now on arrives at least as much later. Calls that take longer than an interval hold nobody up.
    pub fn answered(&mut self, throttled: bool, now: Duration) -> Option<Change> {
        let change = self.pace.answered(throttled, now);
        if now < self.next {
            self.next = self.next.max(now + Duration::from_secs_f64(1.0 / self.rate()));
        }
        change
    }

    /// A call in the interactive lane begins to wait. Within its tenant the least `place` goes first.
    pub fn join(&mut self, tenant: &Arc<str>, place: u64) {
        self.people.insert(tenant, place);
    }

    /// A waiting call is given up.
    pub fn leave(&mut self, tenant: &str, place: u64) {
        self.people.remove(tenant, &place);
    }

    /// Whether it is the turn of a waiting call; else when to ask again at the latest.
    pub fn interactive(&mut self, place: u64, now: Duration) -> Result<(), Duration> {
        self.forget(now);
        if now < self.next {
            return Err(self.next);
        }
        let kept = self.is_backgrounds_turn(now);
        let until = self.next + self.pace.interval();
        if kept && now < until {
            return Err(until);
        }
        if self.people.first() != Some(&place) {
            return Err(now + self.pace.interval());
        }
        self.people.pop();
        // A turn kept for background work whose owner did not come counts as given: the next one is not held again.
        self.since_background = if kept { 0 } else { self.since_background.saturating_add(1) };
        self.give(now);
        Ok(())
    }

    /// Whether a background call about this subject may be made now, and how long it had been put back; else how long to
    /// stay away.
    pub fn background(&mut self, subject: &str, now: Duration) -> Result<Duration, Duration> {
        self.forget(now);
        let place = self.booked.iter().position(|booking| booking.subject == subject);
        let free = self.people.is_empty() || (place == Some(0) && self.is_backgrounds_turn(now));
        if now >= self.next && free {
            let since = place.and_then(|place| self.booked.remove(place)).map_or(now, |booking| booking.since);
            self.since_background = 0;
            self.give(now);
            return Ok(now.saturating_sub(since));
        }
        let place = place.unwrap_or_else(|| {
            self.booked.push_back(Booking { subject: subject.to_owned(), since: now, told: now });
            self.booked.len() - 1
        });
        let told = self.expected(place, now);
        if let Some(booking) = self.booked.get_mut(place) {
            booking.told = told;
        }
        Err(told.saturating_sub(now))
    }

    /// The time at which the booking at `place` may expect its turn: alone one turn each, beside people one in
    /// [`SHARE`] + 1 and not before it has aged.
    fn expected(&self, place: usize, now: Duration) -> Duration {
        let first = self.next.max(now);
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        if self.people.is_empty() {
            return first + self.pace.interval().saturating_mul(place);
        }
        let aged = self.booked.front().map_or(now, |booking| booking.since + AGED);
        let missing = SHARE.saturating_sub(self.since_background);
        let turns = missing.saturating_add(place.saturating_mul(SHARE + 1));
        (first + self.pace.interval().saturating_mul(turns)).max(aged)
    }

    fn is_backgrounds_turn(&self, now: Duration) -> bool {
        let aged = self.booked.front().is_some_and(|booking| now >= booking.since + AGED);
        aged && self.since_background >= SHARE
    }

    fn give(&mut self, now: Duration) {
        self.next = now + self.pace.interval();
    }

    fn forget(&mut self, now: Duration) {
        self.booked.retain(|booking| now < booking.told + FORGOTTEN);
    }
}

#[cfg(test)]
#[path = "turns_tests.rs"]
mod tests;
