//! Zones that the administrator's table delegates to tenants: only the table proves them.

use sender_operator::{api::reasons::EventReason, model::proof::ProofKind};

use crate::{
    setup::{ACME, RIVAL},
    simulation::{DAY, Operator, Simulation, table},
};

const ZONE: &str = "corp.example";
const MAIL: &str = "mail.corp.example";
const NOT_DELEGATED: &[&str] = &["Owned False NotDelegated", "Ready False NotDelegated", "Stalled True NotDelegated"];

fn given_to(sim: &Simulation, tenants: &[&str]) -> Operator {
    let table = table(&[(ZONE, tenants), ("closed.corp.example", &[])]);
    sim.start_proving_with(|config| config.policy.delegations = table)
}

fn kind(sim: &Simulation, domain: &str) -> ProofKind {
    sim.claim(domain).unwrap().proof.unwrap().kind
}

/// Acme has the zone, and its domain is Ready; then the next start uses another table.
async fn held_by_delegation() -> Simulation {
    let sim = Simulation::new();
    let operator = given_to(&sim, &["acme"]);
    sim.publish(ZONE);
    sim.asking("acme", ZONE).await;
    sim.until_ready(ACME).await;
    operator.stop().await;
    sim
}

#[tokio::test(start_paused = true)]
async fn the_tenant_of_the_zone_needs_no_record_and_others_are_refused() {
    let sim = Simulation::new();
    let _operator = given_to(&sim, &["acme"]);
    sim.publish(MAIL);
    sim.asking("rival", MAIL).await;
    sim.until_says(RIVAL, NOT_DELEGATED).await;
    assert!(sim.claim(MAIL).is_none() && sim.status(RIVAL).dns_records.is_empty());
    sim.asking("acme", MAIL).await;
    sim.until_ready(ACME).await;
    assert_eq!((sim.challenge(ACME), kind(&sim, MAIL)), (None, ProofKind::Delegation));
    sim.until_says(RIVAL, &["Stalled True OwnedByAnotherTenant"]).await;
    sim.stays(ACME, &["Ready True Ready"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_record_in_dns_proves_nothing_in_a_zone_that_others_have() {
    let sim = Simulation::new();
    let operator = sim.start_proving();
    sim.asking("rival", MAIL).await;
    let record = sim.until_challenged(RIVAL).await;
    operator.stop().await;
    let _operator = given_to(&sim, &["acme"]);
    sim.set_text(&record.name, &record.value);
    sim.until_says(RIVAL, NOT_DELEGATED).await;
    sim.stays(RIVAL, NOT_DELEGATED).await;
}

#[tokio::test(start_paused = true)]
async fn a_removed_row_is_a_lost_proof() {
    let sim = held_by_delegation().await;
    let _operator = given_to(&sim, &["rival"]);
    sim.asking("rival", ZONE).await;
    sim.until_lost(ACME).await;
    assert!(sim.message(ACME, "Owned").contains("Ask your administrator"), "{}", sim.message(ACME, "Owned"));
    sim.until("it is reported", || sim.events_of(ACME).contains(&EventReason::ProofLost)).await;
    sim.advance(6 * DAY).await;
    assert!(sim.is_saying(ACME, &["Ready True Ready"]));
    let taken = || sim.owner(ZONE).as_deref() == Some("tenant/rival");
    sim.until_within(2 * DAY, "it has a new holder", taken).await;
    sim.until_says(ACME, &["Stalled True Displaced"]).await;
    sim.until_ready(RIVAL).await;
}

#[tokio::test(start_paused = true)]
async fn a_holder_whose_row_is_removed_can_prove_by_a_record() {
    let sim = held_by_delegation().await;
    let operator = sim.start_proving();
    sim.until_lost(ACME).await;
    sim.prove(ACME).await;
    sim.until_says(ACME, &["Owned True Held", "Ready True Ready"]).await;
    assert_eq!(kind(&sim, ZONE), ProofKind::DnsChallenge);
    // A zone that is delegated to its holder no longer needs the record.
    sim.unprove(ACME);
    sim.until_lost(ACME).await;
    operator.stop().await;
    let _operator = given_to(&sim, &["acme"]);
    sim.until_says(ACME, &["Owned True Held"]).await;
    assert_eq!(kind(&sim, ZONE), ProofKind::Delegation);
}

#[tokio::test(start_paused = true)]
async fn a_zone_delegated_to_others_takes_no_domain_before_the_grace_ends() {
    let sim = Simulation::new();
    let operator = sim.start_proving();
    sim.proven("rival", MAIL).await;
    operator.stop().await;
    let _operator = given_to(&sim, &["acme"]);
    sim.asking("acme", MAIL).await;
    sim.until_lost(RIVAL).await;
    sim.advance(6 * DAY).await;
    assert!(sim.is_saying(RIVAL, &["Ready True Ready"]));
    sim.until_within(2 * DAY, "it is taken over", || sim.owner(MAIL).unwrap() == "tenant/acme").await;
}
