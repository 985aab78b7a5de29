//! The demo: a real control plane, a simulated SES, the operator, and a story told in the terminal.
//!
//! Every step is seen to have happened, or the demo fails. What it starts ends with it.

pub mod screen;
mod stage;
mod story;

use std::time::Instant;

use self::{screen::Screen, stage::Stage};
use crate::{ControlPlane, World};

/// Tells the story. With `stay`, everything stays up until Ctrl-C afterwards.
pub async fn run(screen: &Screen, stay: bool) -> anyhow::Result<()> {
    let started = Instant::now();
    screen.progress("Starting etcd, kube-apiserver and kube-controller-manager ...")?;
    let cluster = tokio::task::spawn_blocking(ControlPlane::start).await??;
    screen.progress("Starting a simulator of Amazon SES with its own DNS zone, and the operator ...")?;
    let world = start_world(&cluster).await?;
    let stage = Stage::new(screen, &world).await?;
    screen.seen(&format!("everything is up after {:.0} s", started.elapsed().as_secs_f64()))?;
    match story::tell(&stage).await {
        Ok(()) => {}
        Err(error) => return Err(error.context(world.operator.log_tail())),
    }
    screen.heading("That was the main job")?;
    if !stay {
        return Ok(());
    }
    stage.say_where_things_are()?;
    tokio::signal::ctrl_c().await?;
    Ok(())
}

/// Production's pace of one SES call a second; what takes minutes there takes seconds here.
async fn start_world(cluster: &ControlPlane) -> anyhow::Result<World<'_>> {
    World::builder("demo")
        .on(cluster)
        .environment("default")
        .setting("ses-rate", "1")
        .setting("poll-interval", "1s")
        .setting("refresh-interval", "3s")
        .setting("release-delay", "5s")
        .simulator(|options| {
            "111122223333".clone_into(&mut options.account);
            options.rate = Some(1.0);
        })
        .human_log(cluster.path("operator.log"))
        .start()
        .await
}
