//! Admin actions: annotations on claims. `model/ownership/admin_action.rs` has the table of when an action takes
//! effect; `guards.rs` tests that an approved release proceeds.

use sender_operator::{
    api::reasons::EventReason,
    model::{
        admin_annotations::{APPROVE_NAMESPACE, FORCE_RELEASE, TRANSFER_TO},
        claim::{Claim, State},
        proof::ProofKind,
    },
};

use crate::{
    setup::{ACME, DOMAIN, RIVAL, proven, ready_with, remade_namespace},
    simulation::{DAY, HOUR, MINUTE, SECOND, SesCall, Simulation},
};

const BARRED: &[&str] = &["Owned False ForceReleased", "Ready False ForceReleased", "Stalled True ForceReleased"];

/// Before and after, from the last admin action.
fn ruled(claim: &Claim) -> (Option<String>, Option<String>) {
    let admin_action = claim.admin_actions.last().unwrap();
    (admin_action.before.as_ref().map(ToString::to_string), admin_action.after.as_ref().map(ToString::to_string))
}

async fn until_told_once(sim: &Simulation) {
    sim.until("it is reported", || sim.told(EventReason::AdminActionTaken).len() == 1).await;
}

#[tokio::test(start_paused = true)]
async fn a_forced_release_bars_the_tenant_until_it_is_withdrawn() {
    let (sim, _operator) = ready_with(|config| config.claim_retention = HOUR).await;
    sim.annotate(DOMAIN, FORCE_RELEASE, "abuse");
    sim.until_says(ACME, BARRED).await;
    until_told_once(&sim).await;
    let claim = sim.claim(DOMAIN).unwrap();
    assert_eq!((claim.state, ruled(&claim)), (State::Releasing, (Some("tenant/acme".into()), None)));
    assert_eq!(claim.admin_actions[0].requested.value, "abuse");
    sim.until_state(DOMAIN, State::Released).await;
    assert!(sim.identity(DOMAIN).is_none());
    // Longer than free claims are kept by default.
    sim.delete(ACME);
    sim.advance(2 * HOUR).await;
    sim.apply(ACME, DOMAIN);
    sim.until_says(ACME, BARRED).await;
    sim.stays(ACME, BARRED).await;

    sim.annotate(DOMAIN, FORCE_RELEASE, "");
    sim.until_ready(ACME).await;
    assert_eq!(sim.claim(DOMAIN).unwrap().admin_actions.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_forced_release_lets_another_tenant_have_the_domain() {
    let (sim, _operator) = proven().await;
    sim.asking("rival", DOMAIN).await;
    sim.annotate(DOMAIN, FORCE_RELEASE, "abuse");
    sim.until_state(DOMAIN, State::Releasing).await;
    sim.prove(RIVAL).await;
    sim.until_ready(RIVAL).await;
    sim.advance(DAY).await;
    assert!(sim.is_saying(RIVAL, &["Ready True Ready"]), "the action applied to the holder at that time");
    assert_eq!(sim.claim(DOMAIN).unwrap().admin_actions.len(), 1);
    sim.annotate(DOMAIN, FORCE_RELEASE, "");
    sim.until_says(ACME, &["Stalled True Displaced"]).await;
}

#[tokio::test(start_paused = true)]
async fn an_admin_action_left_on_a_free_claim_does_not_act_on_the_next_holder() {
    let (sim, _operator) = proven().await;
    sim.delete(ACME);
    sim.until_state(DOMAIN, State::Released).await;
    sim.annotate(DOMAIN, FORCE_RELEASE, "abuse");
    sim.proven("rival", DOMAIN).await;
    let told = || sim.told(EventReason::AdminActionRefused);
    sim.until("it is reported", || told().iter().any(|event| event.note.starts_with(FORCE_RELEASE))).await;
    sim.advance(DAY).await;
    assert!(sim.is_saying(RIVAL, &["Ready True Ready"]));
    assert!(sim.claim(DOMAIN).unwrap().admin_actions.is_empty());
    sim.annotate(DOMAIN, FORCE_RELEASE, "");
    sim.advance(MINUTE).await;
    sim.annotate(DOMAIN, FORCE_RELEASE, "abuse");
    sim.until_says(RIVAL, BARRED).await;
}

#[tokio::test(start_paused = true)]
async fn a_transfer_gives_the_domain_to_a_tenant_that_claims_it() {
    let (sim, _operator) = proven().await;
    let before = sim.claim(DOMAIN).unwrap();
    sim.annotate(DOMAIN, TRANSFER_TO, "tenant/rival");
    sim.advance(HOUR).await;
    assert_eq!(sim.owner(DOMAIN).unwrap(), "tenant/acme", "an action alone makes no holder");
    sim.at_ses(DOMAIN, |identity| identity.set_up.policies = vec!["may-send".into()]);
    sim.asking("rival", DOMAIN).await;
    sim.until_ready(RIVAL).await;
    assert_eq!(sim.ses_writes(DOMAIN), [SesCall::Create, SesCall::DeletePolicy], "the takeover comes first");
    until_told_once(&sim).await;
    let claim = sim.claim(DOMAIN).unwrap();
    assert_eq!(ruled(&claim), (Some("tenant/acme".into()), Some("tenant/rival".into())));
    assert_eq!(claim.proof.as_ref().unwrap().kind, ProofKind::Administrator);
    assert_ne!(claim.tenure_id, before.tenure_id);
    sim.until_says(ACME, &["Stalled True Displaced"]).await;
    assert_eq!(sim.challenge(RIVAL), None, "it needs no record");
    sim.advance(8 * DAY).await;
    assert!(sim.is_saying(RIVAL, &["Owned True Held", "Ready True Ready"]));
    assert_eq!(sim.told(EventReason::AdminActionTaken).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn after_a_transfer_only_records_seen_since_then_make_the_domain_ready() {
    let (sim, operator) = proven().await;
    sim.asking("rival", DOMAIN).await;
    operator.stop().await;
    // It looks at all records when it starts, and not again for 15 seconds.
    let _operator = sim.start_proving();
    sim.advance(5 * SECOND).await;
    sim.dns_denies("_domainkey.example.com");
    sim.annotate(DOMAIN, TRANSFER_TO, "tenant/rival");
    sim.until_says(RIVAL, &["Owned True Held"]).await;
    let ready = || sim.is_saying(RIVAL, &["Ready True Ready"]);
    sim.never_within(HOUR, "records of the former tenure count", ready).await;
    sim.heal();
    sim.until_ready(RIVAL).await;
}

#[tokio::test(start_paused = true)]
async fn a_transfer_that_names_no_tenant_is_reported_and_changes_nothing() {
    let (sim, _operator) = proven().await;
    sim.annotate(DOMAIN, TRANSFER_TO, "rival");
    sim.until("it is reported", || !sim.told(EventReason::AdminActionRefused).is_empty()).await;
    let event = sim.told(EventReason::AdminActionRefused)[0].clone();
    assert!(event.warning && event.note.contains("tenant/<label>"), "{}", event.note);
    sim.stays(ACME, &["Ready True Ready"]).await;
    assert!(sim.claim(DOMAIN).unwrap().admin_actions.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_recreated_namespace_continues_when_an_administrator_approves_it() {
    let (sim, _operator) = remade_namespace().await;
    let before = sim.claim(DOMAIN).unwrap();
    sim.annotate(DOMAIN, APPROVE_NAMESPACE, "some-other-uid");
    sim.advance(HOUR).await;
    assert_eq!(sim.state(DOMAIN), Some(State::Releasing), "held back for a day");
    let uid = sim.namespace_uid("plain");
    sim.annotate(DOMAIN, APPROVE_NAMESPACE, &uid);
    sim.until_says_within(MINUTE, "plain/mail", &["Owned True Held", "Ready True Ready"]).await;
    until_told_once(&sim).await;
    let after = sim.claim(DOMAIN).unwrap();
    assert_eq!(ruled(&after).1.unwrap(), format!("namespace/plain/{uid}"));
    assert_eq!((after.proof, after.tenure_id), (before.proof, before.tenure_id));
    sim.advance(DAY).await;
    assert!(sim.is_saying("plain/mail", &["Owned True Held", "Ready True Ready"]));
    assert_eq!(sim.ses_writes(DOMAIN), [SesCall::Create]);
}
