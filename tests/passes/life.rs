//! From `kubectl apply` to Ready.

use sender_operator::{
    api::{domain::DeletionPolicy, reasons::EventReason},
    model::claim::State,
    ses::{CLAIM_TAG, ENVIRONMENT_TAG, OWNER_TAG},
};

use crate::world::{MINUTE, SesCall, World};

#[tokio::test(start_paused = true)]
async fn a_domain_is_claimed_created_listed_published_and_ready() {
    let world = World::new();
    let _operator = world.start();
    world.tenant("acme");
    world.apply("acme/mail", "example.com");

    world.until_says("acme/mail", &["Owned True Held"]).await;
    assert_eq!(world.state("example.com"), Some(State::Held));
    assert_eq!(world.owner("example.com").unwrap(), "tenant/acme");

    world.until("the records are listed", || world.records("acme/mail") == ["Missing"; 3]).await;
    let tags = world.identity("example.com").unwrap().tags;
    assert_eq!((tags[OWNER_TAG].as_str(), tags[ENVIRONMENT_TAG].as_str(), tags.len()), ("owner-1", "default", 3));
    assert_eq!(tags[CLAIM_TAG], world.stored_claim("example.com").unwrap().uid);

    world.publish("example.com");
    world.until_ready("acme/mail").await;
    assert_eq!(world.records("acme/mail"), ["Found"; 3]);
    let expected = [EventReason::Claimed, EventReason::IdentityCreated, EventReason::BecameReady];
    world.until("the events are told", || world.events_of("acme/mail") == expected).await;
    assert!(world.age() < MINUTE, "{:?}", world.age());
}

#[tokio::test(start_paused = true)]
async fn every_stage_has_its_conditions_and_one_status() {
    let world = World::new();
    let _operator = world.start();
    world.tenant("acme");
    world.apply("acme/mail", "example.com");
    world.until("the records are listed", || world.records("acme/mail").len() == 3).await;
    world.pass(MINUTE).await;
    world.publish("example.com");
    world.until_ready("acme/mail").await;
    let stages = world.history("acme/mail");
    let expected: [&[&str]; 3] = [
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
    let between = &stages[2..stages.len() - 1];
    assert_eq!(stages[..2], expected[..2]);
    assert_eq!(stages.last().unwrap(), expected[2]);
    assert!(between.iter().all(|said| said[2] == "DkimReady False Pending"), "{between:?}");
}

#[tokio::test(start_paused = true)]
async fn the_happy_path_costs_three_calls_and_a_list() {
    let world = World::new();
    let _operator = world.start();
    world.tenant("acme");
    world.apply("acme/mail", "example.com");
    world.until("the records are listed", || world.records("acme/mail").len() == 3).await;
    assert_eq!(world.ses_calls("example.com"), [SesCall::Create, SesCall::Get]);
    world.pass(5 * MINUTE).await;
    assert_eq!(world.ses_calls("example.com").len(), 2, "as long as DNS lacks the records, SES is not asked");
    world.publish("example.com");
    world.until_ready("acme/mail").await;
    assert_eq!(world.ses_calls("example.com")[2..], [SesCall::Get]);
}

#[tokio::test(start_paused = true)]
async fn a_status_is_there_before_the_first_call_to_ses() {
    let world = World::new();
    let _operator = world.start();
    world.tenant("acme");
    world.apply("acme/mail", "example.com");
    world.until("SES was called", || !world.journal().is_empty()).await;
    assert_eq!(world.history("acme/mail").len(), 1);
    assert_eq!(world.status("acme/mail").observed_generation, 1);
}

#[tokio::test(start_paused = true)]
async fn a_changed_spec_is_observed_at_once_and_without_a_call() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    let calls = world.journal().len();
    world.edit("acme/mail", |spec| spec.deletion_policy = Some(DeletionPolicy::Retain));
    world.until_says_within(MINUTE, "acme/mail", &["Ready True Ready"]).await;
    assert_eq!(world.status("acme/mail").observed_generation, 2);
    assert_eq!(world.journal().len(), calls);
}

#[tokio::test(start_paused = true)]
async fn a_public_suffix_is_stalled_and_never_claimed() {
    let world = World::new();
    let _operator = world.start();
    world.tenant("acme");
    world.apply("acme/mail", "co.uk");
    let expected = ["Owned False PublicSuffix", "Ready False PublicSuffix", "Stalled True PublicSuffix"];
    world.until_says("acme/mail", &expected).await;
    world.pass(60 * MINUTE).await;
    assert_eq!(world.state("co.uk"), None);
    assert!(world.journal().is_empty());
    assert_eq!(world.history("acme/mail").len(), 1);
}
