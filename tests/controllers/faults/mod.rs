//! Every operation of AWS that the operator uses × every way in which a call may fail: nothing is deleted, revoked or made
//! twice, people are told, and it recovers by itself. `cargo test --test controllers faults:: -- --nocapture` prints the
//! table.

mod failures;
mod rows;
mod verdict;

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use futures::future::join_all;
use sender_operator_harness::World;

use self::{
    failures::{FAILURES, Failure, PATIENCE},
    rows::{Cell, Row},
    verdict::told,
};
use crate::{history::History, support::*};

/// One line of the table.
struct Line {
    operation: &'static str,
    domain: String,
    failure: &'static str,
    told: String,
    recovered: Duration,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_call_to_aws_destroys_nothing_is_told_and_is_overcome() -> anyhow::Result<()> {
    let columns = join_all(FAILURES.iter().map(column)).await;
    let mut lines = Vec::new();
    let mut wrong = Vec::new();
    for (failure, column) in FAILURES.iter().zip(columns) {
        match column {
            Ok(cells) => {
                for cell in cells {
                    cell.map_or_else(|error| wrong.push(format!("{error:#}")), |line| lines.push(line));
                }
            }
            Err(error) => wrong.push(format!("{}: {error:#}", failure.name)),
        }
    }
    lines.sort_by_key(|line| (line.operation, line.domain.clone()));
    print(&lines);
    ensure!(wrong.is_empty(), "{} cells are wrong:\n{}", wrong.len(), wrong.join("\n\n"));
    Ok(())
}

/// One way to fail, for all operations at the same time, in a world of its own. In the end the operator starts anew
/// while it can't learn whose credentials it has.
async fn column(failure: &'static Failure) -> anyhow::Result<Vec<anyhow::Result<Line>>> {
    let mut builder = World::builder(&format!("aws-{}", failure.name)).setting("workers", "16");
    builder = builder.setting("poll-interval", "500ms");
    if failure.is_silence() {
        builder = builder.setting("ses-timeout", &format!("{}s", PATIENCE.as_secs()));
    }
    let mut world = builder.start().await?;
    let tenant = world.tenant_namespace("acme", Some("acme")).await?;
    let history = History::of(domains(&tenant));
    let cells = Row::ALL.map(|row| Cell { world: &world, tenant: &tenant, history: &history, row, failure });
    let mut lines = join_all(cells.iter().map(cell)).await;
    lines.push(start(&mut world, failure).await.with_context(|| format!("GetCallerIdentity, {}", failure.name)));
    if lines.iter().any(Result::is_err) {
        lines.push(Err(anyhow::anyhow!("{}: {}", failure.name, world.operator.log_tail())));
    }
    Ok(lines)
}

async fn cell(cell: &Cell<'_>) -> anyhow::Result<Line> {
    let (row, failure) = (cell.row, cell.failure);
    let line = async {
        cell.prepare().await.context("before anything failed")?;
        let started = Instant::now();
        cell.provoke().await?;
        cell.recover().await?;
        let recovered = started.elapsed();
        let told = told(cell).await?;
        Ok::<_, anyhow::Error>(Line {
            operation: row.operation(),
            domain: cell.domain(),
            failure: failure.name,
            told,
            recovered,
        })
    };
    line.await.with_context(|| format!("{} for {}, {}", row.operation(), cell.domain(), failure.name))
}

/// The operator does nothing before it knows the account, says so, and goes on by itself.
async fn start(world: &mut World<'static>, failure: &Failure) -> anyhow::Result<Line> {
    world.operator.kill9().await?;
    let before = world.simulator.call_count();
    world.simulator.fault((failure.fault)().on("GetCallerIdentity"));
    let started = Instant::now();
    world.operator.start_again(|_| {})?;
    let words = failure.told.map_or("SES is throttling", |(_, words)| words).split(" (").next().unwrap_or_default();
    let told = unready(world, &format!("account: {words}")).await?;
    ensure!(world.operator.get("/livez").await?.0 == 200, "a restart would not help");
    world.simulator.clear_faults();
    world.operator.wait_ready().await?;
    let mut calls = world.simulator.journal();
    calls.retain(|call| call.seq > before);
    let known = calls.iter().position(|call| call.service == "sts" && call.status == 200 && call.fault.is_none());
    let known = known.context("the account was never learned")?;
    ensure!(calls[..known].iter().all(|call| call.service == "sts"), "SES was called before: {calls:#?}");
    let told = told.lines().next().unwrap_or_default().to_owned();
    let domain = "(start)".to_owned();
    Ok(Line { operation: "GetCallerIdentity", domain, failure: failure.name, told, recovered: started.elapsed() })
}

#[expect(clippy::print_stdout, reason = "the table is for people; the test runner shows it on request")]
fn print(lines: &[Line]) {
    println!("\n{:37} {:22} {:12} {:>9}  told", "operation", "domain", "failure", "recovered");
    for line in lines {
        let seconds = line.recovered.as_secs_f64();
        println!("{:37} {:22} {:12} {seconds:7.1} s  {}", line.operation, line.domain, line.failure, line.told);
    }
}
