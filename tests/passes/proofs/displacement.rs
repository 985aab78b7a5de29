//! A holder whose proof is gone, and another tenant that proves the domain.

use sender_operator::{
    api::{domain::RecordState, reasons::EventReason},
    model::{claim::State, records::Requirement},
    ses::SesError,
};

use crate::world::{DAY, HOUR, How, MINUTE, Operator, SesCall, World};

const DISPLACED: &[&str] = &["Owned False Displaced", "Ready False Displaced", "Stalled True Displaced"];

/// A world in which acme's proof is gone and rival's stands.
async fn contended() -> (World, Operator) {
    let world = World::new();
    let operator = world.start_proving();
    world.proven("acme", "example.com").await;
    world.asking("rival", "example.com").await;
    world.until_says("rival/mail", &["Stalled True OwnedByAnotherTenant"]).await;
    assert_eq!(world.challenge_is("rival/mail"), Some(Requirement::Advised));
    world.unprove("acme/mail");
    world.until_lost("acme/mail").await;
    (world, operator)
}

async fn until_displaced(world: &World) {
    world.prove("rival/mail").await;
    let taken = || world.owner("example.com").as_deref() == Some("tenant/rival");
    world.until_within(9 * DAY, "the domain changes hands", taken).await;
}

#[tokio::test(start_paused = true)]
async fn after_the_grace_another_tenant_that_proves_the_domain_has_it() {
    let (world, _operator) = contended().await;
    let lost = world.age();
    let before = world.claim("example.com").unwrap();
    world.prove("rival/mail").await;
    world.pass(6 * DAY + 23 * HOUR).await;
    assert!(world.is_saying("acme/mail", &["Owned True ProofLost", "Ready True Ready"]));
    assert!(world.is_saying("rival/mail", &["Stalled True OwnedByAnotherTenant"]));

    world.until_within(2 * HOUR, "it changes hands", || world.owner("example.com").unwrap() == "tenant/rival").await;
    assert!(world.since(lost) + MINUTE >= 7 * DAY, "{:?}", world.since(lost));
    world.until_says("acme/mail", DISPLACED).await;
    let record = world.challenge("acme/mail").unwrap();
    assert_eq!((record.requirement, record.state), (Requirement::Advised, RecordState::Mismatch));
    assert_ne!(
        record.value,
        format!("token={}", before.proof.unwrap().challenge.unwrap()),
        "a new tenure, a new record"
    );
    assert!(world.status("acme/mail").identity.is_none() && world.status("acme/mail").dns_records.len() == 1);

    world.until_ready("rival/mail").await;
    let after = world.claim("example.com").unwrap();
    assert_ne!(after.holding, before.holding);
    assert_eq!(after.history.former_tenants.len(), 1);
    assert_eq!(after.history.former_tenants[0].tenure, 1);
    assert!(after.identity.verified_time.unwrap() >= after.proof.unwrap().proven_time);
    for object in ["acme/mail", "rival/mail"] {
        world.until("it is told", || world.events_of(object).contains(&EventReason::Displaced)).await;
    }
    assert_eq!(world.ses_writes("example.com"), [SesCall::Create], "there was nothing to remove");
}

#[tokio::test(start_paused = true)]
async fn within_the_grace_a_proof_that_is_back_ends_the_loss() {
    let (world, _operator) = contended().await;
    world.prove("rival/mail").await;
    world.pass(6 * DAY).await;
    world.prove("acme/mail").await;
    world.until_says("acme/mail", &["Owned True Held"]).await;
    world.pass(30 * DAY).await;
    assert!(world.is_saying("acme/mail", &["Owned True Held", "Ready True Ready"]));
    assert!(world.told(EventReason::Displaced).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_proof_that_is_back_when_the_grace_ends_is_looked_for_once_more() {
    let (world, operator) = contended().await;
    world.prove("rival/mail").await;
    world.pass(6 * DAY).await;
    operator.stop().await;
    world.prove("acme/mail").await;
    world.pass(DAY + HOUR).await;
    let _operator = world.start_proving();
    world.until_says("acme/mail", &["Owned True Held"]).await;
    assert_eq!(world.owner("example.com").unwrap(), "tenant/acme");
}

#[tokio::test(start_paused = true)]
async fn the_heir_is_ready_only_after_everything_of_the_former_holder_is_gone() {
    let (world, _operator) = contended().await;
    world.at_ses("example.com", |identity| {
        identity.associations = ["one", "two", "three"].map(str::to_owned).to_vec();
        identity.set_up.policies = vec!["p1".into(), "p2".into()];
        identity.set_up.mail_from = Some("bounce.example.com".into());
        identity.set_up.configuration_set = Some("set".into());
    });
    world.addresses_at_ses(&["sales@example.com", "x@sub.example.com", "x@other.example"]);
    for call in [SesCall::Disassociate, SesCall::DeletePolicy, SesCall::ClearMailFrom, SesCall::ClearConfigurationSet] {
        world.fail_ses(call, How::Refused, &SesError::Busy, usize::MAX);
    }
    until_displaced(&world).await;
    world.until_says("rival/mail", &["Owned True Held", "Ready False HandOver", "Reconciling True HandOver"]).await;
    world.never_within(DAY, "Ready before its time", || world.is_saying("rival/mail", &["Ready True Ready"])).await;

    world.heal();
    world.until_ready("rival/mail").await;
    let identity = world.identity("example.com").unwrap();
    assert!(identity.associations.is_empty() && identity.set_up == sender_operator::ses::SetUp::default());
    world.until("it is told", || world.events_of("rival/mail").contains(&EventReason::HandedOver)).await;
    world.until("it is told", || world.told(EventReason::AddressIdentities).len() == 1).await;
    let note = world.told(EventReason::AddressIdentities)[0].note.clone();
    assert!(note.contains("2 identities of addresses") && note.contains("sales@example.com"), "{note}");
    assert!(!world.claim("example.com").unwrap().identity.hand_over);
    world.pass(DAY).await;
    assert_eq!(world.told(EventReason::AddressIdentities).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_hand_over_goes_on_in_the_next_process() {
    let (world, operator) = contended().await;
    world.at_ses("example.com", |identity| identity.associations = vec!["one".into()]);
    world.fail_ses(SesCall::Disassociate, How::Refused, &SesError::Busy, usize::MAX);
    until_displaced(&world).await;
    drop(operator);
    world.heal();
    let _operator = world.start_proving();
    world.until_ready("rival/mail").await;
    assert!(world.identity("example.com").unwrap().associations.is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_heirs_deletion_policy_applies() {
    use sender_operator::api::domain::DeletionPolicy;
    let (world, _operator) = contended().await;
    world.edit("acme/mail", |spec| spec.deletion_policy = Some(DeletionPolicy::Retain));
    until_displaced(&world).await;
    world.until_ready("rival/mail").await;
    world.delete("acme/mail");
    world.delete("rival/mail");
    world.until_state("example.com", State::Released).await;
    assert!(world.identity("example.com").is_none());
}

#[tokio::test(start_paused = true)]
async fn who_was_displaced_gets_the_domain_back_by_a_new_record_and_never_by_the_old_one() {
    let (world, _operator) = contended().await;
    let old = world.challenge("acme/mail").unwrap();
    until_displaced(&world).await;
    world.set_text(&old.name, &old.value);
    world.unprove("rival/mail");
    world.until_lost("rival/mail").await;
    world.pass(20 * DAY).await;
    assert!(world.is_saying("acme/mail", DISPLACED), "{:?}", world.says("acme/mail"));
    assert_eq!(world.owner("example.com").unwrap(), "tenant/rival");
    world.prove("acme/mail").await;
    world.until_ready("acme/mail").await;
    world.until_says("rival/mail", DISPLACED).await;
    let history = world.claim("example.com").unwrap().history.former_tenants;
    assert!(history.iter().all(|former| former.tenure == 1) && history.len() == 2, "{history:?}");
}

#[tokio::test(start_paused = true)]
async fn a_suspended_holder_is_displaced_too_and_a_suspended_asker_gains_nothing() {
    let (world, _operator) = contended().await;
    world.edit("acme/mail", |spec| spec.suspend = Some(true));
    world.edit("rival/mail", |spec| spec.suspend = Some(true));
    world.prove("rival/mail").await;
    world.pass(20 * DAY).await;
    assert_eq!(world.owner("example.com").unwrap(), "tenant/acme");
    world.edit("rival/mail", |spec| spec.suspend = None);
    world.until("it changes hands", || world.owner("example.com").unwrap() == "tenant/rival").await;
}

#[tokio::test(start_paused = true)]
async fn domains_held_without_a_proof_get_the_usual_grace_when_proofs_are_asked_for() {
    let world = World::new();
    let operator = world.start();
    world.ready("acme", "example.com").await;
    world.ready("second", "example.org").await;
    operator.stop().await;
    let _operator = world.start_proving();
    world.asking("rival", "example.com").await;
    world.until_lost("acme/mail").await;
    world.until_lost("second/mail").await;
    world.prove("second/mail").await;
    world.until_says("second/mail", &["Owned True Held", "Ready True Ready"]).await;
    world.prove("rival/mail").await;
    world.pass(6 * DAY).await;
    assert!(world.is_saying("acme/mail", &["Owned True ProofLost", "Ready True Ready"]));
    world.until_within(2 * DAY, "it is taken", || world.owner("example.com").unwrap() == "tenant/rival").await;
    world.until_says("acme/mail", DISPLACED).await;
    assert_eq!(world.owner("example.org").unwrap(), "tenant/second");
}
