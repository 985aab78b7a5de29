//! Machines at the receiver's side that open links and press buttons before anybody reads the mail.

use anyhow::{Context, ensure};
use sender_operator_harness::{Letter, World};
use ses_simulator::{Scanner, Visit};

use super::{CONFIRM, SALES, acme, ask, asked, asking, claim_on, open, says, usable};

/// What scanners asked of the page of a mail, and what they were answered.
async fn scanned(world: &World<'_>, letter: &Letter) -> anyhow::Result<Vec<Visit>> {
    world.simulator.scanned().await;
    let visits = world.simulator.visits();
    let failed: Vec<&Visit> = visits.iter().filter(|visit| visit.status.is_none()).collect();
    ensure!(failed.is_empty(), "{failed:#?}");
    ensure!(visits.iter().any(|visit| visit.url == letter.link), "the link was never opened: {visits:#?}");
    Ok(visits)
}

async fn answer(world: &World<'_>, address: &str) -> anyhow::Result<String> {
    let claim = claim_on(world, address).await?.context("no claim")?;
    let request = claim.confirmation.and_then(|kept| kept.request).context("no request")?;
    Ok(request.answer.map_or_else(|| "none".to_owned(), |answer| format!("{:?}", answer.kind)))
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_code_no_scanner_confirms_or_declines_and_a_person_still_can() -> anyhow::Result<()> {
    asking(
        "scanners",
        |world| world,
        async |world| {
            for scanner in Scanner::ALL {
                world.simulator.scan(scanner, true);
            }
            let acme = acme(world).await?;
            let letter = asked(world, &acme, "sales", SALES).await?;
            let visits = scanned(world, &letter).await?;
            let pressed = |action: &str, filled: bool| {
                let of = |visit: &Visit| {
                    let form = visit.form.as_deref().unwrap_or_default();
                    form.contains(&format!("action={action}")) && form.contains("code=&") != filled
                };
                visits.iter().find(|visit| of(visit)).map(|visit| visit.status)
            };
            // Each button was pressed, with and without something in the field for the code.
            for action in ["confirm", "decline"] {
                for filled in [false, true] {
                    ensure!(pressed(action, filled) == Some(Some(422)), "{action} {filled}: {visits:#?}");
                }
            }
            ensure!(visits.iter().any(|visit| visit.method == "HEAD"), "{visits:#?}");
            ensure!(answer(world, SALES).await? == "none");
            says(&acme, "sales", "Ready", "False/AwaitingOwner").await?;
            open(world, &letter).await?.press(CONFIRM, &letter.code).await?;
            usable(&acme, "sales").await?;
            Ok(())
        },
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_code_opening_links_still_decides_nothing_but_a_scanner_that_presses_buttons_confirms()
-> anyhow::Result<()> {
    asking(
        "nocode",
        |world| world.setting("confirmation-code", "false"),
        async |world| {
            let acme = acme(world).await?;
            world.simulator.scan(Scanner::Fetch, true);
            let letter = asked(world, &acme, "sales", SALES).await?;
            ensure!(letter.code.is_empty(), "{:?}", letter.mail.text);
            scanned(world, &letter).await?;
            ensure!(answer(world, SALES).await? == "none");

            // This is why the code is on by default: nobody has read this mail.
            world.simulator.scan(Scanner::Submit, true);
            ask(&acme, "info", "info@example.com").await?;
            let letter = world.letter("info@example.com", 1).await?;
            scanned(world, &letter).await?;
            ensure!(answer(world, "info@example.com").await? == "Confirmed");
            usable(&acme, "info").await?;
            Ok(())
        },
    )
    .await
}
