//! What a deletion waits for when it looks like an accident.

use sender_operator::{
    api::reasons::EventReason,
    model::{claim::State, tenant::TENANT_LABEL},
};

use crate::world::{DAY, HOUR, MINUTE, SECOND, World};

/// `n` Ready domains of acme.
async fn many(world: &World, n: usize) -> Vec<String> {
    world.tenant("acme");
    let names: Vec<String> = (0..n).map(|n| format!("d{n}.example")).collect();
    for name in &names {
        world.publish(name);
        world.apply(&format!("acme/{name}"), name);
    }
    for name in &names {
        world.until_ready(&format!("acme/{name}")).await;
    }
    names
}

fn delete_all(world: &World, names: &[String]) {
    for name in names {
        world.delete(&format!("acme/{name}"));
    }
}

fn with_identity(world: &World, names: &[String]) -> usize {
    names.iter().filter(|name| world.identity(name).is_some()).count()
}

#[tokio::test(start_paused = true)]
async fn an_asker_that_only_a_live_list_shows_stops_the_deletion() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    world.namespace("acme-2", &[(TENANT_LABEL, "acme")]);
    world.delete("acme/mail");
    world.until_state("example.com", State::Releasing).await;
    world.pass(MINUTE).await;
    world.hold_watches();
    world.apply("acme-2/mail", "example.com");
    world.until_state("example.com", State::Held).await;
    world.until_says("acme-2/mail", &["Ready True Ready"]).await;
    assert_eq!(world.ses_writes("example.com").len(), 1);
    assert!(world.age() > 15 * MINUTE);
    world.release_watches();
    world.pass(DAY).await;
    assert_eq!(world.state("example.com"), Some(State::Held));
}

#[tokio::test(start_paused = true)]
async fn a_namespace_made_again_holds_the_deletion_back_for_a_day() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    world.delete_namespace("acme");
    world.tenant("acme");
    world.until("it is told", || !world.told(EventReason::ReleaseHeldBack).is_empty()).await;
    let note = world.told(EventReason::ReleaseHeldBack)[0].note.clone();
    assert!(note.contains("its namespace was made again") && note.contains("approve-release"), "{note}");
    world.pass(22 * HOUR).await;
    assert!(world.identity("example.com").is_some());
    world.until_within(3 * HOUR, "it is released", || world.state("example.com") == Some(State::Released)).await;
    assert!(world.age() > DAY && world.identity("example.com").is_none());
}

#[tokio::test(start_paused = true)]
async fn an_administrator_may_let_a_held_back_deletion_go_ahead() {
    let world = World::new();
    let operator = world.start();
    world.ready("acme", "example.com").await;
    world.delete_namespace("acme");
    world.tenant("acme");
    world.until("it is told", || !world.told(EventReason::ReleaseHeldBack).is_empty()).await;
    assert_eq!(operator.metric::<u64>("sender_operator_releases_held_back"), 1);
    world.change_claim("default.example.com", |stored| stored.orders.release_approved = true);
    let released = || world.state("example.com") == Some(State::Released);
    world.until_within(MINUTE, "it is released", released).await;
    world.pass(SECOND).await;
    assert_eq!(operator.metric::<u64>("sender_operator_releases_held_back"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_restored_object_of_the_same_tenant_has_its_domain_back() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    world.delete_namespace("acme");
    world.tenant("acme");
    world.until("it is told", || !world.told(EventReason::ReleaseHeldBack).is_empty()).await;
    world.apply("acme/mail", "example.com");
    world.until_says_within(MINUTE, "acme/mail", &["Ready True Ready"]).await;
    assert_eq!(world.ses_writes("example.com").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn ten_releases_within_an_hour_go_ahead() {
    let world = World::new();
    let _operator = world.start();
    let names = many(&world, 10).await;
    delete_all(&world, &names);
    world.until("all are released", || with_identity(&world, &names) == 0).await;
    assert!(world.told(EventReason::ReleaseHeldBack).is_empty());
}

#[tokio::test(start_paused = true)]
async fn eleven_releases_within_an_hour_are_held_back_for_a_day() {
    let world = World::new();
    let _operator = world.start();
    let names = many(&world, 11).await;
    delete_all(&world, &names);
    let deleted = world.age();
    world.until("all are told", || world.told(EventReason::ReleaseHeldBack).len() >= 11).await;
    assert!(world.told(EventReason::ReleaseHeldBack).iter().all(|notice| notice.warning));
    world.pass(22 * HOUR).await;
    assert_eq!(with_identity(&world, &names), 11);
    world.until_within(3 * HOUR, "all are released", || with_identity(&world, &names) == 0).await;
    assert!(world.since(deleted) >= DAY);
}

#[tokio::test(start_paused = true)]
async fn approving_one_of_a_mass_release_does_not_let_the_others_go() {
    let world = World::new();
    let operator = world.start();
    let names = many(&world, 11).await;
    delete_all(&world, &names);
    world.until("all are told", || world.told(EventReason::ReleaseHeldBack).len() >= 11).await;
    world.change_claim("default.d3.example", |stored| stored.orders.release_approved = true);
    world.until_state("d3.example", State::Released).await;
    operator.stop().await;
    let _operator = world.start();
    world.pass(20 * HOUR).await;
    assert_eq!(with_identity(&world, &names), 10);
}

#[tokio::test(start_paused = true)]
async fn releases_that_drip_count_together_for_an_hour() {
    let world = World::new();
    let _operator = world.start();
    let names = many(&world, 15).await;
    delete_all(&world, &names[..10]);
    world.until("the first are released", || with_identity(&world, &names) == 5).await;
    assert!(world.told(EventReason::ReleaseHeldBack).is_empty());
    delete_all(&world, &names[10..]);
    world.pass(20 * HOUR).await;
    assert_eq!(with_identity(&world, &names), 5, "fifteen within the hour");
}
