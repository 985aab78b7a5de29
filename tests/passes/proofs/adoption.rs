//! Identities that somebody else made, taken in by who proves the domain.

use sender_operator::{
    api::{domain::AdoptionPolicy, reasons::EventReason},
    model::{claim::State, policy::Mode},
    ses::{ENVIRONMENT_TAG, OWNER_TAG, RETAINED_TAG, SesError},
};

use crate::world::{DAY, How, Operator, SesCall, World};

const FOREIGN: &[&str] = &["Ready False ForeignIdentity", "Stalled True ForeignIdentity"];

fn adopting(world: &World) -> Operator {
    world.start_proving_with(|me| me.policy.adoption = true)
}

/// acme asks for a domain whose identity somebody made, with everything published.
async fn asked(world: &World, tags: &[(&str, &str)], adopt: bool, prove: bool) {
    world.create_at_ses("example.com", tags);
    world.at_ses("example.com", |identity| {
        identity.associations = vec!["one".into()];
        identity.set_up.policies = vec!["p".into()];
    });
    world.publish("example.com");
    world.tenant("acme");
    world.apply_with("acme/mail", "example.com", |spec| {
        spec.adoption_policy = adopt.then_some(AdoptionPolicy::IfProven);
    });
    if prove {
        world.prove("acme/mail").await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_identity_that_is_asked_for_allowed_and_proven_is_taken_in_clean_and_never_deleted() {
    let world = World::new();
    let _operator = adopting(&world);
    asked(&world, &[("team", "web")], true, true).await;
    world.until_ready("acme/mail").await;
    let identity = world.identity("example.com").unwrap();
    assert_eq!((identity.tags["team"].as_str(), identity.tags[OWNER_TAG].as_str()), ("web", "owner-1"));
    assert!(identity.associations.is_empty() && identity.set_up.policies.is_empty());
    world.until("it is told", || world.events_of("acme/mail").contains(&EventReason::Adopted)).await;
    let claim = world.claim("example.com").unwrap();
    assert!(claim.identity.adopted && claim.identity.created_time.is_none());

    world.delete("acme/mail");
    world.until_state("example.com", State::Released).await;
    world.pass(60 * DAY).await;
    assert!(world.identity("example.com").unwrap().tags.contains_key(RETAINED_TAG));
    let rival = world.asking("rival", "example.com").await;
    world.delete(&rival);
    world.pass(DAY).await;
    let heir = world.proven("rival", "example.com").await;
    world.delete(&heir);
    world.until_state("example.com", State::Released).await;
    world.pass(60 * DAY).await;
    assert!(world.identity("example.com").is_some(), "whoever has it");
    assert!(!world.ses_writes("example.com").contains(&SesCall::Delete));
}

#[tokio::test(start_paused = true)]
async fn without_the_wish_the_permission_or_the_proof_it_is_left_alone() {
    for (wish, permission, proof) in [(false, true, true), (true, false, true), (true, true, false)] {
        let world = World::new();
        let _operator = world.start_proving_with(|me| me.policy.adoption = permission);
        asked(&world, &[], wish, proof).await;
        if proof {
            world.until_says("acme/mail", FOREIGN).await;
        }
        world.pass(DAY).await;
        assert!(world.ses_writes("example.com").is_empty(), "{wish} {permission} {proof}");
        assert!(world.identity("example.com").unwrap().tags.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn where_nothing_is_proven_nothing_is_taken_in() {
    let world = World::new();
    let _operator = world.start_with(|me| (me.policy.adoption, me.policy.mode) = (true, Mode::None));
    asked(&world, &[], true, false).await;
    world.until_says("acme/mail", FOREIGN).await;
    world.pass(DAY).await;
    assert!(world.ses_writes("example.com").is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_identity_with_anybodys_owner_tag_is_never_taken_in() {
    for tags in [
        &[(OWNER_TAG, "somebody-else"), (ENVIRONMENT_TAG, "default")] as &[_],
        &[(OWNER_TAG, "owner-1"), (ENVIRONMENT_TAG, "production")],
        &[(OWNER_TAG, "owner-1")],
    ] {
        let world = World::new();
        let _operator = adopting(&world);
        asked(&world, tags, true, true).await;
        world.until_says("acme/mail", FOREIGN).await;
        world.pass(DAY).await;
        assert!(world.ses_writes("example.com").is_empty(), "{tags:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_not_ready_before_it_is_clean() {
    let world = World::new();
    let _operator = adopting(&world);
    world.fail_ses(SesCall::DeletePolicy, How::Refused, &SesError::Busy, usize::MAX);
    asked(&world, &[], true, true).await;
    world.until_says("acme/mail", &["Ready False HandOver", "Reconciling True HandOver"]).await;
    world.heal();
    world.until_ready("acme/mail").await;
}

#[tokio::test(start_paused = true)]
async fn what_is_made_anew_after_an_adopted_identity_is_gone_is_ours_and_is_deleted() {
    let world = World::new();
    let _operator = adopting(&world);
    asked(&world, &[], true, true).await;
    world.until_ready("acme/mail").await;
    world.delete_at_ses("example.com");
    let made = || world.claim("example.com").unwrap().identity.created_time.is_some();
    world.until("it is made anew", made).await;
    world.until_ready("acme/mail").await;
    let facts = world.claim("example.com").unwrap().identity;
    assert!(!facts.adopted && facts.created_time.is_some());
    world.delete("acme/mail");
    world.until_state("example.com", State::Released).await;
    assert!(world.identity("example.com").is_none());
}
