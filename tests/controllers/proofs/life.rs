//! From the first record to the loss of the domain, and back.

use anyhow::ensure;
use jiff::Timestamp;
use sender_operator::{
    api::domain::{Purpose, Requirement},
    model::{
        claim::State,
        proof::ProofKind,
        records::{RecordState, RecordType},
    },
};
use serde_json::json;

use super::{GRACE, challenge, claim_when, holder, paste, prove, proving, publish, state_of, told, unpublish};
use crate::support::*;

const DOMAIN: &str = "mail.example.com";

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_gets_all_records_in_one_paste_and_the_domain_when_they_are_published() -> anyhow::Result<()> {
    proving(
        "paste",
        |world| world,
        async |world| {
            let acme = world.tenant_namespace("acme", Some("acme")).await?;
            apply(&acme, "mail", DOMAIN, json!({})).await?;
            let records = paste(&acme, "mail").await?;
            let (proof, dkim) = (&records[0], &records[1..]);
            ensure!(proof.purpose == Purpose::Ownership && proof.record_type == RecordType::Txt, "{proof:?}");
            ensure!(proof.name == format!("_sender-operator-challenge.{DOMAIN}") && proof.value.starts_with("token="));
            ensure!(dkim.iter().all(|record| record.purpose == Purpose::Dkim), "{dkim:#?}");
            let asked = becomes(&acme, "mail", "Owned", "False/ChallengeMissing").await?;
            contains(&message(&asked, "Owned"), &[&proof.name, &proof.value])?;
            ensure!(condition(&asked, "Reconciling") == "True/ChallengeMissing");
            // Nobody has it yet, and SES's own proof changes nothing about that.
            for record in dkim {
                publish(world, record)?;
            }
            let claim = claim(world, DOMAIN).await?.unwrap().spec.claim;
            ensure!(claim.state == State::Provisional && claim.tenant.is_none() && claim.holder.is_none());
            eventually_verified(world).await?;
            let asked = becomes(&acme, "mail", "Owned", "False/ChallengeMissing").await?;
            ensure!(condition(&asked, "Ready") == "False/ChallengeMissing");

            publish(world, proof)?;
            ready(&acme, "mail").await?;
            state_of(&acme, "mail", RecordState::Found).await?;
            let claim = claim_when(world, DOMAIN, "held", |claim| claim.state == State::Held).await?;
            let seen = claim.proof.as_ref().unwrap();
            ensure!(holder(&claim) == "tenant/acme" && seen.kind == ProofKind::DnsChallenge);
            ensure!(proof.value.ends_with(seen.challenge.as_deref().unwrap()));
            ensure!(calls(world, "CreateEmailIdentity", DOMAIN) == 1);
            Ok(())
        },
    )
    .await
}

async fn eventually_verified(world: &sender_operator_harness::World<'_>) -> anyhow::Result<()> {
    sender_operator_harness::eventually("SES has verified the domain", async || {
        let identity = world.simulator.identity(DOMAIN).ok_or("none")?;
        if identity.verified_for_sending { Ok(()) } else { Err(format!("{identity:?}")) }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_loses_its_proof_keeps_the_domain_for_the_grace_and_then_another_that_proves_it_gets_it()
-> anyhow::Result<()> {
    proving(
        "displaced",
        |world| world,
        async |world| {
            let acme = world.tenant_namespace("acme", Some("acme")).await?;
            let rival = world.tenant_namespace("rival", Some("rival")).await?;
            let old = prove(world, &acme, "mail", DOMAIN).await?;

            // Refused, although its record stands in DNS: the holder's does, too.
            apply(&rival, "mail", DOMAIN, json!({})).await?;
            becomes(&rival, "mail", "Stalled", "True/OwnedByAnotherTenant").await?;
            let theirs = challenge(&rival, "mail").await?;
            ensure!(theirs.requirement == Requirement::Advised && theirs.value != old.value, "{theirs:?}");
            publish(world, &theirs)?;
            state_of(&rival, "mail", RecordState::Found).await?;
            becomes(&rival, "mail", "Stalled", "True/OwnedByAnotherTenant").await?;
            let known = told(world, &rival, "mail").await?;
            ensure!(known.contains("another tenant") && !known.contains("acme"), "{known}");

            // The loss is told, and costs nothing yet. A restart forgets nothing of it. Until it is over, nobody else proves
            // the domain, so that none of this has to be done before the grace ends.
            unpublish(world, &theirs)?;
            unpublish(world, &old)?;
            let lost = becomes(&acme, "mail", "Owned", "True/ProofLost").await?;
            ensure!(condition(&lost, "Ready") == "True/Ready", "{:#?}", lost.status);
            event(world, &acme.namespace, "ProofLost").await?;
            world.operator.kill9().await?;
            let before = claim(world, DOMAIN).await?.unwrap().spec.claim;
            ensure!(holder(&before) == "tenant/acme", "{before:#?}");
            let since = before.proof.unwrap().lost_time.unwrap();
            world.operator.start_again(|_| {})?;
            world.operator.wait_ready().await?;

            publish(world, &theirs)?;
            ready(&rival, "mail").await?;
            becomes(&acme, "mail", "Stalled", "True/Displaced").await?;
            event(world, &acme.namespace, "Displaced").await?;
            let known = told(world, &acme, "mail").await?;
            ensure!(known.contains("another tenant") && !known.contains("rival"), "{known}");
            let after = claim_when(world, DOMAIN, "the second's", |claim| holder(claim) == "tenant/rival").await?;
            let proven = after.proof.clone().unwrap().proven_time;
            ensure!(proven.duration_since(since).unsigned_abs() >= GRACE, "lost {since}, taken over {proven}");
            ensure!(after.history.has_lost(&"tenant/acme".parse()?), "{after:#?}");
            ensure!(before.holding != after.holding, "the tenure is another one");
            Ok(())
        },
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_record_of_an_earlier_tenure_proves_nothing_and_a_new_one_does() -> anyhow::Result<()> {
    proving(
        "tenure",
        |world| world,
        async |world| {
            let acme = world.tenant_namespace("acme", Some("acme")).await?;
            let rival = world.tenant_namespace("rival", Some("rival")).await?;
            let old = prove(world, &acme, "mail", DOMAIN).await?;
            unpublish(world, &old)?;
            becomes(&acme, "mail", "Owned", "True/ProofLost").await?;
            apply(&rival, "mail", DOMAIN, json!({})).await?;
            let theirs = challenge(&rival, "mail").await?;
            publish(world, &theirs)?;
            ready(&rival, "mail").await?;

            // The old record is back and the new holder's is gone, for longer than the grace.
            publish(world, &old)?;
            unpublish(world, &theirs)?;
            let over = |since: Timestamp| Timestamp::now().duration_since(since).unsigned_abs() > GRACE * 2;
            let kept = claim_when(world, DOMAIN, "the grace is over", |claim| {
                claim.proof.as_ref().and_then(|proof| proof.lost_time).is_some_and(over)
            })
            .await?;
            ensure!(holder(&kept) == "tenant/rival", "{kept:#?}");
            let displaced = becomes(&acme, "mail", "Stalled", "True/Displaced").await?;
            let new = displaced.status.unwrap().dns_records[0].clone();
            ensure!(new.value != old.value && new.state == RecordState::Mismatch, "{new:?}");

            publish(world, &new)?;
            ready(&acme, "mail").await?;
            becomes(&rival, "mail", "Stalled", "True/Displaced").await?;
            Ok(())
        },
    )
    .await
}
