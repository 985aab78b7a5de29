//! Which subject, a domain or an address, is reconciled next. Pure; times are measured from the start of the scheduler.
//!
//! Every subject waits here at most once. Interactive work precedes due work until the latter has aged. Tenants take
//! turns, so a tenant that applies a thousand domains delays the others by one reconcile, not by a thousand.
//!
//! A reconcile that needs a call to SES first acquires a *slot*. Each tenant has [`SLOTS`], and a reconcile keeps its
//! slot to its end. So the first subjects of a burst reach SES, while the last ones have their first status and wait
//! here at no cost.

use std::{
    collections::{BTreeSet, HashMap},
    hash::Hash,
    sync::Arc,
    time::Duration,
};

use crate::model::scheduling::{
    fair_queue::FairQueue,
    lanes::{Lane, Share},
};

/// Reconciles of one tenant that may wait for SES at the same time. Enough for the next to wait while one is at SES,
/// even if the account has a higher rate than one call per second.
pub const SLOTS: usize = 4;

/// When a subject is reconciled again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Only after a change.
    Never,
    /// After this time.
    After(Duration, Lane),
    /// When its tenant has a free slot, in the order of these places.
    AwaitSlot(Arc<str>, u64),
}

/// How a subject waits.
#[derive(Clone, Debug)]
enum Waiting {
    /// Until this time, then in this lane.
    Scheduled(Duration, Lane, Arc<str>),
    /// In the interactive lane since this time.
    Interactive(Duration, Arc<str>),
    /// In the background lane since this time.
    Due(Duration, Arc<str>),
    /// For a slot of this tenant, at this place.
    AwaitingSlot(u64, Arc<str>),
}

impl Waiting {
    fn into_group(self) -> Arc<str> {
        match self {
            Self::Scheduled(_, _, group)
            | Self::Interactive(_, group)
            | Self::Due(_, group)
            | Self::AwaitingSlot(_, group) => group,
        }
    }
}

#[derive(Debug, Default)]
struct Running {
    group: Option<Arc<str>>,
    again: Option<Arc<str>>,
    slot: Option<Arc<str>>,
}

/// The waiting and the running subjects.
#[derive(Debug)]
pub struct Schedule<S> {
    waiting: HashMap<S, Waiting>,
    scheduled: BTreeSet<(Duration, S)>,
    interactive: FairQueue<(Duration, S)>,
    due: FairQueue<(Duration, S)>,
    awaiting_slot: FairQueue<(u64, S)>,
    running: HashMap<S, Running>,
    slots: HashMap<Arc<str>, usize>,
    share: Share,
}

impl<S> Default for Schedule<S> {
    fn default() -> Self {
        Self {
            waiting: HashMap::new(),
            scheduled: BTreeSet::new(),
            interactive: FairQueue::default(),
            due: FairQueue::default(),
            awaiting_slot: FairQueue::default(),
            running: HashMap::new(),
            slots: HashMap::new(),
            share: Share::default(),
        }
    }
}

impl<S: Clone + Ord + Hash> Schedule<S> {
    /// The subject has changed. Subjects of one `group` share a turn.
    pub fn enqueue(&mut self, subject: S, group: &Arc<str>, now: Duration) {
        match self.running.get_mut(&subject) {
            Some(running) => running.again = Some(group.clone()),
            // Keep its place in the interactive lane.
            None if matches!(self.waiting.get(&subject), Some(Waiting::Interactive(..))) => {}
            None => self.put(subject, Waiting::Interactive(now, group.clone())),
        }
    }

    /// The subject is due at `at` in the background lane, unless it already waits for less time or in a faster lane.
    pub fn schedule(&mut self, subject: S, at: Duration) {
        let sooner = match self.waiting.get(&subject) {
            None => !self.running.contains_key(&subject),
            Some(Waiting::Scheduled(planned, ..)) => at < *planned,
            Some(_) => false,
        };
        if sooner {
            self.put(subject, Waiting::Scheduled(at, Lane::Background, Arc::from("")));
        }
    }

    /// The next subject to reconcile.
    pub fn next(&mut self, now: Duration) -> Option<(S, Lane)> {
        self.advance(now);
        let oldest = self.due.least().map(|(since, _)| *since);
        let interactive = if self.share.background_goes_first(oldest, now) { None } else { self.next_interactive() };
        let (subject, lane) = match interactive {
            Some(subject) => (subject, Lane::Interactive),
            None => (self.next_due()?, Lane::Background),
        };
        self.share.count(lane);
        Some((subject, lane))
    }

    fn next_interactive(&mut self) -> Option<S> {
        if let Some(subject) = self.next_with_slot() {
            return Some(subject);
        }
        let (_, subject) = self.interactive.pop()?;
        self.run(&subject);
        Some(subject)
    }

    fn next_with_slot(&mut self) -> Option<S> {
        let slots = &self.slots;
        let free = |tenant: &Arc<str>| slots.get(tenant).is_none_or(|taken| *taken < SLOTS);
        let (_, subject) = self.awaiting_slot.pop_where(free)?;
        let running = self.run(&subject);
        running.slot = running.group.clone();
        if let Some(tenant) = running.slot.clone() {
            *self.slots.entry(tenant).or_default() += 1;
        }
        Some(subject)
    }

    fn next_due(&mut self) -> Option<S> {
        let (_, subject) = self.due.pop()?;
        self.run(&subject);
        Some(subject)
    }

    /// Whether a running reconcile may wait for SES on behalf of this tenant. `false`: other subjects of the tenant go
    /// first, and the reconcile ends with [`Next::AwaitSlot`].
    pub fn try_acquire_slot(&mut self, subject: &S, tenant: &Arc<str>) -> bool {
        let Some(running) = self.running.get_mut(subject) else { return false };
        if running.slot.is_some() {
            return true;
        }
        let taken = self.slots.get(tenant).copied().unwrap_or_default();
        if taken >= SLOTS || self.awaiting_slot.has_group(tenant) {
            return false;
        }
        self.slots.insert(tenant.clone(), taken + 1);
        running.slot = Some(tenant.clone());
        true
    }

    /// The reconcile of a subject has ended.
    pub fn finish(&mut self, subject: S, next: Next, now: Duration) {
        let running = self.running.remove(&subject).unwrap_or_default();
        if let Some(tenant) = running.slot
            && let Some(taken) = self.slots.get_mut(&tenant)
        {
            *taken = taken.saturating_sub(1);
            if *taken == 0 {
                self.slots.remove(&tenant);
            }
        }
        match (running.again, next) {
            (Some(group), _) => self.put(subject, Waiting::Interactive(now, group)),
            (None, Next::Never) => {}
            (None, Next::After(wait, lane)) => {
                let group = running.group.unwrap_or_else(|| Arc::from(""));
                self.put(subject, Waiting::Scheduled(now + wait, lane, group));
            }
            (None, Next::AwaitSlot(tenant, place)) => self.put(subject, Waiting::AwaitingSlot(place, tenant)),
        }
    }

    /// When the next scheduled subject becomes due.
    pub fn next_time(&self) -> Option<Duration> {
        self.scheduled.first().map(|(at, _)| *at)
    }

    /// Number of subjects that are due and still wait.
    pub fn backlog(&mut self, now: Duration) -> usize {
        self.advance(now);
        self.interactive.len() + self.due.len() + self.awaiting_slot.len()
    }

    /// Moves due subjects into their lane.
    fn advance(&mut self, now: Duration) {
        while let Some((at, subject)) = self.scheduled.first().filter(|(at, _)| *at <= now).cloned() {
            let waiting = match self.waiting.get(&subject) {
                Some(Waiting::Scheduled(_, Lane::Interactive, group)) => Waiting::Interactive(at, group.clone()),
                // All due subjects form one group, so the oldest goes first regardless of its tenant.
                _ => Waiting::Due(at, Arc::from("")),
            };
            self.put(subject, waiting);
        }
    }

    fn run(&mut self, subject: &S) -> &mut Running {
        let group = self.waiting.remove(subject).map(Waiting::into_group);
        let running = self.running.entry(subject.clone()).or_default();
        running.group = group;
        running
    }

    fn put(&mut self, subject: S, waiting: Waiting) {
        match self.waiting.remove(&subject) {
            Some(Waiting::Scheduled(at, ..)) => drop(self.scheduled.remove(&(at, subject.clone()))),
            Some(Waiting::Interactive(at, group)) => drop(self.interactive.remove(&group, &(at, subject.clone()))),
            Some(Waiting::Due(at, group)) => drop(self.due.remove(&group, &(at, subject.clone()))),
            Some(Waiting::AwaitingSlot(place, tenant)) => {
                self.awaiting_slot.remove(&tenant, &(place, subject.clone()));
            }
            None => {}
        }
        match &waiting {
            Waiting::Scheduled(at, ..) => drop(self.scheduled.insert((*at, subject.clone()))),
            Waiting::Interactive(at, group) => self.interactive.insert(group, (*at, subject.clone())),
            Waiting::Due(at, group) => self.due.insert(group, (*at, subject.clone())),
            Waiting::AwaitingSlot(place, tenant) => self.awaiting_slot.insert(tenant, (*place, subject.clone())),
        }
        self.waiting.insert(subject, waiting);
    }
}

#[cfg(test)]
#[path = "schedule_tests.rs"]
mod tests;
