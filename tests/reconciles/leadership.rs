//! Several replicas: the leader writes; the others read everything and write nothing.

use sender_operator::model::claim::DeletionPolicy;

use crate::{
    setup::{ACME, DOMAIN, names, ready},
    simulation::{HOUR, MINUTE, Operator, SECOND, SesCall, Simulation},
};

fn standby(sim: &Simulation) -> Operator {
    let operator = sim.start();
    operator.stand_by();
    operator
}

#[tokio::test(start_paused = true)]
async fn a_standby_is_ready_writes_nothing_and_works_at_once_when_it_leads() {
    let sim = Simulation::new();
    let operator = standby(&sim);
    sim.tenant("acme");
    sim.publish(DOMAIN);
    sim.apply(ACME, DOMAIN);
    sim.advance(10 * HOUR).await;
    assert_eq!((sim.all_writes(), sim.journal().len()), (0, 0));
    assert!(operator.waits_for().is_empty(), "{:?}", operator.waits_for());
    assert_eq!(operator.metric::<u64>("sender_operator_leading"), 0);
    operator.lead();
    sim.until_within(10 * SECOND, "it is created", || sim.identity(DOMAIN).is_some()).await;
    sim.until_ready(ACME).await;
    assert_eq!(operator.metric::<u64>("sender_operator_leading"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_replica_that_leads_again_reads_everything_again() {
    let (sim, operator) = ready().await;
    operator.stand_by();
    sim.delete_at_ses(DOMAIN);
    sim.advance(MINUTE).await;
    operator.lead();
    sim.until_within(10 * SECOND, "it exists again", || sim.identity(DOMAIN).is_some()).await;
}

#[tokio::test(start_paused = true)]
async fn a_new_leader_uses_nothing_that_it_read_in_an_earlier_term() {
    let (sim, operator) = ready().await;
    operator.stand_by();
    // No list shows it.
    sim.at_ses(DOMAIN, |identity| identity.signing = false);
    sim.advance(MINUTE).await;
    operator.lead();
    sim.until_within(10 * SECOND, "it signs again", || sim.identity(DOMAIN).unwrap().signing).await;
}

#[tokio::test(start_paused = true)]
async fn no_write_and_no_call_begins_that_the_lease_may_not_outlast() {
    let (sim, operator) = ready().await;
    let (writes, calls) = (sim.all_writes(), sim.journal().len());
    // Shorter than the deadline of any request, and then no lease for longer than an identity is left unread.
    operator.lead_for(8 * SECOND);
    sim.advance(15 * MINUTE).await;
    assert_eq!((sim.all_writes(), sim.journal().len()), (writes, calls));
    operator.lead_for(8 * SECOND);
    sim.edit(ACME, |spec| spec.deletion_policy = Some(DeletionPolicy::Retain));
    sim.advance(MINUTE).await;
    assert_eq!((sim.all_writes(), sim.journal().len()), (writes, calls));
    operator.lead();
    let policy = || sim.claim(DOMAIN).unwrap().identity.deletion_policy;
    sim.until("it goes on", || policy() == Some(DeletionPolicy::Retain)).await;
}

#[tokio::test(start_paused = true)]
async fn a_reconcile_that_waits_for_ses_when_its_term_ends_never_gets_there() {
    let sim = Simulation::new();
    let operator = sim.start();
    sim.tenant("acme");
    for name in &names(20) {
        sim.apply(&format!("acme/{name}"), name);
    }
    sim.advance(5 * SECOND).await;
    operator.stand_by();
    // Requests in flight when the term ended.
    sim.advance(SECOND).await;
    assert_eq!(operator.metric::<u64>("sender_operator_leading"), 0, "it waits for no call any more");
    let (writes, calls) = (sim.all_writes(), sim.journal().len());
    sim.advance(HOUR).await;
    assert_eq!((sim.all_writes(), sim.journal().len()), (writes, calls));
    assert_eq!(operator.reconciles("failed"), 0, "standby is not a failure");
}

#[tokio::test(start_paused = true)]
async fn a_change_of_leader_at_any_moment_ends_as_if_there_had_been_none_and_creates_nothing_twice() {
    for moment in 0..80 {
        let sim = Simulation::new();
        let (first, second) = (sim.start(), standby(&sim));
        sim.tenant("acme");
        sim.publish(DOMAIN);
        sim.apply(ACME, DOMAIN);
        sim.advance(moment * SECOND / 10).await;
        first.stand_by();
        second.lead();
        sim.until_ready(ACME).await;
        sim.delete(ACME);
        sim.advance(moment * SECOND / 10).await;
        second.stand_by();
        first.lead();
        sim.until("the identity is gone", || sim.identity(DOMAIN).is_none()).await;
        let calls = sim.ses_calls(DOMAIN);
        let count = |call: SesCall| calls.iter().filter(|made| **made == call).count();
        assert_eq!(count(SesCall::Delete), 1, "at {moment}: {calls:?}");
        assert!(count(SesCall::Create) <= 2, "at {moment}: {calls:?}");
    }
}
