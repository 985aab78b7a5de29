//! What administrators order by annotations on claims. When an order is carried out is a table of
//! `model/ownership/ruling.rs`; that an approved release goes ahead stands in `guards.rs`.

use sender_operator::{
    api::reasons::EventReason,
    model::{
        claim::{Claim, State},
        orders::{APPROVE_NAMESPACE, FORCE_RELEASE, TRANSFER_TO},
        proof::ProofKind,
    },
};

use crate::{
    setup::{ACME, DOMAIN, RIVAL, proven, ready, remade_namespace},
    world::{DAY, HOUR, MINUTE, SesCall, World},
};

const BARRED: &[&str] = &["Owned False ForceReleased", "Ready False ForceReleased", "Stalled True ForceReleased"];

/// Before and after, as the last ruling has it.
fn ruled(claim: &Claim) -> (Option<String>, Option<String>) {
    let ruling = claim.rulings.last().unwrap();
    (ruling.before.as_ref().map(ToString::to_string), ruling.after.as_ref().map(ToString::to_string))
}

async fn until_told_once(world: &World) {
    world.until("it is told", || world.told(EventReason::Ruled).len() == 1).await;
}

#[tokio::test(start_paused = true)]
async fn a_forced_release_bars_the_tenant_until_it_is_withdrawn() {
    let (world, _operator) = ready().await;
    world.annotate(DOMAIN, FORCE_RELEASE, "abuse");
    world.until_says(ACME, BARRED).await;
    until_told_once(&world).await;
    let claim = world.claim(DOMAIN).unwrap();
    assert_eq!((claim.state, ruled(&claim)), (State::Releasing, (Some("tenant/acme".into()), None)));
    assert_eq!(claim.rulings[0].order.value, "abuse");
    world.until_state(DOMAIN, State::Released).await;
    assert!(world.identity(DOMAIN).is_none());
    // Longer than free claims are kept otherwise.
    world.delete(ACME);
    world.pass(60 * DAY).await;
    world.apply(ACME, DOMAIN);
    world.until_says(ACME, BARRED).await;
    world.stays(ACME, BARRED).await;

    world.annotate(DOMAIN, FORCE_RELEASE, "");
    world.until_ready(ACME).await;
    assert_eq!(world.claim(DOMAIN).unwrap().rulings.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_forced_release_lets_another_tenant_have_the_domain() {
    let (world, _operator) = proven().await;
    world.asking("rival", DOMAIN).await;
    world.annotate(DOMAIN, FORCE_RELEASE, "abuse");
    world.until_state(DOMAIN, State::Releasing).await;
    world.prove(RIVAL).await;
    world.until_ready(RIVAL).await;
    world.pass(DAY).await;
    assert!(world.is_saying(RIVAL, &["Ready True Ready"]), "the order was about who held it then");
    assert_eq!(world.claim(DOMAIN).unwrap().rulings.len(), 1);
    world.annotate(DOMAIN, FORCE_RELEASE, "");
    world.until_says(ACME, &["Stalled True Displaced"]).await;
}

#[tokio::test(start_paused = true)]
async fn an_order_left_on_a_free_claim_does_not_act_on_the_next_holder() {
    let (world, _operator) = proven().await;
    world.delete(ACME);
    world.until_state(DOMAIN, State::Released).await;
    world.annotate(DOMAIN, FORCE_RELEASE, "abuse");
    world.proven("rival", DOMAIN).await;
    let told = || world.told(EventReason::OrderRefused);
    world.until("it is told", || told().iter().any(|notice| notice.note.starts_with(FORCE_RELEASE))).await;
    world.pass(DAY).await;
    assert!(world.is_saying(RIVAL, &["Ready True Ready"]));
    assert!(world.claim(DOMAIN).unwrap().rulings.is_empty());
    world.annotate(DOMAIN, FORCE_RELEASE, "");
    world.pass(MINUTE).await;
    world.annotate(DOMAIN, FORCE_RELEASE, "abuse");
    world.until_says(RIVAL, BARRED).await;
}

#[tokio::test(start_paused = true)]
async fn a_transfer_gives_the_domain_to_a_tenant_that_asks() {
    let (world, _operator) = proven().await;
    let before = world.claim(DOMAIN).unwrap();
    world.annotate(DOMAIN, TRANSFER_TO, "tenant/rival");
    world.pass(HOUR).await;
    assert_eq!(world.owner(DOMAIN).unwrap(), "tenant/acme", "an order alone makes no holder");
    world.at_ses(DOMAIN, |identity| identity.set_up.policies = vec!["may-send".into()]);
    world.asking("rival", DOMAIN).await;
    world.until_ready(RIVAL).await;
    assert_eq!(world.ses_writes(DOMAIN), [SesCall::Create, SesCall::DeletePolicy], "a hand-over comes first");
    until_told_once(&world).await;
    let claim = world.claim(DOMAIN).unwrap();
    assert_eq!(ruled(&claim), (Some("tenant/acme".into()), Some("tenant/rival".into())));
    assert_eq!(claim.proof.as_ref().unwrap().kind, ProofKind::Administrator);
    assert_ne!(claim.holding, before.holding);
    world.until_says(ACME, &["Stalled True Displaced"]).await;
    assert_eq!(world.challenge(RIVAL), None, "it needs no record");
    world.pass(30 * DAY).await;
    assert!(world.is_saying(RIVAL, &["Owned True Held", "Ready True Ready"]));
    assert_eq!(world.told(EventReason::Ruled).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_transfer_that_names_no_tenant_is_told_and_changes_nothing() {
    let (world, _operator) = proven().await;
    world.annotate(DOMAIN, TRANSFER_TO, "rival");
    world.until("it is told", || !world.told(EventReason::OrderRefused).is_empty()).await;
    let notice = world.told(EventReason::OrderRefused)[0].clone();
    assert!(notice.warning && notice.note.contains("tenant/<label>"), "{}", notice.note);
    world.stays(ACME, &["Ready True Ready"]).await;
    assert!(world.claim(DOMAIN).unwrap().rulings.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_namespace_that_was_made_again_goes_on_when_an_administrator_approves_it() {
    let (world, _operator) = remade_namespace().await;
    let before = world.claim(DOMAIN).unwrap();
    world.annotate(DOMAIN, APPROVE_NAMESPACE, "some-other-uid");
    world.pass(HOUR).await;
    assert_eq!(world.state(DOMAIN), Some(State::Releasing), "held back for a day");
    let uid = world.namespace_uid("plain");
    world.annotate(DOMAIN, APPROVE_NAMESPACE, &uid);
    world.until_says_within(MINUTE, "plain/mail", &["Owned True Held", "Ready True Ready"]).await;
    until_told_once(&world).await;
    let after = world.claim(DOMAIN).unwrap();
    assert_eq!(ruled(&after).1.unwrap(), format!("namespace/plain/{uid}"));
    assert_eq!((after.proof, after.holding), (before.proof, before.holding));
    world.pass(DAY).await;
    assert!(world.is_saying("plain/mail", &["Owned True Held", "Ready True Ready"]));
    assert_eq!(world.ses_writes(DOMAIN), [SesCall::Create]);
}
