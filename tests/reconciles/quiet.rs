//! Settled domains cost almost nothing.

use std::time::Duration;

use clap::Parser;
use sender_operator::{controller::Config, model::backoff::spread_of, settings::Settings};

use crate::{
    properties::many,
    setup::{many_ready, proven, ready},
    simulation::{DAY, HOUR, SECOND, SesCall, Simulation},
};

/// The possible wait of a domain that is due: for the whole second, and for other domains that are due.
const SLACK: Duration = Duration::from_secs(10);

/// The operator's default intervals.
fn production(config: &mut Config) {
    let settings = Settings::try_parse_from(["sender-operator"]).unwrap();
    config.poll_interval = settings.poll_interval;
    config.recheck_interval = settings.recheck_interval;
    config.sweep_interval = settings.sweep_interval;
    config.refresh_interval = settings.refresh_interval;
}

/// The interval of one subject: 90 to 100 % of it.
fn own(interval: Duration, subject: &str) -> Duration {
    interval.mul_f64(0.9 + 0.1 * spread_of(subject, 0))
}

/// Fails unless the times follow each other after this interval until `end`.
fn assert_regular(what: &str, times: &[Duration], interval: Duration, end: Duration) {
    let next = times.iter().skip(1).copied().chain([end]);
    for (n, (time, next)) in times.iter().zip(next).enumerate() {
        let gap = next.saturating_sub(*time);
        assert!(gap <= interval + SLACK, "{what}: {gap:?} instead of {interval:?} after {time:?}");
        let last = n + 1 == times.len();
        assert!(last || gap + SECOND >= interval, "{what}: {gap:?} instead of {interval:?} after {time:?}");
    }
}

/// The times from the last one before `age` on.
fn since(times: &[Duration], age: Duration) -> Vec<Duration> {
    let first = times.iter().rposition(|time| *time <= age).unwrap();
    times[first..].to_vec()
}

#[tokio::test(start_paused = true)]
async fn settled_domains_cost_no_write_and_only_sweeps_and_slow_refreshes() {
    let count = many(40, 200);
    let sim = Simulation::new();
    let operator = sim.start_with(production);
    let names = many_ready(&sim, count).await;
    sim.advance(HOUR).await;
    let sweeps = || operator.metric::<usize>("sender_operator_sweeps_total{result=\"complete\"}");
    let costs = || [sim.all_writes(), sim.lists(), sweeps(), sim.dns_questions(), sim.journal().len()];
    let (age, reconciles, before) = (sim.age(), operator.reconciles("settled"), costs());
    sim.advance(10 * HOUR).await;
    let after = costs();
    let [writes, lists, sweeps, questions, reads] = [0, 1, 2, 3, 4].map(|n| after[n] - before[n]);

    assert_eq!(writes, 0, "not one claim, status or event was written");
    assert_eq!(lists, sweeps, "a sweep over this many domains is one page");
    let mut config = Simulation::settings();
    production(&mut config);
    let listed = since(&sim.times(SesCall::List, ""), age);
    assert_regular("sweeps", &listed, own(config.sweep_interval, &config.environment), sim.age());
    let calls = &sim.journal()[before[4]..];
    assert!(calls.iter().all(|call| call.operation == SesCall::Get), "nothing was changed at SES");
    for name in &names {
        let looks = since(&sim.times(SesCall::Get, name), age);
        assert_regular(name, &looks, own(config.refresh_interval, name), sim.age());
    }
    // Three records of each domain every 9 to 10 minutes.
    assert!((count * 3 * 60..=count * 3 * 67).contains(&questions), "{questions} questions");
    let reconciles = usize::try_from(operator.reconciles("settled") - reconciles).unwrap();
    assert!(reconciles <= questions / 3 + reads, "{reconciles} reconciles: some had no identity to read");
    println!(
        "{count} settled domains, ten hours: {reads} full reads, {lists} lists, {questions} DNS lookups, {reconciles} reconciles, no write"
    );
}

#[tokio::test(start_paused = true)]
async fn a_restart_over_settled_domains_writes_nothing() {
    let (sim, operator) = ready().await;
    operator.stop().await;
    sim.advance(HOUR).await;
    let (writes, calls) = (sim.all_writes(), sim.journal().len());
    let _operator = sim.start();
    sim.advance(HOUR).await;
    assert!(sim.journal().len() > calls);
    assert_eq!(sim.all_writes(), writes);
}

#[tokio::test(start_paused = true)]
async fn a_settled_proven_domain_costs_no_writes_and_few_lookups() {
    let (sim, _operator) = proven().await;
    sim.advance(HOUR).await;
    let (writes, questions) = (sim.all_writes(), sim.dns_questions());
    sim.advance(DAY).await;
    let asked = sim.dns_questions() - questions;
    assert!(sim.all_writes() == writes && asked <= 400, "{asked} lookups per day");
}
