//! Several replicas: the one that leads writes, the others know everything and write nothing.

use crate::{
    setup::{ACME, DOMAIN, names, ready},
    world::{HOUR, MINUTE, Operator, SECOND, SesCall, World},
};

fn standby(world: &World) -> Operator {
    let operator = world.start();
    operator.stand_by();
    operator
}

#[tokio::test(start_paused = true)]
async fn who_stands_by_is_ready_and_writes_nothing_and_is_at_work_at_once_when_it_leads() {
    let world = World::new();
    let operator = standby(&world);
    world.tenant("acme");
    world.publish(DOMAIN);
    world.apply(ACME, DOMAIN);
    world.pass(10 * HOUR).await;
    assert_eq!((world.all_writes(), world.journal().len()), (0, 0));
    assert!(operator.waits_for().is_empty(), "{:?}", operator.waits_for());
    assert_eq!(operator.metric::<u64>("sender_operator_leading"), 0);
    operator.lead();
    world.until_within(10 * SECOND, "it is created", || world.identity(DOMAIN).is_some()).await;
    world.until_ready(ACME).await;
    assert_eq!(operator.metric::<u64>("sender_operator_leading"), 1);
}

#[tokio::test(start_paused = true)]
async fn who_leads_again_looks_at_everything_anew() {
    let (world, operator) = ready().await;
    operator.stand_by();
    world.delete_at_ses(DOMAIN);
    world.pass(MINUTE).await;
    operator.lead();
    world.until_within(10 * SECOND, "it exists again", || world.identity(DOMAIN).is_some()).await;
}

#[tokio::test(start_paused = true)]
async fn a_pass_that_waits_for_ses_when_its_term_ends_never_gets_there() {
    let world = World::new();
    let operator = world.start();
    world.tenant("acme");
    for name in &names(20) {
        world.apply(&format!("acme/{name}"), name);
    }
    world.pass(5 * SECOND).await;
    operator.stand_by();
    // What was on its way when the term ended.
    world.pass(SECOND).await;
    let (writes, calls) = (world.all_writes(), world.journal().len());
    world.pass(HOUR).await;
    assert_eq!((world.all_writes(), world.journal().len()), (writes, calls));
    assert_eq!(operator.passes("failed"), 0, "that is no failure");
}

#[tokio::test(start_paused = true)]
async fn a_hand_over_at_any_moment_ends_as_if_there_had_been_none_and_creates_nothing_twice() {
    for moment in 0..80 {
        let world = World::new();
        let (first, second) = (world.start(), standby(&world));
        world.tenant("acme");
        world.publish(DOMAIN);
        world.apply(ACME, DOMAIN);
        world.pass(moment * SECOND / 10).await;
        first.stand_by();
        second.lead();
        world.until_ready(ACME).await;
        world.delete(ACME);
        world.pass(moment * SECOND / 10).await;
        second.stand_by();
        first.lead();
        world.until("the identity is gone", || world.identity(DOMAIN).is_none()).await;
        let calls = world.ses_calls(DOMAIN);
        let count = |call: SesCall| calls.iter().filter(|made| **made == call).count();
        assert_eq!(count(SesCall::Delete), 1, "at {moment}: {calls:?}");
        assert!(count(SesCall::Create) <= 2, "at {moment}: {calls:?}");
    }
}
