//! Which subject, a domain or an address, is looked at next. Pure; times are measured from the start of the queue.
//!
//! Every subject stands here at most once. What a person waits for goes before what is merely due, but not for ever.
//! Tenants take turns, so one that applies a thousand domains delays the others by one pass, not by a thousand.
//!
//! Passes that want a turn at SES wait for a *seat* first: each tenant has [`SEATS`], and a pass with a seat goes on to the
//! end. So the first subjects of a rush get all the way to SES while the last ones have their first status and wait
//! here, where they cost nothing.

use std::{
    collections::{BTreeSet, HashMap},
    hash::Hash,
    sync::Arc,
    time::Duration,
};

use crate::{model::round::Round, ses::budget::Lane};

/// Passes of one tenant that may wait for SES at the same time: enough for the next to wait while one is at SES, also
/// where the account has a higher rate than one call a second.
pub const SEATS: usize = 4;
/// Background work that is so long overdue is looked at although people wait.
const AGED: Duration = Duration::from_secs(30);
/// So many looks go to people before one goes to aged background work.
const SHARE: u32 = 4;

/// When a subject is to be looked at again after a pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Only when something changes.
    Never,
    /// After this time.
    After(Duration, Lane),
    /// When its tenant has a seat, in the order of these places.
    Seat(Arc<str>, u64),
}

/// Where a subject waits.
#[derive(Clone, Debug)]
enum Place {
    Later(Duration, Lane, Arc<str>),
    Person(Duration, Arc<str>),
    Due(Duration),
    Line(u64, Arc<str>),
}

#[derive(Debug, Default)]
struct Running {
    group: Option<Arc<str>>,
    again: Option<Arc<str>>,
    seat: Option<Arc<str>>,
}

/// The subjects that wait and those that are being looked at.
#[derive(Debug)]
pub struct Order<S> {
    places: HashMap<S, Place>,
    later: BTreeSet<(Duration, S)>,
    people: Round<(Duration, S)>,
    due: BTreeSet<(Duration, S)>,
    line: Round<(u64, S)>,
    running: HashMap<S, Running>,
    seats: HashMap<Arc<str>, usize>,
    since_background: u32,
}

impl<S> Default for Order<S> {
    fn default() -> Self {
        Self {
            places: HashMap::new(),
            later: BTreeSet::new(),
            people: Round::default(),
            due: BTreeSet::new(),
            line: Round::default(),
            running: HashMap::new(),
            seats: HashMap::new(),
            since_background: 0,
        }
    }
}

impl<S: Clone + Ord + Hash> Order<S> {
    /// Something about this subject has changed. `group`: who shares a turn with it.
    pub fn wake(&mut self, subject: S, group: &Arc<str>, now: Duration) {
        match self.running.get_mut(&subject) {
            Some(running) => running.again = Some(group.clone()),
            // It keeps its place among those that people wait for.
            None if matches!(self.places.get(&subject), Some(Place::Person(..))) => {}
            None => self.put(subject, Place::Person(now, group.clone())),
        }
    }

    /// A subject is due for a look at `at` that nobody waits for. It keeps what it has if that is sooner or faster.
    pub fn remind(&mut self, subject: S, at: Duration) {
        let sooner = match self.places.get(&subject) {
            None => !self.running.contains_key(&subject),
            Some(Place::Later(planned, ..)) => at < *planned,
            Some(_) => false,
        };
        if sooner {
            self.put(subject, Place::Later(at, Lane::Background, Arc::from("")));
        }
    }

    /// The next subject to look at.
    pub fn take(&mut self, now: Duration) -> Option<(S, Lane)> {
        self.ripen(now);
        let aged = self.due.first().is_some_and(|(at, _)| now.saturating_sub(*at) >= AGED);
        let background_first = aged && self.since_background >= SHARE;
        let taken = if background_first { None } else { self.take_seated().or_else(|| self.take_for_person()) };
        if let Some(subject) = taken {
            self.since_background = self.since_background.saturating_add(1);
            return Some((subject, Lane::Interactive));
        }
        let (_, subject) = self.due.pop_first()?;
        self.since_background = 0;
        self.run(&subject);
        Some((subject, Lane::Background))
    }

    fn take_seated(&mut self) -> Option<S> {
        let seats = &self.seats;
        let free = |tenant: &Arc<str>| seats.get(tenant).is_none_or(|taken| *taken < SEATS);
        let (_, subject) = self.line.pop_where(free)?;
        let running = self.run(&subject);
        running.seat = running.group.clone();
        if let Some(tenant) = running.seat.clone() {
            *self.seats.entry(tenant).or_default() += 1;
        }
        Some(subject)
    }

    fn take_for_person(&mut self) -> Option<S> {
        let (_, subject) = self.people.pop()?;
        self.run(&subject);
        Some(subject)
    }

    /// A pass that runs wants to wait for SES on behalf of this tenant. `false`: others of the tenant go first.
    pub fn sit_down(&mut self, subject: &S, tenant: &Arc<str>) -> bool {
        let Some(running) = self.running.get_mut(subject) else { return false };
        if running.seat.is_some() {
            return true;
        }
        let taken = self.seats.get(tenant).copied().unwrap_or_default();
        if taken >= SEATS || self.line.has(tenant) {
            return false;
        }
        self.seats.insert(tenant.clone(), taken + 1);
        running.seat = Some(tenant.clone());
        true
    }

    /// The pass of a subject is over.
    pub fn done(&mut self, subject: S, next: Next, now: Duration) {
        let running = self.running.remove(&subject).unwrap_or_default();
        if let Some(tenant) = running.seat
            && let Some(taken) = self.seats.get_mut(&tenant)
        {
            *taken = taken.saturating_sub(1);
            if *taken == 0 {
                self.seats.remove(&tenant);
            }
        }
        match (running.again, next) {
            (Some(group), _) => self.put(subject, Place::Person(now, group)),
            (None, Next::Never) => {}
            (None, Next::After(wait, lane)) => {
                let group = running.group.unwrap_or_else(|| Arc::from(""));
                self.put(subject, Place::Later(now + wait, lane, group));
            }
            (None, Next::Seat(tenant, place)) => self.put(subject, Place::Line(place, tenant)),
        }
    }

    /// When [`Self::take`] will have something that it has not now.
    pub fn next_time(&self) -> Option<Duration> {
        self.later.first().map(|(at, _)| *at)
    }

    /// How many subjects wait whose time has come.
    pub fn backlog(&mut self, now: Duration) -> usize {
        self.ripen(now);
        self.people.len() + self.due.len() + self.line.len()
    }

    /// Moves what has become due to where it is taken from.
    fn ripen(&mut self, now: Duration) {
        while let Some((at, subject)) = self.later.first().filter(|(at, _)| *at <= now).cloned() {
            let place = match self.places.get(&subject) {
                Some(Place::Later(_, Lane::Interactive, group)) => Place::Person(at, group.clone()),
                _ => Place::Due(at),
            };
            self.put(subject, place);
        }
    }

    fn run(&mut self, subject: &S) -> &mut Running {
        let group = match self.places.remove(subject) {
            Some(Place::Person(_, group) | Place::Line(_, group) | Place::Later(_, _, group)) => Some(group),
            Some(Place::Due(_)) | None => None,
        };
        let running = self.running.entry(subject.clone()).or_default();
        running.group = group;
        running
    }

    fn put(&mut self, subject: S, place: Place) {
        match self.places.remove(&subject) {
            Some(Place::Later(at, ..)) => drop(self.later.remove(&(at, subject.clone()))),
            Some(Place::Person(at, group)) => drop(self.people.remove(&group, &(at, subject.clone()))),
            Some(Place::Due(at)) => drop(self.due.remove(&(at, subject.clone()))),
            Some(Place::Line(place, tenant)) => drop(self.line.remove(&tenant, &(place, subject.clone()))),
            None => {}
        }
        match &place {
            Place::Later(at, ..) => drop(self.later.insert((*at, subject.clone()))),
            Place::Person(at, group) => self.people.insert(group, (*at, subject.clone())),
            Place::Due(at) => drop(self.due.insert((*at, subject.clone()))),
            Place::Line(place, tenant) => self.line.insert(tenant, (*place, subject.clone())),
        }
        self.places.insert(subject, place);
    }
}

#[cfg(test)]
#[path = "order_tests.rs"]
mod tests;
