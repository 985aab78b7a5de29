//! The life of an address: asked for, confirmed, declined, withdrawn, asked for once more, let go.

use anyhow::ensure;
use sender_operator::model::confirmation::evidence::Event;
use sender_operator_harness::browser::USER_AGENT;

use super::{
    CONFIRM, DECLINE, DOMAIN, SALES, UNDO, acme, ask, asked, asking, claim_is, claim_on, message_of, open, progress,
    says, senders, shows, stop_asking, usable,
};
use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_ready_when_its_owner_has_typed_the_code_and_confirmed() -> anyhow::Result<()> {
    asking(
        "confirm",
        |world| world,
        async |world| {
            let acme = acme(world).await?;
            let letter = asked(world, &acme, "sales", SALES).await?;
            ensure!(senders(&acme, SALES).await?.is_empty());
            let page = open(world, &letter).await?;
            shows(&page, "May mail be sent as sales@example.com?")?;
            contains(
                &page.text(),
                &[&acme.namespace, "sales", world.environment(), "Opening this page changes nothing"],
            )?;
            for (typed, complaint) in [("", "Type the code"), ("ZZZZ-ZZZZ", "This is not the code of this link")] {
                let again = page.press(CONFIRM, typed).await?;
                contains(&again.text(), &[complaint, "May mail be sent as sales@example.com?"])?;
                ensure!(
                    again.status == 422
                        && claim_on(world, SALES)
                            .await?
                            .unwrap()
                            .confirmation
                            .unwrap()
                            .request
                            .unwrap()
                            .answer
                            .is_none()
                );
            }
            // As people type it.
            let typed = letter.code.to_lowercase().replace(' ', "-");
            shows(&page.press(CONFIRM, &typed).await?, "sales@example.com is confirmed")?;
            let waited = acme.kubectl(&["wait", "--for=condition=Ready", "saddr/sales", PATIENT]).await?;
            ensure!(waited.ok, "{}", waited.stderr);

            ensure!(senders(&acme, SALES).await?.trim() == "senderaddress.sender-operator.io/sales");
            let found = acme.kubectl(&["get", "saddr", "--field-selector=spec.address=sales@example.com"]).await?;
            let table: Vec<Vec<&str>> = found.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
            ensure!(table[0] == ["NAME", "ADDRESS", "READY", "REASON", "UNTIL", "AGE"], "{}", found.stdout);
            // Nothing ends any more, so the column is empty.
            ensure!(table[1][..4] == ["sales", SALES, "True", "Ready"] && table[1].len() == 5, "{}", found.stdout);
            let evidence = claim_on(world, SALES).await?.unwrap().confirmation.unwrap().evidence;
            let events: Vec<Event> = evidence.iter().map(|entry| entry.event).collect();
            ensure!(events == [Event::Asked, Event::Sent, Event::Confirmed], "{evidence:#?}");
            ensure!(evidence[1].message_id.as_ref() == Some(&letter.mail.message_id), "{evidence:#?}");
            let visitor = evidence[2].visitor.clone().unwrap();
            ensure!(visitor.ip == "127.0.0.1" && visitor.user_agent == USER_AGENT, "{visitor:?}");
            for reason in ["OwnerAsked", "AddressConfirmed", "BecameReady"] {
                event_about(world, &acme.namespace, reason, SALES).await?;
            }
            ensure!(world.simulator.mails_to(SALES).len() == 1);
            Ok(())
        },
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_can_decline_take_that_back_confirm_and_withdraw() -> anyhow::Result<()> {
    asking(
        "decline",
        |world| world,
        async |world| {
            let acme = acme(world).await?;
            let letter = asked(world, &acme, "sales", SALES).await?;
            let declined = open(world, &letter).await?.press(DECLINE, &letter.code).await?;
            shows(&declined, "You have declined")?;
            let object = says(&acme, "sales", "Stalled", "True/Declined").await?;
            ensure!(progress(&object).next_attempt_time.is_some(), "{:#?}", object.status);
            let until = acme.kubectl(&["get", "saddr", "sales"]).await?.stdout;
            contains(&until, &["False", "Declined"])?;

            shows(&declined.press(UNDO, &letter.code).await?, "May mail be sent as sales@example.com?")?;
            says(&acme, "sales", "Ready", "False/AwaitingOwner").await?;
            let confirmed = open(world, &letter).await?.press(CONFIRM, &letter.code).await?;
            usable(&acme, "sales").await?;

            // The second step of a withdrawal is a page of its own.
            let second = confirmed.click("Withdraw the permission").await?;
            shows(&second, "Withdraw the permission for sales@example.com?")?;
            ensure!(senders(&acme, SALES).await?.contains("sales"), "looking withdraws nothing");
            shows(&second.press("Yes, withdraw", &letter.code).await?, "The permission is withdrawn")?;
            let object = says(&acme, "sales", "Stalled", "True/Withdrawn").await?;
            contains(&message_of(&object, "Ready"), &["sales@example.com", "took the confirmation back"])?;
            ensure!(senders(&acme, SALES).await?.is_empty(), "it can be found as one to send as");
            event_about(world, &acme.namespace, "AddressWithdrawn", SALES).await?;
            ensure!(world.simulator.mails_to(SALES).len() == 1);
            Ok(())
        },
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_value_of_the_annotation_sends_another_mail_and_ends_the_link_before() -> anyhow::Result<()> {
    asking(
        "resend",
        |world| world,
        async |world| {
            let acme = acme(world).await?;
            let first = asked(world, &acme, "sales", SALES).await?;
            let annotation = "sender-operator.io/resend=once more";
            acme.kubectl(&["annotate", "saddr", "sales", annotation]).await?.success()?;
            let second = world.letter(SALES, 2).await?;
            ensure!(first.path != second.path && first.code != second.code);
            let object = sender_operator_harness::eventually("the annotation is echoed", async || {
                let object = says(&acme, "sales", "Ready", "False/AwaitingOwner").await;
                let object = object.map_err(|error| error.to_string())?;
                let progress = progress(&object);
                let echoed =
                    progress.last_handled_resend.as_deref() == Some("once more") && progress.sent_time.is_some();
                if echoed { Ok(object) } else { Err(format!("{progress:?}")) }
            })
            .await?;
            ensure!(progress(&object).attempt == 2);
            shows(&open(world, &first).await?, "There is a newer mail")?;
            let page = open(world, &second).await?;
            shows(&page.press(CONFIRM, &first.code).await?, "May mail be sent as sales@example.com?")?;
            page.press(CONFIRM, &second.code).await?;
            usable(&acme, "sales").await?;
            Ok(())
        },
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_and_made_again_is_asked_anew_and_the_old_link_is_over() -> anyhow::Result<()> {
    asking(
        "remade",
        |world| world,
        async |world| {
            let acme = acme(world).await?;
            let first = asked(world, &acme, "sales", SALES).await?;
            let confirmed = open(world, &first).await?.press(CONFIRM, &first.code).await?;
            usable(&acme, "sales").await?;
            stop_asking(&acme, "sales").await?;
            claim_is(world, SALES, "Released").await?;
            ensure!(world.simulator.identity(DOMAIN).is_some(), "the domain is another matter");
            shows(&open(world, &first).await?, "This link leads nowhere")?;

            ask(&acme, "sales", SALES).await?;
            let second = world.letter(SALES, 2).await?;
            says(&acme, "sales", "Ready", "False/AwaitingOwner").await?;
            shows(&open(world, &first).await?, "This link leads nowhere")?;
            let old = confirmed.click("Withdraw the permission").await?;
            shows(&old, "This link leads nowhere")?;
            open(world, &second).await?.press(CONFIRM, &second.code).await?;
            usable(&acme, "sales").await?;
            Ok(())
        },
    )
    .await
}
