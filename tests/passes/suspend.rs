//! `spec.suspend`: nothing is changed at SES, observing goes on, and what takes rights away still runs.

use sender_operator::model::claim::State;

use crate::world::{HOUR, SesCall, World};

const SUSPENDED: [&str; 4] = [
    "Owned False Suspended",
    "IdentityVerified Unknown NotOwned",
    "DkimReady Unknown NotOwned",
    "Ready False Suspended",
];

#[tokio::test(start_paused = true)]
async fn suspended_from_the_start_it_gets_no_claim_until_it_is_resumed() {
    let world = World::new();
    let _operator = world.start();
    world.tenant("acme");
    world.publish("example.com");
    world.apply_with("acme/mail", "example.com", |spec| spec.suspend = Some(true));
    world.until("it says so", || world.says("acme/mail") == SUSPENDED).await;
    world.pass(HOUR).await;
    assert!(world.claim("example.com").is_none() && world.journal().is_empty());
    world.edit("acme/mail", |spec| spec.suspend = None);
    world.until_ready("acme/mail").await;
}

#[tokio::test(start_paused = true)]
async fn suspended_later_it_keeps_its_claim_and_drift_is_seen_but_not_mended() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    world.edit("acme/mail", |spec| spec.suspend = Some(true));
    world
        .until_says("acme/mail", &["Owned True Held", "IdentityVerified True Verified", "Ready False Suspended"])
        .await;
    assert_eq!(world.says("acme/mail").len(), 4, "neither Reconciling nor Stalled");
    world.at_ses("example.com", |identity| identity.signing = false);
    world.until_says("acme/mail", &["DkimReady False SigningDisabled", "Ready False Suspended"]).await;
    world.pass(HOUR).await;
    assert_eq!(world.ses_writes("example.com"), [SesCall::Create]);
    world.edit("acme/mail", |spec| spec.suspend = Some(false));
    world.until_ready("acme/mail").await;
    assert!(world.identity("example.com").unwrap().signing);
}

#[tokio::test(start_paused = true)]
async fn suspended_before_its_identity_was_made_it_makes_none() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    world.edit("acme/mail", |spec| spec.suspend = Some(true));
    world.until_says("acme/mail", &["Ready False Suspended"]).await;
    world.delete_at_ses("example.com");
    world.until_says("acme/mail", &["IdentityVerified False NotCreated", "Ready False Suspended"]).await;
    world.pass(HOUR).await;
    assert!(world.identity("example.com").is_none());
}

#[tokio::test(start_paused = true)]
async fn a_suspended_object_that_is_deleted_is_released() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    world.edit("acme/mail", |spec| spec.suspend = Some(true));
    world.until_says("acme/mail", &["Ready False Suspended"]).await;
    world.delete("acme/mail");
    world.until_state("example.com", State::Released).await;
    assert!(world.identity("example.com").is_none());
}

#[tokio::test(start_paused = true)]
async fn a_suspended_return_does_not_stop_the_release() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    world.delete("acme/mail");
    world.until_state("example.com", State::Releasing).await;
    world.apply_with("acme/mail", "example.com", |spec| spec.suspend = Some(true));
    world.until("it says so", || world.says("acme/mail") == SUSPENDED).await;
    world.until_state("example.com", State::Released).await;
}
