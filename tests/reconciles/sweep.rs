//! Sweeps list all identities and trigger a read where the list differs; a list alone decides nothing.

use sender_operator::{
    model::claim::State,
    ses::{CLAIM_TAG, ENVIRONMENT_TAG, OWNER_TAG, SesError},
};

use crate::{
    setup::{ACME, DOMAIN, many_ready, names},
    simulation::{HOUR, How, MINUTE, Operator, SECOND, SesCall, Simulation},
};

/// An operator with such rare full reads that only the sweep can find changes.
fn start(sim: &Simulation) -> Operator {
    sim.start_with(|config| config.refresh_interval = 1000 * HOUR)
}

#[tokio::test(start_paused = true)]
async fn the_next_sweep_finds_changes_at_ses_and_costs_no_other_domain_a_call() {
    let sim = Simulation::new();
    let _operator = start(&sim);
    sim.ready("acme", DOMAIN).await;
    sim.ready("other", "example.org").await;
    let others = sim.ses_calls("example.org");
    sim.delete_at_ses(DOMAIN);
    sim.until_within(6 * MINUTE, "it exists again", || sim.identity(DOMAIN).is_some()).await;
    sim.advance(2 * MINUTE).await;
    sim.until_ready(ACME).await;
    sim.unpublish(DOMAIN);
    sim.until_says_within(15 * MINUTE, ACME, &["IdentityVerified True TemporaryFailure"]).await;
    assert_eq!(sim.ses_calls("example.org"), others);
}

#[tokio::test(start_paused = true)]
async fn one_list_for_all_updates_domains_that_wait_for_ses_within_seconds() {
    let sim = Simulation::new();
    let _operator = start(&sim);
    sim.tenant("acme");
    let names = names(30);
    for name in &names {
        sim.apply(&format!("acme/{name}"), name);
    }
    for name in &names {
        sim.until("the records are listed", || sim.records(&format!("acme/{name}")).len() == 3).await;
        sim.at_ses(name, |identity| identity.blind = true);
    }
    for name in &names {
        sim.publish(name);
    }
    sim.advance(MINUTE).await;
    let (lists, calls) = (sim.lists(), sim.journal().len());
    sim.advance(MINUTE).await;
    assert!((3..=5).contains(&(sim.lists() - lists)), "one list every 15 s at first");
    assert_eq!(sim.journal().len(), calls, "no domain is read individually");
    for name in &names {
        sim.at_ses(name, |identity| identity.blind = false);
    }
    let age = sim.age();
    for name in &names {
        sim.until_ready(&format!("acme/{name}")).await;
    }
    // A list within 45 s by then, and 30 full reads at one per second.
    assert!(sim.since(age) < 90 * SECOND, "{:?}", sim.since(age));
}

#[tokio::test(start_paused = true)]
async fn a_list_that_fails_changes_nothing() {
    for error in [SesError::Server, SesError::Throttled, SesError::Malformed, SesError::Unreachable] {
        let sim = Simulation::new();
        let operator = start(&sim);
        many_ready(&sim, 3).await;
        sim.advance(HOUR).await;
        let (writes, calls) = (sim.all_writes(), sim.journal().len());
        sim.fail_ses(SesCall::List, How::Refused, &error, usize::MAX);
        sim.advance(5 * HOUR).await;
        assert_eq!((sim.all_writes(), sim.journal().len()), (writes, calls), "{error:?}");
        assert_eq!(operator.reconciles("failed"), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_short_list_changes_nothing_and_a_sample_confirms_a_real_loss_of_very_many() {
    let sim = Simulation::new();
    let _operator = start(&sim);
    let names = many_ready(&sim, 40).await;
    sim.advance(HOUR).await;
    let (writes, calls, lists) = (sim.all_writes(), sim.journal().len(), sim.lists());
    sim.ses_lists(Some(0));
    sim.advance(HOUR).await;
    let (looks, lists) = (sim.journal().len() - calls, sim.lists() - lists);
    assert_eq!(sim.all_writes(), writes);
    assert!(lists >= 12 && looks <= 10 * lists, "{looks} reads after {lists} lists");
    assert!(sim.journal()[calls..].iter().all(|call| call.operation == SesCall::Get));
    sim.ses_lists(None);
    sim.advance(10 * MINUTE).await;
    let calls = sim.journal().len();
    sim.advance(HOUR).await;
    assert_eq!(sim.journal().len(), calls, "it is over");
    for name in &names {
        sim.delete_at_ses(name);
    }
    for name in &names {
        sim.until_within(20 * MINUTE, "it exists again", || sim.identity(name).is_some()).await;
        sim.until_ready(&format!("acme/{name}")).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_has_as_many_pages_as_it_needs() {
    let sim = Simulation::new();
    let operator = start(&sim);
    sim.ready("acme", DOMAIN).await;
    (0..2500).for_each(|n| sim.create_at_ses(&format!("other{n}.example"), &[]));
    sim.advance(HOUR).await;
    let lists = sim.lists();
    sim.advance(HOUR).await;
    let sweeps = (sim.lists() - lists) / 3;
    assert!((12..=14).contains(&sweeps), "{sweeps} sweeps of three pages");
    assert_eq!(operator.metric::<u64>("sender_operator_ses_unclaimed_identities"), 2500);
}

#[tokio::test(start_paused = true)]
async fn a_creation_that_came_too_late_is_found_and_deleted() {
    let sim = Simulation::new();
    let _operator = start(&sim);
    sim.fail_ses(SesCall::Create, How::Refused, &SesError::Unreachable, usize::MAX);
    sim.tenant("acme");
    sim.apply(ACME, DOMAIN);
    sim.until_says(ACME, &["Ready False SesUnavailable"]).await;
    sim.delete(ACME);
    sim.until_state(DOMAIN, State::Released).await;
    sim.heal();
    let claim = sim.stored_claim(DOMAIN).unwrap().uid;
    let late = [(OWNER_TAG, "owner-1"), (ENVIRONMENT_TAG, "default"), (CLAIM_TAG, claim.as_str())];
    sim.create_at_ses(DOMAIN, &late);
    sim.until_state(DOMAIN, State::Releasing).await;
    sim.until_state(DOMAIN, State::Released).await;
    assert!(sim.identity(DOMAIN).is_none());
}

#[tokio::test(start_paused = true)]
async fn a_foreign_identity_of_a_free_domain_is_read_once_and_left_alone() {
    let sim = Simulation::new();
    let operator = start(&sim);
    sim.ready("acme", DOMAIN).await;
    sim.delete(ACME);
    sim.until_state(DOMAIN, State::Released).await;
    sim.create_at_ses(DOMAIN, &[]);
    let calls = sim.ses_calls(DOMAIN).len();
    sim.advance(5 * HOUR).await;
    assert_eq!(sim.ses_calls(DOMAIN)[calls..], [SesCall::Get]);
    drop(operator);
    let _operator = start(&sim);
    sim.advance(5 * HOUR).await;
    assert_eq!(sim.ses_calls(DOMAIN)[calls..], [SesCall::Get; 2], "once again after a restart");
}
