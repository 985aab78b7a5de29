//! The operator's memory, compared with a separate process that holds a typed store of the same objects, like
//! kube-runtime's `reflector`.

mod crowd;
mod resident;
mod store;

use std::path::Path;

use anyhow::Context;

use self::{
    crowd::Crowd,
    resident::{Resident, children_of},
    store::Child,
};
use crate::{ControlPlane, Operator, TestEnv, eventually};

pub use self::store::keep;

#[derive(Default)]
struct Row {
    empty: Resident,
    full: Resident,
    relisted: Resident,
}

/// Measures with this number of objects and prints the table. `own`: this program, which is also the store.
pub async fn memory(objects: usize, own: &Path) -> anyhow::Result<()> {
    let cluster = tokio::task::spawn_blocking(ControlPlane::start).await??;
    let env = TestEnv::builder("bench").on(&cluster).start().await?;
    let account = cluster.service_account(&format!("{}-system", env.environment()), "sender-operator").await?;
    let store = Child::start(own, &account)?;
    store.holds(0).await?;
    let operator = children_of(env.operator.launcher_pid())?.pop().context("the launcher has no child")?;
    let (mut of_operator, mut of_store) = (Row::default(), Row::default());
    (of_operator.empty, of_store.empty) = both_at_rest(operator, store.pid()).await?;

    // No operator serves their environment: the operator indexes them, but has no work for them.
    let crowd = Crowd { environment: format!("{}-other", env.environment()), objects };
    let size = crowd.apply(&cluster).await?;
    knows(&env.operator, objects).await?;
    store.holds(objects).await?;
    (of_operator.full, of_store.full) = both_at_rest(operator, store.pid()).await?;

    // A restarted server cannot resume watches: it requires a new list.
    say("the API server restarts: everything is listed again");
    cluster.command("restart kube-apiserver").await?;
    store.listed_again().await?;
    (of_operator.relisted, of_store.relisted) = both_at_rest(operator, store.pid()).await?;
    print(objects, size, &of_operator, &of_store);
    Ok(())
}

/// Returns when the operator has indexed this number of objects and has no work left.
async fn knows(operator: &Operator, objects: usize) -> anyhow::Result<()> {
    let (seen, idle) = (format!("sender_operator_sender_domains {objects}"), "sender_operator_queue_backlog 0");
    eventually("the operator has seen all", async || {
        let metrics = operator.metrics().await.map_err(|error| error.to_string())?;
        let name = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
        let wanted = [&seen, idle];
        let found: Vec<&str> =
            metrics.lines().filter(|line| wanted.iter().any(|wanted| name(line) == name(wanted))).collect();
        if wanted.iter().all(|wanted| found.contains(wanted)) { Ok(()) } else { Err(found.join(", ")) }
    })
    .await
}

async fn both_at_rest(operator: u32, store: u32) -> anyhow::Result<(Resident, Resident)> {
    Ok((Resident::at_rest(operator).await?, Resident::at_rest(store).await?))
}

#[expect(clippy::print_stderr, reason = "progress is for people")]
fn say(what: &str) {
    eprintln!("{what}");
}

#[expect(clippy::print_stdout, reason = "the table is what the program is for")]
fn print(objects: usize, size: usize, operator: &Row, store: &Row) {
    let build = if cfg!(debug_assertions) { "debug" } else { "release" };
    println!("\n{objects} SenderDomains of {size} bytes of JSON each, {build} build, resident memory in MiB\n");
    println!("{:38} {:>8} {:>8} {:>10} {:>8}", "", "empty", "full", "relisted", "most");
    for (name, row) in [("the operator, index and all", operator), ("a typed store alone (reflector)", store)] {
        let most = row.full.most.max(row.relisted.most);
        let [empty, full, relisted, most] = [row.empty.now, row.full.now, row.relisted.now, most].map(|kib| kib / 1024);
        println!("{name:38} {empty:8} {full:8} {relisted:10} {most:8}");
    }
}
