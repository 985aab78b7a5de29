//! What is settled costs next to nothing.

use std::time::Duration;

use clap::Parser;
use sender_operator::{controller::Config, model::backoff::spread_of, settings::Settings};

use crate::{
    setup::{many_ready, proven, ready},
    world::{DAY, HOUR, Operator, SECOND, SesCall, World},
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

/// What an operator has cost.
struct Costs {
    age: Duration,
    api_writes: usize,
    lists: usize,
    other_calls: usize,
    dns_questions: usize,
    passes: u64,
    sweeps: u64,
}

impl Costs {
    fn until_now(world: &World, operator: &Operator) -> Self {
        Self {
            age: world.age(),
            api_writes: world.all_writes(),
            lists: world.lists(),
            other_calls: world.journal().len(),
            dns_questions: world.dns_questions(),
            passes: operator.passes("settled"),
            sweeps: operator.metric("sender_operator_sweeps_total{result=\"complete\"}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn two_hundred_settled_domains_cost_no_write_and_only_sweeps_and_slow_refreshes() {
    let world = World::new();
    let operator = world.start_with(production);
    let names = many_ready(&world, 200).await;
    world.pass(HOUR).await;
    let before = Costs::until_now(&world, &operator);
    world.pass(10 * HOUR).await;
    let after = Costs::until_now(&world, &operator);

    assert_eq!(after.api_writes, before.api_writes, "not one claim, status or event was written");
    let sweeps = usize::try_from(after.sweeps - before.sweeps).unwrap();
    let lists = after.lists - before.lists;
    assert_eq!(lists, sweeps, "a sweep over so many domains is one page");
    let mut me = World::settings();
    production(&mut me);
    let listed = since(&world.times(SesCall::List, ""), before.age);
    assert_regular("sweeps", &listed, own(me.sweep_interval, &me.environment), after.age);

    let calls = &world.journal()[before.other_calls..];
    assert!(calls.iter().all(|call| call.operation == SesCall::Get), "nothing was changed at SES");
    for name in &names {
        let looks = since(&world.times(SesCall::Get, name), before.age);
        assert_regular(name, &looks, own(me.refresh_interval, name), after.age);
    }
    let questions = after.dns_questions - before.dns_questions;
    // Three records of each domain every 9 to 10 minutes.
    assert!((200 * 3 * 60..=200 * 3 * 67).contains(&questions), "{questions} questions");
    let passes = usize::try_from(after.passes - before.passes).unwrap();
    assert!(passes <= questions / 3 + calls.len(), "{passes} passes: some had nothing to look at");
    println!(
        "200 settled domains, ten hours: {} full reads, {lists} lists, {questions} DNS look-ups, {passes} passes, no write",
        calls.len()
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
