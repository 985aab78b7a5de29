//! A holder whose proof is gone, and another tenant that proves the domain.

use sender_operator::{
    api::{domain::RecordState, reasons::EventReason},
    model::records::Requirement,
    ses::{SesError, SetUp},
};

use crate::{
    setup::{ACME, DOMAIN, RIVAL, proven, set_up_by_others},
    world::{DAY, HOUR, How, MINUTE, Operator, SesCall, World},
};

const DISPLACED: &[&str] = &["Owned False Displaced", "Ready False Displaced", "Stalled True Displaced"];

fn is_rivals(world: &World) -> bool {
    world.owner(DOMAIN).as_deref() == Some("tenant/rival")
}

/// Acme's proof is gone, and rival asks.
async fn contended() -> (World, Operator) {
    let (world, operator) = proven().await;
    world.asking("rival", DOMAIN).await;
    world.until_says(RIVAL, &["Stalled True OwnedByAnotherTenant"]).await;
    assert_eq!(world.challenge_is(RIVAL), Some(Requirement::Advised));
    world.unprove(ACME);
    world.until_lost(ACME).await;
    (world, operator)
}

async fn until_displaced(world: &World) {
    world.prove(RIVAL).await;
    world.until_within(9 * DAY, "the domain changes hands", || is_rivals(world)).await;
}

#[tokio::test(start_paused = true)]
async fn after_the_grace_another_tenant_that_proves_the_domain_has_it() {
    let (world, _operator) = contended().await;
    let lost = world.age();
    let before = world.claim(DOMAIN).unwrap();
    world.prove(RIVAL).await;
    world.pass(6 * DAY + 23 * HOUR).await;
    assert!(world.is_saying(ACME, &["Owned True ProofLost", "Ready True Ready"]));
    assert!(world.is_saying(RIVAL, &["Stalled True OwnedByAnotherTenant"]));

    world.until_within(2 * HOUR, "it changes hands", || is_rivals(&world)).await;
    assert!(world.since(lost) + MINUTE >= 7 * DAY, "{:?}", world.since(lost));
    world.until_says(ACME, DISPLACED).await;
    let record = world.challenge(ACME).unwrap();
    assert_eq!((record.requirement, record.state), (Requirement::Advised, RecordState::Mismatch));
    let old = format!("token={}", before.proof.unwrap().challenge.unwrap());
    assert_ne!(record.value, old, "a new tenure, a new record");
    assert!(world.status(ACME).identity.is_none() && world.status(ACME).dns_records.len() == 1);

    world.until_ready(RIVAL).await;
    let after = world.claim(DOMAIN).unwrap();
    assert_ne!(after.holding, before.holding);
    assert_eq!(after.history.former_tenants.iter().map(|former| former.tenure).collect::<Vec<_>>(), [1]);
    assert!(after.identity.verified_time.unwrap() >= after.proof.unwrap().proven_time);
    for object in [ACME, RIVAL] {
        world.until("it is told", || world.events_of(object).contains(&EventReason::Displaced)).await;
    }
    assert_eq!(world.ses_writes(DOMAIN), [SesCall::Create], "there was nothing to remove");
}

#[tokio::test(start_paused = true)]
async fn within_the_grace_a_proof_that_is_back_ends_the_loss() {
    let (world, operator) = contended().await;
    world.prove(RIVAL).await;
    world.pass(6 * DAY).await;
    // It is looked for once more when the grace ends, also after a time in which nobody looked.
    operator.stop().await;
    world.prove(ACME).await;
    world.pass(DAY + HOUR).await;
    let _operator = world.start_proving();
    world.until_says(ACME, &["Owned True Held"]).await;
    world.pass(8 * DAY).await;
    assert!(world.is_saying(ACME, &["Owned True Held", "Ready True Ready"]));
    assert!(world.told(EventReason::Displaced).is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_heir_is_ready_only_after_everything_of_the_former_holder_is_gone() {
    let (world, _operator) = contended().await;
    set_up_by_others(&world);
    world.addresses_at_ses(&["sales@example.com", "x@sub.example.com", "x@other.example"]);
    for call in [SesCall::Disassociate, SesCall::DeletePolicy, SesCall::ClearMailFrom, SesCall::ClearConfigurationSet] {
        world.fail_ses(call, How::Refused, &SesError::Busy, usize::MAX);
    }
    until_displaced(&world).await;
    world.until_says(RIVAL, &["Owned True Held", "Ready False HandOver", "Reconciling True HandOver"]).await;
    world.never_within(DAY, "Ready before its time", || world.is_saying(RIVAL, &["Ready True Ready"])).await;

    world.heal();
    world.until_ready(RIVAL).await;
    let identity = world.identity(DOMAIN).unwrap();
    assert!(identity.associations.is_empty() && identity.set_up == SetUp::default());
    world.until("it is told", || world.events_of(RIVAL).contains(&EventReason::HandedOver)).await;
    world.until("it is told", || world.told(EventReason::AddressIdentities).len() == 1).await;
    let note = world.told(EventReason::AddressIdentities)[0].note.clone();
    assert!(note.contains("identities of single addresses") && note.contains("sales@example.com"), "{note}");
    assert!(!world.claim(DOMAIN).unwrap().identity.hand_over);
    world.pass(DAY).await;
    assert_eq!(world.told(EventReason::AddressIdentities).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_was_displaced_gets_the_domain_back_by_a_new_record_and_never_by_the_old_one() {
    let (world, _operator) = contended().await;
    let old = world.challenge(ACME).unwrap();
    until_displaced(&world).await;
    world.set_text(&old.name, &old.value);
    world.unprove(RIVAL);
    world.until_lost(RIVAL).await;
    world.pass(8 * DAY).await;
    assert!(world.is_saying(ACME, DISPLACED) && is_rivals(&world), "{:?}", world.says(ACME));
    world.prove(ACME).await;
    world.until_ready(ACME).await;
    world.until_says(RIVAL, DISPLACED).await;
    let history = world.claim(DOMAIN).unwrap().history.former_tenants;
    assert!(history.iter().all(|former| former.tenure == 1) && history.len() == 2, "{history:?}");
}

#[tokio::test(start_paused = true)]
async fn a_suspended_holder_is_displaced_too_and_a_suspended_asker_gains_nothing() {
    let (world, _operator) = contended().await;
    world.edit(ACME, |spec| spec.suspend = Some(true));
    world.edit(RIVAL, |spec| spec.suspend = Some(true));
    world.prove(RIVAL).await;
    world.pass(8 * DAY).await;
    assert_eq!(world.owner(DOMAIN).unwrap(), "tenant/acme");
    world.edit(RIVAL, |spec| spec.suspend = None);
    world.until("it changes hands", || is_rivals(&world)).await;
}

#[tokio::test(start_paused = true)]
async fn domains_held_without_a_proof_get_the_usual_grace_when_proofs_are_asked_for() {
    let world = World::new();
    let operator = world.start();
    world.ready("acme", DOMAIN).await;
    world.ready("second", "example.org").await;
    operator.stop().await;
    let _operator = world.start_proving();
    world.asking("rival", DOMAIN).await;
    world.until_lost(ACME).await;
    world.until_lost("second/mail").await;
    world.prove("second/mail").await;
    world.until_says("second/mail", &["Owned True Held", "Ready True Ready"]).await;
    world.prove(RIVAL).await;
    world.pass(6 * DAY).await;
    assert!(world.is_saying(ACME, &["Owned True ProofLost", "Ready True Ready"]));
    world.until_within(2 * DAY, "it is taken", || is_rivals(&world)).await;
    world.until_says(ACME, DISPLACED).await;
    assert_eq!(world.owner("example.org").unwrap(), "tenant/second");
}
