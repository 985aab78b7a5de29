//! The operator's own sender can't send, or there is none.

use anyhow::ensure;
use sender_operator_harness::World;
use serde_json::json;
use ses_simulator::AccountPatch;

use super::{DOMAIN, SALES, acme, ask, asking, message_of, says};
use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_that_is_not_verified_is_named_and_mails_go_out_when_it_is() -> anyhow::Result<()> {
    asking(
        "unverified",
        |world| world,
        async |world| {
            world.verify_sender(false);
            let acme = acme(world).await?;
            ask(&acme, "sales", SALES).await?;
            let waiting = says(&acme, "sales", "Confirmed", "False/SenderNotVerified").await?;
            ensure!(super::said(&waiting, "Reconciling") == "True/SenderNotVerified", "{:#?}", waiting.status);
            contains(&message_of(&waiting, "Ready"), &["your administrator has to verify it", "sent then"])?;
            // A replica out of service would put nothing right.
            let (code, readiness) = world.operator.get("/readyz").await?;
            ensure!(code == 200, "{code} {readiness}");
            contains(
                &readiness,
                &["mail: SES does not send for addresses@notify.platform.example", "verify its domain"],
            )?;
            ensure!(world.simulator.mails().is_empty());

            world.verify_sender(true);
            world.letter(SALES, 1).await?;
            says(&acme, "sales", "Ready", "False/AwaitingOwner").await?;
            let (code, readiness) = world.operator.get("/readyz").await?;
            ensure!(code == 200 && !readiness.contains("mail:"), "{code} {readiness}");
            Ok(())
        },
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_sandbox_an_address_says_why_it_gets_no_mail_and_gets_it_with_production_access() -> anyhow::Result<()> {
    asking(
        "sandbox",
        |world| world,
        async |world| {
            let production = |is| AccountPatch { production_access: Some(is), ..AccountPatch::default() };
            world.simulator.change_account(production(false));
            let acme = world.tenant_namespace("acme", Some("acme")).await?;
            // Once its domain is verified, an address is a recipient that the sandbox allows.
            apply(&acme, "mail", DOMAIN, json!({})).await?;
            ask(&acme, "sales", SALES).await?;
            let waiting = says(&acme, "sales", "Confirmed", "False/SandboxRecipient").await?;
            contains(&message_of(&waiting, "Confirmed"), &["sales@example.com is not verified", "production access"])?;
            let (code, readiness) = world.operator.get("/readyz").await?;
            ensure!(code == 200 && readiness.contains("mail: the SES account is in its sandbox"), "{code} {readiness}");
            world.simulator.change_account(production(true));
            world.letter(SALES, 1).await?;
            says(&acme, "sales", "Confirmed", "False/AwaitingOwner").await?;
            let refused = super::claim_on(world, SALES).await?.unwrap().confirmation.unwrap();
            ensure!(refused.mails.len() == 1, "what SES refused counts as sent: {refused:#?}");
            Ok(())
        },
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_sender_addresses_say_so_and_the_operator_does_everything_else() -> anyhow::Result<()> {
    World::scenario("no-sender", async |world| {
        let acme = acme(world).await?;
        ask(&acme, "sales", SALES).await?;
        let waiting = says(&acme, "sales", "Ready", "False/MailNotConfigured").await?;
        contains(&message_of(&waiting, "Ready"), &["--confirmation-sender", "--public-url"])?;
        ensure!(world.operator.get("/readyz").await?.0 == 200);
        ensure!(world.simulator.mails().is_empty());
        Ok(())
    })
    .await
}
