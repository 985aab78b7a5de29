//! The order of subjects, as scenarios and as properties of random histories.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::model::name::Domain;

fn domain(name: &str) -> Domain {
    Domain::parse(&format!("{name}.example.com")).unwrap()
}

fn group(name: &str) -> Arc<str> {
    Arc::from(name)
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn background(schedule: &mut Schedule<Domain>, name: &str, at: u64) {
    schedule.finish(domain(name), Next::After(secs(at), Lane::Background), Duration::ZERO);
}

/// The first labels of the subjects, in order, until the schedule is empty.
fn drained(schedule: &mut Schedule<Domain>, now: Duration) -> Vec<String> {
    let names = std::iter::from_fn(|| schedule.next(now));
    names.map(|(domain, _)| domain.as_str().split('.').next().unwrap().to_owned()).collect()
}

#[test]
fn interactive_work_goes_first_then_the_work_that_was_due_first() {
    let mut schedule = Schedule::<Domain>::default();
    background(&mut schedule, "late", 2);
    background(&mut schedule, "early", 1);
    background(&mut schedule, "not-yet", 9);
    schedule.enqueue(domain("person"), &group("a"), secs(3));
    assert_eq!(schedule.backlog(secs(3)), 3);
    assert_eq!(drained(&mut schedule, secs(3)), ["person", "early", "late"]);
    assert_eq!(schedule.next_time(), Some(secs(9)));
}

#[test]
fn tenants_take_turns() {
    let mut schedule = Schedule::<Domain>::default();
    for name in ["a1", "a2", "a3", "a4"] {
        schedule.enqueue(domain(name), &group("rush"), secs(0));
    }
    schedule.enqueue(domain("b"), &group("small"), secs(1));
    assert_eq!(drained(&mut schedule, secs(1)), ["a1", "b", "a2", "a3", "a4"]);
}

#[test]
fn a_change_during_a_reconcile_leads_to_another_and_reconciles_never_overlap() {
    let mut schedule = Schedule::<Domain>::default();
    schedule.enqueue(domain("a"), &group("t"), secs(0));
    assert_eq!(drained(&mut schedule, secs(0)), ["a"]);
    schedule.enqueue(domain("a"), &group("t"), secs(1));
    schedule.schedule(domain("a"), &group("t"), secs(1));
    assert!(drained(&mut schedule, secs(60)).is_empty());
    schedule.finish(domain("a"), Next::Never, secs(61));
    assert_eq!(drained(&mut schedule, secs(61)), ["a"]);
    schedule.finish(domain("a"), Next::Never, secs(62));
    assert!(drained(&mut schedule, secs(1_000_000)).is_empty());
}

#[test]
fn a_domain_waits_once_and_scheduling_it_again_only_brings_it_forward() {
    for (planned, again, expected) in [(60, 90, 60), (90, 60, 60)] {
        let mut schedule = Schedule::<Domain>::default();
        background(&mut schedule, "a", planned);
        schedule.schedule(domain("a"), &group("t"), secs(again));
        assert_eq!(schedule.next_time(), Some(secs(expected)));
        assert_eq!(drained(&mut schedule, secs(1_000)), ["a"]);
    }
}

#[test]
fn a_tenant_has_a_limited_number_of_slots_and_its_other_reconciles_await_one() {
    let mut schedule = Schedule::<Domain>::default();
    let names: Vec<String> = (0..SLOTS + 3).map(|n| format!("a{n}")).collect();
    for name in &names {
        schedule.enqueue(domain(name), &group("t"), secs(0));
    }
    assert_eq!(drained(&mut schedule, secs(0)), names);
    for (place, name) in names.iter().enumerate() {
        let acquired = schedule.try_acquire_slot(&domain(name), &group("tenant/t"));
        assert_eq!(acquired, place < SLOTS);
        if !acquired {
            // The last one has the best place.
            let place = u64::try_from(100 - place).unwrap();
            schedule.finish(domain(name), Next::AwaitSlot(group("tenant/t"), place, Lane::Interactive), secs(1));
        }
    }
    assert!(schedule.try_acquire_slot(&domain("a0"), &group("tenant/t")), "a slot is kept to the end of the reconcile");
    assert!(drained(&mut schedule, secs(2)).is_empty(), "no slot is free");
    schedule.enqueue(domain("b"), &group("u"), secs(2));
    schedule.enqueue(domain("c"), &group("t"), secs(2));
    assert_eq!(drained(&mut schedule, secs(2)), ["b", "c"]);
    assert!(schedule.try_acquire_slot(&domain("b"), &group("tenant/u")), "another tenant has slots of its own");
    schedule.finish(domain("a0"), Next::Never, secs(3));
    assert!(!schedule.try_acquire_slot(&domain("c"), &group("tenant/t")), "a newcomer waits behind the others");
    let last = format!("a{}", SLOTS + 2);
    assert_eq!(drained(&mut schedule, secs(3)), [last.as_str()]);
    assert!(schedule.try_acquire_slot(&domain(&last), &group("tenant/t")), "it was handed out with its slot");
}

#[test]
fn tenants_take_turns_also_with_what_is_due() {
    let mut schedule = Schedule::<Domain>::default();
    for n in 0..2_000 {
        schedule.schedule(domain(&format!("noisy{n}")), &group("noisy"), secs(0));
    }
    schedule.schedule(domain("quiet"), &group("quiet"), secs(1));
    let order = drained(&mut schedule, secs(60));
    assert!(order.iter().position(|name| name == "quiet") <= Some(1), "{:?}", &order[..3]);
}

#[test]
fn background_work_that_awaits_a_slot_keeps_nobody_else_waiting_and_is_not_forgotten() {
    let mut schedule = Schedule::<Domain>::default();
    let names: Vec<String> = (0..=SLOTS).map(|n| format!("a{n}")).collect();
    for name in &names {
        schedule.schedule(domain(name), &group("a"), secs(0));
    }
    drained(&mut schedule, secs(0));
    for name in &names[..SLOTS] {
        assert!(schedule.try_acquire_slot(&domain(name), &group("dns/a")));
        assert!(schedule.try_acquire_slot(&domain(name), &group("tenant/a")), "slots of another kind");
    }
    let last = &names[SLOTS];
    assert!(!schedule.try_acquire_slot(&domain(last), &group("dns/a")));
    schedule.finish(domain(last), Next::AwaitSlot(group("dns/a"), 0, Lane::Background), secs(1));
    schedule.schedule(domain("b"), &group("b"), secs(1));
    schedule.enqueue(domain("c"), &group("a"), secs(1));
    assert_eq!(drained(&mut schedule, secs(60)), ["c", "b"], "others go on while no slot is free");
    schedule.finish(domain("a0"), Next::Never, secs(61));
    assert_eq!(schedule.next(secs(61)), Some((domain(last), Lane::Background)));
}

#[test]
fn aged_background_work_gets_one_reconcile_in_five() {
    let drained_at = |time| {
        let mut schedule = Schedule::<Domain>::default();
        for n in 0..40 {
            schedule.enqueue(domain(&format!("p{n}")), &group("rush"), secs(0));
        }
        for n in 0..5 {
            background(&mut schedule, &format!("b{n}"), 0);
        }
        drained(&mut schedule, time)
    };
    let young = drained_at(secs(29));
    assert!(young[..40].iter().all(|name| name.starts_with('p')), "{young:?}");
    let aged = drained_at(secs(30));
    let places: Vec<_> = aged.iter().enumerate().filter(|(_, name)| name.starts_with('b')).map(|(n, _)| n).collect();
    assert_eq!(places, [4, 9, 14, 19, 24], "{aged:?}");
}

/// A step of a random history.
#[derive(Clone, Debug)]
enum ModelStep {
    Enqueue(u8),
    Schedule(u8, u64),
    Next,
    AcquireSlot(u8),
    Finish(u8, u8, u64),
    Advance(u64),
}

fn step() -> impl Strategy<Value = ModelStep> {
    prop_oneof![
        4 => (0..12_u8).prop_map(ModelStep::Enqueue),
        1 => (0..12_u8, 0..100_u64).prop_map(|(name, wait)| ModelStep::Schedule(name, wait)),
        5 => Just(ModelStep::Next),
        2 => (0..12_u8).prop_map(ModelStep::AcquireSlot),
        4 => (0..12_u8, 0..5_u8, 0..100_u64).prop_map(|(name, how, wait)| ModelStep::Finish(name, how, wait)),
        2 => (0..50_u64).prop_map(ModelStep::Advance),
    ]
}

/// The expected state in any history: running subjects, and since when others are owed a reconcile.
#[derive(Default)]
struct Model {
    now: Duration,
    running: BTreeMap<Domain, Option<Arc<str>>>,
    owed: BTreeMap<Domain, Duration>,
}

impl Model {
    fn owe(&mut self, domain: Domain, at: Duration) {
        let owed = self.owed.entry(domain).or_insert(at);
        *owed = at.min(*owed);
    }

    fn next(&mut self, schedule: &mut Schedule<Domain>) -> Result<bool, TestCaseError> {
        let Some((domain, _)) = schedule.next(self.now) else { return Ok(false) };
        prop_assert!(!self.running.contains_key(&domain), "{domain} is handed out twice");
        let owed = self.owed.remove(&domain);
        prop_assert!(owed.is_some(), "{domain} was not scheduled");
        prop_assert!(owed <= Some(self.now), "{domain} came too early");
        // The slot that came with the assignment.
        let slot = schedule.running.get(&domain).and_then(|running| running.slots.first().cloned());
        self.running.insert(domain, slot);
        Ok(true)
    }

    fn acquire_slot(
        &mut self,
        schedule: &mut Schedule<Domain>,
        domain: &Domain,
        tenant: &Arc<str>,
    ) -> Result<(), TestCaseError> {
        let Some(slot) = self.running.get_mut(domain) else { return Ok(()) };
        if schedule.try_acquire_slot(domain, tenant) {
            slot.get_or_insert_with(|| tenant.clone());
        }
        let taken = self.running.values().flatten().filter(|slot| *slot == tenant).count();
        prop_assert!(taken <= SLOTS, "{taken} slots of {tenant} are taken");
        Ok(())
    }

    fn finish(&mut self, schedule: &mut Schedule<Domain>, domain: &Domain, next: Next) {
        if self.running.remove(domain).is_none() {
            return;
        }
        let now = self.now;
        match &next {
            // A change during its run is owed already.
            Next::Never => {}
            _ if self.owed.contains_key(domain) => {}
            Next::After(wait, _) => self.owe(domain.clone(), now + *wait),
            Next::AwaitSlot(..) => self.owe(domain.clone(), now),
        }
        schedule.finish(domain.clone(), next, now);
    }

    fn step(&mut self, schedule: &mut Schedule<Domain>, step: &ModelStep) -> Result<(), TestCaseError> {
        let name = |n: u8| domain(&format!("d{n}"));
        let tenant = |n: u8| group(["tenant/a", "tenant/b"][usize::from(n % 2)]);
        match step {
            ModelStep::Enqueue(n) => {
                schedule.enqueue(name(*n), &tenant(*n), self.now);
                self.owe(name(*n), self.now);
            }
            ModelStep::Schedule(n, wait) => {
                let at = self.now + secs(*wait);
                schedule.schedule(name(*n), &tenant(*n), at);
                if !self.running.contains_key(&name(*n)) {
                    self.owe(name(*n), at);
                }
            }
            ModelStep::Next => drop(self.next(schedule)?),
            ModelStep::AcquireSlot(n) => self.acquire_slot(schedule, &name(*n), &tenant(*n))?,
            ModelStep::Finish(n, how, wait) => {
                let next = match how {
                    0 => Next::Never,
                    1 => Next::After(secs(*wait), Lane::Background),
                    2 => Next::After(secs(*wait), Lane::Interactive),
                    3 => Next::AwaitSlot(tenant(*n), *wait, Lane::Interactive),
                    _ => Next::AwaitSlot(tenant(*n), *wait, Lane::Background),
                };
                self.finish(schedule, &name(*n), next);
            }
            ModelStep::Advance(time) => self.now += secs(*time),
        }
        Ok(())
    }
}

proptest! {
    /// In any history no domain runs twice at a time or too early, no slot is granted twice, and no owed reconcile is
    /// lost.
    #[test]
    fn nothing_is_lost_early_doubled_or_starved(steps in prop::collection::vec(step(), 1..200)) {
        let (mut schedule, mut model) = (Schedule::<Domain>::default(), Model::default());
        for step in &steps {
            model.step(&mut schedule, step)?;
        }
        model.now += secs(1_000);
        for _ in 0..200 {
            let running: Vec<Domain> = model.running.keys().cloned().collect();
            for domain in &running {
                model.finish(&mut schedule, domain, Next::Never);
            }
            while model.next(&mut schedule)? {}
            if model.running.is_empty() {
                break;
            }
        }
        prop_assert!(model.owed.is_empty(), "never reconciled: {:?}", model.owed);
        prop_assert!(schedule.slots.is_empty() && schedule.waiting.is_empty() && schedule.next_time().is_none());
    }

    /// Under endless load, a tenant's single change is reconciled after at most one reconcile of each other tenant. Due
    /// background work is reconciled after at most five.
    #[test]
    fn no_tenant_and_no_background_work_starves_beside_an_endless_rush(others in 1..6_usize, warm_up in 0..40_usize) {
        let mut schedule = Schedule::<Domain>::default();
        let mut named = 0;
        let mut rush = |schedule: &mut Schedule<Domain>| for tenant in 0..others {
            named += 1;
            schedule.enqueue(domain(&format!("rush{named}")), &group(&format!("t{tenant}")), secs(0));
        };
        for _ in 0..50 { rush(&mut schedule); }
        for _ in 0..warm_up { schedule.next(secs(0)); rush(&mut schedule); }
        schedule.schedule(domain("due"), &group("quiet"), secs(0));
        schedule.enqueue(domain("urgent"), &group("small"), secs(0));
        let (mut urgent, mut due) = (None, None);
        for n in 0..20 {
            let taken = schedule.next(secs(40)).unwrap().0;
            if taken == domain("urgent") { urgent = Some(n); }
            if taken == domain("due") { due = Some(n); }
            rush(&mut schedule);
        }
        prop_assert!(urgent.is_some_and(|n| n <= others + 1), "{urgent:?}");
        prop_assert!(due.is_some_and(|n| n < 5), "{due:?}");
    }
}
