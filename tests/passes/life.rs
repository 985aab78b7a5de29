//! From `kubectl apply` to Ready, and away.

use sender_operator::{
    api::{domain::DeletionPolicy, reasons::EventReason},
    model::claim::State,
    ses::{CLAIM_TAG, ENVIRONMENT_TAG, OWNER_TAG},
};

use crate::{
    setup::{ACME, DOMAIN, ready},
    world::{DAY, MINUTE, SesCall, World},
};

/// What the object is told until it is Ready, but for what it is told in between while SES looks.
const STAGES: [&[&str]; 3] = [
    &[
        "Owned True Held",
        "IdentityVerified Unknown NotChecked",
        "DkimReady Unknown NotChecked",
        "Ready False NotChecked",
        "Reconciling True NotChecked",
    ],
    &[
        "Owned True Held",
        "IdentityVerified False Pending",
        "DkimReady False RecordsMissing",
        "Ready False RecordsMissing",
        "Reconciling True RecordsMissing",
    ],
    &["Owned True Held", "IdentityVerified True Verified", "DkimReady True Signing", "Ready True Ready"],
];

#[tokio::test(start_paused = true)]
async fn a_domain_is_claimed_created_listed_published_ready_released_and_forgotten() {
    let world = World::new();
    let _operator = world.start();
    world.tenant("acme");
    world.apply(ACME, DOMAIN);
    world.until("SES was called", || !world.journal().is_empty()).await;
    assert_eq!((world.history(ACME).len(), world.status(ACME).observed_generation), (1, 1), "a status comes first");
    assert_eq!((world.state(DOMAIN), world.owner(DOMAIN)), (Some(State::Held), Some("tenant/acme".into())));
    world.until("the records are listed", || world.records(ACME) == ["Missing"; 3]).await;
    let tags = world.identity(DOMAIN).unwrap().tags;
    assert_eq!((tags[OWNER_TAG].as_str(), tags[ENVIRONMENT_TAG].as_str(), tags.len()), ("owner-1", "default", 3));
    assert_eq!(tags[CLAIM_TAG], world.stored_claim(DOMAIN).unwrap().uid);
    world.pass(5 * MINUTE).await;
    assert_eq!(world.ses_calls(DOMAIN), [SesCall::Create, SesCall::Get], "without the records SES is not asked");

    world.publish(DOMAIN);
    let published = world.age();
    world.until_ready(ACME).await;
    assert!(world.since(published) < MINUTE, "{:?}", world.since(published));
    assert_eq!(world.records(ACME), ["Found"; 3]);
    assert_eq!(world.ses_calls(DOMAIN)[2..], [SesCall::Get]);
    let told = world.history(ACME);
    assert_eq!([&told[0], &told[1], told.last().unwrap()], STAGES);
    assert!(told[2..told.len() - 1].iter().all(|said| said[2] == "DkimReady False Pending"), "{told:?}");
    let expected = [EventReason::Claimed, EventReason::IdentityCreated, EventReason::BecameReady];
    world.until("the events are told", || world.events_of(ACME) == expected).await;

    let calls = world.ses_calls(DOMAIN).len();
    world.delete(ACME);
    let deleted = world.age();
    world.until_state(DOMAIN, State::Releasing).await;
    world.until("it is told", || world.told(EventReason::ReleaseStarted).len() == 1).await;
    world.until("its end is recorded", || world.claim(DOMAIN).unwrap().identity.delete_time.is_some()).await;
    assert!((15 * MINUTE..17 * MINUTE).contains(&world.since(deleted)), "{:?}", world.since(deleted));
    assert!(world.identity(DOMAIN).is_some(), "the record of the deletion comes first");
    world.until_state(DOMAIN, State::Released).await;
    assert_eq!(world.ses_calls(DOMAIN)[calls..], [SesCall::Get, SesCall::Delete, SesCall::Get]);
    let claim = world.claim(DOMAIN).unwrap();
    assert_eq!((claim.tenant, claim.holder, claim.identity.created_time), (None, None, None));
    world.until("it is told", || world.told(EventReason::Released).len() == 1).await;

    let calls = world.ses_calls(DOMAIN).len();
    world.pass(29 * DAY).await;
    assert_eq!(world.state(DOMAIN), Some(State::Released));
    world.until_within(2 * DAY, "the claim is forgotten", || world.claim(DOMAIN).is_none()).await;
    assert_eq!(world.ses_calls(DOMAIN)[calls..], [SesCall::Get], "after a last look");
}

#[tokio::test(start_paused = true)]
async fn a_changed_spec_is_observed_at_once_and_without_a_call() {
    let (world, _operator) = ready().await;
    let calls = world.journal().len();
    for (generation, policy) in [(2, Some(DeletionPolicy::Retain)), (3, None)] {
        world.edit(ACME, |spec| spec.deletion_policy = policy);
        world.until_says_within(MINUTE, ACME, &["Ready True Ready"]).await;
        assert_eq!((world.status(ACME).observed_generation, world.journal().len()), (generation, calls));
        let seen = world.claim(DOMAIN).unwrap().identity.deletion_policy;
        assert_eq!(seen, Some(policy.unwrap_or_default()), "the one that was seen last counts");
    }
}
