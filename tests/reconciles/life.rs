//! From `kubectl apply` to Ready and to the deletion.

use sender_operator::{
    api::{domain::DeletionPolicy, reasons::EventReason},
    model::claim::State,
    ses::{CLAIM_TAG, ENVIRONMENT_TAG, OWNER_TAG},
};

use crate::{
    setup::{ACME, DOMAIN, ready},
    simulation::{DAY, MINUTE, SesCall, Simulation},
};

/// The object's conditions until it is Ready, without those in between while SES searches.
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
    let sim = Simulation::new();
    let _operator = sim.start();
    sim.tenant("acme");
    sim.apply(ACME, DOMAIN);
    sim.until("SES was called", || !sim.journal().is_empty()).await;
    assert_eq!((sim.history(ACME).len(), sim.status(ACME).observed_generation), (1, 1), "a status comes first");
    assert_eq!((sim.state(DOMAIN), sim.owner(DOMAIN)), (Some(State::Held), Some("tenant/acme".into())));
    sim.until("the records are listed", || sim.records(ACME) == ["Missing"; 3]).await;
    let tags = sim.identity(DOMAIN).unwrap().tags;
    assert_eq!((tags[OWNER_TAG].as_str(), tags[ENVIRONMENT_TAG].as_str(), tags.len()), ("owner-1", "default", 3));
    assert_eq!(tags[CLAIM_TAG], sim.stored_claim(DOMAIN).unwrap().uid);
    sim.advance(5 * MINUTE).await;
    assert_eq!(sim.ses_calls(DOMAIN), [SesCall::Create, SesCall::Get], "without the records SES is not called");

    sim.publish(DOMAIN);
    let published = sim.age();
    sim.until_ready(ACME).await;
    assert!(sim.since(published) < MINUTE, "{:?}", sim.since(published));
    assert_eq!(sim.records(ACME), ["Found"; 3]);
    assert_eq!(sim.ses_calls(DOMAIN)[2..], [SesCall::Get]);
    let told = sim.history(ACME);
    assert_eq!([&told[0], &told[1], told.last().unwrap()], STAGES);
    assert!(told[2..told.len() - 1].iter().all(|said| said[2] == "DkimReady False Pending"), "{told:?}");
    let expected = [EventReason::Claimed, EventReason::IdentityCreated, EventReason::BecameReady];
    sim.until("the events are published", || sim.events_of(ACME) == expected).await;

    let calls = sim.ses_calls(DOMAIN).len();
    sim.delete(ACME);
    let deleted = sim.age();
    sim.until_state(DOMAIN, State::Releasing).await;
    sim.until("it is reported", || sim.told(EventReason::ReleaseStarted).len() == 1).await;
    sim.until("its end is recorded", || sim.claim(DOMAIN).unwrap().identity.delete_time.is_some()).await;
    assert!((15 * MINUTE..17 * MINUTE).contains(&sim.since(deleted)), "{:?}", sim.since(deleted));
    assert!(sim.identity(DOMAIN).is_some(), "the record of the deletion comes first");
    sim.until_state(DOMAIN, State::Released).await;
    assert_eq!(sim.ses_calls(DOMAIN)[calls..], [SesCall::Get, SesCall::Delete, SesCall::Get]);
    let claim = sim.claim(DOMAIN).unwrap();
    assert_eq!((claim.tenant, claim.holder, claim.identity.created_time), (None, None, None));
    sim.until("it is reported", || sim.told(EventReason::Released).len() == 1).await;

    let calls = sim.ses_calls(DOMAIN).len();
    sim.advance(29 * DAY).await;
    assert_eq!(sim.state(DOMAIN), Some(State::Released));
    sim.until_within(2 * DAY, "the claim is forgotten", || sim.claim(DOMAIN).is_none()).await;
    assert_eq!(sim.ses_calls(DOMAIN)[calls..], [SesCall::Get], "after a last read");
}

#[tokio::test(start_paused = true)]
async fn a_changed_spec_is_observed_at_once_and_without_a_call() {
    let (sim, _operator) = ready().await;
    let calls = sim.journal().len();
    for (generation, policy) in [(2, Some(DeletionPolicy::Retain)), (3, None)] {
        sim.edit(ACME, |spec| spec.deletion_policy = policy);
        sim.until_says_within(MINUTE, ACME, &["Ready True Ready"]).await;
        assert_eq!((sim.status(ACME).observed_generation, sim.journal().len()), (generation, calls));
        let seen = sim.claim(DOMAIN).unwrap().identity.deletion_policy;
        assert_eq!(seen, Some(policy.unwrap_or_default()), "the last observation counts");
    }
}
