//! Zones that the administrator's table gives to tenants: there the table alone proves.

use sender_operator::{
    api::reasons::EventReason,
    model::{claim::State, proof::ProofKind},
};

use crate::world::{DAY, HOUR, Operator, World, table};

const NOT_DELEGATED: &[&str] = &["Owned False NotDelegated", "Ready False NotDelegated", "Stalled True NotDelegated"];

fn given(world: &World, rows: &[(&str, &[&str])]) -> Operator {
    let table = table(rows);
    world.start_proving_with(|me| me.policy.delegations = table)
}

#[tokio::test(start_paused = true)]
async fn who_has_the_zone_needs_no_record_and_others_are_refused() {
    let world = World::new();
    let _operator = given(&world, &[("corp.example", &["acme"])]);
    world.publish("mail.corp.example");
    let rival = world.asking("rival", "mail.corp.example").await;
    world.until_says(&rival, NOT_DELEGATED).await;
    assert!(world.claim("mail.corp.example").is_none() && world.status(&rival).dns_records.is_empty());
    let object = world.asking("acme", "mail.corp.example").await;
    world.until_ready(&object).await;
    assert_eq!(world.challenge(&object), None);
    assert_eq!(world.claim("mail.corp.example").unwrap().proof.unwrap().kind, ProofKind::Delegation);
    world.until_says(&rival, &["Stalled True OwnedByAnotherTenant"]).await;
    world.stays(&object, &["Ready True Ready"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_record_in_dns_proves_nothing_in_a_zone_that_others_have() {
    let world = World::new();
    let operator = world.start_proving();
    let rival = world.asking("rival", "mail.corp.example").await;
    let record = world.until_challenged(&rival).await;
    operator.stop().await;
    let _operator = given(&world, &[("corp.example", &["acme"])]);
    world.set_text(&record.name, &record.value);
    world.until_says(&rival, NOT_DELEGATED).await;
    world.stays(&rival, NOT_DELEGATED).await;
}

#[tokio::test(start_paused = true)]
async fn a_row_that_is_taken_away_is_a_lost_proof() {
    let world = World::new();
    let operator = given(&world, &[("corp.example", &["acme"])]);
    world.publish("corp.example");
    let object = world.asking("acme", "corp.example").await;
    world.until_ready(&object).await;
    operator.stop().await;
    let operator = given(&world, &[("corp.example", &["rival"])]);
    let rival = world.asking("rival", "corp.example").await;
    world.until_lost(&object).await;
    assert!(world.message(&object, "Owned").contains("Ask your administrator"), "{}", world.message(&object, "Owned"));
    world.until("it is told", || world.events_of(&object).contains(&EventReason::ProofLost)).await;
    world.pass(6 * DAY).await;
    assert!(world.is_saying(&object, &["Ready True Ready"]));
    let taken = || world.owner("corp.example").as_deref() == Some("tenant/rival");
    world.until_within(2 * DAY, "it changes hands", taken).await;
    world.until_says(&object, &["Stalled True Displaced"]).await;
    world.until_ready(&rival).await;
    operator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_row_that_is_taken_away_leaves_a_record_to_prove_by() {
    let world = World::new();
    let operator = given(&world, &[("corp.example", &["acme"])]);
    world.publish("corp.example");
    let object = world.asking("acme", "corp.example").await;
    world.until_ready(&object).await;
    operator.stop().await;
    let _operator = world.start_proving();
    world.until_lost(&object).await;
    world.prove(&object).await;
    world.until_says(&object, &["Owned True Held", "Ready True Ready"]).await;
    assert_eq!(world.claim("corp.example").unwrap().proof.unwrap().kind, ProofKind::DnsChallenge);
}

#[tokio::test(start_paused = true)]
async fn a_zone_that_is_given_to_a_holder_needs_its_record_no_more() {
    let world = World::new();
    let operator = world.start_proving();
    let object = world.proven("acme", "corp.example").await;
    world.unprove(&object);
    world.until_lost(&object).await;
    operator.stop().await;
    let _operator = given(&world, &[("corp.example", &["acme"])]);
    world.until_says(&object, &["Owned True Held"]).await;
    assert_eq!(world.claim("corp.example").unwrap().proof.unwrap().kind, ProofKind::Delegation);
}

#[tokio::test(start_paused = true)]
async fn a_zone_that_others_are_given_takes_nobodys_domain_before_the_grace() {
    let world = World::new();
    let operator = world.start_proving();
    let object = world.proven("rival", "mail.corp.example").await;
    operator.stop().await;
    let _operator = given(&world, &[("corp.example", &["acme"])]);
    world.asking("acme", "mail.corp.example").await;
    world.until_lost(&object).await;
    world.pass(6 * DAY).await;
    assert!(world.is_saying(&object, &["Ready True Ready"]));
    world.until_within(2 * DAY, "it is taken", || world.owner("mail.corp.example").unwrap() == "tenant/acme").await;
}

#[tokio::test(start_paused = true)]
async fn a_zone_that_nobody_is_given_is_closed() {
    let world = World::new();
    let _operator = given(&world, &[("corp.example", &["acme"]), ("closed.corp.example", &[])]);
    let object = world.asking("acme", "mail.closed.corp.example").await;
    world.until_says(&object, NOT_DELEGATED).await;
    world.pass(HOUR).await;
    assert_eq!(world.state("mail.closed.corp.example"), None::<State>);
    assert!(world.journal().is_empty());
}
