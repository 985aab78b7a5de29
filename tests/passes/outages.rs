//! AWS, the API server or DNS fail, and what that must not lead to.

use sender_operator::{cluster::store::StoreError, ses::SesError};

use crate::{
    setup::{ACME, DOMAIN, many_ready, ready, waiting},
    world::{DAY, HOUR, How, MINUTE, SECOND, SesCall, StoreCall, World},
};

/// A world in which acme applies its domain.
fn applied() -> World {
    let world = World::new();
    world.tenant("acme");
    world.apply(ACME, DOMAIN);
    world
}

#[tokio::test(start_paused = true)]
async fn a_domain_that_can_not_be_created_says_why_once_and_goes_on_when_it_can() {
    let denied = SesError::Denied { code: "AccessDeniedException".into() };
    let full = SesError::LimitExceeded { code: "LimitExceededException".into() };
    for (error, reason, word) in [
        (SesError::Unreachable, "SesUnavailable", "The operator retries."),
        (denied, "AccessDenied", "AccessDeniedException"),
        (full, "LimitExceeded", "LimitExceededException"),
    ] {
        let world = applied();
        world.ses_down(&error);
        let _operator = world.start();
        world.until_says(ACME, &[&format!("Ready False {reason}"), &format!("Reconciling True {reason}")]).await;
        assert!(world.message(ACME, "Ready").contains(word), "{}", world.message(ACME, "Ready"));
        let told = world.history(ACME).len();
        world.pass(DAY).await;
        assert_eq!(world.history(ACME).len(), told, "it is told once");
        world.heal();
        world.publish(DOMAIN);
        world.until_ready(ACME).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_domain_that_was_ready_stays_so_and_mentions_a_lasting_outage() {
    let (world, _operator) = ready().await;
    let calls = world.journal().len();
    world.ses_down(&SesError::Server);
    let failures = || world.journal()[calls..].iter().filter(|call| call.error.is_some()).count();
    world.until("SES failed twice", || failures() == 2).await;
    assert!(world.is_saying(ACME, &["IdentityVerified True Verified"]), "a blip is not worth a write");
    world.until_says(ACME, &["IdentityVerified True SesUnavailable", "Ready True Ready"]).await;
    assert_eq!(failures(), 3);
    world.heal();
    world.until_says(ACME, &["IdentityVerified True Verified"]).await;
}

#[tokio::test(start_paused = true)]
async fn who_has_published_all_records_is_told_that_ses_can_not_be_asked() {
    let (world, _operator) = waiting().await;
    world.ses_down(&SesError::Denied { code: "AccessDeniedException".into() });
    world.pass(HOUR).await;
    assert!(world.is_saying(ACME, &["Ready False RecordsMissing"]), "there is something to do for them");
    world.publish(DOMAIN);
    world.until_says(ACME, &["IdentityVerified False AccessDenied", "Ready False AccessDenied"]).await;
    assert!(world.message(ACME, "Ready").ends_with("Last known state: SES is looking for the DKIM records."));
    world.heal();
    world.until_ready(ACME).await;
}

#[tokio::test(start_paused = true)]
async fn domains_that_wait_for_their_turns_say_nothing_of_it_and_tell_an_outage_once() {
    let world = World::new();
    let operator = world.start();
    let names = many_ready(&world, 12).await;
    world.pass(HOUR).await;
    assert!(operator.passes("deferred") > 0 && operator.passes("failed") == 0);
    let said = names.iter().flat_map(|name| world.history(&format!("acme/{name}"))).flatten();
    assert_eq!(said.filter(|said| said.contains("SesUnavailable")).count(), 0);
    world.ses_down(&SesError::Unreachable);
    for name in &names {
        world.until_says(&format!("acme/{name}"), &["IdentityVerified True SesUnavailable"]).await;
    }
    let told = || names.iter().map(|name| world.history(&format!("acme/{name}")).len()).sum::<usize>();
    let (before, deferred) = (told(), operator.passes("deferred"));
    world.pass(6 * HOUR).await;
    assert!(operator.passes("deferred") > deferred, "some had to wait for their turns");
    assert_eq!(told(), before);
}

#[tokio::test(start_paused = true)]
async fn an_api_server_that_fails_delays_and_changes_nothing() {
    use StoreCall::{ApplyStatus, CreateClaim, GetClaim, GetDomain, GetNamespace, ListClaims, SwapClaim};
    for call in [GetClaim, CreateClaim, SwapClaim, ListClaims, GetDomain, GetNamespace, ApplyStatus] {
        for how in [How::Refused, How::AnswerLost] {
            let world = applied();
            let _operator = world.start();
            world.fail_store(call, "", how, StoreError::Unavailable, 3);
            world.publish(DOMAIN);
            world.until_ready(ACME).await;
            assert_eq!(world.ses_writes(DOMAIN), [SesCall::Create], "{call:?} {how:?}");
            assert!(world.age() < 2 * MINUTE, "{call:?} {how:?}: {:?}", world.age());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_conflict_repeats_the_pass_at_once_and_writes_nothing_to_ses_before() {
    let world = applied();
    world.fail_store(StoreCall::SwapClaim, "default.example.com", How::Refused, StoreError::Conflict, 2);
    let _operator = world.start();
    world.until("the claim is held", || world.owner(DOMAIN).is_some()).await;
    assert!(world.journal().is_empty());
    assert!(world.age() < SECOND, "{:?}", world.age());
    world.publish(DOMAIN);
    world.until_ready(ACME).await;
    assert_eq!(world.ses_writes(DOMAIN), [SesCall::Create]);
}
