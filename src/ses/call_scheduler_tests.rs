//! The order of calls, as scenarios in whole turns.

use super::*;

const TURN: Duration = Duration::from_millis(1050);

fn at(turn: u32) -> Duration {
    TURN * turn
}

/// The tickets of waiting interactive calls, in the order of their turns.
fn served(calls: &mut CallScheduler, tickets: &[u64], from: u32) -> Vec<u64> {
    let mut order = Vec::new();
    for turn in from..from + u32::try_from(tickets.len()).unwrap() {
        let winner =
            tickets.iter().find(|ticket| !order.contains(*ticket) && calls.try_interactive(**ticket, at(turn)).is_ok());
        order.extend(winner);
    }
    order
}

#[test]
fn no_two_turns_are_closer_than_the_rate_allows_whatever_the_lane() {
    let mut calls = CallScheduler::new(1.0);
    calls.enqueue(&Arc::from("a"), 1);
    assert_eq!(calls.try_interactive(1, at(0)), Ok(()));
    calls.enqueue(&Arc::from("a"), 2);
    assert_eq!(calls.try_interactive(2, at(0)), Err(at(1)));
    calls.cancel("a", 2);
    assert_eq!(calls.try_background("x", at(0)), Err(TURN));
    assert_eq!(calls.try_background("x", at(1)), Ok(TURN));
    assert_eq!(calls.try_background("y", at(1)), Err(TURN));
}

#[test]
fn tenants_take_turns_and_within_a_tenant_the_first_place_goes_first() {
    let mut calls = CallScheduler::new(1.0);
    for (tenant, ticket) in [("rush", 3), ("rush", 1), ("rush", 2), ("small", 4)] {
        calls.enqueue(&Arc::from(tenant), ticket);
    }
    assert_eq!(served(&mut calls, &[1, 2, 3, 4], 0), [1, 4, 2, 3]);
}

#[test]
fn a_cancelled_call_leaves_no_gap() {
    let mut calls = CallScheduler::new(1.0);
    calls.enqueue(&Arc::from("a"), 1);
    calls.enqueue(&Arc::from("b"), 2);
    calls.cancel("a", 1);
    assert_eq!(served(&mut calls, &[2], 0), [2]);
}

#[test]
fn interactive_calls_go_before_background_calls_until_those_have_aged() {
    let mut calls = CallScheduler::new(1.0);
    for ticket in 0..60 {
        calls.enqueue(&Arc::from("rush"), ticket);
    }
    let mut background = Vec::new();
    let mut people = 0;
    for turn in 0..60 {
        // Both try each turn, the background call first, so only the rules hold it back.
        if calls.try_background("x", at(turn)).is_ok() {
            background.push(turn);
        } else if calls.try_interactive(people, at(turn)).is_ok() {
            people += 1;
        }
    }
    assert!(background.iter().all(|turn| at(*turn) >= AGED), "{background:?}");
    assert_eq!(background.first(), Some(&29), "{background:?}");
}

#[test]
fn aged_background_calls_get_one_turn_in_five() {
    let mut calls = CallScheduler::new(1.0);
    for ticket in 0..100 {
        calls.enqueue(&Arc::from("rush"), ticket);
    }
    let (mut people, mut background) = (0, 0);
    for subject in 0..20 {
        let _ = calls.try_background(&subject.to_string(), at(0));
    }
    for turn in 30..80 {
        let head = calls.reservations.front().map(|reservation| reservation.subject.clone());
        if head.is_some_and(|subject| calls.try_background(&subject, at(turn)).is_ok()) {
            background += 1;
        } else if calls.try_interactive(people, at(turn)).is_ok() {
            people += 1;
        }
    }
    assert_eq!((people, background), (40, 10));
}

#[test]
fn a_turn_that_its_reservation_leaves_unused_goes_to_an_interactive_call() {
    let mut calls = CallScheduler::new(1.0);
    for ticket in 0..10 {
        calls.enqueue(&Arc::from("rush"), ticket);
    }
    let _ = calls.try_background("x", at(0));
    for ticket in 0..4 {
        assert_eq!(calls.try_interactive(ticket, at(u32::try_from(ticket).unwrap() + 30)), Ok(()));
    }
    assert_eq!(calls.try_interactive(4, at(34)), Err(at(35)), "kept free for background work");
    assert_eq!(calls.try_interactive(4, at(35)), Ok(()), "but for one turn only");
    assert_eq!(calls.try_interactive(5, at(36)), Ok(()), "it counts as the turn of background work");
}

#[test]
fn a_deferred_background_call_learns_the_time_of_its_turn() {
    let mut calls = CallScheduler::new(1.0);
    assert!(calls.try_background("a", at(0)).is_ok());
    assert_eq!(calls.try_background("b", at(0)), Err(TURN));
    assert_eq!(calls.try_background("c", at(0)), Err(TURN * 2));
    assert_eq!(calls.try_background("b", at(0)), Err(TURN), "another try keeps the place");
    assert!(calls.try_background("b", at(1)).is_ok());
    assert!(calls.try_background("c", at(2)).is_ok());
}

#[test]
fn an_unused_reservation_expires() {
    let mut calls = CallScheduler::new(1.0);
    assert!(calls.try_background("a", at(0)).is_ok());
    let _ = calls.try_background("gone", at(0));
    let _ = calls.try_background("b", at(100));
    assert!(calls.reservations.iter().all(|reservation| reservation.subject != "gone"));
}

#[test]
fn no_two_calls_arrive_closer_than_the_rate_however_long_each_travels() {
    let mut calls = CallScheduler::new(1.0);
    let tenant = Arc::from("t");
    let mut times = Vec::new();
    let mut now = Duration::ZERO;
    for (place, millis) in [0, 30, 300, 900, 5_000].into_iter().enumerate() {
        let place = u64::try_from(place).unwrap();
        calls.enqueue(&tenant, place);
        while let Err(at) = calls.try_interactive(place, now) {
            now = at;
        }
        times.push(now.as_millis());
        let answered = now + Duration::from_millis(millis);
        if millis < 1_000 {
            calls.answered(false, answered);
        }
    }
    // The next one leaves a second after the answer, and at least the interval after the previous one.
    assert_eq!(times, [0, 1_050, 2_100, 3_400, 5_300]);
    assert_eq!(calls.try_interactive(9, now), Err(Duration::from_millis(6_350)), "a slow call delays no other");
}
