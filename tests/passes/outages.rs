//! AWS, the API server or DNS fail, and what that must not lead to.

use sender_operator::{cluster::store::StoreError, ses::SesError};

use crate::world::{DAY, HOUR, How, MINUTE, SECOND, SesCall, StoreCall, World};

#[tokio::test(start_paused = true)]
async fn a_domain_that_was_never_ready_says_that_ses_is_down_and_recovers() {
    let world = World::new();
    let _operator = world.start();
    world.ses_down(&SesError::Unreachable);
    world.tenant("acme");
    world.apply("acme/mail", "example.com");
    let expected =
        ["IdentityVerified Unknown SesUnavailable", "Ready False SesUnavailable", "Reconciling True SesUnavailable"];
    world.until_says("acme/mail", &expected).await;
    let told = world.history("acme/mail").len();
    world.pass(DAY).await;
    assert_eq!(world.history("acme/mail").len(), told, "an outage is told once");
    world.heal();
    world.publish("example.com");
    world.until_ready("acme/mail").await;
}

#[tokio::test(start_paused = true)]
async fn a_domain_that_was_ready_stays_so_and_mentions_a_lasting_outage() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    let calls = world.journal().len();
    world.ses_down(&SesError::Server);
    let failures = || world.journal()[calls..].iter().filter(|call| call.error.is_some()).count();
    world.until("SES failed twice", || failures() == 2).await;
    assert!(world.is_saying("acme/mail", &["IdentityVerified True Verified"]), "a blip is not worth a write");
    world.until_says("acme/mail", &["IdentityVerified True SesUnavailable", "Ready True Ready"]).await;
    assert_eq!(failures(), 3);
    let told = world.history("acme/mail").len();
    world.pass(DAY).await;
    assert!(world.is_saying("acme/mail", &["Ready True Ready"]));
    assert_eq!(world.history("acme/mail").len(), told, "an outage is told once");
    world.heal();
    world.until_says("acme/mail", &["IdentityVerified True Verified"]).await;
}

#[tokio::test(start_paused = true)]
async fn who_has_published_all_records_is_told_that_ses_can_not_be_asked() {
    let world = World::new();
    let _operator = world.start();
    world.tenant("acme");
    world.apply("acme/mail", "example.com");
    world.until_says("acme/mail", &["Ready False RecordsMissing"]).await;
    world.ses_down(&SesError::Denied { code: "AccessDeniedException".into() });
    world.pass(HOUR).await;
    assert!(world.is_saying("acme/mail", &["Ready False RecordsMissing"]), "there is something to do for them");
    world.publish("example.com");
    world.until_says("acme/mail", &["IdentityVerified False AccessDenied", "Ready False AccessDenied"]).await;
    assert!(world.message("acme/mail", "Ready").ends_with("Last seen: SES is looking for the DKIM records."));
    world.heal();
    world.until_ready("acme/mail").await;
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_told_once_by_each_of_many_domains_that_wait_for_their_turns() {
    let world = World::new();
    let operator = world.start();
    world.tenant("acme");
    let names: Vec<String> = (0..12).map(|n| format!("d{n}.example")).collect();
    for name in &names {
        world.publish(name);
        world.apply(&format!("acme/{name}"), name);
    }
    for name in &names {
        world.until_ready(&format!("acme/{name}")).await;
    }
    world.ses_down(&SesError::Unreachable);
    for name in &names {
        world.until_says(&format!("acme/{name}"), &["IdentityVerified True SesUnavailable"]).await;
    }
    let told: usize = names.iter().map(|name| world.history(&format!("acme/{name}")).len()).sum();
    let deferred = operator.passes("deferred");
    world.pass(6 * HOUR).await;
    assert!(operator.passes("deferred") > deferred, "some had to wait for their turns");
    assert_eq!(names.iter().map(|name| world.history(&format!("acme/{name}")).len()).sum::<usize>(), told);
}

#[tokio::test(start_paused = true)]
async fn refused_credentials_are_named() {
    let world = World::new();
    let _operator = world.start();
    let denied = SesError::Denied { code: "AccessDeniedException".into() };
    world.fail_ses(SesCall::Create, How::Refused, &denied, usize::MAX);
    world.tenant("acme");
    world.apply("acme/mail", "example.com");
    world.until_says("acme/mail", &["IdentityVerified False AccessDenied", "Reconciling True AccessDenied"]).await;
    assert!(world.message("acme/mail", "Ready").contains("AccessDeniedException"));
    let told = world.history("acme/mail").len();
    world.pass(HOUR).await;
    assert_eq!(world.history("acme/mail").len(), told, "the same refusal is told once");
    world.heal();
    world.until("it goes on", || world.records("acme/mail").len() == 3).await;
}

#[tokio::test(start_paused = true)]
async fn a_used_up_quota_is_named() {
    let world = World::new();
    let _operator = world.start();
    let full = SesError::LimitExceeded { code: "LimitExceededException".into() };
    world.fail_ses(SesCall::Create, How::Refused, &full, usize::MAX);
    world.tenant("acme");
    world.apply("acme/mail", "example.com");
    world.until_says("acme/mail", &["Ready False LimitExceeded", "Reconciling True LimitExceeded"]).await;
}

#[tokio::test(start_paused = true)]
async fn background_calls_that_have_no_turn_are_put_back_and_nothing_is_wrong() {
    let world = World::new();
    let operator = world.start();
    world.tenant("acme");
    let names: Vec<String> = (0..8).map(|n| format!("d{n}.example")).collect();
    for name in &names {
        world.apply(&format!("acme/{name}"), name);
    }
    for name in &names {
        world.until("it has its records", || world.records(&format!("acme/{name}")).len() == 3).await;
    }
    for name in &names {
        world.publish(name);
    }
    for name in &names {
        world.until_ready(&format!("acme/{name}")).await;
        let history = world.history(&format!("acme/{name}")).concat();
        assert!(!history.iter().any(|said| said.contains("SesUnavailable")), "{history:?}");
    }
    assert!(operator.passes("deferred") > 0);
    assert_eq!(operator.passes("failed"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_never_answers_is_given_up() {
    let world = World::new();
    let _operator = world.start();
    world.fail_ses(SesCall::Create, How::Silent, &SesError::Unreachable, 1);
    world.publish("example.com");
    world.tenant("acme");
    world.apply("acme/mail", "example.com");
    world.until_says_within(MINUTE, "acme/mail", &["Ready False SesUnavailable"]).await;
    world.until_ready("acme/mail").await;
    assert_eq!(world.ses_writes("example.com"), [SesCall::Create; 2]);
}

#[tokio::test(start_paused = true)]
async fn a_pass_that_hangs_is_given_up_and_repeated() {
    let world = World::new();
    let _operator = world.start();
    world.dns_silent("example.com");
    world.tenant("acme");
    world.apply("acme/mail", "example.com");
    world.pass(10 * MINUTE).await;
    world.heal();
    world.publish("example.com");
    world.until_ready("acme/mail").await;
}

#[tokio::test(start_paused = true)]
async fn a_panic_hurts_only_the_domain_whose_pass_it_was() {
    let world = World::new();
    let operator = world.start();
    world.tenant("acme");
    world.dns_panics("bad.example");
    for name in ["bad.example", "good.example"] {
        world.publish(name);
        world.apply(&format!("acme/{name}"), name);
    }
    world.until_ready("acme/good.example").await;
    world.pass(DAY).await;
    assert!(operator.passes("failed") > 100, "it is tried again and again, with backoff");
    assert!(operator.passes("failed") < 600, "{}", operator.passes("failed"));
    assert!(world.is_saying("acme/good.example", &["Ready True Ready"]));
    world.heal();
    world.until_ready("acme/bad.example").await;
}

#[tokio::test(start_paused = true)]
async fn an_api_server_that_fails_delays_and_changes_nothing() {
    for call in [
        StoreCall::GetClaim,
        StoreCall::CreateClaim,
        StoreCall::SwapClaim,
        StoreCall::ListClaims,
        StoreCall::GetDomain,
        StoreCall::GetNamespace,
        StoreCall::ApplyStatus,
    ] {
        for how in [How::Refused, How::AnswerLost] {
            let world = World::new();
            let _operator = world.start();
            world.fail_store(call, "", how, StoreError::Unavailable, 3);
            world.publish("example.com");
            world.tenant("acme");
            world.apply("acme/mail", "example.com");
            world.until_ready("acme/mail").await;
            assert_eq!(world.ses_writes("example.com"), [SesCall::Create], "{call:?} {how:?}");
            assert!(world.age() < 2 * MINUTE, "{call:?} {how:?}: {:?}", world.age());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_conflict_repeats_the_pass_at_once_and_writes_nothing_to_ses_before() {
    let world = World::new();
    let _operator = world.start();
    world.fail_store(StoreCall::SwapClaim, "default.example.com", How::Refused, StoreError::Conflict, 2);
    world.tenant("acme");
    world.apply("acme/mail", "example.com");
    world.until("the claim is held", || world.owner("example.com").is_some()).await;
    assert!(world.journal().is_empty());
    assert!(world.age() < SECOND, "{:?}", world.age());
    world.publish("example.com");
    world.until_ready("acme/mail").await;
    assert_eq!(world.ses_writes("example.com"), [SesCall::Create]);
}
