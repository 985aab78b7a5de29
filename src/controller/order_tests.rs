//! Who is looked at next, as scenarios and as properties of random histories.

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

fn background(order: &mut Order<Domain>, name: &str, at: u64) {
    order.done(domain(name), Next::After(secs(at), Lane::Background), Duration::ZERO);
}

/// The first labels of what is handed out until nothing is left.
fn drained(order: &mut Order<Domain>, now: Duration) -> Vec<String> {
    let names = std::iter::from_fn(|| order.take(now));
    names.map(|(domain, _)| domain.as_str().split('.').next().unwrap().to_owned()).collect()
}

#[test]
fn what_a_person_waits_for_goes_first_then_what_was_due_first() {
    let mut order = Order::<Domain>::default();
    background(&mut order, "late", 2);
    background(&mut order, "early", 1);
    background(&mut order, "not-yet", 9);
    order.wake(domain("person"), &group("a"), secs(3));
    assert_eq!(order.backlog(secs(3)), 3);
    assert_eq!(drained(&mut order, secs(3)), ["person", "early", "late"]);
    assert_eq!(order.next_time(), Some(secs(9)));
}

#[test]
fn tenants_take_turns() {
    let mut order = Order::<Domain>::default();
    for name in ["a1", "a2", "a3", "a4"] {
        order.wake(domain(name), &group("rush"), secs(0));
    }
    order.wake(domain("b"), &group("small"), secs(1));
    assert_eq!(drained(&mut order, secs(1)), ["a1", "b", "a2", "a3", "a4"]);
}

#[test]
fn a_wake_up_during_a_pass_leads_to_another_pass_and_passes_never_overlap() {
    let mut order = Order::<Domain>::default();
    order.wake(domain("a"), &group("t"), secs(0));
    assert_eq!(drained(&mut order, secs(0)), ["a"]);
    order.wake(domain("a"), &group("t"), secs(1));
    order.remind(domain("a"), secs(1));
    assert!(drained(&mut order, secs(60)).is_empty());
    order.done(domain("a"), Next::Never, secs(61));
    assert_eq!(drained(&mut order, secs(61)), ["a"]);
    order.done(domain("a"), Next::Never, secs(62));
    assert!(drained(&mut order, secs(1_000_000)).is_empty());
}

#[test]
fn a_domain_waits_once_and_a_reminder_only_brings_it_forward() {
    for (planned, reminded, expected) in [(60, 90, 60), (90, 60, 60)] {
        let mut order = Order::<Domain>::default();
        background(&mut order, "a", planned);
        order.remind(domain("a"), secs(reminded));
        assert_eq!(order.next_time(), Some(secs(expected)));
        assert_eq!(drained(&mut order, secs(1_000)), ["a"]);
    }
}

#[test]
fn so_many_passes_of_a_tenant_wait_for_ses_as_there_are_seats_and_the_others_stand_in_line() {
    let mut order = Order::<Domain>::default();
    let names: Vec<String> = (0..SEATS + 3).map(|n| format!("a{n}")).collect();
    for name in &names {
        order.wake(domain(name), &group("t"), secs(0));
    }
    assert_eq!(drained(&mut order, secs(0)), names);
    for (place, name) in names.iter().enumerate() {
        let seated = order.sit_down(&domain(name), &group("tenant/t"));
        assert_eq!(seated, place < SEATS);
        if !seated {
            // Who was put in line last has the best place.
            let place = u64::try_from(100 - place).unwrap();
            order.done(domain(name), Next::Seat(group("tenant/t"), place), secs(1));
        }
    }
    assert!(order.sit_down(&domain("a0"), &group("tenant/t")), "a seat is kept to the end of the pass");
    assert!(drained(&mut order, secs(2)).is_empty(), "nobody stands up");
    order.wake(domain("b"), &group("u"), secs(2));
    assert_eq!(drained(&mut order, secs(2)), ["b"], "another tenant has seats of its own");
    assert!(order.sit_down(&domain("b"), &group("tenant/u")));
    order.done(domain("a0"), Next::Never, secs(3));
    order.wake(domain("c"), &group("t"), secs(3));
    let last = format!("a{}", SEATS + 2);
    assert_eq!(drained(&mut order, secs(3)), [last.as_str(), "c"]);
    assert!(order.sit_down(&domain(&last), &group("tenant/t")), "it was handed out with its seat");
    assert!(!order.sit_down(&domain("c"), &group("tenant/t")), "nobody jumps the line");
}

#[test]
fn overdue_background_work_gets_one_look_in_five() {
    let mut order = Order::<Domain>::default();
    for n in 0..40 {
        order.wake(domain(&format!("p{n}")), &group("rush"), secs(0));
    }
    for n in 0..5 {
        background(&mut order, &format!("b{n}"), 0);
    }
    let young = drained(&mut order, secs(29));
    assert!(young[..40].iter().all(|name| name.starts_with('p')), "{young:?}");

    let mut order = Order::<Domain>::default();
    for n in 0..40 {
        order.wake(domain(&format!("p{n}")), &group("rush"), secs(0));
    }
    for n in 0..5 {
        background(&mut order, &format!("b{n}"), 0);
    }
    let aged = drained(&mut order, secs(30));
    let places: Vec<_> = aged.iter().enumerate().filter(|(_, name)| name.starts_with('b')).map(|(n, _)| n).collect();
    assert_eq!(places, [4, 9, 14, 19, 24], "{aged:?}");
}

/// A step of a random history.
#[derive(Clone, Debug)]
enum Step {
    Wake(u8),
    Remind(u8, u64),
    Take,
    Sit(u8),
    Done(u8, u8, u64),
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..12_u8).prop_map(Step::Wake),
        1 => (0..12_u8, 0..100_u64).prop_map(|(name, wait)| Step::Remind(name, wait)),
        5 => Just(Step::Take),
        2 => (0..12_u8).prop_map(Step::Sit),
        4 => (0..12_u8, 0..4_u8, 0..100_u64).prop_map(|(name, how, wait)| Step::Done(name, how, wait)),
        2 => (0..50_u64).prop_map(Step::Pass),
    ]
}

/// What must be true of any history, beside the order itself: who runs, and who is owed a look from when on.
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

    fn take(&mut self, order: &mut Order<Domain>) -> Result<bool, TestCaseError> {
        let Some((domain, _)) = order.take(self.now) else { return Ok(false) };
        prop_assert!(!self.running.contains_key(&domain), "{domain} is handed out twice");
        let owed = self.owed.remove(&domain);
        prop_assert!(owed.is_some(), "nobody asked for {domain}");
        prop_assert!(owed <= Some(self.now), "{domain} came too early");
        // A seat that it was handed out with.
        let seat = order.running.get(&domain).and_then(|running| running.seat.clone());
        self.running.insert(domain, seat);
        Ok(true)
    }

    fn sit(&mut self, order: &mut Order<Domain>, domain: &Domain, tenant: &Arc<str>) -> Result<(), TestCaseError> {
        let Some(seat) = self.running.get_mut(domain) else { return Ok(()) };
        if order.sit_down(domain, tenant) {
            seat.get_or_insert_with(|| tenant.clone());
        }
        let taken = self.running.values().flatten().filter(|seat| *seat == tenant).count();
        prop_assert!(taken <= SEATS, "{taken} seats of {tenant} are taken");
        Ok(())
    }

    fn done(&mut self, order: &mut Order<Domain>, domain: &Domain, next: Next) {
        if self.running.remove(domain).is_none() {
            return;
        }
        let now = self.now;
        match &next {
            // A wake-up while it ran is owed already.
            Next::Never => {}
            _ if self.owed.contains_key(domain) => {}
            Next::After(wait, _) => self.owe(domain.clone(), now + *wait),
            Next::Seat(..) => self.owe(domain.clone(), now),
        }
        order.done(domain.clone(), next, now);
    }

    fn step(&mut self, order: &mut Order<Domain>, step: &Step) -> Result<(), TestCaseError> {
        let name = |n: u8| domain(&format!("d{n}"));
        let tenant = |n: u8| group(["tenant/a", "tenant/b"][usize::from(n % 2)]);
        match step {
            Step::Wake(n) => {
                order.wake(name(*n), &tenant(*n), self.now);
                self.owe(name(*n), self.now);
            }
            Step::Remind(n, wait) => {
                let at = self.now + secs(*wait);
                order.remind(name(*n), at);
                if !self.running.contains_key(&name(*n)) {
                    self.owe(name(*n), at);
                }
            }
            Step::Take => drop(self.take(order)?),
            Step::Sit(n) => self.sit(order, &name(*n), &tenant(*n))?,
            Step::Done(n, how, wait) => {
                let next = match how {
                    0 => Next::Never,
                    1 => Next::After(secs(*wait), Lane::Background),
                    2 => Next::After(secs(*wait), Lane::Interactive),
                    _ => Next::Seat(tenant(*n), *wait),
                };
                self.done(order, &name(*n), next);
            }
            Step::Pass(time) => self.now += secs(*time),
        }
        Ok(())
    }
}

proptest! {
    /// Whatever happens in whatever order: no domain runs twice at a time, none comes before its time, no seat is
    /// given twice, and nobody who is owed a look is forgotten.
    #[test]
    fn nothing_is_lost_early_doubled_or_starved(steps in prop::collection::vec(step(), 1..200)) {
        let (mut order, mut model) = (Order::<Domain>::default(), Model::default());
        for step in &steps {
            model.step(&mut order, step)?;
        }
        model.now += secs(1_000);
        for _ in 0..200 {
            let running: Vec<Domain> = model.running.keys().cloned().collect();
            for domain in &running {
                model.done(&mut order, domain, Next::Never);
            }
            while model.take(&mut order)? {}
            if model.running.is_empty() {
                break;
            }
        }
        prop_assert!(model.owed.is_empty(), "never looked at: {:?}", model.owed);
        prop_assert!(order.seats.is_empty() && order.places.is_empty() && order.next_time().is_none());
    }

    /// While others are woken without end, a tenant's single wish is looked at after at most one pass of each, and due
    /// background work after five at most.
    #[test]
    fn nobody_starves_beside_an_endless_rush(others in 1..6_usize, warm_up in 0..40_usize) {
        let mut order = Order::<Domain>::default();
        let mut named = 0;
        let mut rush = |order: &mut Order<Domain>| for tenant in 0..others {
            named += 1;
            order.wake(domain(&format!("rush{named}")), &group(&format!("t{tenant}")), secs(0));
        };
        for _ in 0..50 { rush(&mut order); }
        for _ in 0..warm_up { order.take(secs(0)); rush(&mut order); }
        order.remind(domain("due"), secs(0));
        order.wake(domain("wish"), &group("small"), secs(0));
        let (mut wish, mut due) = (None, None);
        for n in 0..20 {
            let taken = order.take(secs(40)).unwrap().0;
            if taken == domain("wish") { wish = Some(n); }
            if taken == domain("due") { due = Some(n); }
            rush(&mut order);
        }
        prop_assert!(wish.is_some_and(|n| n <= others + 1), "{wish:?}");
        prop_assert!(due.is_some_and(|n| n < 5), "{due:?}");
    }
}
