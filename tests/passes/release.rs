//! The way out: whatever way the object went, its identity is deleted once, late, and after a last look.

use sender_operator::{
    api::reasons::EventReason,
    model::claim::State,
    ses::{CLAIM_TAG, ENVIRONMENT_TAG, OWNER_TAG, SesError},
};

use crate::world::{DAY, HOUR, How, MINUTE, SesCall, World};

#[tokio::test(start_paused = true)]
async fn a_deleted_object_is_released_after_the_delay() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    let calls = world.ses_calls("example.com").len();
    world.delete("acme/mail");
    let deleted = world.age();
    world.until_state("example.com", State::Releasing).await;
    world.until("it is told", || world.told(EventReason::ReleaseStarted).len() == 1).await;
    world.until("its end is recorded", || world.claim("example.com").unwrap().identity.delete_time.is_some()).await;
    let waited = world.since(deleted);
    assert!((15 * MINUTE..17 * MINUTE).contains(&waited), "{waited:?}");
    assert!(world.identity("example.com").is_some(), "the record of the deletion comes first");
    world.until_state("example.com", State::Released).await;
    assert_eq!(world.ses_calls("example.com")[calls..], [SesCall::Get, SesCall::Delete, SesCall::Get]);
    let claim = world.claim("example.com").unwrap();
    assert_eq!((claim.tenant, claim.holder, claim.identity.created_time), (None, None, None));
    world.until("it is told", || world.told(EventReason::Released).len() == 1).await;
}

#[tokio::test(start_paused = true)]
async fn back_within_the_delay_costs_nothing() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    let before = world.claim("example.com").unwrap();
    world.delete("acme/mail");
    world.pass(14 * MINUTE).await;
    assert_eq!(world.state("example.com"), Some(State::Releasing));
    let calls = world.ses_writes("example.com").len();
    world.apply("acme/mail", "example.com");
    world.until_says_within(MINUTE, "acme/mail", &["Ready True Ready"]).await;
    let after = world.claim("example.com").unwrap();
    assert_eq!((after.state, after.proof, after.identity), (State::Held, before.proof, before.identity));
    world.pass(DAY).await;
    assert_eq!(world.ses_writes("example.com").len(), calls);
}

#[tokio::test(start_paused = true)]
async fn back_after_the_deletion_was_begun_waits_for_its_end() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    world.fail_ses(SesCall::Delete, How::Refused, &SesError::Busy, usize::MAX);
    world.delete("acme/mail");
    world.until("the deletion is begun", || world.claim("example.com").unwrap().identity.delete_time.is_some()).await;
    world.apply("acme/mail", "example.com");
    world
        .until_says("acme/mail", &["Owned False Releasing", "Ready False Releasing", "Reconciling True Releasing"])
        .await;
    world.pass(HOUR).await;
    assert_eq!(world.state("example.com"), Some(State::Releasing));
    world.heal();
    world.until_ready("acme/mail").await;
    assert_eq!(world.ses_writes("example.com").last(), Some(&SesCall::Create), "a new identity");
}

#[tokio::test(start_paused = true)]
async fn an_object_that_somebodys_finalizer_keeps_asks_no_more() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    world.begin_delete("acme/mail");
    world.until_state("example.com", State::Released).await;
    let calls = world.journal().len();
    world.end_delete("acme/mail");
    world.pass(DAY).await;
    assert_eq!((world.state("example.com"), world.journal().len()), (Some(State::Released), calls));
}

#[tokio::test(start_paused = true)]
async fn a_deleted_namespace_releases_what_was_in_it() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    world.delete_namespace("acme");
    world.until_state("example.com", State::Released).await;
    assert!(world.identity("example.com").is_none());
}

#[tokio::test(start_paused = true)]
async fn what_was_deleted_while_the_operator_was_down_is_released() {
    let world = World::new();
    let operator = world.start();
    world.ready("acme", "example.com").await;
    operator.stop().await;
    world.delete("acme/mail");
    world.pass(DAY).await;
    assert_eq!(world.state("example.com"), Some(State::Held));
    let _operator = world.start();
    world.until_state("example.com", State::Released).await;
    assert!(world.identity("example.com").is_none());
}

#[tokio::test(start_paused = true)]
async fn a_release_goes_on_in_the_next_process_wherever_the_last_one_was_killed() {
    for call in [SesCall::Get, SesCall::Delete] {
        let world = World::new();
        let operator = world.start();
        world.ready("acme", "example.com").await;
        let calls = world.journal().len();
        world.delete("acme/mail");
        world.until("it got there", || world.journal()[calls..].iter().any(|made| made.operation == call)).await;
        drop(operator);
        let _operator = world.start();
        world.until_state("example.com", State::Released).await;
        assert!(world.identity("example.com").is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn an_object_deleted_before_its_identity_was_made_is_released_without_a_write() {
    let world = World::new();
    let _operator = world.start();
    world.ses_down(&SesError::Unreachable);
    world.tenant("acme");
    world.apply("acme/mail", "example.com");
    world.until_says("acme/mail", &["Ready False SesUnavailable"]).await;
    world.delete("acme/mail");
    world.pass(HOUR).await;
    assert_eq!(world.state("example.com"), Some(State::Releasing), "an error is not absence");
    world.heal();
    world.until_state("example.com", State::Released).await;
    assert!(world.ses_writes("example.com").iter().all(|call| *call == SesCall::Create), "nothing is deleted");
}

#[tokio::test(start_paused = true)]
async fn a_free_claim_is_forgotten_after_the_retention() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    world.delete("acme/mail");
    world.until_state("example.com", State::Released).await;
    let calls = world.ses_calls("example.com").len();
    world.pass(29 * DAY).await;
    assert_eq!(world.state("example.com"), Some(State::Released));
    world.until_within(2 * DAY, "the claim is forgotten", || world.claim("example.com").is_none()).await;
    assert_eq!(world.ses_calls("example.com")[calls..], [SesCall::Get], "after a last look");
}

#[tokio::test(start_paused = true)]
async fn a_late_identity_of_ours_sends_a_free_claim_back() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    world.delete("acme/mail");
    world.until_state("example.com", State::Released).await;
    let claim = world.stored_claim("example.com").unwrap().uid;
    let tags = [(OWNER_TAG, "owner-1"), (ENVIRONMENT_TAG, "default"), (CLAIM_TAG, claim.as_str())];
    world.create_at_ses("example.com", &tags);
    world.until_within(31 * DAY, "it is found", || world.state("example.com") == Some(State::Releasing)).await;
    world.until_state("example.com", State::Released).await;
    assert!(world.identity("example.com").is_none());
    world.until_within(31 * DAY, "the claim is forgotten", || world.claim("example.com").is_none()).await;
}
