//! During the release delay: the return of the tenant, takeovers, and what is kept.

use sender_operator::{
    api::{domain::DeletionPolicy, reasons::EventReason},
    model::claim::State,
    ses::{ENVIRONMENT_TAG, OWNER_TAG, RETAINED_TAG, SesError, SetUp},
};

use crate::{
    setup::{ACME, DOMAIN, RIVAL, proven, unproven},
    simulation::{DAY, HOUR, How, MINUTE, Operator, SesCall, Simulation},
};

/// Acme has released the domain, and rival claims it.
async fn releasing() -> (Simulation, Operator) {
    let (sim, operator) = proven().await;
    sim.asking("rival", DOMAIN).await;
    sim.delete(ACME);
    sim.until_state(DOMAIN, State::Releasing).await;
    let ending = ["Owned False AnotherTenantReleasing", "Reconciling True AnotherTenantReleasing"];
    sim.until_says(RIVAL, &ending).await;
    (sim, operator)
}

#[tokio::test(start_paused = true)]
async fn the_same_tenant_comes_back_with_everything_kept_and_no_call() {
    let (sim, _operator) = proven().await;
    let (before, calls) = (sim.claim(DOMAIN).unwrap(), sim.ses_writes(DOMAIN).len());
    sim.delete(ACME);
    sim.until_state(DOMAIN, State::Releasing).await;
    sim.advance(10 * MINUTE).await;
    sim.apply(ACME, DOMAIN);
    sim.until_says_within(MINUTE, ACME, &["Owned True Held", "Ready True Ready"]).await;
    sim.advance(DAY).await;
    let after = sim.claim(DOMAIN).unwrap();
    assert_eq!((&after.proof, &after.tenure_id, &after.history), (&before.proof, &before.tenure_id, &before.history));
    assert_eq!((after.identity, sim.ses_writes(DOMAIN).len()), (before.identity, calls));
}

#[tokio::test(start_paused = true)]
async fn an_unproven_domain_comes_back_unproven() {
    let (sim, _operator) = unproven().await;
    let before = sim.claim(DOMAIN).unwrap();
    sim.delete(ACME);
    sim.until_state(DOMAIN, State::Releasing).await;
    sim.apply(ACME, DOMAIN);
    sim.until_state(DOMAIN, State::Provisional).await;
    let after = sim.claim(DOMAIN).unwrap();
    assert_eq!((after.provisional_time, after.identity), (before.provisional_time, before.identity));
    assert_eq!(sim.ses_writes(DOMAIN), [SesCall::Create]);
}

#[tokio::test(start_paused = true)]
async fn another_tenant_with_a_proof_takes_over_at_once() {
    let (sim, _operator) = releasing().await;
    sim.at_ses(DOMAIN, |identity| identity.set_up.policies = vec!["may-send".into()]);
    let (old, begun) = (sim.claim(DOMAIN).unwrap(), sim.age());
    sim.prove(RIVAL).await;
    sim.until_ready(RIVAL).await;
    assert!(sim.since(begun) < 5 * MINUTE, "{:?}", sim.since(begun));
    assert_eq!(sim.identity(DOMAIN).unwrap().set_up, SetUp::default(), "the takeover comes first");
    let claim = sim.claim(DOMAIN).unwrap();
    assert_eq!(sim.owner(DOMAIN).unwrap(), "tenant/rival");
    assert_eq!(claim.history.former_tenants[0].tenure, 1, "regardless of how it became free");
    assert_ne!(claim.tenure_id, old.tenure_id);
    sim.advance(DAY).await;
    assert_eq!(sim.ses_writes(DOMAIN), [SesCall::Create, SesCall::DeletePolicy]);
    assert!(sim.told(EventReason::Released).is_empty());
}

#[tokio::test(start_paused = true)]
async fn once_the_deletion_has_begun_even_a_proof_waits_for_its_end() {
    for object in [ACME, RIVAL] {
        let (sim, _operator) = releasing().await;
        sim.fail_ses(SesCall::Delete, How::Refused, &SesError::Busy, usize::MAX);
        let begun = || sim.claim(DOMAIN).unwrap().identity.delete_time.is_some();
        sim.until("the deletion has begun", begun).await;
        if object == RIVAL {
            sim.prove(RIVAL).await;
        } else {
            sim.apply(ACME, DOMAIN);
            sim.until_says(ACME, &["Owned False Releasing", "Reconciling True Releasing"]).await;
        }
        sim.advance(3 * HOUR).await;
        assert_eq!(sim.state(DOMAIN), Some(State::Releasing));
        sim.heal();
        sim.until_ready(object).await;
        let writes = sim.ses_writes(DOMAIN);
        assert!(writes.ends_with(&[SesCall::Delete, SesCall::Create]), "{writes:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_identity_with_associations_is_freed_of_them_and_deleted() {
    let (sim, _operator) = proven().await;
    sim.at_ses(DOMAIN, |identity| identity.associations = ["one", "two", "three"].map(str::to_owned).to_vec());
    sim.delete(ACME);
    sim.until_state(DOMAIN, State::Released).await;
    assert!(sim.identity(DOMAIN).is_none());
}

#[tokio::test(start_paused = true)]
async fn retain_counts_only_after_a_proof() {
    let (sim, _operator) = unproven().await;
    sim.edit(ACME, |spec| spec.deletion_policy = Some(DeletionPolicy::Retain));
    sim.advance(MINUTE).await;
    sim.delete(ACME);
    sim.until_state(DOMAIN, State::Released).await;
    assert!(sim.identity(DOMAIN).is_none());
    assert!(sim.claim(DOMAIN).unwrap().history.is_empty(), "it never had a holder");
}

/// Rival claims the domain without a proof, and deletes its object again.
async fn tried_in_vain(sim: &Simulation) {
    let rival = sim.asking("rival", DOMAIN).await;
    sim.until("the records are in the status", || sim.records(&rival).len() == 4).await;
    sim.stays(&rival, &["Owned False ChallengeMissing"]).await;
    sim.delete(&rival);
    sim.until_state(DOMAIN, State::Released).await;
    sim.advance(DAY).await;
}

#[tokio::test(start_paused = true)]
async fn an_unproven_tenant_never_deletes_a_retained_identity() {
    for forgotten in [false, true] {
        let (sim, _operator) = proven().await;
        sim.edit(ACME, |spec| spec.deletion_policy = Some(DeletionPolicy::Retain));
        sim.advance(MINUTE).await;
        sim.delete(ACME);
        sim.until_state(DOMAIN, State::Released).await;
        if forgotten {
            sim.remove_claim("default.example.com");
        }
        tried_in_vain(&sim).await;
        let identity = sim.identity(DOMAIN).expect("it is retained");
        assert!(identity.tags.contains_key(RETAINED_TAG), "forgotten: {forgotten}");
        assert!(!sim.ses_writes(DOMAIN).contains(&SesCall::Delete));
        sim.apply(ACME, DOMAIN);
        sim.until_ready(ACME).await;
        assert!(!sim.identity(DOMAIN).unwrap().tags.contains_key(RETAINED_TAG));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_made_in_place_of_a_retained_identity_is_deleted_with_its_unproven_claim() {
    let (sim, _operator) = proven().await;
    sim.edit(ACME, |spec| spec.deletion_policy = Some(DeletionPolicy::Retain));
    sim.advance(MINUTE).await;
    sim.delete(ACME);
    sim.until_state(DOMAIN, State::Released).await;
    sim.delete_at_ses(DOMAIN);
    let rival = sim.asking("rival", DOMAIN).await;
    let made = || sim.identity(DOMAIN).is_some();
    sim.until_within(7 * HOUR, "it is made anew", made).await;
    sim.delete(&rival);
    sim.until_state(DOMAIN, State::Released).await;
    assert!(sim.identity(DOMAIN).is_none());
}

#[tokio::test(start_paused = true)]
async fn an_unproven_tenant_never_deletes_the_identity_of_a_lost_claim() {
    let sim = Simulation::new();
    let _operator = sim.start_proving();
    sim.create_at_ses(DOMAIN, &[(OWNER_TAG, "owner-1"), (ENVIRONMENT_TAG, "default")]);
    tried_in_vain(&sim).await;
    assert!(sim.identity(DOMAIN).is_some());
    let successor = sim.proven("acme", DOMAIN).await;
    sim.delete(&successor);
    sim.until_state(DOMAIN, State::Released).await;
    assert!(sim.identity(DOMAIN).is_none(), "a tenant with a proof adopts it with all its settings");
}
