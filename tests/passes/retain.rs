//! `deletionPolicy: Retain`: the identity stays, tagged, for the next owner.

use sender_operator::{
    api::domain::DeletionPolicy,
    model::claim::State,
    ses::{OWNER_TAG, RETAINED_TAG},
};

use crate::world::{DAY, HOUR, MINUTE, SesCall, World};

/// A world where acme's example.com was retained and is free.
async fn retained() -> (World, crate::world::Operator) {
    let world = World::new();
    let operator = world.start();
    world.tenant("acme");
    world.publish("example.com");
    world.apply_with("acme/mail", "example.com", |spec| spec.deletion_policy = Some(DeletionPolicy::Retain));
    world.until_ready("acme/mail").await;
    world.delete("acme/mail");
    world.until_state("example.com", State::Released).await;
    (world, operator)
}

#[tokio::test(start_paused = true)]
async fn a_retained_identity_stays_with_its_tags() {
    let (world, _operator) = retained().await;
    let identity = world.identity("example.com").unwrap();
    assert!(identity.tags.contains_key(RETAINED_TAG) && identity.tags[OWNER_TAG] == "owner-1");
    assert!(world.claim("example.com").unwrap().identity.retained);
    assert_eq!(world.ses_writes("example.com"), [SesCall::Create, SesCall::Tag]);
    world.until_within(31 * DAY, "the claim is forgotten", || world.claim("example.com").is_none()).await;
    assert!(world.identity("example.com").is_some());
}

#[tokio::test(start_paused = true)]
async fn the_next_owner_takes_a_retained_identity_in_and_decides_anew() {
    for forgotten in [false, true] {
        let (world, _operator) = retained().await;
        if forgotten {
            world.until_within(31 * DAY, "the claim is forgotten", || world.claim("example.com").is_none()).await;
        }
        world.tenant("rival");
        world.apply("rival/mail", "example.com");
        world.until_ready("rival/mail").await;
        world.pass(30 * MINUTE).await;
        assert!(!world.identity("example.com").unwrap().tags.contains_key(RETAINED_TAG), "forgotten: {forgotten}");
        assert_eq!(world.ses_writes("example.com"), [SesCall::Create, SesCall::Tag, SesCall::Untag]);
        assert!(!world.claim("example.com").unwrap().identity.retained);
        world.delete("rival/mail");
        world.until_state("example.com", State::Released).await;
        assert!(world.identity("example.com").is_none(), "the heir's policy is Delete");
    }
}

#[tokio::test(start_paused = true)]
async fn the_next_owner_takes_a_retained_identity_in_although_the_owner_id_was_changed() {
    let (world, operator) = retained().await;
    operator.stop().await;
    let _operator = world.start_with(|me| me.owner_id = "owner-2".into());
    world.tenant("rival");
    world.apply("rival/mail", "example.com");
    world.until_ready("rival/mail").await;
}

#[tokio::test(start_paused = true)]
async fn the_next_owner_of_a_retained_identity_that_is_gone_gets_a_new_one() {
    let (world, _operator) = retained().await;
    world.delete_at_ses("example.com");
    world.pass(HOUR).await;
    world.tenant("rival");
    world.apply("rival/mail", "example.com");
    world.until_ready("rival/mail").await;
    assert_eq!(world.ses_writes("example.com"), [SesCall::Create, SesCall::Tag, SesCall::Create]);
}

#[tokio::test(start_paused = true)]
async fn the_policy_that_was_seen_last_counts() {
    for (first, last, stays) in [
        (None, Some(DeletionPolicy::Retain), true),
        (Some(DeletionPolicy::Retain), Some(DeletionPolicy::Delete), false),
        (Some(DeletionPolicy::Retain), None, false),
    ] {
        let world = World::new();
        let _operator = world.start();
        world.tenant("acme");
        world.publish("example.com");
        world.apply_with("acme/mail", "example.com", |spec| spec.deletion_policy = first);
        world.until_ready("acme/mail").await;
        world.edit("acme/mail", |spec| spec.deletion_policy = last);
        let policy = || world.claim("example.com").unwrap().identity.deletion_policy;
        world.until("the policy is seen", || policy() == Some(last.unwrap_or_default())).await;
        world.delete("acme/mail");
        world.until_state("example.com", State::Released).await;
        assert_eq!(world.identity("example.com").is_some(), stays, "{first:?} then {last:?}");
    }
}
