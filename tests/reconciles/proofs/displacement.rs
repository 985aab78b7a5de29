//! A holder without its proof, and another tenant that proves the domain.

use sender_operator::{
    api::{domain::RecordState, reasons::EventReason},
    model::records::Requirement,
    ses::{SesError, SetUp},
};

use crate::{
    setup::{ACME, DOMAIN, RIVAL, proven, set_up_by_others},
    simulation::{DAY, HOUR, How, MINUTE, Operator, SECOND, SesCall, Simulation},
};

const DISPLACED: &[&str] = &["Owned False Displaced", "Ready False Displaced", "Stalled True Displaced"];

fn is_rivals(sim: &Simulation) -> bool {
    sim.owner(DOMAIN).as_deref() == Some("tenant/rival")
}

/// Acme's proof is gone, and rival claims the domain.
async fn contended() -> (Simulation, Operator) {
    let (sim, operator) = proven().await;
    sim.asking("rival", DOMAIN).await;
    sim.until_says(RIVAL, &["Stalled True OwnedByAnotherTenant"]).await;
    assert_eq!(sim.challenge_is(RIVAL), Some(Requirement::Advised));
    sim.unprove(ACME);
    sim.until_lost(ACME).await;
    (sim, operator)
}

async fn until_displaced(sim: &Simulation) {
    sim.prove(RIVAL).await;
    sim.until_within(9 * DAY, "the domain has a new holder", || is_rivals(sim)).await;
}

#[tokio::test(start_paused = true)]
async fn after_the_grace_another_tenant_that_proves_the_domain_has_it() {
    let (sim, _operator) = contended().await;
    let lost = sim.age();
    let before = sim.claim(DOMAIN).unwrap();
    sim.prove(RIVAL).await;
    sim.advance(6 * DAY + 23 * HOUR).await;
    assert!(sim.is_saying(ACME, &["Owned True ProofLost", "Ready True Ready"]));
    assert!(sim.is_saying(RIVAL, &["Stalled True OwnedByAnotherTenant"]));

    sim.until_within(2 * HOUR, "it has a new holder", || is_rivals(&sim)).await;
    assert!(sim.since(lost) + MINUTE >= 7 * DAY, "{:?}", sim.since(lost));
    sim.until_says(ACME, DISPLACED).await;
    let record = sim.challenge(ACME).unwrap();
    assert_eq!((record.requirement, record.state), (Requirement::Advised, RecordState::Mismatch));
    let old = format!("token={}", before.proof.unwrap().challenge.unwrap());
    assert_ne!(record.value, old, "a new tenure, a new record");
    assert!(sim.status(ACME).identity.is_none() && sim.status(ACME).dns_records.len() == 1);

    sim.until_ready(RIVAL).await;
    let after = sim.claim(DOMAIN).unwrap();
    assert_ne!(after.tenure_id, before.tenure_id);
    assert_eq!(after.history.former_tenants.iter().map(|former| former.tenure).collect::<Vec<_>>(), [1]);
    assert!(after.identity.verified_time.unwrap() >= after.proof.unwrap().proven_time);
    for object in [ACME, RIVAL] {
        sim.until("it is reported", || sim.events_of(object).contains(&EventReason::Displaced)).await;
    }
    assert_eq!(sim.ses_writes(DOMAIN), [SesCall::Create], "no setting had to be removed");
}

#[tokio::test(start_paused = true)]
async fn within_the_grace_a_proof_that_is_back_ends_the_loss() {
    let (sim, operator) = contended().await;
    sim.prove(RIVAL).await;
    sim.advance(6 * DAY).await;
    // The record is looked up once more when the grace ends, also after a period without lookups.
    operator.stop().await;
    sim.prove(ACME).await;
    sim.advance(DAY + HOUR).await;
    let _operator = sim.start_proving();
    sim.until_says(ACME, &["Owned True Held"]).await;
    sim.advance(8 * DAY).await;
    assert!(sim.is_saying(ACME, &["Owned True Held", "Ready True Ready"]));
    assert!(sim.told(EventReason::Displaced).is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_successor_is_ready_only_after_everything_of_the_former_holder_is_gone() {
    let (sim, _operator) = contended().await;
    set_up_by_others(&sim);
    sim.addresses_at_ses(&["sales@example.com", "x@sub.example.com", "x@other.example"]);
    for call in [SesCall::Disassociate, SesCall::DeletePolicy, SesCall::ClearMailFrom, SesCall::ClearConfigurationSet] {
        sim.fail_ses(call, How::Refused, &SesError::Busy, usize::MAX);
    }
    until_displaced(&sim).await;
    sim.until_says(RIVAL, &["Owned True Held", "Ready False TakeoverPending", "Reconciling True TakeoverPending"])
        .await;
    sim.never_within(DAY, "Ready too early", || sim.is_saying(RIVAL, &["Ready True Ready"])).await;

    sim.heal();
    sim.until_ready(RIVAL).await;
    let identity = sim.identity(DOMAIN).unwrap();
    assert!(identity.associations.is_empty() && identity.set_up == SetUp::default());
    sim.until("it is reported", || sim.events_of(RIVAL).contains(&EventReason::ForeignSettingsRemoved)).await;
    sim.until("it is reported", || sim.told(EventReason::AddressIdentities).len() == 1).await;
    let note = sim.told(EventReason::AddressIdentities)[0].note.clone();
    assert!(note.contains("email address identities") && note.contains("sales@example.com"), "{note}");
    assert!(!sim.claim(DOMAIN).unwrap().identity.takeover_pending);
    sim.advance(DAY).await;
    assert_eq!(sim.told(EventReason::AddressIdentities).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_former_holder_is_told_at_once_while_ses_is_silent() {
    let (sim, _operator) = contended().await;
    sim.prove(RIVAL).await;
    sim.advance(6 * DAY + 23 * HOUR).await;
    for call in SesCall::ALL.iter().copied() {
        sim.fail_ses(call, How::Silent, &SesError::Unreachable, usize::MAX);
    }
    sim.until_within(2 * HOUR, "it changes hands", || is_rivals(&sim)).await;
    sim.until_says_within(5 * SECOND, ACME, DISPLACED).await;
}

#[tokio::test(start_paused = true)]
async fn a_displaced_tenant_regains_the_domain_by_a_new_record_and_never_by_the_old_one() {
    let (sim, _operator) = contended().await;
    let old = sim.challenge(ACME).unwrap();
    until_displaced(&sim).await;
    sim.set_text(&old.name, &old.value);
    sim.unprove(RIVAL);
    sim.until_lost(RIVAL).await;
    sim.advance(8 * DAY).await;
    assert!(sim.is_saying(ACME, DISPLACED) && is_rivals(&sim), "{:?}", sim.says(ACME));
    sim.prove(ACME).await;
    sim.until_ready(ACME).await;
    sim.until_says(RIVAL, DISPLACED).await;
    let history = sim.claim(DOMAIN).unwrap().history.former_tenants;
    assert!(history.iter().all(|former| former.tenure == 1) && history.len() == 2, "{history:?}");
}

#[tokio::test(start_paused = true)]
async fn a_suspended_holder_is_displaced_too_and_a_suspended_claimant_gains_nothing() {
    let (sim, _operator) = contended().await;
    sim.edit(ACME, |spec| spec.suspend = Some(true));
    sim.edit(RIVAL, |spec| spec.suspend = Some(true));
    sim.prove(RIVAL).await;
    sim.advance(8 * DAY).await;
    assert_eq!(sim.owner(DOMAIN).unwrap(), "tenant/acme");
    sim.edit(RIVAL, |spec| spec.suspend = None);
    sim.until("it has a new holder", || is_rivals(&sim)).await;
}

#[tokio::test(start_paused = true)]
async fn domains_held_without_a_proof_get_the_usual_grace_when_proofs_become_required() {
    let sim = Simulation::new();
    let operator = sim.start();
    sim.ready("acme", DOMAIN).await;
    sim.ready("second", "example.org").await;
    operator.stop().await;
    let _operator = sim.start_proving();
    sim.asking("rival", DOMAIN).await;
    sim.until_lost(ACME).await;
    sim.until_lost("second/mail").await;
    sim.prove("second/mail").await;
    sim.until_says("second/mail", &["Owned True Held", "Ready True Ready"]).await;
    sim.prove(RIVAL).await;
    sim.advance(6 * DAY).await;
    assert!(sim.is_saying(ACME, &["Owned True ProofLost", "Ready True Ready"]));
    sim.until_within(2 * DAY, "it is taken over", || is_rivals(&sim)).await;
    sim.until_says(ACME, DISPLACED).await;
    assert_eq!(sim.owner("example.org").unwrap(), "tenant/second");
}
