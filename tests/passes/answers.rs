//! Calls that had their effect although nobody heard of it or sees it yet, and processes that were killed.

use sender_operator::{api::domain::DeletionPolicy, model::claim::State, ses::SesError};

use crate::world::{HOUR, How, SECOND, SesCall, World};

#[tokio::test(start_paused = true)]
async fn an_identity_whose_creation_was_not_heard_of_is_taken_in_by_its_tags() {
    let world = World::new();
    let _operator = world.start();
    world.fail_ses(SesCall::Create, How::AnswerLost, &SesError::Unreachable, 1);
    world.publish("example.com");
    world.tenant("acme");
    world.apply("acme/mail", "example.com");
    world.until_ready("acme/mail").await;
    assert_eq!(world.ses_writes("example.com"), [SesCall::Create]);
    assert!(world.claim("example.com").unwrap().identity.created_time.is_some());
}

#[tokio::test(start_paused = true)]
async fn an_identity_whose_creation_was_not_heard_of_is_released_with_its_claim() {
    let world = World::new();
    let _operator = world.start();
    world.fail_ses(SesCall::Create, How::AnswerLost, &SesError::Unreachable, 1);
    world.tenant("acme");
    world.apply("acme/mail", "example.com");
    world.until("SES made it", || world.identity("example.com").is_some()).await;
    world.delete("acme/mail");
    world.until_state("example.com", State::Released).await;
    assert!(world.identity("example.com").is_none());
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_was_not_heard_of_is_not_repeated() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    world.fail_ses(SesCall::Delete, How::AnswerLost, &SesError::Unreachable, 1);
    world.delete("acme/mail");
    world.until_state("example.com", State::Released).await;
    assert_eq!(world.ses_writes("example.com"), [SesCall::Create, SesCall::Delete]);
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_failed_is_tried_until_ses_says_not_found() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    world.fail_ses(SesCall::Delete, How::Refused, &SesError::Busy, 5);
    world.delete("acme/mail");
    world.until_state("example.com", State::Released).await;
    assert_eq!(world.ses_writes("example.com").len(), 7);
    assert!(world.identity("example.com").is_none());
}

#[tokio::test(start_paused = true)]
async fn an_operator_that_is_killed_at_any_call_to_ses_is_followed_by_one_that_finishes() {
    for calls in 1..=4 {
        let world = World::new();
        world.publish("example.com");
        world.tenant("acme");
        world.apply("acme/mail", "example.com");
        let operator = world.start();
        world.until("so many calls were made", || world.journal().len() == calls).await;
        drop(operator);
        world.pass(HOUR).await;
        assert_eq!(world.journal().len(), calls, "the dead do nothing");
        let _operator = world.start();
        world.until_ready("acme/mail").await;
        assert_eq!(world.ses_writes("example.com"), [SesCall::Create]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_ses_does_not_show_yet_is_not_written_in_one_go_again_and_again() {
    for lag in [3, 20, 60] {
        for policy in [DeletionPolicy::Delete, DeletionPolicy::Retain] {
            let world = World::new();
            let operator = world.start();
            world.ses_lags(lag * SECOND);
            world.tenant("acme");
            world.publish("example.com");
            world.apply_with("acme/mail", "example.com", |spec| spec.deletion_policy = Some(policy));
            world.until_ready("acme/mail").await;
            world.at_ses("example.com", |identity| identity.signing = false);
            world.until("it signs again", || world.identity("example.com").unwrap().signing).await;
            world.until_ready("acme/mail").await;
            world.delete("acme/mail");
            world.until_state("example.com", State::Released).await;
            assert_eq!(world.identity("example.com").is_some(), policy == DeletionPolicy::Retain);
            let writes = world.ses_writes("example.com");
            assert!(writes.len() <= 3 + lag as usize / 5, "{lag} s, {policy:?}: {writes:?}");
            assert_eq!(operator.passes("failed"), 0);
        }
    }
}
