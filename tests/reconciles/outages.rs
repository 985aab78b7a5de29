//! Outages of AWS, the API server and DNS, and consequences that they must not have.

use sender_operator::{cluster::store::StoreError, ses::SesError};

use crate::{
    setup::{ACME, DOMAIN, many_ready, ready, waiting},
    simulation::{DAY, HOUR, How, MINUTE, SECOND, SesCall, Simulation, StoreCall},
};

/// A simulation in which acme applies its domain.
fn applied() -> Simulation {
    let sim = Simulation::new();
    sim.tenant("acme");
    sim.apply(ACME, DOMAIN);
    sim
}

#[tokio::test(start_paused = true)]
async fn a_domain_that_cannot_be_created_reports_the_cause_once_and_continues_when_it_can() {
    let denied = SesError::Denied { code: "AccessDeniedException".into() };
    let full = SesError::LimitExceeded { code: "LimitExceededException".into() };
    for (error, reason, word) in [
        (SesError::Unreachable, "SesUnavailable", "The operator retries."),
        (denied, "AccessDenied", "AccessDeniedException"),
        (full, "LimitExceeded", "LimitExceededException"),
    ] {
        let sim = applied();
        sim.ses_down(&error);
        let _operator = sim.start();
        sim.until_says(ACME, &[&format!("Ready False {reason}"), &format!("Reconciling True {reason}")]).await;
        assert!(sim.message(ACME, "Ready").contains(word), "{}", sim.message(ACME, "Ready"));
        let told = sim.history(ACME).len();
        sim.advance(DAY).await;
        assert_eq!(sim.history(ACME).len(), told, "it is reported once");
        sim.heal();
        sim.publish(DOMAIN);
        sim.until_ready(ACME).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_domain_that_was_ready_stays_so_and_mentions_a_lasting_outage() {
    let (sim, _operator) = ready().await;
    let calls = sim.journal().len();
    sim.ses_down(&SesError::Server);
    let failures = || sim.journal()[calls..].iter().filter(|call| call.error.is_some()).count();
    sim.until("SES failed twice", || failures() == 2).await;
    assert!(sim.is_saying(ACME, &["IdentityVerified True Verified"]), "a short failure causes no write");
    sim.until_says(ACME, &["IdentityVerified True SesUnavailable", "Ready True Ready"]).await;
    assert_eq!(failures(), 3);
    sim.heal();
    sim.until_says(ACME, &["IdentityVerified True Verified"]).await;
}

#[tokio::test(start_paused = true)]
async fn an_unreachable_ses_is_reported_once_all_records_are_published() {
    let (sim, _operator) = waiting().await;
    sim.ses_down(&SesError::Denied { code: "AccessDeniedException".into() });
    sim.advance(HOUR).await;
    assert!(sim.is_saying(ACME, &["Ready False RecordsMissing"]), "tenants have to act on it");
    sim.publish(DOMAIN);
    sim.until_says(ACME, &["IdentityVerified False AccessDenied", "Ready False AccessDenied"]).await;
    assert!(sim.message(ACME, "Ready").ends_with("Last known state: SES is looking for the DKIM records."));
    sim.heal();
    sim.until_ready(ACME).await;
}

#[tokio::test(start_paused = true)]
async fn domains_that_wait_for_the_call_budget_report_no_wait_and_report_an_outage_once() {
    let sim = Simulation::new();
    let operator = sim.start();
    let names = many_ready(&sim, 12).await;
    sim.advance(HOUR).await;
    assert!(operator.reconciles("deferred") > 0 && operator.reconciles("failed") == 0);
    let said = names.iter().flat_map(|name| sim.history(&format!("acme/{name}"))).flatten();
    assert_eq!(said.filter(|said| said.contains("SesUnavailable")).count(), 0);
    sim.ses_down(&SesError::Unreachable);
    for name in &names {
        sim.until_says(&format!("acme/{name}"), &["IdentityVerified True SesUnavailable"]).await;
    }
    let told = || names.iter().map(|name| sim.history(&format!("acme/{name}")).len()).sum::<usize>();
    let (before, deferred) = (told(), operator.reconciles("deferred"));
    sim.advance(6 * HOUR).await;
    assert!(operator.reconciles("deferred") > deferred, "some had to wait for the call budget");
    assert_eq!(told(), before);
}

#[tokio::test(start_paused = true)]
async fn an_api_server_that_fails_delays_and_changes_nothing() {
    use StoreCall::{ApplyStatus, CreateClaim, GetClaim, GetDomain, GetNamespace, ListClaims, SwapClaim};
    for call in [GetClaim, CreateClaim, SwapClaim, ListClaims, GetDomain, GetNamespace, ApplyStatus] {
        for how in [How::Refused, How::AnswerLost] {
            let sim = applied();
            let _operator = sim.start();
            sim.fail_store(call, "", how, StoreError::Unavailable, 3);
            sim.publish(DOMAIN);
            sim.until_ready(ACME).await;
            assert_eq!(sim.ses_writes(DOMAIN), [SesCall::Create], "{call:?} {how:?}");
            assert!(sim.age() < 2 * MINUTE, "{call:?} {how:?}: {:?}", sim.age());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_conflict_repeats_the_reconcile_at_once_and_writes_nothing_to_ses_before() {
    let sim = applied();
    sim.fail_store(StoreCall::SwapClaim, "default.example.com", How::Refused, StoreError::Conflict, 2);
    let _operator = sim.start();
    sim.until("the claim is held", || sim.owner(DOMAIN).is_some()).await;
    assert!(sim.journal().is_empty());
    assert!(sim.age() < SECOND, "{:?}", sim.age());
    sim.publish(DOMAIN);
    sim.until_ready(ACME).await;
    assert_eq!(sim.ses_writes(DOMAIN), [SesCall::Create]);
}
