//! Who gets the next call, as scenarios in whole turns.

use super::*;

const TURN: Duration = Duration::from_millis(1050);

fn at(turn: u32) -> Duration {
    TURN * turn
}

/// Waiting people, as (tenant, ticket); the tickets in the order in which they get their turns.
fn served(turns: &mut Turns, tickets: &[u64], from: u32) -> Vec<u64> {
    let mut order = Vec::new();
    for turn in from..from + u32::try_from(tickets.len()).unwrap() {
        let winner =
            tickets.iter().find(|ticket| !order.contains(*ticket) && turns.interactive(**ticket, at(turn)).is_ok());
        order.extend(winner);
    }
    order
}

#[test]
fn no_two_turns_lie_closer_than_the_pace_whatever_the_lane() {
    let mut turns = Turns::new(1.0);
    turns.join(&Arc::from("a"), 1);
    assert_eq!(turns.interactive(1, at(0)), Ok(()));
    turns.join(&Arc::from("a"), 2);
    assert_eq!(turns.interactive(2, at(0)), Err(at(1)));
    turns.leave("a", 2);
    assert_eq!(turns.background("x", at(0)), Err(TURN));
    assert_eq!(turns.background("x", at(1)), Ok(TURN));
    assert_eq!(turns.background("y", at(1)), Err(TURN));
}

#[test]
fn tenants_take_turns_and_within_a_tenant_the_first_place_goes_first() {
    let mut turns = Turns::new(1.0);
    for (tenant, ticket) in [("rush", 3), ("rush", 1), ("rush", 2), ("small", 4)] {
        turns.join(&Arc::from(tenant), ticket);
    }
    assert_eq!(served(&mut turns, &[1, 2, 3, 4], 0), [1, 4, 2, 3]);
}

#[test]
fn a_call_that_is_given_up_leaves_no_gap() {
    let mut turns = Turns::new(1.0);
    turns.join(&Arc::from("a"), 1);
    turns.join(&Arc::from("b"), 2);
    turns.leave("a", 1);
    assert_eq!(served(&mut turns, &[2], 0), [2]);
}

#[test]
fn people_go_before_background_work_until_that_has_aged() {
    let mut turns = Turns::new(1.0);
    for ticket in 0..60 {
        turns.join(&Arc::from("rush"), ticket);
    }
    let mut background = Vec::new();
    let mut people = 0;
    for turn in 0..60 {
        // Both ask at each turn; background work first, so that only the rules keep it back.
        if turns.background("x", at(turn)).is_ok() {
            background.push(turn);
        } else if turns.interactive(people, at(turn)).is_ok() {
            people += 1;
        }
    }
    assert!(background.iter().all(|turn| at(*turn) >= AGED), "{background:?}");
    assert_eq!(background.first(), Some(&29), "{background:?}");
}

#[test]
fn aged_background_work_gets_one_turn_in_five() {
    let mut turns = Turns::new(1.0);
    for ticket in 0..100 {
        turns.join(&Arc::from("rush"), ticket);
    }
    let (mut people, mut background) = (0, 0);
    for subject in 0..20 {
        let _ = turns.background(&subject.to_string(), at(0));
    }
    for turn in 30..80 {
        let head = turns.booked.front().map(|booking| booking.subject.clone());
        if head.is_some_and(|subject| turns.background(&subject, at(turn)).is_ok()) {
            background += 1;
        } else if turns.interactive(people, at(turn)).is_ok() {
            people += 1;
        }
    }
    assert_eq!((people, background), (40, 10));
}

#[test]
fn a_held_turn_goes_to_people_when_its_owner_does_not_come() {
    let mut turns = Turns::new(1.0);
    for ticket in 0..10 {
        turns.join(&Arc::from("rush"), ticket);
    }
    let _ = turns.background("x", at(0));
    for ticket in 0..4 {
        assert_eq!(turns.interactive(ticket, at(u32::try_from(ticket).unwrap() + 30)), Ok(()));
    }
    assert_eq!(turns.interactive(4, at(34)), Err(at(35)), "held for background work");
    assert_eq!(turns.interactive(4, at(35)), Ok(()), "but for one turn only");
}

#[test]
fn background_work_is_told_the_time_of_its_turn() {
    let mut turns = Turns::new(1.0);
    assert!(turns.background("a", at(0)).is_ok());
    assert_eq!(turns.background("b", at(0)), Err(TURN));
    assert_eq!(turns.background("c", at(0)), Err(TURN * 2));
    assert_eq!(turns.background("b", at(0)), Err(TURN), "asking again keeps the place");
    assert!(turns.background("b", at(1)).is_ok());
    assert!(turns.background("c", at(2)).is_ok());
}

#[test]
fn a_booking_whose_owner_never_comes_back_is_forgotten() {
    let mut turns = Turns::new(1.0);
    assert!(turns.background("a", at(0)).is_ok());
    let _ = turns.background("gone", at(0));
    let _ = turns.background("b", at(100));
    assert!(turns.booked.iter().all(|booking| booking.subject != "gone"));
}

#[test]
fn no_two_calls_arrive_closer_than_the_rate_however_long_each_travels() {
    let mut turns = Turns::new(1.0);
    let tenant = Arc::from("t");
    let mut times = Vec::new();
    let mut now = Duration::ZERO;
    for (place, millis) in [0, 30, 300, 900, 5_000].into_iter().enumerate() {
        let place = u64::try_from(place).unwrap();
        turns.join(&tenant, place);
        while let Err(at) = turns.interactive(place, now) {
            now = at;
        }
        times.push(now.as_millis());
        let answered = now + Duration::from_millis(millis);
        if millis < 1_000 {
            turns.answered(false, answered);
        }
    }
    // The next one leaves a second after the answer, and at least the interval after the one before.
    assert_eq!(times, [0, 1_050, 2_100, 3_400, 5_300]);
    assert_eq!(turns.interactive(9, now), Err(Duration::from_millis(6_350)), "a slow call holds nobody up");
}
