//! Two replicas: a link leads to whichever a load balancer chooses, and one may be gone.
//! `cargo test --test controllers addresses::replicas -- --nocapture` prints how long each took.

use std::time::Instant;

use anyhow::{Context, ensure};

use super::{CONFIRM, SALES, acme, asked, asking, shows, usable};

#[tokio::test(flavor = "multi_thread")]
async fn a_click_counts_on_whichever_replica_it_lands_also_when_the_one_that_asked_is_gone() -> anyhow::Result<()> {
    asking(
        "replicas",
        |world| world,
        async |world| {
            let acme = acme(world).await?;
            let mut other = world.replica("b")?;
            other.wait_ready().await?;
            let story = async {
                let letter = asked(world, &acme, "sales", SALES).await?;
                let page = other.open(&letter.path).await?;
                let clicked = Instant::now();
                shows(&page.press(CONFIRM, &letter.code).await?, "sales@example.com is confirmed")?;
                usable(&acme, "sales").await?;
                let passed_on = clicked.elapsed();

                let letter = asked(world, &acme, "info", "info@example.com").await?;
                world.operator.kill9().await?;
                let killed = Instant::now();
                let page = other.open(&letter.path).await?;
                // Nobody leads now, and still the owner is not kept waiting.
                shows(&page.press(CONFIRM, &letter.code).await?, "info@example.com is confirmed")?;
                usable(&acme, "info").await?;
                let handed_over = killed.elapsed();
                ensure!(world.simulator.mails().len() == 2, "the next leader sends nothing again");
                println!(
                    "Ready {:.1} s after a click on the replica that stands by, {:.1} s after the leader's end",
                    passed_on.as_secs_f64(),
                    handed_over.as_secs_f64()
                );
                Ok(())
            };
            story.await.with_context(|| other.log_tail())
        },
    )
    .await
}
