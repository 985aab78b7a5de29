//! Zones that the administrator's table gives to tenants: there the table alone proves.

use sender_operator::{api::reasons::EventReason, model::proof::ProofKind};

use crate::{
    setup::{ACME, RIVAL},
    world::{DAY, Operator, World, table},
};

const ZONE: &str = "corp.example";
const MAIL: &str = "mail.corp.example";
const NOT_DELEGATED: &[&str] = &["Owned False NotDelegated", "Ready False NotDelegated", "Stalled True NotDelegated"];

fn given_to(world: &World, tenants: &[&str]) -> Operator {
    let table = table(&[(ZONE, tenants), ("closed.corp.example", &[])]);
    world.start_proving_with(|me| me.policy.delegations = table)
}

fn kind(world: &World, domain: &str) -> ProofKind {
    world.claim(domain).unwrap().proof.unwrap().kind
}

/// Acme has the zone, and its domain is Ready; then another table counts from the next start on.
async fn held_by_delegation() -> World {
    let world = World::new();
    let operator = given_to(&world, &["acme"]);
    world.publish(ZONE);
    world.asking("acme", ZONE).await;
    world.until_ready(ACME).await;
    operator.stop().await;
    world
}

#[tokio::test(start_paused = true)]
async fn who_has_the_zone_needs_no_record_and_others_are_refused() {
    let world = World::new();
    let _operator = given_to(&world, &["acme"]);
    world.publish(MAIL);
    world.asking("rival", MAIL).await;
    world.until_says(RIVAL, NOT_DELEGATED).await;
    assert!(world.claim(MAIL).is_none() && world.status(RIVAL).dns_records.is_empty());
    world.asking("acme", MAIL).await;
    world.until_ready(ACME).await;
    assert_eq!((world.challenge(ACME), kind(&world, MAIL)), (None, ProofKind::Delegation));
    world.until_says(RIVAL, &["Stalled True OwnedByAnotherTenant"]).await;
    world.stays(ACME, &["Ready True Ready"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_record_in_dns_proves_nothing_in_a_zone_that_others_have() {
    let world = World::new();
    let operator = world.start_proving();
    world.asking("rival", MAIL).await;
    let record = world.until_challenged(RIVAL).await;
    operator.stop().await;
    let _operator = given_to(&world, &["acme"]);
    world.set_text(&record.name, &record.value);
    world.until_says(RIVAL, NOT_DELEGATED).await;
    world.stays(RIVAL, NOT_DELEGATED).await;
}

#[tokio::test(start_paused = true)]
async fn a_row_that_is_taken_away_is_a_lost_proof() {
    let world = held_by_delegation().await;
    let _operator = given_to(&world, &["rival"]);
    world.asking("rival", ZONE).await;
    world.until_lost(ACME).await;
    assert!(world.message(ACME, "Owned").contains("Ask your administrator"), "{}", world.message(ACME, "Owned"));
    world.until("it is told", || world.events_of(ACME).contains(&EventReason::ProofLost)).await;
    world.pass(6 * DAY).await;
    assert!(world.is_saying(ACME, &["Ready True Ready"]));
    let taken = || world.owner(ZONE).as_deref() == Some("tenant/rival");
    world.until_within(2 * DAY, "it changes hands", taken).await;
    world.until_says(ACME, &["Stalled True Displaced"]).await;
    world.until_ready(RIVAL).await;
}

#[tokio::test(start_paused = true)]
async fn a_row_that_is_taken_away_leaves_a_record_to_prove_by() {
    let world = held_by_delegation().await;
    let operator = world.start_proving();
    world.until_lost(ACME).await;
    world.prove(ACME).await;
    world.until_says(ACME, &["Owned True Held", "Ready True Ready"]).await;
    assert_eq!(kind(&world, ZONE), ProofKind::DnsChallenge);
    // And a zone that is given to its holder needs the record no more.
    world.unprove(ACME);
    world.until_lost(ACME).await;
    operator.stop().await;
    let _operator = given_to(&world, &["acme"]);
    world.until_says(ACME, &["Owned True Held"]).await;
    assert_eq!(kind(&world, ZONE), ProofKind::Delegation);
}

#[tokio::test(start_paused = true)]
async fn a_zone_that_others_are_given_takes_nobodys_domain_before_the_grace() {
    let world = World::new();
    let operator = world.start_proving();
    world.proven("rival", MAIL).await;
    operator.stop().await;
    let _operator = given_to(&world, &["acme"]);
    world.asking("acme", MAIL).await;
    world.until_lost(RIVAL).await;
    world.pass(6 * DAY).await;
    assert!(world.is_saying(RIVAL, &["Ready True Ready"]));
    world.until_within(2 * DAY, "it is taken", || world.owner(MAIL).unwrap() == "tenant/acme").await;
}
