//! The demo: a real control plane, a simulated SES, the operator, and a story in the terminal.
//!
//! The demo verifies every step and fails otherwise. Its processes end with it.

mod mailbox;
mod rivalry;
mod scenario;
pub mod screen;
mod story;

use std::time::{Duration, Instant};

use anyhow::{anyhow, bail};
use tokio::signal::unix::{Signal, SignalKind, signal};

use self::{scenario::DemoScenario, screen::Screen};
use crate::{ControlPlane, TestEnv};

/// Runs the demo. With `stay`, everything stays up afterwards until Ctrl-C; Ctrl-C before the end is an error.
pub async fn run(screen: &Screen, stay: bool) -> anyhow::Result<()> {
    // One listener from the start: a Ctrl-C between two steps is not lost.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let started = Instant::now();
    screen.progress("Starting etcd, kube-apiserver and kube-controller-manager ...")?;
    let starting = async { tokio::task::spawn_blocking(ControlPlane::start).await? };
    let cluster = unless(&mut interrupt, starting).await?;
    screen.progress("Starting a simulator of Amazon SES with its own DNS zone, and the operator ...")?;
    let env = unless(&mut interrupt, start_env(&cluster)).await?;
    let scenario = unless(&mut interrupt, DemoScenario::new(screen, &env)).await?;
    screen.seen(&format!("everything is up after {:.0} s", started.elapsed().as_secs_f64()))?;
    let story =
        async { story::tell(&scenario).await.map_err(|error| anyhow!("{error:#}\n{}", env.operator.log_tail())) };
    unless(&mut interrupt, story).await?;
    screen.heading("Done: the main workflow")?;
    if stay {
        scenario.say_where_things_are()?;
        interrupt.recv().await;
    }
    Ok(())
}

/// Cancels the work on Ctrl-C; dropping it ends its processes.
async fn unless<T>(interrupt: &mut Signal, work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::select! {
        done = work => done,
        _ = interrupt.recv() => bail!("stopped by Ctrl-C before the end"),
    }
}

/// A week in production.
const GRACE: Duration = Duration::from_secs(5);

/// One SES call per second, as in production; delays of minutes are seconds here.
async fn start_env(cluster: &ControlPlane) -> anyhow::Result<TestEnv<'_>> {
    TestEnv::builder("demo")
        .on(cluster)
        .environment("default")
        .setting("ses-rate", "1")
        .setting("poll-interval", "1s")
        .setting("refresh-interval", "3s")
        .setting("recheck-interval", "1s")
        .setting("proof", "dns-challenge")
        .setting("proof-grace", &format!("{}s", GRACE.as_secs()))
        .setting("release-delay", "5s")
        .setting("company", "Example Platform")
        .asking_owners()
        .simulator(|options| {
            "111122223333".clone_into(&mut options.account);
            options.rate = Some(1.0);
        })
        .human_log(cluster.path("operator.log"))
        .start()
        .await
}
