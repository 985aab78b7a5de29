//! Company zones that the administrator gives to tenants by a file.

use anyhow::ensure;
use sender_operator::model::proof::ProofKind;
use sender_operator_harness::ControlPlane;
use serde_json::json;

use super::{challenge, claim_when, holder, proving};
use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn in_a_delegated_zone_the_table_proves_and_no_record() -> anyhow::Result<()> {
    let file = ControlPlane::shared()?.path("delegations.yaml");
    std::fs::write(&file, "corp.example.com: [tenant/it]\n")?;
    let setting = file.display().to_string();
    proving(
        "table",
        |world| world.setting("delegations", &setting),
        async |world| {
            let it = world.tenant_namespace("it", Some("it")).await?;
            let sales = world.tenant_namespace("sales", Some("sales")).await?;
            apply(&it, "mail", "mail.corp.example.com", json!({})).await?;
            becomes(&it, "mail", "DkimReady", "False/RecordsMissing").await?;
            world.simulator.publish_dkim("mail.corp.example.com")?;
            let held = ready(&it, "mail").await?;
            ensure!(held.status.unwrap().dns_records.len() == 3, "no TXT record is asked for");
            let claim = claim(world, "mail.corp.example.com").await?.unwrap().spec.claim;
            ensure!(claim.proof.unwrap().kind == ProofKind::Delegation);

            apply(&sales, "mail", "sales.corp.example.com", json!({})).await?;
            let refused = becomes(&sales, "mail", "Stalled", "True/NotDelegated").await?;
            ensure!(refused.status.unwrap().dns_records.is_empty());
            ensure!(calls(world, "CreateEmailIdentity", "sales.corp.example.com") == 0);
            // Elsewhere a record is asked for.
            apply(&it, "other", "other.example.com", json!({})).await?;
            challenge(&it, "other").await?;

            // Another table, another owner, after the grace.
            std::fs::write(&file, "corp.example.com: [tenant/sales]\n")?;
            world.operator.stop().await?;
            world.operator.start_again(|_| {})?;
            world.operator.wait_ready().await?;
            becomes(&sales, "mail", "Owned", "True/Held").await?;
            becomes(&it, "mail", "Owned", "True/ProofLost").await?;
            apply(&sales, "taken", "mail.corp.example.com", json!({})).await?;
            ready(&sales, "taken").await?;
            becomes(&it, "mail", "Stalled", "True/Displaced").await?;
            claim_when(world, "mail.corp.example.com", "given on", |claim| holder(claim) == "tenant/sales").await?;
            Ok(())
        },
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_can_not_be_read_stops_the_start_and_says_what_to_write() -> anyhow::Result<()> {
    let file = ControlPlane::shared()?.path("delegations-broken.yaml");
    std::fs::write(&file, "corp.example.com: [it]\n")?;
    proving(
        "broken-table",
        |world| world,
        async |world| {
            world.operator.stop().await?;
            let variable = ("SENDER_OPERATOR_DELEGATIONS".to_owned(), file.display().to_string());
            world.operator.start_again(|options| options.env.push(variable))?;
            let error = format!("{:#}", world.operator.wait_ready().await.unwrap_err());
            contains(&error, &["--delegations", "tenant/<label>", "corp.example.com: [tenant/it]"])
        },
    )
    .await
}
