//! The keys of the challenges: rotated, and lost.

use sender_operator::model::challenge::ChallengeKeys;

use crate::{
    setup::{ACME, DOMAIN, proven, unproven},
    simulation::{DAY, MINUTE, Operator, Simulation},
};

/// An operator with these keys; the key of other tests is 7.
fn keyed(sim: &Simulation, current: u8, previous: Option<u8>) -> Operator {
    let keys = ChallengeKeys { current: [current; 32], previous: previous.map(|key| [key; 32]) };
    sim.start_proving_with(|config| config.keys = keys)
}

#[tokio::test(start_paused = true)]
async fn a_record_not_yet_seen_is_valid_after_a_rotation_and_not_after_a_loss() {
    for rotated in [true, false] {
        let (sim, operator) = unproven().await;
        let record = sim.challenge(ACME).unwrap();
        operator.stop().await;
        let _operator = keyed(&sim, 8, rotated.then_some(7));
        sim.until("its status has the new record", || sim.challenge(ACME).unwrap().value != record.value).await;
        sim.publish(DOMAIN);
        sim.set_text(&record.name, &record.value);
        if rotated {
            sim.until_ready(ACME).await;
            assert_eq!(sim.challenge(ACME).unwrap().value, record.value, "the record in DNS remains valid");
        } else {
            sim.stays(ACME, &["Owned False ChallengeMissing"]).await;
            sim.prove(ACME).await;
            sim.until_ready(ACME).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn lost_keys_cost_nobody_a_domain() {
    let (sim, operator) = proven().await;
    let (record, claim) = (sim.challenge(ACME).unwrap(), sim.claim(DOMAIN).unwrap());
    operator.stop().await;
    let _operator = keyed(&sim, 9, None);
    sim.advance(8 * DAY).await;
    assert!(sim.is_saying(ACME, &["Owned True Held", "Ready True Ready"]));
    assert_eq!((sim.challenge(ACME).unwrap(), sim.claim(DOMAIN).unwrap()), (record.clone(), claim));

    sim.unprove(ACME);
    sim.until_lost(ACME).await;
    sim.set_text(&record.name, &record.value);
    sim.until_says(ACME, &["Owned True Held"]).await;
    sim.delete(ACME);
    sim.advance(7 * MINUTE).await;
    sim.apply(ACME, DOMAIN);
    sim.until_says(ACME, &["Owned True Held"]).await;
}
