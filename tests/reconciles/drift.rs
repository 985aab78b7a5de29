//! Drift at SES is repaired, each time with an event.

use sender_operator::{
    api::{domain::DeletionPolicy, reasons::EventReason},
    model::claim::State,
    ses::SesError,
};

use crate::{
    setup::{ACME, DOMAIN, ready},
    simulation::{How, MINUTE, SECOND, SesCall, Simulation},
};

#[tokio::test(start_paused = true)]
async fn drift_at_ses_is_repaired_by_one_call_and_reported_once() {
    use EventReason::{BecameUnready, IdentityRecreated, SigningRestored};
    for (what, change, call, events) in [
        (
            "signing was turned off",
            (|sim| sim.at_ses(DOMAIN, |identity| identity.signing = false)) as fn(&Simulation),
            SesCall::EnableSigning,
            &[SigningRestored] as &[_],
        ),
        (
            "other keys",
            |sim| sim.at_ses(DOMAIN, |identity| identity.easy = false),
            SesCall::StartEasyDkim,
            &[SigningRestored],
        ),
        (
            "the search was never started",
            |sim| sim.ses_says_of_dkim(DOMAIN, "NOT_STARTED"),
            SesCall::StartEasyDkim,
            &[],
        ),
        ("it was deleted", |sim| sim.delete_at_ses(DOMAIN), SesCall::Create, &[IdentityRecreated, BecameUnready]),
    ] {
        let (sim, _operator) = ready().await;
        change(&sim);
        let age = sim.age();
        sim.until(what, || sim.ses_writes(DOMAIN).len() == 2).await;
        sim.until_says(ACME, &["DkimReady True Signing", "Ready True Ready"]).await;
        assert!(sim.since(age) < 30 * MINUTE, "{what}: {:?}", sim.since(age));
        sim.advance(30 * MINUTE).await;
        assert_eq!(sim.ses_writes(DOMAIN), [SesCall::Create, call], "{what}");
        let identity = sim.identity(DOMAIN).unwrap();
        assert!(identity.signing && identity.easy, "{what}");
        for event in events {
            assert_eq!(sim.told(*event).len(), 1, "{what}: {event:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn signing_that_cannot_be_turned_on_again_is_reported() {
    let (sim, _operator) = ready().await;
    let denied = SesError::Denied { code: "AccessDenied".into() };
    sim.fail_ses(SesCall::EnableSigning, How::Refused, &denied, usize::MAX);
    sim.at_ses(DOMAIN, |identity| identity.signing = false);
    sim.until_says(ACME, &["DkimReady False SigningDisabled", "Ready False SigningDisabled"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_removed_tag_makes_the_identity_foreign_until_it_is_back() {
    let (sim, _operator) = ready().await;
    let tags = sim.identity(DOMAIN).unwrap().tags;
    sim.at_ses(DOMAIN, |identity| identity.tags.clear());
    sim.until_says(ACME, &["Ready False ForeignIdentity", "Stalled True ForeignIdentity"]).await;
    sim.at_ses(DOMAIN, |identity| identity.tags = tags);
    sim.until_ready(ACME).await;
    assert_eq!(sim.ses_writes(DOMAIN), [SesCall::Create]);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_ses_does_not_show_yet_is_not_repeated_in_a_tight_loop() {
    for lag in [3, 20, 60] {
        for policy in [DeletionPolicy::Delete, DeletionPolicy::Retain] {
            let sim = Simulation::new();
            let operator = sim.start();
            sim.ses_lags(lag * SECOND);
            sim.tenant("acme");
            sim.publish(DOMAIN);
            sim.apply_with(ACME, DOMAIN, |spec| spec.deletion_policy = Some(policy));
            sim.until_ready(ACME).await;
            sim.at_ses(DOMAIN, |identity| identity.signing = false);
            sim.until("it signs again", || sim.identity(DOMAIN).unwrap().signing).await;
            sim.until_ready(ACME).await;
            sim.delete(ACME);
            sim.until_state(DOMAIN, State::Released).await;
            assert_eq!(sim.identity(DOMAIN).is_some(), policy == DeletionPolicy::Retain);
            let writes = sim.ses_writes(DOMAIN);
            assert!(writes.len() <= 3 + lag as usize / 5, "{lag} s, {policy:?}: {writes:?}");
            assert_eq!(operator.reconciles("failed"), 0);
        }
    }
}
