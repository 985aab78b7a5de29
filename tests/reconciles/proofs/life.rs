//! The ordinary life of a domain that is proven by a TXT record.

use sender_operator::{
    api::{
        domain::{Purpose, RecordState},
        reasons::EventReason,
    },
    model::{
        claim::State,
        proof::ProofKind,
        records::{Doubt, Requirement},
    },
};

use crate::{
    setup::{ACME, DOMAIN, RIVAL, proven, unproven},
    simulation::{DAY, HOUR, SesCall, Simulation},
};

const PROVEN: &[&str] = &["Owned True Held", "Ready True Ready"];
const CHALLENGE: &str = "_sender-operator-challenge.example.com";

#[tokio::test(start_paused = true)]
async fn all_records_are_listed_at_once_and_nobody_owns_the_domain_before_the_proof() {
    let (sim, _operator) = unproven().await;
    let records = sim.status(ACME).dns_records;
    let purposes: Vec<Purpose> = records.iter().map(|record| record.purpose).collect();
    assert_eq!(purposes, [Purpose::Ownership, Purpose::Dkim, Purpose::Dkim, Purpose::Dkim]);
    assert!(records.iter().all(|record| record.requirement == Requirement::Required));
    assert!(records[0].name == CHALLENGE && records[0].value.starts_with("token="));
    let expected =
        ["Owned False ChallengeMissing", "Ready False ChallengeMissing", "Reconciling True ChallengeMissing"];
    sim.until_says(ACME, &expected).await;
    let claim = sim.claim(DOMAIN).unwrap();
    assert_eq!((claim.state, claim.tenant, claim.holder), (State::Provisional, None, None));
    assert_eq!(claim.pending_tenant.unwrap().to_string(), "tenant/acme");

    sim.publish(DOMAIN);
    sim.set_text(CHALLENGE, "token=wrong");
    sim.until("it is reported", || sim.challenge(ACME).unwrap().state == RecordState::Mismatch).await;
    assert_eq!(sim.challenge(ACME).unwrap().observed.unwrap(), "token=wrong");
    sim.stays(ACME, &expected).await;
    assert_eq!(sim.state(DOMAIN), Some(State::Provisional), "DKIM records prove nothing about a tenant");
    assert_eq!(sim.ses_writes(DOMAIN), [SesCall::Create]);

    sim.set_text(CHALLENGE, &records[0].value);
    sim.until_ready(ACME).await;
    assert_eq!(sim.records(ACME), ["Found"; 4]);
    let claim = sim.claim(DOMAIN).unwrap();
    assert_eq!((claim.state, claim.tenant.unwrap().to_string()), (State::Held, "tenant/acme".to_owned()));
    let proof = claim.proof.unwrap();
    assert_eq!((proof.kind, proof.lost_time), (ProofKind::DnsChallenge, None));
    assert_eq!(format!("token={}", proof.challenge.unwrap()), records[0].value);
    assert!(claim.identity.verified_time.unwrap() >= proof.proven_time);
    assert_eq!(sim.ses_writes(DOMAIN), [SesCall::Create]);
    let events = [EventReason::Claimed, EventReason::BecameReady];
    sim.until("the events are published", || sim.events_of(ACME) == events).await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_proof_is_reported_and_has_no_effect_until_another_tenant_proves_the_domain() {
    let (sim, _operator) = proven().await;
    sim.asking("rival", DOMAIN).await;
    let proof = sim.claim(DOMAIN).unwrap().proof;
    let record = sim.unprove(ACME);
    for doubt in [Doubt::Timeout, Doubt::ServerFailure, Doubt::Disagreement] {
        sim.heal();
        sim.dns_unknown(CHALLENGE, doubt);
        sim.advance(DAY).await;
        assert!(sim.is_saying(ACME, PROVEN) && sim.claim(DOMAIN).unwrap().proof == proof, "no answer means no loss");
    }
    sim.heal();
    sim.until_lost(ACME).await;
    let before = sim.claim(DOMAIN).unwrap();
    sim.until("it is reported", || sim.events_of(ACME).contains(&EventReason::ProofLost)).await;
    sim.advance(8 * DAY).await;
    assert!(sim.is_saying(ACME, &["Owned True ProofLost", "Ready True Ready"]));
    assert!(sim.is_saying(RIVAL, &["Stalled True OwnedByAnotherTenant"]));
    assert_eq!(sim.claim(DOMAIN).unwrap().proof, before.proof, "the first absence counts");

    sim.set_text(&record.name, &record.value);
    sim.until_says(ACME, PROVEN).await;
    sim.until("it is reported", || sim.events_of(ACME).last() == Some(&EventReason::ProofSeen)).await;
    let after = sim.claim(DOMAIN).unwrap();
    assert_eq!((after.proof.unwrap().lost_time, after.tenure_id), (None, before.tenure_id));
    assert_eq!(sim.told(EventReason::ProofLost).len(), 1);
    assert_eq!(sim.ses_writes(DOMAIN), [SesCall::Create]);
}

#[tokio::test(start_paused = true)]
async fn a_resolver_without_an_answer_proves_nothing_and_is_reported() {
    let sim = Simulation::new();
    let _operator = sim.start_proving();
    sim.dns_unknown(CHALLENGE, Doubt::ServerFailure);
    sim.asking("acme", DOMAIN).await;
    sim.prove(ACME).await;
    sim.until_says(ACME, &["Owned False ChallengeUnknown", "Reconciling True ChallengeUnknown"]).await;
    sim.advance(HOUR).await;
    assert!(sim.state(DOMAIN) == Some(State::Provisional) && sim.identity(DOMAIN).is_some());
    sim.heal();
    sim.publish(DOMAIN);
    sim.until_ready(ACME).await;
}
