//! Which domain is looked at next. Pure; times are measured from the start of the queue.
//!
//! Every domain stands here at most once. What a person waits for goes before what is merely due, but not for ever.
//! Tenants take turns, so one that applies a thousand domains delays the others by one pass, not by a thousand.
//!
//! Passes that want a turn at SES wait for a *seat* first: each tenant has [`SEATS`], and a pass with a seat goes on to the
//! end. So the first domains of a rush get all the way to SES while the last ones have their first status and wait
//! here, where they cost nothing.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use crate::{
    model::{name::Domain, round::Round},
    ses::budget::Lane,
};

/// Passes of one tenant that may wait for SES at the same time: enough for the next to wait while one is at SES, also
/// where the account has a higher rate than one call a second.
pub const SEATS: usize = 4;
/// Background work that is so long overdue is looked at although people wait.
const AGED: Duration = Duration::from_secs(30);
/// So many looks go to people before one goes to aged background work.
const SHARE: u32 = 4;

/// When a domain is to be looked at again after a pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Only when something changes.
    Never,
    /// After this time.
    After(Duration, Lane),
    /// When its tenant has a seat, in the order of these places.
    Seat(Arc<str>, u64),
}

/// Where a domain waits.
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

/// The domains that wait and those that are being looked at.
#[derive(Debug, Default)]
pub struct Order {
    places: HashMap<Domain, Place>,
    later: BTreeSet<(Duration, Domain)>,
    people: Round<(Duration, Domain)>,
    due: BTreeSet<(Duration, Domain)>,
    line: Round<(u64, Domain)>,
    running: HashMap<Domain, Running>,
    seats: HashMap<Arc<str>, usize>,
    since_background: u32,
}

impl Order {
    /// Something about this domain has changed. `group`: who shares a turn with it.
    pub fn wake(&mut self, domain: Domain, group: &Arc<str>, now: Duration) {
        match self.running.get_mut(&domain) {
            Some(running) => running.again = Some(group.clone()),
            // It keeps its place among those that people wait for.
            None if matches!(self.places.get(&domain), Some(Place::Person(..))) => {}
            None => self.put(domain, Place::Person(now, group.clone())),
        }
    }

    /// A domain is due for a look at `at` that nobody waits for. It keeps what it has if that is sooner or faster.
    pub fn remind(&mut self, domain: Domain, at: Duration) {
        let sooner = match self.places.get(&domain) {
            None => !self.running.contains_key(&domain),
            Some(Place::Later(planned, ..)) => at < *planned,
            Some(_) => false,
        };
        if sooner {
            self.put(domain, Place::Later(at, Lane::Background, Arc::from("")));
        }
    }

    /// The next domain to look at.
    pub fn take(&mut self, now: Duration) -> Option<(Domain, Lane)> {
        self.ripen(now);
        let aged = self.due.first().is_some_and(|(at, _)| now.saturating_sub(*at) >= AGED);
        let background_first = aged && self.since_background >= SHARE;
        let taken = if background_first { None } else { self.take_seated().or_else(|| self.take_for_person()) };
        if let Some(domain) = taken {
            self.since_background = self.since_background.saturating_add(1);
            return Some((domain, Lane::Interactive));
        }
        let (_, domain) = self.due.pop_first()?;
        self.since_background = 0;
        self.run(&domain);
        Some((domain, Lane::Background))
    }

    fn take_seated(&mut self) -> Option<Domain> {
        let seats = &self.seats;
        let free = |tenant: &Arc<str>| seats.get(tenant).is_none_or(|taken| *taken < SEATS);
        let (_, domain) = self.line.pop_where(free)?;
        let running = self.run(&domain);
        running.seat = running.group.clone();
        if let Some(tenant) = running.seat.clone() {
            *self.seats.entry(tenant).or_default() += 1;
        }
        Some(domain)
    }

    fn take_for_person(&mut self) -> Option<Domain> {
        let (_, domain) = self.people.pop()?;
        self.run(&domain);
        Some(domain)
    }

    /// A pass that runs wants to wait for SES on behalf of this tenant. `false`: others of the tenant go first.
    pub fn sit_down(&mut self, domain: &Domain, tenant: &Arc<str>) -> bool {
        let Some(running) = self.running.get_mut(domain) else { return false };
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

    /// The pass of a domain is over.
    pub fn done(&mut self, domain: Domain, next: Next, now: Duration) {
        let running = self.running.remove(&domain).unwrap_or_default();
        if let Some(tenant) = running.seat
            && let Some(taken) = self.seats.get_mut(&tenant)
        {
            *taken = taken.saturating_sub(1);
            if *taken == 0 {
                self.seats.remove(&tenant);
            }
        }
        match (running.again, next) {
            (Some(group), _) => self.put(domain, Place::Person(now, group)),
            (None, Next::Never) => {}
            (None, Next::After(wait, lane)) => {
                let group = running.group.unwrap_or_else(|| Arc::from(""));
                self.put(domain, Place::Later(now + wait, lane, group));
            }
            (None, Next::Seat(tenant, place)) => self.put(domain, Place::Line(place, tenant)),
        }
    }

    /// When [`Self::take`] will have something that it has not now.
    pub fn next_time(&self) -> Option<Duration> {
        self.later.first().map(|(at, _)| *at)
    }

    /// How many domains wait whose time has come.
    pub fn backlog(&mut self, now: Duration) -> usize {
        self.ripen(now);
        self.people.len() + self.due.len() + self.line.len()
    }

    /// Moves what has become due to where it is taken from.
    fn ripen(&mut self, now: Duration) {
        while let Some((at, domain)) = self.later.first().filter(|(at, _)| *at <= now).cloned() {
            let place = match self.places.get(&domain) {
                Some(Place::Later(_, Lane::Interactive, group)) => Place::Person(at, group.clone()),
                _ => Place::Due(at),
            };
            self.put(domain, place);
        }
    }

    fn run(&mut self, domain: &Domain) -> &mut Running {
        let group = match self.places.remove(domain) {
            Some(Place::Person(_, group) | Place::Line(_, group) | Place::Later(_, _, group)) => Some(group),
            Some(Place::Due(_)) | None => None,
        };
        let running = self.running.entry(domain.clone()).or_default();
        running.group = group;
        running
    }

    fn put(&mut self, domain: Domain, place: Place) {
        match self.places.remove(&domain) {
            Some(Place::Later(at, ..)) => drop(self.later.remove(&(at, domain.clone()))),
            Some(Place::Person(at, group)) => drop(self.people.remove(&group, &(at, domain.clone()))),
            Some(Place::Due(at)) => drop(self.due.remove(&(at, domain.clone()))),
            Some(Place::Line(place, tenant)) => drop(self.line.remove(&tenant, &(place, domain.clone()))),
            None => {}
        }
        match &place {
            Place::Later(at, ..) => drop(self.later.insert((*at, domain.clone()))),
            Place::Person(at, group) => self.people.insert(group, (*at, domain.clone())),
            Place::Due(at) => drop(self.due.insert((*at, domain.clone()))),
            Place::Line(place, tenant) => self.line.insert(tenant, (*place, domain.clone())),
        }
        self.places.insert(domain, place);
    }
}

#[cfg(test)]
#[path = "order_tests.rs"]
mod tests;
