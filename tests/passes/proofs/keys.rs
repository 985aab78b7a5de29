//! The keys that records are made with: rotated, and lost.

use sender_operator::model::challenge::ChallengeKeys;

use crate::world::{DAY, Operator, World};

/// An operator with these keys; the one of other tests is 7.
fn keyed(world: &World, current: u8, previous: Option<u8>) -> Operator {
    let keys = ChallengeKeys { current: [current; 32], previous: previous.map(|key| [key; 32]) };
    world.start_proving_with(|me| me.keys = keys)
}

#[tokio::test(start_paused = true)]
async fn a_record_made_with_the_key_before_still_proves_after_a_rotation() {
    let world = World::new();
    let operator = world.start_proving();
    let object = world.asking("acme", "example.com").await;
    let record = world.until_challenged(&object).await;
    operator.stop().await;
    let _operator = keyed(&world, 8, Some(7));
    world.until("it is told the new one", || world.challenge(&object).unwrap().value != record.value).await;
    world.publish("example.com");
    world.set_text(&record.name, &record.value);
    world.until_ready(&object).await;
    assert_eq!(world.challenge(&object).unwrap().value, record.value, "what stands in DNS may stay");
}

#[tokio::test(start_paused = true)]
async fn lost_keys_cost_nobody_a_domain() {
    let world = World::new();
    let operator = world.start_proving();
    let object = world.proven("acme", "example.com").await;
    let (record, claim) = (world.challenge(&object).unwrap(), world.claim("example.com").unwrap());
    operator.stop().await;
    let _operator = keyed(&world, 9, None);
    world.pass(30 * DAY).await;
    assert!(world.is_saying(&object, &["Owned True Held", "Ready True Ready"]));
    assert_eq!((world.challenge(&object).unwrap(), world.claim("example.com").unwrap()), (record.clone(), claim));

    world.unprove(&object);
    world.until_lost(&object).await;
    world.set_text(&record.name, &record.value);
    world.until_says(&object, &["Owned True Held"]).await;
    world.delete(&object);
    world.pass(DAY / 200).await;
    world.apply(&object, "example.com");
    world.until_says(&object, &["Owned True Held"]).await;
}

#[tokio::test(start_paused = true)]
async fn with_lost_keys_who_has_yet_to_prove_is_told_a_new_record() {
    let world = World::new();
    let operator = world.start_proving();
    let object = world.asking("acme", "example.com").await;
    let old = world.until_challenged(&object).await;
    operator.stop().await;
    let _operator = keyed(&world, 9, None);
    world.until("it is told the new one", || world.challenge(&object).unwrap().value != old.value).await;
    world.set_text(&old.name, &old.value);
    world.stays(&object, &["Owned False ChallengeMissing"]).await;
    world.publish("example.com");
    world.prove(&object).await;
    world.until_ready(&object).await;
}
