//! The operator is killed at random moments of its domains' lives, and each life ends as without kills.
//!
//! A seed determines the moments; a failure prints it. `SENDER_OPERATOR_SEED` repeats them.

mod journal;
mod life;
mod moments;

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use anyhow::{Context, ensure};
use futures::future::join_all;
use sender_operator_harness::{Operator, TestEnv, eventually};
use ses_simulator::{Fault, Handle};

use self::{
    life::{KillScenario, domain_of},
    moments::{Dice, Moment, moments},
};
use crate::{history::StatusHistory, support::domains};

/// Operators that are killed in parallel, each [`moments::KILLS`] times.
const ENVIRONMENTS: u64 = 4;
/// Parallel lives in one test environment.
const LANES: usize = 2;
/// Consecutive lives. More than ten releases within an hour would be held back as an accident.
const LIVES: usize = 5;
/// The latency of a call to SES, and of its answer, so that a kill may fall in between.
const WAY: Duration = Duration::from_millis(30);
/// The lost answer takes longer than any kill, and so does the operator's timeout.
const LOST: Duration = Duration::from_hours(1);

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_twenty_random_moments_every_life_ends_the_same_and_leaves_no_identity_behind() -> anyhow::Result<()>
{
    let seed = moments::seed()?;
    let courses = join_all((0..ENVIRONMENTS).map(|env| course(seed.wrapping_add(env)))).await;
    for course in courses {
        course.with_context(|| format!("SENDER_OPERATOR_SEED={seed}"))?;
    }
    Ok(())
}

async fn course(seed: u64) -> anyhow::Result<()> {
    let builder = TestEnv::builder("kills").setting("refresh-interval", "1s");
    // Only the kill ends a call. The lease has to be longer than the call.
    let builder = builder.setting("ses-timeout", "10m").setting("lease-duration", "20m");
    builder.run(async |env| scenario(env, seed).await).await
}

async fn scenario(env: &mut TestEnv<'static>, seed: u64) -> anyhow::Result<()> {
    env.simulator.fault(Fault::latency(WAY));
    env.simulator.fault(Fault::late(WAY));
    let tenant = env.tenant_namespace("acme", Some("acme")).await?;
    let history = StatusHistory::of(domains(&tenant));
    let scenario = KillScenario::new(env, &tenant, &history).await?;
    let over = AtomicBool::new(false);
    let lanes = join_all((0..LANES).map(|lane| lives(&scenario, lane, &over)));
    let killing = async {
        let kills = kill_at(&moments(&mut Dice::new(seed)), &mut env.operator, &scenario.simulator).await;
        over.store(true, Ordering::Relaxed);
        kills
    };
    let (lanes, kills) = futures::join!(lanes, killing);
    let kills = kills?;
    let mut names = Vec::new();
    for lane in lanes {
        names.extend(lane?);
    }
    let journal = scenario.simulator.journal();
    let left = scenario.simulator.identities();
    ensure!(left.is_empty(), "identities remain: {left:#?}");
    let mut repeated = 0;
    for name in &names {
        repeated += journal::check(&journal, &domain_of(name)).with_context(|| name.clone())?;
    }
    ensure!(repeated > 0, "no creation lost its answer: {kills:#?}");
    Ok(())
}

/// Runs one life after another until the last kill is over. Returns their names.
async fn lives(scenario: &KillScenario<'_>, lane: usize, over: &AtomicBool) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    while !over.load(Ordering::Relaxed) && names.len() < LIVES {
        let name = format!("lane{lane}-life{}", names.len());
        scenario.live(&name).await.with_context(|| name.clone())?;
        names.push(name);
    }
    Ok(names)
}

/// Kills the operator at each of the moments and restarts it. Returns the last answer of SES before each kill.
async fn kill_at(moments: &[Moment], operator: &mut Operator, simulator: &Handle) -> anyhow::Result<Vec<String>> {
    let mut kills = Vec::new();
    for moment in moments {
        if let Some(operation) = moment.operation {
            simulator.fault(Fault::late(LOST).on(operation).times(1));
        }
        let before = simulator.call_count();
        let mut looks = moment.looks;
        eventually(&format!("{moment:?}"), async || {
            let journal = simulator.journal();
            let calls = journal.iter().filter(|call| call.seq > before && moment.concerns(call)).count();
            if calls >= moment.calls && looks == 0 {
                return Ok(());
            }
            looks -= usize::from(calls >= moment.calls);
            Err(format!("{calls} calls"))
        })
        .await?;
        operator.kill9().await?;
        let last = simulator.newest_calls(1).pop().context("there was no call")?;
        kills.push(format!("{} {}", last.operation, last.identity.unwrap_or_default()));
        operator.start_again(|_| {})?;
        operator.wait_ready().await?;
    }
    Ok(kills)
}
