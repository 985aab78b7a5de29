//! The keys that records are made with: rotated, and lost.

use sender_operator::model::challenge::ChallengeKeys;

use crate::{
    setup::{ACME, DOMAIN, proven, unproven},
    world::{DAY, MINUTE, Operator, World},
};

/// An operator with these keys; the one of other tests is 7.
fn keyed(world: &World, current: u8, previous: Option<u8>) -> Operator {
    let keys = ChallengeKeys { current: [current; 32], previous: previous.map(|key| [key; 32]) };
    world.start_proving_with(|me| me.keys = keys)
}

#[tokio::test(start_paused = true)]
async fn a_record_that_is_yet_to_be_seen_proves_after_a_rotation_and_not_after_a_loss() {
    for rotated in [true, false] {
        let (world, operator) = unproven().await;
        let record = world.challenge(ACME).unwrap();
        operator.stop().await;
        let _operator = keyed(&world, 8, rotated.then_some(7));
        world.until("it is told the new one", || world.challenge(ACME).unwrap().value != record.value).await;
        world.publish(DOMAIN);
        world.set_text(&record.name, &record.value);
        if rotated {
            world.until_ready(ACME).await;
            assert_eq!(world.challenge(ACME).unwrap().value, record.value, "what stands in DNS may stay");
        } else {
            world.stays(ACME, &["Owned False ChallengeMissing"]).await;
            world.prove(ACME).await;
            world.until_ready(ACME).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn lost_keys_cost_nobody_a_domain() {
    let (world, operator) = proven().await;
    let (record, claim) = (world.challenge(ACME).unwrap(), world.claim(DOMAIN).unwrap());
    operator.stop().await;
    let _operator = keyed(&world, 9, None);
    world.pass(8 * DAY).await;
    assert!(world.is_saying(ACME, &["Owned True Held", "Ready True Ready"]));
    assert_eq!((world.challenge(ACME).unwrap(), world.claim(DOMAIN).unwrap()), (record.clone(), claim));

    world.unprove(ACME);
    world.until_lost(ACME).await;
    world.set_text(&record.name, &record.value);
    world.until_says(ACME, &["Owned True Held"]).await;
    world.delete(ACME);
    world.pass(7 * MINUTE).await;
    world.apply(ACME, DOMAIN);
    world.until_says(ACME, &["Owned True Held"]).await;
}
