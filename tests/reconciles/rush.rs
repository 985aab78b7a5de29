//! A tenant applies very many domains at once: other tenants hardly notice, and the rate of SES calls stays within the
//! limit.

use std::time::Duration;

use sender_operator::model::claim::DeletionPolicy;

use crate::{
    setup::apply_many,
    simulation::{HOUR, MINUTE, SECOND, SesCall, Simulation},
};

fn created(sim: &Simulation) -> usize {
    sim.journal().iter().filter(|call| call.operation == SesCall::Create).count()
}

#[tokio::test(start_paused = true)]
async fn another_tenants_domain_is_created_within_five_seconds_in_the_middle_of_a_rush() {
    let mut waits = Vec::new();
    for moment in [0, 1, 7, 60, 200] {
        let sim = Simulation::new();
        let _operator = sim.start();
        sim.tenant("small");
        let names = apply_many(&sim, "rush", 200);
        sim.advance(moment * SECOND + Duration::from_millis(u64::from(moment) * 137)).await;
        let age = sim.age();
        sim.apply("small/mail", "small.example");
        sim.publish("small.example");
        sim.until_within(5 * SECOND, "it is created", || sim.identity("small.example").is_some()).await;
        waits.push(sim.since(age));
        if moment == 0 {
            for name in &names {
                sim.until_ready(&format!("rush/{name}")).await;
            }
            println!("200 domains of one tenant at one call per second: all Ready after {:?}", sim.age());
        }
    }
    println!("the other tenant's domain was created after {waits:?}");
}

#[tokio::test(start_paused = true)]
async fn every_domain_of_a_rush_has_its_first_status_long_before_its_turn_and_then_they_proceed_one_by_one() {
    let sim = Simulation::new();
    let _operator = sim.start();
    let names = apply_many(&sim, "rush", 200);
    sim.advance(5 * SECOND).await;
    assert!(names.iter().all(|name| sim.is_saying(&format!("rush/{name}"), &["Owned True Held"])));
    assert!(created(&sim) < 5);
    sim.advance(95 * SECOND).await;
    let listed = names.iter().filter(|name| sim.records(&format!("rush/{name}")).len() == 3).count();
    assert!(created(&sim) - listed <= 4, "{} created, {listed} with their records", created(&sim));
    for name in &names {
        sim.until("it is created", || sim.identity(name).is_some()).await;
        let told = sim.history(&format!("rush/{name}"));
        assert!(told.windows(2).all(|pair| pair[0] != pair[1]), "a status was written twice");
    }
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_applies_and_deletes_in_turn_gets_no_more_creations_than_its_limit_even_over_restarts() {
    let sim = Simulation::new();
    let start = || {
        sim.start_with(|config| {
            config.creations_per_tenant = 10;
            config.release_delay = SECOND;
        })
    };
    let mut operator = start();
    sim.tenant("churn");
    sim.tenant("small");
    for round in 0..60 {
        let object = format!("churn/d{round}");
        let name = format!("churn{}.example", round % 3);
        sim.apply_with(&object, &name, |spec| spec.deletion_policy = Some(DeletionPolicy::Delete));
        sim.advance(20 * SECOND).await;
        sim.delete(&object);
        sim.advance(20 * SECOND).await;
        if round % 10 == 9 {
            operator.stop().await;
            operator = start();
        }
    }
    let made = created(&sim);
    assert!(made <= 12, "{made} creations within 40 minutes");
    sim.apply("churn/last", "last.example");
    sim.until_says("churn/last", &["IdentityVerified False CreationLimit", "Reconciling True CreationLimit"]).await;
    sim.apply("small/mail", "small.example");
    sim.until_within(MINUTE, "others are not held back", || sim.identity("small.example").is_some()).await;
    sim.until_within(2 * HOUR, "its turn comes", || sim.identity("last.example").is_some()).await;
}
