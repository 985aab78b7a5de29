//! A domain changes hands: what the one who loses it is told, and what is not done to what others made.

use jiff::SignedDuration;
use sender_operator::{
    api::domain::AdoptionPolicy,
    model::{claim::State, orders::Verb, policy::Mode},
    ses::{CLAIM_TAG, OWNER_TAG, SesError},
};

use crate::world::{HOUR, How, MINUTE, Operator, SECOND, SesCall, World};

const DOMAIN: &str = "example.com";

fn start(world: &World) -> Operator {
    world.start_with(|me| {
        me.policy.mode = Mode::DnsChallenge;
        me.policy.adoption = true;
        me.policy.provisional_time = SignedDuration::from_hours(2);
    })
}

fn ask(world: &World, tenant: &str) {
    world.tenant(tenant);
    world.apply(&format!("{tenant}/mail"), DOMAIN);
}

async fn proven(world: &World, tenant: &str) {
    ask(world, tenant);
    world.publish(DOMAIN);
    world.publish_proof(&format!("tenant/{tenant}"), DOMAIN);
    world.until_ready(&format!("{tenant}/mail")).await;
}

#[tokio::test(start_paused = true)]
async fn who_loses_a_domain_reads_so_at_once_although_ses_makes_everybody_wait() {
    let world = World::new();
    let _operator = start(&world);
    proven(&world, "acme").await;
    ask(&world, "rival");
    world.until_says("rival/mail", &["Stalled True OwnedByAnotherTenant"]).await;
    world.fail_ses(SesCall::Get, How::Silent, &SesError::Unreachable, usize::MAX);
    world.order(DOMAIN, Verb::Transfer, "tenant/rival");
    world.until_says_within(2 * SECOND, "acme/mail", &["Ready False Displaced"]).await;
}

#[tokio::test(start_paused = true)]
async fn what_was_let_go_unproven_is_waited_for_and_not_looked_at_all_the_time() {
    let world = World::new();
    let operator = start(&world);
    ask(&world, "acme");
    world.until_within(3 * HOUR, "it is let go", || world.state(DOMAIN) == Some(State::Releasing)).await;
    let passes = operator.passes("settled");
    world.pass(10 * MINUTE).await;
    assert!(operator.passes("settled") - passes < 60, "{} passes", operator.passes("settled") - passes);
    world.until_state(DOMAIN, State::Released).await;
    world.pass(3 * HOUR).await;
    assert_eq!((world.state(DOMAIN), world.created()), (Some(State::Released), 1), "from now on the proof comes first");
}

#[tokio::test(start_paused = true)]
async fn an_identity_that_somebody_else_has_marked_since_it_was_seen_is_not_taken_in() {
    let world = World::new();
    let _operator = start(&world);
    world.create_at_ses(DOMAIN, &[]);
    ask(&world, "acme");
    world.publish_proof("tenant/acme", DOMAIN);
    world.until_says("acme/mail", &["Owned True Held", "Stalled True ForeignIdentity"]).await;
    world.at_ses(DOMAIN, |identity| {
        identity.tags.insert(OWNER_TAG.to_owned(), "another-installation".to_owned());
    });
    world.edit("acme/mail", |spec| spec.adoption_policy = Some(AdoptionPolicy::IfProven));
    world.pass(HOUR).await;
    assert!(world.is_saying("acme/mail", &["Stalled True ForeignIdentity"]));
    assert_eq!(world.identity(DOMAIN).unwrap().owner().unwrap(), "another-installation");
}

#[tokio::test(start_paused = true)]
async fn what_is_made_in_place_of_an_adopted_identity_that_is_gone_is_ours_to_delete() {
    let world = World::new();
    let _operator = start(&world);
    world.create_at_ses(DOMAIN, &[]);
    world.tenant("acme");
    world.apply_with("acme/mail", DOMAIN, |spec| spec.adoption_policy = Some(AdoptionPolicy::IfProven));
    world.publish(DOMAIN);
    world.publish_proof("tenant/acme", DOMAIN);
    world.until_ready("acme/mail").await;
    world.delete_at_ses(DOMAIN);
    let claim = world.stored_claim(DOMAIN).unwrap().uid;
    let made = || world.identity(DOMAIN).is_some_and(|identity| identity.tags.get(CLAIM_TAG) == Some(&claim));
    world.until("it is made again", made).await;
    world.until_ready("acme/mail").await;
    world.delete("acme/mail");
    world.until_state(DOMAIN, State::Released).await;
    assert!(world.identity(DOMAIN).is_none());
}

#[tokio::test(start_paused = true)]
async fn who_has_proven_nothing_can_not_have_deleted_what_a_lost_claim_has_left() {
    let world = World::new();
    let operator = start(&world);
    proven(&world, "acme").await;
    // As after a restore without the claims, while acme's objects are not there yet either.
    operator.stop().await;
    world.delete("acme/mail");
    world.remove_claim("default.example.com");
    let _operator = start(&world);
    world.unpublish_proofs(DOMAIN);
    ask(&world, "rival");
    world.until("the records are listed", || world.records("rival/mail").len() == 4).await;
    world.delete("rival/mail");
    world.until_state(DOMAIN, State::Released).await;
    world.pass(HOUR).await;
    assert!(world.identity(DOMAIN).is_some(), "it is still there");
    proven(&world, "acme").await;
    world.delete("acme/mail");
    world.until("who has proven the domain may delete it", || world.identity(DOMAIN).is_none()).await;
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_is_late_costs_nobody_a_domain() {
    let world = World::new();
    let _operator = start(&world);
    proven(&world, "acme").await;
    ask(&world, "rival");
    world.publish_proof("tenant/rival", DOMAIN);
    world.until_says("rival/mail", &["Stalled True OwnedByAnotherTenant"]).await;
    // Moved within the tenant: made anew, then deleted.
    world.namespace("acme-2", &[("sender-operator.io/tenant", "acme")]);
    world.hold_watches();
    world.apply("acme-2/mail", DOMAIN);
    world.delete("acme/mail");
    world.never_within(HOUR, "the rival has it", || world.owner(DOMAIN).as_deref() == Some("tenant/rival")).await;
    assert_eq!(world.owner(DOMAIN).as_deref(), Some("tenant/acme"));
    world.release_watches();
    world.until_ready("acme-2/mail").await;
}
