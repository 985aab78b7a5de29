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
    world::{DAY, HOUR, SesCall, World},
};

const PROVEN: &[&str] = &["Owned True Held", "Ready True Ready"];
const CHALLENGE: &str = "_sender-operator-challenge.example.com";

#[tokio::test(start_paused = true)]
async fn all_records_are_told_in_one_paste_and_nobody_owns_the_domain_before_the_proof() {
    let (world, _operator) = unproven().await;
    let records = world.status(ACME).dns_records;
    let purposes: Vec<Purpose> = records.iter().map(|record| record.purpose).collect();
    assert_eq!(purposes, [Purpose::Ownership, Purpose::Dkim, Purpose::Dkim, Purpose::Dkim]);
    assert!(records.iter().all(|record| record.requirement == Requirement::Required));
    assert!(records[0].name == CHALLENGE && records[0].value.starts_with("token="));
    let expected =
        ["Owned False ChallengeMissing", "Ready False ChallengeMissing", "Reconciling True ChallengeMissing"];
    world.until_says(ACME, &expected).await;
    let claim = world.claim(DOMAIN).unwrap();
    assert_eq!((claim.state, claim.tenant, claim.holder), (State::Provisional, None, None));
    assert_eq!(claim.sponsor.unwrap().to_string(), "tenant/acme");

    world.publish(DOMAIN);
    world.set_text(CHALLENGE, "token=wrong");
    world.until("it is shown", || world.challenge(ACME).unwrap().state == RecordState::Mismatch).await;
    assert_eq!(world.challenge(ACME).unwrap().observed.unwrap(), "token=wrong");
    world.stays(ACME, &expected).await;
    assert_eq!(world.state(DOMAIN), Some(State::Provisional), "DKIM records prove nothing about a tenant");
    assert_eq!(world.ses_writes(DOMAIN), [SesCall::Create]);

    world.set_text(CHALLENGE, &records[0].value);
    world.until_ready(ACME).await;
    assert_eq!(world.records(ACME), ["Found"; 4]);
    let claim = world.claim(DOMAIN).unwrap();
    assert_eq!((claim.state, claim.tenant.unwrap().to_string()), (State::Held, "tenant/acme".to_owned()));
    let proof = claim.proof.unwrap();
    assert_eq!((proof.kind, proof.lost_time), (ProofKind::DnsChallenge, None));
    assert_eq!(format!("token={}", proof.challenge.unwrap()), records[0].value);
    assert!(claim.identity.verified_time.unwrap() >= proof.proven_time);
    assert_eq!(world.ses_writes(DOMAIN), [SesCall::Create]);
    let events = [EventReason::Claimed, EventReason::BecameReady];
    world.until("the events are told", || world.events_of(ACME) == events).await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_proof_is_told_and_takes_nothing_away_as_long_as_nobody_else_proves_the_domain() {
    let (world, _operator) = proven().await;
    world.asking("rival", DOMAIN).await;
    let proof = world.claim(DOMAIN).unwrap().proof;
    let record = world.unprove(ACME);
    for doubt in [Doubt::Timeout, Doubt::ServerFailure, Doubt::Disagreement] {
        world.heal();
        world.dns_unknown(CHALLENGE, doubt);
        world.pass(DAY).await;
        assert!(world.is_saying(ACME, PROVEN) && world.claim(DOMAIN).unwrap().proof == proof, "no answer is no loss");
    }
    world.heal();
    world.until_lost(ACME).await;
    let before = world.claim(DOMAIN).unwrap();
    world.until("it is told", || world.events_of(ACME).contains(&EventReason::ProofLost)).await;
    world.pass(8 * DAY).await;
    assert!(world.is_saying(ACME, &["Owned True ProofLost", "Ready True Ready"]));
    assert!(world.is_saying(RIVAL, &["Stalled True OwnedByAnotherTenant"]));
    assert_eq!(world.claim(DOMAIN).unwrap().proof, before.proof, "the first absence counts");

    world.set_text(&record.name, &record.value);
    world.until_says(ACME, PROVEN).await;
    world.until("it is told", || world.events_of(ACME).last() == Some(&EventReason::ProofSeen)).await;
    let after = world.claim(DOMAIN).unwrap();
    assert_eq!((after.proof.unwrap().lost_time, after.holding), (None, before.holding));
    assert_eq!(world.told(EventReason::ProofLost).len(), 1);
    assert_eq!(world.ses_writes(DOMAIN), [SesCall::Create]);
}

#[tokio::test(start_paused = true)]
async fn a_resolver_that_gives_no_answer_proves_nothing_and_says_so() {
    let world = World::new();
    let _operator = world.start_proving();
    world.dns_unknown(CHALLENGE, Doubt::ServerFailure);
    world.asking("acme", DOMAIN).await;
    world.prove(ACME).await;
    world.until_says(ACME, &["Owned False ChallengeUnknown", "Reconciling True ChallengeUnknown"]).await;
    world.pass(HOUR).await;
    assert!(world.state(DOMAIN) == Some(State::Provisional) && world.identity(DOMAIN).is_some());
    world.heal();
    world.publish(DOMAIN);
    world.until_ready(ACME).await;
}
