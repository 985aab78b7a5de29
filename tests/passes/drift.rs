//! Somebody changes things behind the operator's back; each is put right, with an event.

use sender_operator::{
    api::{domain::DeletionPolicy, reasons::EventReason},
    model::claim::State,
    ses::SesError,
};

use crate::{
    setup::{ACME, DOMAIN, ready},
    world::{How, MINUTE, SECOND, SesCall, World},
};

#[tokio::test(start_paused = true)]
async fn what_was_changed_at_ses_is_put_right_by_one_call_and_told_once() {
    use EventReason::{BecameUnready, IdentityRecreated, SigningRestored};
    for (what, change, call, events) in [
        (
            "signing was turned off",
            (|world| world.at_ses(DOMAIN, |identity| identity.signing = false)) as fn(&World),
            SesCall::EnableSigning,
            &[SigningRestored] as &[_],
        ),
        (
            "other keys",
            |world| world.at_ses(DOMAIN, |identity| identity.easy = false),
            SesCall::StartEasyDkim,
            &[SigningRestored],
        ),
        (
            "the search was never begun",
            |world| world.ses_says_of_dkim(DOMAIN, "NOT_STARTED"),
            SesCall::StartEasyDkim,
            &[],
        ),
        ("it was deleted", |world| world.delete_at_ses(DOMAIN), SesCall::Create, &[IdentityRecreated, BecameUnready]),
    ] {
        let (world, _operator) = ready().await;
        change(&world);
        let age = world.age();
        world.until(what, || world.ses_writes(DOMAIN).len() == 2).await;
        world.until_says(ACME, &["DkimReady True Signing", "Ready True Ready"]).await;
        assert!(world.since(age) < 30 * MINUTE, "{what}: {:?}", world.since(age));
        world.pass(30 * MINUTE).await;
        assert_eq!(world.ses_writes(DOMAIN), [SesCall::Create, call], "{what}");
        let identity = world.identity(DOMAIN).unwrap();
        assert!(identity.signing && identity.easy, "{what}");
        for event in events {
            assert_eq!(world.told(*event).len(), 1, "{what}: {event:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn signing_that_can_not_be_turned_on_again_is_told() {
    let (world, _operator) = ready().await;
    let denied = SesError::Denied { code: "AccessDenied".into() };
    world.fail_ses(SesCall::EnableSigning, How::Refused, &denied, usize::MAX);
    world.at_ses(DOMAIN, |identity| identity.signing = false);
    world.until_says(ACME, &["DkimReady False SigningDisabled", "Ready False SigningDisabled"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_tag_that_was_taken_away_makes_the_identity_foreign_until_it_is_back() {
    let (world, _operator) = ready().await;
    let tags = world.identity(DOMAIN).unwrap().tags;
    world.at_ses(DOMAIN, |identity| identity.tags.clear());
    world.until_says(ACME, &["Ready False ForeignIdentity", "Stalled True ForeignIdentity"]).await;
    world.at_ses(DOMAIN, |identity| identity.tags = tags);
    world.until_ready(ACME).await;
    assert_eq!(world.ses_writes(DOMAIN), [SesCall::Create]);
}

#[tokio::test(start_paused = true)]
async fn what_ses_does_not_show_yet_is_not_written_in_one_go_again_and_again() {
    for lag in [3, 20, 60] {
        for policy in [DeletionPolicy::Delete, DeletionPolicy::Retain] {
            let world = World::new();
            let operator = world.start();
            world.ses_lags(lag * SECOND);
            world.tenant("acme");
            world.publish(DOMAIN);
            world.apply_with(ACME, DOMAIN, |spec| spec.deletion_policy = Some(policy));
            world.until_ready(ACME).await;
            world.at_ses(DOMAIN, |identity| identity.signing = false);
            world.until("it signs again", || world.identity(DOMAIN).unwrap().signing).await;
            world.until_ready(ACME).await;
            world.delete(ACME);
            world.until_state(DOMAIN, State::Released).await;
            assert_eq!(world.identity(DOMAIN).is_some(), policy == DeletionPolicy::Retain);
            let writes = world.ses_writes(DOMAIN);
            assert!(writes.len() <= 3 + lag as usize / 5, "{lag} s, {policy:?}: {writes:?}");
            assert_eq!(operator.passes("failed"), 0);
        }
    }
}
