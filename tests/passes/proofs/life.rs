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

use crate::world::{DAY, HOUR, MINUTE, SesCall, World};

const PROVEN: &[&str] = &["Owned True Held", "Ready True Ready"];

#[tokio::test(start_paused = true)]
async fn all_records_are_told_in_one_paste_and_nobody_owns_the_domain_before_the_proof() {
    let world = World::new();
    let _operator = world.start_proving();
    let object = world.asking("acme", "example.com").await;
    world.until("all records are listed", || world.records(&object) == ["Missing"; 4]).await;
    let records = world.status(&object).dns_records;
    let purposes: Vec<Purpose> = records.iter().map(|record| record.purpose).collect();
    assert_eq!(purposes, [Purpose::Ownership, Purpose::Dkim, Purpose::Dkim, Purpose::Dkim]);
    assert!(records.iter().all(|record| record.requirement == Requirement::Required));
    assert!(records[0].name == "_sender-operator-challenge.example.com" && records[0].value.starts_with("token="));
    let expected =
        ["Owned False ChallengeMissing", "Ready False ChallengeMissing", "Reconciling True ChallengeMissing"];
    world.until_says(&object, &expected).await;
    let claim = world.claim("example.com").unwrap();
    assert_eq!((claim.state, claim.tenant, claim.holder), (State::Provisional, None, None));
    assert_eq!(claim.sponsor.unwrap().to_string(), "tenant/acme");

    world.publish("example.com");
    world.stays(&object, &expected).await;
    assert_eq!(world.state("example.com"), Some(State::Provisional), "DKIM records prove nothing about a tenant");
    assert_eq!(world.ses_writes("example.com"), [SesCall::Create]);

    world.set_text(&records[0].name, &records[0].value);
    world.until_ready(&object).await;
    assert_eq!(world.records(&object), ["Found"; 4]);
    let claim = world.claim("example.com").unwrap();
    assert_eq!((claim.state, claim.tenant.unwrap().to_string()), (State::Held, "tenant/acme".to_owned()));
    let proof = claim.proof.unwrap();
    assert_eq!((proof.kind, proof.lost_time), (ProofKind::DnsChallenge, None));
    assert_eq!(format!("token={}", proof.challenge.unwrap()), records[0].value);
    assert!(claim.identity.verified_time.unwrap() >= proof.proven_time);
    assert_eq!(world.ses_writes("example.com"), [SesCall::Create]);
    let events = [EventReason::Claimed, EventReason::BecameReady];
    world.until("the events are told", || world.events_of(&object) == events).await;
}

#[tokio::test(start_paused = true)]
async fn a_record_that_stands_from_the_start_is_held_at_once() {
    let world = World::new();
    let operator = world.start_proving();
    let object = world.asking("acme", "example.com").await;
    let record = world.until_challenged(&object).await;
    operator.stop().await;
    world.remove_claim("default.example.com");
    world.delete(&object);
    let _operator = world.start_proving();
    world.set_text(&record.name, "something else");
    world.set_text(&record.name, &record.value);
    world.apply(&object, "example.com");
    world.until_says_within(MINUTE, &object, &["Owned True Held"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_record_with_another_value_is_shown_as_it_is_seen() {
    let world = World::new();
    let _operator = world.start_proving();
    let object = world.asking("acme", "example.com").await;
    let record = world.until_challenged(&object).await;
    world.set_text(&record.name, "token=wrong");
    world.until("it is shown", || world.challenge(&object).unwrap().state == RecordState::Mismatch).await;
    assert_eq!(world.challenge(&object).unwrap().observed.unwrap(), "token=wrong");
    assert!(world.is_saying(&object, &["Owned False ChallengeMissing"]));
}

#[tokio::test(start_paused = true)]
async fn a_lost_proof_is_told_and_takes_nothing_away_as_long_as_nobody_else_proves_the_domain() {
    let world = World::new();
    let _operator = world.start_proving();
    let object = world.proven("acme", "example.com").await;
    let record = world.unprove(&object);
    world.until_lost(&object).await;
    assert!(world.is_saying(&object, &["Ready True Ready"]));
    let lost = world.claim("example.com").unwrap().proof.unwrap().lost_time.unwrap();
    world.until("it is told", || world.events_of(&object).contains(&EventReason::ProofLost)).await;
    world.pass(30 * DAY).await;
    assert!(world.is_saying(&object, &["Owned True ProofLost", "Ready True Ready"]));
    assert_eq!(world.claim("example.com").unwrap().proof.unwrap().lost_time, Some(lost), "the first absence counts");

    let before = world.claim("example.com").unwrap();
    world.set_text(&record.name, &record.value);
    world.until_says(&object, PROVEN).await;
    world.until("it is told", || world.events_of(&object).last() == Some(&EventReason::ProofSeen)).await;
    let after = world.claim("example.com").unwrap();
    assert_eq!((after.proof.unwrap().lost_time, after.holding), (None, before.holding));
    assert_eq!(world.told(EventReason::ProofLost).len(), 1);
    assert_eq!(world.ses_writes("example.com"), [SesCall::Create]);
}

#[tokio::test(start_paused = true)]
async fn a_resolver_that_gives_no_answer_loses_nobody_a_proof() {
    for doubt in [Doubt::Timeout, Doubt::ServerFailure, Doubt::Disagreement] {
        let world = World::new();
        let _operator = world.start_proving();
        let object = world.proven("acme", "example.com").await;
        let before = world.claim("example.com").unwrap();
        world.dns_unknown("_sender-operator-challenge.example.com", doubt);
        world.unprove(&object);
        world.pass(30 * DAY).await;
        assert!(world.is_saying(&object, PROVEN), "{:?}", world.says(&object));
        assert_eq!(world.claim("example.com").unwrap(), before);
        world.heal();
        world.until_lost(&object).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_resolver_that_gives_no_answer_proves_nothing_and_says_so() {
    let world = World::new();
    let _operator = world.start_proving();
    world.dns_unknown("_sender-operator-challenge.example.com", Doubt::ServerFailure);
    let object = world.asking("acme", "example.com").await;
    world.prove(&object).await;
    world.until_says(&object, &["Owned False ChallengeUnknown", "Reconciling True ChallengeUnknown"]).await;
    world.pass(HOUR).await;
    assert_eq!(world.state("example.com"), Some(State::Provisional));
    world.heal();
    world.publish("example.com");
    world.until_ready(&object).await;
}

#[tokio::test(start_paused = true)]
async fn time_in_which_the_operator_was_down_is_no_loss() {
    let world = World::new();
    let operator = world.start_proving();
    let object = world.proven("acme", "example.com").await;
    let rival = world.asking("rival", "example.com").await;
    operator.stop().await;
    world.unprove(&object);
    world.prove(&rival).await;
    world.pass(30 * DAY).await;
    let _operator = world.start_proving();
    world.until_lost(&object).await;
    world.pass(6 * DAY).await;
    assert_eq!(world.owner("example.com").unwrap(), "tenant/acme", "the grace begins when the absence is seen");
    world.until_within(2 * DAY, "it is over", || world.owner("example.com").unwrap() == "tenant/rival").await;
}

#[tokio::test(start_paused = true)]
async fn a_public_suffix_is_never_claimed_and_has_no_record() {
    let world = World::new();
    let _operator = world.start_proving();
    let object = world.asking("acme", "co.uk").await;
    world.until_says(&object, &["Owned False PublicSuffix", "Stalled True PublicSuffix"]).await;
    world.pass(HOUR).await;
    assert!(world.claim("co.uk").is_none() && world.status(&object).dns_records.is_empty());
    assert!(world.journal().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_proven_domain_at_rest_costs_no_writes_and_few_questions() {
    let world = World::new();
    let _operator = world.start_proving();
    let object = world.proven("acme", "example.com").await;
    world.pass(HOUR).await;
    let (writes, questions) = (world.all_writes(), world.dns_questions());
    world.pass(DAY).await;
    assert_eq!(world.all_writes(), writes);
    let asked = world.dns_questions() - questions;
    assert!(asked <= 400, "{asked} questions a day");
    assert!(world.is_saying(&object, PROVEN));
}
