//! What administrators order by annotations on claims.

use sender_operator::{
    api::reasons::EventReason,
    model::{
        claim::{Claim, State},
        orders::{APPROVE_NAMESPACE, APPROVE_RELEASE, FORCE_RELEASE, TRANSFER_TO},
        proof::ProofKind,
    },
};

use crate::world::{DAY, HOUR, MINUTE, SesCall, World};

const BARRED: &[&str] = &["Owned False ForceReleased", "Ready False ForceReleased", "Stalled True ForceReleased"];

/// Before and after, as the last ruling has it.
fn ruled(claim: &Claim) -> (Option<String>, Option<String>) {
    let ruling = claim.rulings.last().unwrap();
    (ruling.before.as_ref().map(ToString::to_string), ruling.after.as_ref().map(ToString::to_string))
}

async fn until_told(world: &World, times: usize) {
    world.until("it is told", || world.told(EventReason::Ruled).len() == times).await;
}

#[tokio::test(start_paused = true)]
async fn a_forced_release_bars_the_tenant_until_it_is_withdrawn() {
    let world = World::new();
    let _operator = world.start_proving();
    let object = world.proven("acme", "example.com").await;
    world.annotate("example.com", FORCE_RELEASE, "abuse");
    world.until_says(&object, BARRED).await;
    until_told(&world, 1).await;
    let claim = world.claim("example.com").unwrap();
    assert_eq!((claim.state, ruled(&claim)), (State::Releasing, (Some("tenant/acme".into()), None)));
    assert_eq!(claim.rulings[0].order.value, "abuse");
    world.until_state("example.com", State::Released).await;
    assert!(world.identity("example.com").is_none());
    world.delete(&object);
    world.pass(90 * DAY).await;
    world.apply(&object, "example.com");
    world.until_says(&object, BARRED).await;
    world.stays(&object, BARRED).await;

    world.annotate("example.com", FORCE_RELEASE, "");
    world.until_ready(&object).await;
    assert_eq!(world.claim("example.com").unwrap().rulings.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_bar_outlasts_the_time_for_which_a_free_claim_is_kept() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    world.annotate("example.com", FORCE_RELEASE, "abuse");
    world.until_state("example.com", State::Released).await;
    world.delete("acme/mail");
    world.pass(60 * DAY).await;
    world.apply("acme/mail", "example.com");
    world.until_says("acme/mail", BARRED).await;
    world.delete("acme/mail");
    world.annotate("example.com", FORCE_RELEASE, "");
    world.until_within(31 * DAY, "it is forgotten", || world.claim("example.com").is_none()).await;
}

#[tokio::test(start_paused = true)]
async fn a_forced_release_lets_another_tenant_have_the_domain() {
    let world = World::new();
    let _operator = world.start_proving();
    world.proven("acme", "example.com").await;
    let rival = world.asking("rival", "example.com").await;
    world.annotate("example.com", FORCE_RELEASE, "abuse");
    world.until_state("example.com", State::Releasing).await;
    world.prove(&rival).await;
    world.until_ready(&rival).await;
    world.pass(DAY).await;
    assert!(world.is_saying(&rival, &["Ready True Ready"]), "the order was about who held it then");
    assert_eq!(world.claim("example.com").unwrap().rulings.len(), 1);
    world.annotate("example.com", FORCE_RELEASE, "");
    world.until_says("acme/mail", &["Stalled True Displaced"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_transfer_gives_the_domain_to_a_tenant_that_asks() {
    let world = World::new();
    let _operator = world.start_proving();
    let object = world.proven("acme", "example.com").await;
    let before = world.claim("example.com").unwrap();
    world.annotate("example.com", TRANSFER_TO, "tenant/rival");
    world.pass(HOUR).await;
    assert_eq!(world.owner("example.com").unwrap(), "tenant/acme", "an order alone makes no holder");
    let rival = world.asking("rival", "example.com").await;
    world.until_ready(&rival).await;
    until_told(&world, 1).await;
    let claim = world.claim("example.com").unwrap();
    assert_eq!(ruled(&claim), (Some("tenant/acme".into()), Some("tenant/rival".into())));
    assert_eq!(claim.proof.as_ref().unwrap().kind, ProofKind::Administrator);
    assert_ne!(claim.holding, before.holding);
    world.until_says(&object, &["Stalled True Displaced"]).await;
    assert_eq!(world.challenge(&rival), None, "it needs no record");
    world.pass(30 * DAY).await;
    assert!(world.is_saying(&rival, &["Owned True Held", "Ready True Ready"]));
    assert_eq!(world.told(EventReason::Ruled).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_transfer_of_an_unproven_domain_makes_a_holder() {
    let world = World::new();
    let _operator = world.start_proving();
    world.publish("example.com");
    let object = world.asking("acme", "example.com").await;
    world.until_state("example.com", State::Provisional).await;
    world.annotate("example.com", TRANSFER_TO, "tenant/acme");
    world.until_ready(&object).await;
    assert_eq!(ruled(&world.claim("example.com").unwrap()), (None, Some("tenant/acme".into())));
}

#[tokio::test(start_paused = true)]
async fn after_a_transfer_only_records_that_are_seen_from_then_on_count() {
    let world = World::new();
    let _operator = world.start_proving();
    world.asking("rival", "example.com").await;
    world.proven("acme", "example.com").await;
    world.at_ses("example.com", |identity| identity.blind = true);
    world.unpublish("example.com");
    world.annotate("example.com", TRANSFER_TO, "tenant/rival");
    world.until_says("rival/mail", &["Owned True Held", "Ready False RecordsMissing"]).await;
    assert!(world.history("rival/mail").iter().flatten().all(|said| said != "Ready True Ready"));
    world.publish("example.com");
    world.until_ready("rival/mail").await;
}

#[tokio::test(start_paused = true)]
async fn a_transfer_that_names_no_tenant_is_told_and_changes_nothing() {
    let world = World::new();
    let _operator = world.start_proving();
    let object = world.proven("acme", "example.com").await;
    world.annotate("example.com", TRANSFER_TO, "rival");
    world.until("it is told", || !world.told(EventReason::OrderRefused).is_empty()).await;
    let notice = world.told(EventReason::OrderRefused)[0].clone();
    assert!(notice.warning && notice.note.contains("tenant/<label>"), "{}", notice.note);
    world.stays(&object, &["Ready True Ready"]).await;
    assert!(world.claim("example.com").unwrap().rulings.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_namespace_that_was_made_again_goes_on_when_an_administrator_approves_it() {
    let world = World::new();
    let _operator = world.start_proving();
    world.namespace("plain", &[]);
    world.publish("example.com");
    world.apply("plain/mail", "example.com");
    world.prove("plain/mail").await;
    world.until_ready("plain/mail").await;
    let before = world.claim("example.com").unwrap();
    world.delete_namespace("plain");
    world.namespace("plain", &[]);
    world.apply("plain/mail", "example.com");
    world.until_says("plain/mail", &["Owned False AnotherTenantReleasing"]).await;
    world.annotate("example.com", APPROVE_NAMESPACE, "some-other-uid");
    world.pass(HOUR).await;
    assert_eq!(world.state("example.com"), Some(State::Releasing), "held back for a day");
    let uid = world.namespace_uid("plain");
    world.annotate("example.com", APPROVE_NAMESPACE, &uid);
    world.until_says_within(MINUTE, "plain/mail", &["Owned True Held", "Ready True Ready"]).await;
    until_told(&world, 1).await;
    let after = world.claim("example.com").unwrap();
    assert_eq!(ruled(&after).1.unwrap(), format!("namespace/plain/{uid}"));
    assert_eq!((after.proof, after.holding), (before.proof, before.holding));
    world.pass(DAY).await;
    assert!(world.is_saying("plain/mail", &["Owned True Held", "Ready True Ready"]));
    assert_eq!(world.ses_writes("example.com"), [SesCall::Create]);
}

#[tokio::test(start_paused = true)]
async fn an_approved_release_goes_ahead() {
    let world = World::new();
    let _operator = world.start_proving();
    world.proven("acme", "example.com").await;
    world.delete_namespace("acme");
    world.tenant("acme");
    world.until("it is held back", || !world.told(EventReason::ReleaseHeldBack).is_empty()).await;
    world.annotate("example.com", APPROVE_RELEASE, "yes");
    world.until_state("example.com", State::Released).await;
    world.until("it is told", || world.told(EventReason::Released).len() == 1).await;
    assert!(world.identity("example.com").is_none());
}
