//! Between letting go and the end: who comes back, who takes over, and what is kept.

use sender_operator::{
    api::{domain::DeletionPolicy, reasons::EventReason},
    model::claim::State,
    ses::{ENVIRONMENT_TAG, OWNER_TAG, RETAINED_TAG, SesError},
};

use crate::world::{DAY, HOUR, How, MINUTE, Operator, SesCall, World};

/// A world in which acme has let go of example.com and rival asks for it.
async fn releasing() -> (World, Operator) {
    let world = World::new();
    let operator = world.start_proving();
    world.proven("acme", "example.com").await;
    world.asking("rival", "example.com").await;
    world.delete("acme/mail");
    world.until_state("example.com", State::Releasing).await;
    let ending = ["Owned False AnotherTenantReleasing", "Reconciling True AnotherTenantReleasing"];
    world.until_says("rival/mail", &ending).await;
    (world, operator)
}

#[tokio::test(start_paused = true)]
async fn the_same_tenant_comes_back_with_everything_kept_and_no_call() {
    let world = World::new();
    let _operator = world.start_proving();
    let object = world.proven("acme", "example.com").await;
    let (before, calls) = (world.claim("example.com").unwrap(), world.ses_writes("example.com").len());
    world.delete(&object);
    world.until_state("example.com", State::Releasing).await;
    world.pass(10 * MINUTE).await;
    world.apply(&object, "example.com");
    world.until_says_within(MINUTE, &object, &["Owned True Held", "Ready True Ready"]).await;
    let after = world.claim("example.com").unwrap();
    assert_eq!((&after.proof, &after.holding, &after.history), (&before.proof, &before.holding, &before.history));
    assert_eq!((after.identity, world.ses_writes("example.com").len()), (before.identity, calls));
}

#[tokio::test(start_paused = true)]
async fn the_same_tenant_comes_back_later_by_its_old_record() {
    let world = World::new();
    let _operator = world.start_proving();
    let object = world.proven("acme", "example.com").await;
    let record = world.challenge(&object).unwrap();
    world.delete(&object);
    world.until_state("example.com", State::Released).await;
    world.pass(60 * DAY).await;
    world.apply(&object, "example.com");
    world.until_ready(&object).await;
    assert_eq!(world.challenge(&object).unwrap().value, record.value);
}

#[tokio::test(start_paused = true)]
async fn an_unproven_domain_comes_back_unproven() {
    let world = World::new();
    let _operator = world.start_proving();
    let object = world.asking("acme", "example.com").await;
    world.until("the records are told", || world.records(&object).len() == 4).await;
    let before = world.claim("example.com").unwrap();
    world.delete(&object);
    world.until_state("example.com", State::Releasing).await;
    world.apply(&object, "example.com");
    world.until_state("example.com", State::Provisional).await;
    let after = world.claim("example.com").unwrap();
    assert_eq!((after.provisional_time, after.identity), (before.provisional_time, before.identity));
    assert_eq!(world.ses_writes("example.com"), [SesCall::Create]);
}

#[tokio::test(start_paused = true)]
async fn another_tenant_with_a_proof_takes_over_at_once() {
    let (world, _operator) = releasing().await;
    let old = world.claim("example.com").unwrap();
    let begun = world.age();
    world.prove("rival/mail").await;
    world.until_ready("rival/mail").await;
    assert!(world.since(begun) < 5 * MINUTE, "{:?}", world.since(begun));
    let claim = world.claim("example.com").unwrap();
    assert_eq!(world.owner("example.com").unwrap(), "tenant/rival");
    assert_eq!(claim.history.former_tenants[0].tenure, 1, "however it was freed");
    assert_ne!(claim.holding, old.holding);
    assert_eq!(world.ses_writes("example.com"), [SesCall::Create]);
    world.pass(DAY).await;
    assert!(world.told(EventReason::Released).is_empty() && world.identity("example.com").is_some());
}

#[tokio::test(start_paused = true)]
async fn what_the_former_holder_set_up_goes_before_the_next_one_is_ready() {
    let (world, _operator) = releasing().await;
    world.at_ses("example.com", |identity| identity.associations = vec!["one".into()]);
    world.fail_ses(SesCall::Disassociate, How::Refused, &SesError::Busy, usize::MAX);
    world.prove("rival/mail").await;
    world.until_says("rival/mail", &["Owned True Held", "Ready False HandOver"]).await;
    world.heal();
    world.until_ready("rival/mail").await;
    assert!(world.identity("example.com").unwrap().associations.is_empty());
}

#[tokio::test(start_paused = true)]
async fn once_the_deletion_was_begun_even_a_proof_waits_for_its_end() {
    let (world, _operator) = releasing().await;
    world.fail_ses(SesCall::Delete, How::Refused, &SesError::Busy, usize::MAX);
    let begun = || world.claim("example.com").unwrap().identity.delete_time.is_some();
    world.until("the deletion is begun", begun).await;
    world.publish("example.com");
    world.prove("rival/mail").await;
    world.pass(3 * HOUR).await;
    assert_eq!(world.state("example.com"), Some(State::Releasing));
    world.heal();
    world.until_ready("rival/mail").await;
    let writes = world.ses_writes("example.com");
    assert!(writes.ends_with(&[SesCall::Delete, SesCall::Create]), "{writes:?}");
}

#[tokio::test(start_paused = true)]
async fn an_identity_with_associations_is_freed_of_them_and_deleted() {
    let world = World::new();
    let _operator = world.start_proving();
    let object = world.proven("acme", "example.com").await;
    world.at_ses("example.com", |identity| identity.associations = vec!["one".into(), "two".into(), "three".into()]);
    world.delete(&object);
    world.until_state("example.com", State::Released).await;
    assert!(world.identity("example.com").is_none());
}

#[tokio::test(start_paused = true)]
async fn retain_counts_only_after_a_proof() {
    let world = World::new();
    let _operator = world.start_proving();
    world.tenant("acme");
    world.apply_with("acme/mail", "example.com", |spec| spec.deletion_policy = Some(DeletionPolicy::Retain));
    world.until("there is an identity", || world.identity("example.com").is_some()).await;
    world.delete("acme/mail");
    world.until_state("example.com", State::Released).await;
    assert!(world.identity("example.com").is_none());
}

/// A world in which acme's proven example.com was retained and is free.
async fn retained() -> (World, Operator) {
    let world = World::new();
    let operator = world.start_proving();
    let object = world.proven("acme", "example.com").await;
    world.edit(&object, |spec| spec.deletion_policy = Some(DeletionPolicy::Retain));
    world.pass(MINUTE).await;
    world.delete(&object);
    world.until_state("example.com", State::Released).await;
    (world, operator)
}

/// Rival asks without a proof, and gives up.
async fn tried_in_vain(world: &World) {
    let rival = world.asking("rival", "example.com").await;
    world.until("the records are told", || world.records(&rival).len() == 4).await;
    world.delete(&rival);
    world.until_state("example.com", State::Released).await;
    world.pass(DAY).await;
}

#[tokio::test(start_paused = true)]
async fn a_retained_identity_is_never_deleted_by_who_proves_nothing() {
    for forgotten in [false, true] {
        let (world, _operator) = retained().await;
        if forgotten {
            world.remove_claim("default.example.com");
        }
        tried_in_vain(&world).await;
        let identity = world.identity("example.com").expect("it is kept");
        assert!(identity.tags.contains_key(RETAINED_TAG), "forgotten: {forgotten}");
        assert!(!world.ses_writes("example.com").contains(&SesCall::Delete));
        world.apply("acme/mail", "example.com");
        world.until_ready("acme/mail").await;
        assert!(!world.identity("example.com").unwrap().tags.contains_key(RETAINED_TAG));
    }
}

#[tokio::test(start_paused = true)]
async fn an_identity_of_ours_whose_claim_is_lost_is_never_deleted_by_who_proves_nothing() {
    let world = World::new();
    let _operator = world.start_proving();
    world.create_at_ses("example.com", &[(OWNER_TAG, "owner-1"), (ENVIRONMENT_TAG, "default")]);
    tried_in_vain(&world).await;
    assert!(world.identity("example.com").is_some());
    let heir = world.proven("acme", "example.com").await;
    world.delete(&heir);
    world.until_state("example.com", State::Released).await;
    assert!(world.identity("example.com").is_none(), "who proves it takes it in, with everything that goes with it");
}

#[tokio::test(start_paused = true)]
async fn an_unproven_identity_whose_creation_was_never_answered_is_deleted_all_the_same() {
    for how in [How::AnswerLost, How::Refused] {
        let world = World::new();
        let _operator = world.start_proving();
        world.fail_ses(SesCall::Create, how, &SesError::Unreachable, 1);
        let object = world.asking("acme", "example.com").await;
        world.until("the records are told", || world.records(&object).len() == 4).await;
        world.delete(&object);
        world.until_state("example.com", State::Released).await;
        assert!(world.identity("example.com").is_none(), "{how:?}");
    }
}
