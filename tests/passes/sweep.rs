//! Identities are listed now and then, and what a list contradicts is looked at; a list decides nothing.

use sender_operator::{
    model::claim::State,
    ses::{CLAIM_TAG, ENVIRONMENT_TAG, OWNER_TAG, SesError},
};

use crate::{
    setup::{ACME, DOMAIN, many_ready, names},
    world::{HOUR, How, MINUTE, Operator, SECOND, SesCall, World},
};

/// An operator that reads identities in full so seldom that only the sweep can find what changed.
fn start(world: &World) -> Operator {
    world.start_with(|me| me.refresh_interval = 1000 * HOUR)
}

#[tokio::test(start_paused = true)]
async fn what_changed_at_ses_is_found_by_the_next_sweep_and_costs_nobody_else_a_call() {
    let world = World::new();
    let _operator = start(&world);
    world.ready("acme", DOMAIN).await;
    world.ready("other", "example.org").await;
    let others = world.ses_calls("example.org");
    world.delete_at_ses(DOMAIN);
    world.until_within(6 * MINUTE, "it exists again", || world.identity(DOMAIN).is_some()).await;
    world.pass(2 * MINUTE).await;
    world.until_ready(ACME).await;
    world.unpublish(DOMAIN);
    world.until_says_within(15 * MINUTE, ACME, &["IdentityVerified True TemporaryFailure"]).await;
    assert_eq!(world.ses_calls("example.org"), others);
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_for_ses_learns_of_it_within_seconds_by_a_list_for_all() {
    let world = World::new();
    let _operator = start(&world);
    world.tenant("acme");
    let names = names(30);
    for name in &names {
        world.apply(&format!("acme/{name}"), name);
    }
    for name in &names {
        world.until("the records are listed", || world.records(&format!("acme/{name}")).len() == 3).await;
        world.at_ses(name, |identity| identity.blind = true);
    }
    for name in &names {
        world.publish(name);
    }
    world.pass(MINUTE).await;
    let (lists, calls) = (world.lists(), world.journal().len());
    world.pass(MINUTE).await;
    assert!((3..=5).contains(&(world.lists() - lists)), "one list every 15 s at first");
    assert_eq!(world.journal().len(), calls, "no domain is asked for by itself");
    for name in &names {
        world.at_ses(name, |identity| identity.blind = false);
    }
    let age = world.age();
    for name in &names {
        world.until_ready(&format!("acme/{name}")).await;
    }
    // A list within 45 s by then, and 30 full looks at one a second.
    assert!(world.since(age) < 90 * SECOND, "{:?}", world.since(age));
}

#[tokio::test(start_paused = true)]
async fn a_list_that_fails_changes_nothing() {
    for error in [SesError::Server, SesError::Throttled, SesError::Malformed, SesError::Unreachable] {
        let world = World::new();
        let operator = start(&world);
        many_ready(&world, 3).await;
        world.pass(HOUR).await;
        let (writes, calls) = (world.all_writes(), world.journal().len());
        world.fail_ses(SesCall::List, How::Refused, &error, usize::MAX);
        world.pass(5 * HOUR).await;
        assert_eq!((world.all_writes(), world.journal().len()), (writes, calls), "{error:?}");
        assert_eq!(operator.passes("failed"), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_short_changes_nothing_and_when_very_many_are_gone_indeed_a_sample_confirms_it() {
    let world = World::new();
    let _operator = start(&world);
    let names = many_ready(&world, 40).await;
    world.pass(HOUR).await;
    let (writes, calls, lists) = (world.all_writes(), world.journal().len(), world.lists());
    world.ses_lists(Some(0));
    world.pass(HOUR).await;
    let (looks, lists) = (world.journal().len() - calls, world.lists() - lists);
    assert_eq!(world.all_writes(), writes);
    assert!(lists >= 12 && looks <= 10 * lists, "{looks} looks after {lists} lists");
    assert!(world.journal()[calls..].iter().all(|call| call.operation == SesCall::Get));
    world.ses_lists(None);
    world.pass(10 * MINUTE).await;
    let calls = world.journal().len();
    world.pass(HOUR).await;
    assert_eq!(world.journal().len(), calls, "it is over");
    for name in &names {
        world.delete_at_ses(name);
    }
    for name in &names {
        world.until_within(20 * MINUTE, "it exists again", || world.identity(name).is_some()).await;
        world.until_ready(&format!("acme/{name}")).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_has_as_many_pages_as_it_needs() {
    let world = World::new();
    let operator = start(&world);
    world.ready("acme", DOMAIN).await;
    (0..2500).for_each(|n| world.create_at_ses(&format!("other{n}.example"), &[]));
    world.pass(HOUR).await;
    let lists = world.lists();
    world.pass(HOUR).await;
    let sweeps = (world.lists() - lists) / 3;
    assert!((12..=14).contains(&sweeps), "{sweeps} sweeps of three pages");
    assert_eq!(operator.metric::<u64>("sender_operator_ses_unclaimed_identities"), 2500);
}

#[tokio::test(start_paused = true)]
async fn a_creation_that_came_too_late_is_found_and_deleted() {
    let world = World::new();
    let _operator = start(&world);
    world.fail_ses(SesCall::Create, How::Refused, &SesError::Unreachable, usize::MAX);
    world.tenant("acme");
    world.apply(ACME, DOMAIN);
    world.until_says(ACME, &["Ready False SesUnavailable"]).await;
    world.delete(ACME);
    world.until_state(DOMAIN, State::Released).await;
    world.heal();
    let claim = world.stored_claim(DOMAIN).unwrap().uid;
    let late = [(OWNER_TAG, "owner-1"), (ENVIRONMENT_TAG, "default"), (CLAIM_TAG, claim.as_str())];
    world.create_at_ses(DOMAIN, &late);
    world.until_state(DOMAIN, State::Releasing).await;
    world.until_state(DOMAIN, State::Released).await;
    assert!(world.identity(DOMAIN).is_none());
}

#[tokio::test(start_paused = true)]
async fn an_identity_of_others_on_a_free_domain_is_looked_at_once_and_left_alone() {
    let world = World::new();
    let operator = start(&world);
    world.ready("acme", DOMAIN).await;
    world.delete(ACME);
    world.until_state(DOMAIN, State::Released).await;
    world.create_at_ses(DOMAIN, &[]);
    let calls = world.ses_calls(DOMAIN).len();
    world.pass(5 * HOUR).await;
    assert_eq!(world.ses_calls(DOMAIN)[calls..], [SesCall::Get]);
    drop(operator);
    let _operator = start(&world);
    world.pass(5 * HOUR).await;
    assert_eq!(world.ses_calls(DOMAIN)[calls..], [SesCall::Get; 2], "once more after a restart");
}
