//! `spec.suspend`: nothing is changed at SES, observing goes on, and what takes rights away still runs (`release.rs`).

use sender_operator::model::claim::State;

use crate::{
    setup::{ACME, DOMAIN, ready},
    world::{HOUR, SesCall, World},
};

const SUSPENDED: [&str; 4] = [
    "Owned False Suspended",
    "IdentityVerified Unknown NotOwned",
    "DkimReady Unknown NotOwned",
    "Ready False Suspended",
];

#[tokio::test(start_paused = true)]
async fn a_suspended_object_gains_no_claim_and_stops_no_release() {
    let world = World::new();
    let _operator = world.start();
    world.tenant("acme");
    world.publish(DOMAIN);
    world.apply_with(ACME, DOMAIN, |spec| spec.suspend = Some(true));
    world.until("it says so", || world.says(ACME) == SUSPENDED).await;
    world.pass(HOUR).await;
    assert!(world.claim(DOMAIN).is_none() && world.journal().is_empty());
    world.edit(ACME, |spec| spec.suspend = None);
    world.until_ready(ACME).await;
    world.delete(ACME);
    world.until_state(DOMAIN, State::Releasing).await;
    world.apply_with(ACME, DOMAIN, |spec| spec.suspend = Some(true));
    world.until("it says so", || world.says(ACME) == SUSPENDED).await;
    world.until_state(DOMAIN, State::Released).await;
}

#[tokio::test(start_paused = true)]
async fn suspended_later_it_keeps_its_claim_and_drift_is_seen_but_not_mended() {
    let (world, _operator) = ready().await;
    world.edit(ACME, |spec| spec.suspend = Some(true));
    world.until_says(ACME, &["Owned True Held", "IdentityVerified True Verified", "Ready False Suspended"]).await;
    assert_eq!(world.says(ACME).len(), 4, "neither Reconciling nor Stalled");
    world.at_ses(DOMAIN, |identity| identity.signing = false);
    world.until_says(ACME, &["DkimReady False SigningDisabled", "Ready False Suspended"]).await;
    world.delete_at_ses(DOMAIN);
    world.until_says(ACME, &["IdentityVerified False NotCreated", "Ready False Suspended"]).await;
    world.pass(HOUR).await;
    assert_eq!(world.ses_writes(DOMAIN), [SesCall::Create]);
    world.edit(ACME, |spec| spec.suspend = Some(false));
    world.until_ready(ACME).await;
    assert_eq!(world.ses_writes(DOMAIN), [SesCall::Create; 2]);
}
