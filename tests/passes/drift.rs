//! Somebody changes things behind the operator's back; each is put right, with an event.

use sender_operator::api::reasons::EventReason;

use crate::world::{MINUTE, SesCall, World};

#[tokio::test(start_paused = true)]
async fn signing_that_was_turned_off_is_turned_on_again() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    world.at_ses("example.com", |identity| identity.signing = false);
    world.until("it signs again", || world.identity("example.com").unwrap().signing).await;
    world.until("it is told", || world.told(EventReason::SigningRestored).len() == 1).await;
    world.until_ready("acme/mail").await;
    assert_eq!(world.ses_writes("example.com"), [SesCall::Create, SesCall::EnableSigning]);
}

#[tokio::test(start_paused = true)]
async fn signing_that_can_not_be_turned_on_again_is_told() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    let denied = sender_operator::ses::SesError::Denied { code: "AccessDenied".into() };
    world.fail_ses(SesCall::EnableSigning, crate::world::How::Refused, &denied, usize::MAX);
    world.at_ses("example.com", |identity| identity.signing = false);
    world.until_says("acme/mail", &["DkimReady False SigningDisabled", "Ready False SigningDisabled"]).await;
}

#[tokio::test(start_paused = true)]
async fn an_identity_that_was_deleted_is_created_again() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    world.delete_at_ses("example.com");
    world.until("it exists again", || world.identity("example.com").is_some()).await;
    world.until("it is told", || world.told(EventReason::IdentityRecreated).len() == 1).await;
    world.until_ready("acme/mail").await;
    assert_eq!(world.ses_writes("example.com"), [SesCall::Create; 2]);
    assert_eq!(world.told(EventReason::BecameUnready).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn other_keys_are_replaced_by_easy_dkim() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    world.at_ses("example.com", |identity| identity.easy = false);
    world.until("Easy DKIM is back", || world.identity("example.com").unwrap().easy).await;
    world.until("it is told", || world.told(EventReason::SigningRestored).len() == 1).await;
    world.until_says("acme/mail", &["DkimReady True Signing", "Ready True Ready"]).await;
    assert_eq!(world.ses_writes("example.com"), [SesCall::Create, SesCall::StartEasyDkim]);
}

#[tokio::test(start_paused = true)]
async fn an_identity_whose_search_was_never_begun_is_started() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    world.ses_says_of_dkim("example.com", "NOT_STARTED");
    world.until("it is started", || world.ses_writes("example.com").contains(&SesCall::StartEasyDkim)).await;
    world.until_says("acme/mail", &["DkimReady True Signing", "Ready True Ready"]).await;
    assert!(world.age() < 30 * MINUTE);
}

#[tokio::test(start_paused = true)]
async fn a_tag_that_was_taken_away_makes_the_identity_foreign_until_it_is_back() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    let tags = world.identity("example.com").unwrap().tags;
    world.at_ses("example.com", |identity| identity.tags.clear());
    world.until_says("acme/mail", &["Ready False ForeignIdentity", "Stalled True ForeignIdentity"]).await;
    world.at_ses("example.com", |identity| identity.tags = tags);
    world.until_ready("acme/mail").await;
    assert_eq!(world.ses_writes("example.com"), [SesCall::Create]);
}
