//! Between letting go and the end: who comes back, who takes over, and what is kept.

use sender_operator::{
    api::{domain::DeletionPolicy, reasons::EventReason},
    model::claim::State,
    ses::{ENVIRONMENT_TAG, OWNER_TAG, RETAINED_TAG, SesError, SetUp},
};

use crate::{
    setup::{ACME, DOMAIN, RIVAL, proven, unproven},
    world::{DAY, HOUR, How, MINUTE, Operator, SesCall, World},
};

/// Acme has let go, and rival asks.
async fn releasing() -> (World, Operator) {
    let (world, operator) = proven().await;
    world.asking("rival", DOMAIN).await;
    world.delete(ACME);
    world.until_state(DOMAIN, State::Releasing).await;
    let ending = ["Owned False AnotherTenantReleasing", "Reconciling True AnotherTenantReleasing"];
    world.until_says(RIVAL, &ending).await;
    (world, operator)
}

#[tokio::test(start_paused = true)]
async fn the_same_tenant_comes_back_with_everything_kept_and_no_call() {
    let (world, _operator) = proven().await;
    let (before, calls) = (world.claim(DOMAIN).unwrap(), world.ses_writes(DOMAIN).len());
    world.delete(ACME);
    world.until_state(DOMAIN, State::Releasing).await;
    world.pass(10 * MINUTE).await;
    world.apply(ACME, DOMAIN);
    world.until_says_within(MINUTE, ACME, &["Owned True Held", "Ready True Ready"]).await;
    world.pass(DAY).await;
    let after = world.claim(DOMAIN).unwrap();
    assert_eq!((&after.proof, &after.holding, &after.history), (&before.proof, &before.holding, &before.history));
    assert_eq!((after.identity, world.ses_writes(DOMAIN).len()), (before.identity, calls));
}

#[tokio::test(start_paused = true)]
async fn an_unproven_domain_comes_back_unproven() {
    let (world, _operator) = unproven().await;
    let before = world.claim(DOMAIN).unwrap();
    world.delete(ACME);
    world.until_state(DOMAIN, State::Releasing).await;
    world.apply(ACME, DOMAIN);
    world.until_state(DOMAIN, State::Provisional).await;
    let after = world.claim(DOMAIN).unwrap();
    assert_eq!((after.provisional_time, after.identity), (before.provisional_time, before.identity));
    assert_eq!(world.ses_writes(DOMAIN), [SesCall::Create]);
}

#[tokio::test(start_paused = true)]
async fn another_tenant_with_a_proof_takes_over_at_once() {
    let (world, _operator) = releasing().await;
    world.at_ses(DOMAIN, |identity| identity.set_up.policies = vec!["may-send".into()]);
    let (old, begun) = (world.claim(DOMAIN).unwrap(), world.age());
    world.prove(RIVAL).await;
    world.until_ready(RIVAL).await;
    assert!(world.since(begun) < 5 * MINUTE, "{:?}", world.since(begun));
    assert_eq!(world.identity(DOMAIN).unwrap().set_up, SetUp::default(), "a hand-over comes first");
    let claim = world.claim(DOMAIN).unwrap();
    assert_eq!(world.owner(DOMAIN).unwrap(), "tenant/rival");
    assert_eq!(claim.history.former_tenants[0].tenure, 1, "however it was freed");
    assert_ne!(claim.holding, old.holding);
    world.pass(DAY).await;
    assert_eq!(world.ses_writes(DOMAIN), [SesCall::Create, SesCall::DeletePolicy]);
    assert!(world.told(EventReason::Released).is_empty());
}

#[tokio::test(start_paused = true)]
async fn once_the_deletion_was_begun_even_a_proof_waits_for_its_end() {
    for object in [ACME, RIVAL] {
        let (world, _operator) = releasing().await;
        world.fail_ses(SesCall::Delete, How::Refused, &SesError::Busy, usize::MAX);
        let begun = || world.claim(DOMAIN).unwrap().identity.delete_time.is_some();
        world.until("the deletion is begun", begun).await;
        if object == RIVAL {
            world.prove(RIVAL).await;
        } else {
            world.apply(ACME, DOMAIN);
            world.until_says(ACME, &["Owned False Releasing", "Reconciling True Releasing"]).await;
        }
        world.pass(3 * HOUR).await;
        assert_eq!(world.state(DOMAIN), Some(State::Releasing));
        world.heal();
        world.until_ready(object).await;
        let writes = world.ses_writes(DOMAIN);
        assert!(writes.ends_with(&[SesCall::Delete, SesCall::Create]), "{writes:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_identity_with_associations_is_freed_of_them_and_deleted() {
    let (world, _operator) = proven().await;
    world.at_ses(DOMAIN, |identity| identity.associations = ["one", "two", "three"].map(str::to_owned).to_vec());
    world.delete(ACME);
    world.until_state(DOMAIN, State::Released).await;
    assert!(world.identity(DOMAIN).is_none());
}

#[tokio::test(start_paused = true)]
async fn retain_counts_only_after_a_proof() {
    let (world, _operator) = unproven().await;
    world.edit(ACME, |spec| spec.deletion_policy = Some(DeletionPolicy::Retain));
    world.pass(MINUTE).await;
    world.delete(ACME);
    world.until_state(DOMAIN, State::Released).await;
    assert!(world.identity(DOMAIN).is_none());
    assert!(world.claim(DOMAIN).unwrap().history.is_empty(), "nobody ever held it");
}

/// Rival asks without a proof, and gives up.
async fn tried_in_vain(world: &World) {
    let rival = world.asking("rival", DOMAIN).await;
    world.until("the records are told", || world.records(&rival).len() == 4).await;
    world.stays(&rival, &["Owned False ChallengeMissing"]).await;
    world.delete(&rival);
    world.until_state(DOMAIN, State::Released).await;
    world.pass(DAY).await;
}

#[tokio::test(start_paused = true)]
async fn a_retained_identity_is_never_deleted_by_who_proves_nothing() {
    for forgotten in [false, true] {
        let (world, _operator) = proven().await;
        world.edit(ACME, |spec| spec.deletion_policy = Some(DeletionPolicy::Retain));
        world.pass(MINUTE).await;
        world.delete(ACME);
        world.until_state(DOMAIN, State::Released).await;
        if forgotten {
            world.remove_claim("default.example.com");
        }
        tried_in_vain(&world).await;
        let identity = world.identity(DOMAIN).expect("it is kept");
        assert!(identity.tags.contains_key(RETAINED_TAG), "forgotten: {forgotten}");
        assert!(!world.ses_writes(DOMAIN).contains(&SesCall::Delete));
        world.apply(ACME, DOMAIN);
        world.until_ready(ACME).await;
        assert!(!world.identity(DOMAIN).unwrap().tags.contains_key(RETAINED_TAG));
    }
}

#[tokio::test(start_paused = true)]
async fn an_identity_of_ours_whose_claim_is_lost_is_never_deleted_by_who_proves_nothing() {
    let world = World::new();
    let _operator = world.start_proving();
    world.create_at_ses(DOMAIN, &[(OWNER_TAG, "owner-1"), (ENVIRONMENT_TAG, "default")]);
    tried_in_vain(&world).await;
    assert!(world.identity(DOMAIN).is_some());
    let heir = world.proven("acme", DOMAIN).await;
    world.delete(&heir);
    world.until_state(DOMAIN, State::Released).await;
    assert!(world.identity(DOMAIN).is_none(), "who proves it takes it in, with everything that goes with it");
}
