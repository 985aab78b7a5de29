//! A tenant applies very many domains at once: the others hardly notice, and SES is never asked too fast.

use std::time::Duration;

use sender_operator::model::claim::DeletionPolicy;

use crate::{
    setup::apply_many,
    world::{HOUR, MINUTE, SECOND, SesCall, World},
};

fn created(world: &World) -> usize {
    world.journal().iter().filter(|call| call.operation == SesCall::Create).count()
}

#[tokio::test(start_paused = true)]
async fn another_tenants_domain_is_created_within_five_seconds_in_the_middle_of_a_rush() {
    let mut waits = Vec::new();
    for moment in [0, 1, 7, 60, 200] {
        let world = World::new();
        let _operator = world.start();
        world.tenant("small");
        let names = apply_many(&world, "rush", 200);
        world.pass(moment * SECOND + Duration::from_millis(u64::from(moment) * 137)).await;
        let age = world.age();
        world.apply("small/mail", "small.example");
        world.publish("small.example");
        world.until_within(5 * SECOND, "it is created", || world.identity("small.example").is_some()).await;
        waits.push(world.since(age));
        if moment == 0 {
            for name in &names {
                world.until_ready(&format!("rush/{name}")).await;
            }
            println!("200 domains of one tenant at one call a second: all Ready after {:?}", world.age());
        }
    }
    println!("the other tenant's domain was created after {waits:?}");
}

#[tokio::test(start_paused = true)]
async fn every_domain_of_a_rush_has_its_first_status_long_before_its_turn_and_then_they_are_done_one_by_one() {
    let world = World::new();
    let _operator = world.start();
    let names = apply_many(&world, "rush", 200);
    world.pass(5 * SECOND).await;
    assert!(names.iter().all(|name| world.is_saying(&format!("rush/{name}"), &["Owned True Held"])));
    assert!(created(&world) < 5);
    world.pass(95 * SECOND).await;
    let listed = names.iter().filter(|name| world.records(&format!("rush/{name}")).len() == 3).count();
    assert!(created(&world) - listed <= 4, "{} created, {listed} with their records", created(&world));
    for name in &names {
        world.until("it is created", || world.identity(name).is_some()).await;
        let told = world.history(&format!("rush/{name}"));
        assert!(told.windows(2).all(|pair| pair[0] != pair[1]), "a status was written twice");
    }
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_applies_and_deletes_in_turn_gets_no_more_creations_than_its_limit_even_over_restarts() {
    let world = World::new();
    let start = || {
        world.start_with(|me| {
            me.creations_per_tenant = 10;
            me.release_delay = SECOND;
        })
    };
    let mut operator = start();
    world.tenant("churn");
    world.tenant("small");
    for round in 0..60 {
        let object = format!("churn/d{round}");
        let name = format!("churn{}.example", round % 3);
        world.apply_with(&object, &name, |spec| spec.deletion_policy = Some(DeletionPolicy::Delete));
        world.pass(20 * SECOND).await;
        world.delete(&object);
        world.pass(20 * SECOND).await;
        if round % 10 == 9 {
            operator.stop().await;
            operator = start();
        }
    }
    let made = created(&world);
    assert!(made <= 12, "{made} creations within 40 minutes");
    world.apply("churn/last", "last.example");
    world.until_says("churn/last", &["IdentityVerified False CreationLimit", "Reconciling True CreationLimit"]).await;
    world.apply("small/mail", "small.example");
    world.until_within(MINUTE, "others are not held back", || world.identity("small.example").is_some()).await;
    world.until_within(2 * HOUR, "its time comes", || world.identity("last.example").is_some()).await;
}
