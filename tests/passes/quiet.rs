//! What is settled costs next to nothing.

use std::time::Duration;

use clap::Parser;
use sender_operator::{controller::Config, model::backoff::spread_of, settings::Settings};

use crate::{
    properties::many,
    setup::{many_ready, proven, ready},
    world::{DAY, HOUR, SECOND, SesCall, World},
};

/// What a domain that is due may have to wait: for the whole second, and for its turn behind others that are due too.
const SLACK: Duration = Duration::from_secs(10);

/// The intervals that the operator has by default.
fn production(me: &mut Config) {
    let settings = Settings::try_parse_from(["sender-operator"]).unwrap();
    me.poll_interval = settings.poll_interval;
    me.recheck_interval = settings.recheck_interval;
    me.sweep_interval = settings.sweep_interval;
    me.refresh_interval = settings.refresh_interval;
}

/// An interval as each subject has its own: 90 to 100 % of it.
fn own(interval: Duration, subject: &str) -> Duration {
    interval.mul_f64(0.9 + 0.1 * spread_of(subject, 0))
}

/// Fails unless one time follows the other after this interval until `end`.
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
    let world = World::new();
    let operator = world.start_with(production);
    let names = many_ready(&world, count).await;
    world.pass(HOUR).await;
    let sweeps = || operator.metric::<usize>("sender_operator_sweeps_total{result=\"complete\"}");
    let costs = || [world.all_writes(), world.lists(), sweeps(), world.dns_questions(), world.journal().len()];
    let (age, passes, before) = (world.age(), operator.passes("settled"), costs());
    world.pass(10 * HOUR).await;
    let after = costs();
    let [writes, lists, sweeps, questions, reads] = [0, 1, 2, 3, 4].map(|n| after[n] - before[n]);

    assert_eq!(writes, 0, "not one claim, status or event was written");
    assert_eq!(lists, sweeps, "a sweep over so many domains is one page");
    let mut me = World::settings();
    production(&mut me);
    let listed = since(&world.times(SesCall::List, ""), age);
    assert_regular("sweeps", &listed, own(me.sweep_interval, &me.environment), world.age());
    let calls = &world.journal()[before[4]..];
    assert!(calls.iter().all(|call| call.operation == SesCall::Get), "nothing was changed at SES");
    for name in &names {
        let looks = since(&world.times(SesCall::Get, name), age);
        assert_regular(name, &looks, own(me.refresh_interval, name), world.age());
    }
    // Three records of each domain every 9 to 10 minutes.
    assert!((count * 3 * 60..=count * 3 * 67).contains(&questions), "{questions} questions");
    let passes = usize::try_from(operator.passes("settled") - passes).unwrap();
    assert!(passes <= questions / 3 + reads, "{passes} passes: some had nothing to look at");
    println!(
        "{count} settled domains, ten hours: {reads} full reads, {lists} lists, {questions} DNS look-ups, {passes} passes, no write"
    );
}

#[tokio::test(start_paused = true)]
async fn a_restart_over_settled_domains_writes_nothing() {
    let (world, operator) = ready().await;
    operator.stop().await;
    world.pass(HOUR).await;
    let (writes, calls) = (world.all_writes(), world.journal().len());
    let _operator = world.start();
    world.pass(HOUR).await;
    assert!(world.journal().len() > calls);
    assert_eq!(world.all_writes(), writes);
}

#[tokio::test(start_paused = true)]
async fn a_proven_domain_at_rest_costs_no_writes_and_few_questions() {
    let (world, _operator) = proven().await;
    world.pass(HOUR).await;
    let (writes, questions) = (world.all_writes(), world.dns_questions());
    world.pass(DAY).await;
    let asked = world.dns_questions() - questions;
    assert!(world.all_writes() == writes && asked <= 400, "{asked} questions a day");
}
