//! `spec.suspend`: SES is not changed, observation continues, and steps that remove rights still run (`release.rs`).

use sender_operator::model::claim::State;

use crate::{
    setup::{ACME, DOMAIN, ready},
    simulation::{HOUR, SesCall, Simulation},
};

const SUSPENDED: [&str; 4] = [
    "Owned False Suspended",
    "IdentityVerified Unknown NotOwned",
    "DkimReady Unknown NotOwned",
    "Ready False Suspended",
];

#[tokio::test(start_paused = true)]
async fn a_suspended_object_gains_no_claim_and_stops_no_release() {
    let sim = Simulation::new();
    let _operator = sim.start();
    sim.tenant("acme");
    sim.publish(DOMAIN);
    sim.apply_with(ACME, DOMAIN, |spec| spec.suspend = Some(true));
    sim.until("it is reported", || sim.says(ACME) == SUSPENDED).await;
    sim.advance(HOUR).await;
    assert!(sim.claim(DOMAIN).is_none() && sim.journal().is_empty());
    sim.edit(ACME, |spec| spec.suspend = None);
    sim.until_ready(ACME).await;
    sim.delete(ACME);
    sim.until_state(DOMAIN, State::Releasing).await;
    sim.apply_with(ACME, DOMAIN, |spec| spec.suspend = Some(true));
    sim.until("it is reported", || sim.says(ACME) == SUSPENDED).await;
    sim.until_state(DOMAIN, State::Released).await;
}

#[tokio::test(start_paused = true)]
async fn an_object_suspended_later_keeps_its_claim_and_drift_is_seen_but_not_repaired() {
    let (sim, _operator) = ready().await;
    sim.edit(ACME, |spec| spec.suspend = Some(true));
    sim.until_says(ACME, &["Owned True Held", "IdentityVerified True Verified", "Ready False Suspended"]).await;
    assert_eq!(sim.says(ACME).len(), 4, "neither Reconciling nor Stalled");
    sim.at_ses(DOMAIN, |identity| identity.signing = false);
    sim.until_says(ACME, &["DkimReady False SigningDisabled", "Ready False Suspended"]).await;
    sim.delete_at_ses(DOMAIN);
    sim.until_says(ACME, &["IdentityVerified False NotCreated", "Ready False Suspended"]).await;
    sim.advance(HOUR).await;
    assert_eq!(sim.ses_writes(DOMAIN), [SesCall::Create]);
    sim.edit(ACME, |spec| spec.suspend = Some(false));
    sim.until_ready(ACME).await;
    assert_eq!(sim.ses_writes(DOMAIN), [SesCall::Create; 2]);
}
