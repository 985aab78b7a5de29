//! Which subject, a domain or an address, is reconciled next. Pure; times are measured from the start of the scheduler.
//!
//! Every subject waits here at most once. Interactive work precedes due work until the latter has aged. Tenants take
//! turns in both lanes, so a tenant with a thousand domains delays the others by one reconcile, not by a thousand.
//!
//! A reconcile that needs a call to SES, or DNS lookups, first acquires a *slot* for it. Each tenant has [`SLOTS`] of
//! each kind, and a reconcile keeps its slots to its end. So the first subjects of a burst reach SES, while the last
//! ones have their first status and wait here at no cost.

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

/// Reconciles of one tenant that may wait for SES, or for DNS, at the same time. Enough for the next to wait while one
/// is at SES, even if the account has a higher rate than one call per second.
pub const SLOTS: usize = 4;

/// When a subject is reconciled again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Only after a change.
    Never,
    /// After this time.
    After(Duration, Lane),
    /// When this slot is free, in this lane. Subjects that wait for one slot are served in the order of these places.
    AwaitSlot(Arc<str>, u64, Lane),
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
    /// For this slot, at this place. The last value is its group otherwise.
    AwaitingSlot(Lane, u64, Arc<str>, Arc<str>),
}

impl Waiting {
    fn into_group(self) -> Arc<str> {
        match self {
            Self::Scheduled(_, _, group)
            | Self::Interactive(_, group)
            | Self::Due(_, group)
            | Self::AwaitingSlot(_, _, _, group) => group,
        }
    }
}

#[derive(Debug, Default)]
struct Running {
    group: Option<Arc<str>>,
    again: Option<Arc<str>>,
    slots: Vec<Arc<str>>,
}

/// The waiting and the running subjects.
#[derive(Debug)]
pub struct Schedule<S> {
    waiting: HashMap<S, Waiting>,
    scheduled: BTreeSet<(Duration, S)>,
    interactive: FairQueue<(Duration, S)>,
    due: FairQueue<(Duration, S)>,
    awaiting_slot: Awaiting<S>,
    awaiting_slot_due: Awaiting<S>,
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
            awaiting_slot: Awaiting::default(),
            awaiting_slot_due: Awaiting::default(),
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
    pub fn schedule(&mut self, subject: S, group: &Arc<str>, at: Duration) {
        let sooner = match self.waiting.get(&subject) {
            None => !self.running.contains_key(&subject),
            Some(Waiting::Scheduled(planned, ..)) => at < *planned,
            Some(_) => false,
        };
        if sooner {
            self.put(subject, Waiting::Scheduled(at, Lane::Background, group.clone()));
        }
    }

    /// The next subject to reconcile.
    pub fn next(&mut self, now: Duration) -> Option<(S, Lane)> {
        self.advance(now);
        let waits = (!self.awaiting_slot_due.queue.is_empty()).then_some(Duration::ZERO);
        let oldest = waits.or_else(|| self.due.least().map(|(since, _)| *since));
        let background_first = self.share.background_goes_first(oldest, now);
        let lanes = [Lane::Interactive, Lane::Background];
        let lanes = if background_first { [lanes[1], lanes[0]] } else { lanes };
        let next = lanes.into_iter().find_map(|lane| {
            let subject = match lane {
                Lane::Interactive => self.next_interactive(),
                Lane::Background => self.next_due(),
            };
            Some((subject?, lane))
        });
        if let Some((_, lane)) = &next {
            self.share.count(*lane);
        }
        next
    }

    fn next_interactive(&mut self) -> Option<S> {
        let (subject, slot) = self.awaiting_slot.pop_or(&mut self.interactive, &self.slots)?;
        self.run(&subject, slot);
        Some(subject)
    }

    fn next_due(&mut self) -> Option<S> {
        let (subject, slot) = self.awaiting_slot_due.pop_or(&mut self.due, &self.slots)?;
        self.run(&subject, slot);
        Some(subject)
    }

    /// Whether a running reconcile may wait for SES, or for DNS, by this slot. `false`: other subjects go first, and
    /// the reconcile ends with [`Next::AwaitSlot`].
    pub fn try_acquire_slot(&mut self, subject: &S, slot: &Arc<str>) -> bool {
        let Some(running) = self.running.get_mut(subject) else { return false };
        if running.slots.contains(slot) {
            return true;
        }
        let taken = self.slots.get(slot).copied().unwrap_or_default();
        let others_wait = self.awaiting_slot.queue.has_group(slot) || self.awaiting_slot_due.queue.has_group(slot);
        if taken >= SLOTS || others_wait {
            return false;
        }
        self.slots.insert(slot.clone(), taken + 1);
        running.slots.push(slot.clone());
        true
    }

    /// The reconcile of a subject has ended.
    pub fn finish(&mut self, subject: S, next: Next, now: Duration) {
        let running = self.running.remove(&subject).unwrap_or_default();
        for slot in &running.slots {
            let taken = self.slots.get(slot).map_or(0, |taken| taken.saturating_sub(1));
            match taken {
                0 => drop(self.slots.remove(slot)),
                taken => drop(self.slots.insert(slot.clone(), taken)),
            }
        }
        let group = running.group.unwrap_or_else(|| Arc::from(""));
        match (running.again, next) {
            (Some(group), _) => self.put(subject, Waiting::Interactive(now, group)),
            (None, Next::Never) => {}
            (None, Next::After(wait, lane)) => self.put(subject, Waiting::Scheduled(now + wait, lane, group)),
            (None, Next::AwaitSlot(slot, place, lane)) => {
                self.put(subject, Waiting::AwaitingSlot(lane, place, slot, group));
            }
        }
    }

    /// When the next scheduled subject becomes due.
    pub fn next_time(&self) -> Option<Duration> {
        self.scheduled.first().map(|(at, _)| *at)
    }

    /// Number of subjects that are due and still wait.
    pub fn backlog(&mut self, now: Duration) -> usize {
        self.advance(now);
        let awaiting = self.awaiting_slot.queue.len() + self.awaiting_slot_due.queue.len();
        self.interactive.len() + self.due.len() + awaiting
    }

    /// Moves due subjects into their lane.
    fn advance(&mut self, now: Duration) {
        while let Some((at, subject)) = self.scheduled.first().filter(|(at, _)| *at <= now).cloned() {
            let waiting = match self.waiting.get(&subject) {
                Some(Waiting::Scheduled(_, Lane::Interactive, group)) => Waiting::Interactive(at, group.clone()),
                Some(Waiting::Scheduled(_, Lane::Background, group)) => Waiting::Due(at, group.clone()),
                _ => Waiting::Due(at, Arc::from("")),
            };
            self.put(subject, waiting);
        }
    }

    fn run(&mut self, subject: &S, slot: Option<Arc<str>>) {
        let group = self.waiting.remove(subject).map(Waiting::into_group);
        if let Some(slot) = &slot {
            *self.slots.entry(slot.clone()).or_default() += 1;
        }
        let running = Running { group, again: None, slots: slot.into_iter().collect() };
        self.running.insert(subject.clone(), running);
    }

    fn put(&mut self, subject: S, waiting: Waiting) {
        match self.waiting.remove(&subject) {
            Some(Waiting::Scheduled(at, ..)) => drop(self.scheduled.remove(&(at, subject.clone()))),
            Some(Waiting::Interactive(at, group)) => drop(self.interactive.remove(&group, &(at, subject.clone()))),
            Some(Waiting::Due(at, group)) => drop(self.due.remove(&group, &(at, subject.clone()))),
            Some(Waiting::AwaitingSlot(lane, place, slot, _)) => {
                self.awaiting(lane).queue.remove(&slot, &(place, subject.clone()));
            }
            None => {}
        }
        match &waiting {
            Waiting::Scheduled(at, ..) => drop(self.scheduled.insert((*at, subject.clone()))),
            Waiting::Interactive(at, group) => self.interactive.insert(group, (*at, subject.clone())),
            Waiting::Due(at, group) => self.due.insert(group, (*at, subject.clone())),
            Waiting::AwaitingSlot(lane, place, slot, _) => {
                self.awaiting(*lane).queue.insert(slot, (*place, subject.clone()));
            }
        }
        self.waiting.insert(subject, waiting);
    }

    fn awaiting(&mut self, lane: Lane) -> &mut Awaiting<S> {
        match lane {
            Lane::Interactive => &mut self.awaiting_slot,
            Lane::Background => &mut self.awaiting_slot_due,
        }
    }
}

/// Subjects of one lane that wait for a slot. They take turns with the subjects of the lane that need only a worker.
#[derive(Debug)]
struct Awaiting<S> {
    queue: FairQueue<(u64, S)>,
    served_last: bool,
}

impl<S> Default for Awaiting<S> {
    fn default() -> Self {
        Self { queue: FairQueue::default(), served_last: false }
    }
}

impl<S: Ord> Awaiting<S> {
    /// The next subject of the lane, with its slot if it waited for one.
    fn pop_or(
        &mut self,
        lane: &mut FairQueue<(Duration, S)>,
        slots: &HashMap<Arc<str>, usize>,
    ) -> Option<(S, Option<Arc<str>>)> {
        let free = |slot: &Arc<str>| slots.get(slot).is_none_or(|taken| *taken < SLOTS);
        let served_last = std::mem::take(&mut self.served_last);
        if served_last && let Some((_, subject)) = lane.pop() {
            return Some((subject, None));
        }
        if let Some((slot, (_, subject))) = self.queue.pop_where(free) {
            self.served_last = true;
            return Some((subject, Some(slot)));
        }
        lane.pop().map(|(_, subject)| (subject, None))
    }
}

#[cfg(test)]
#[path = "schedule_tests.rs"]
mod tests;
