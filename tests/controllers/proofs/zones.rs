//! However the record is published in DNS.

use anyhow::ensure;
use sender_operator_harness::World;
use serde_json::json;
use ses_simulator::DnsFault;

use super::{challenge, looked_at_again, paste, prove, proving, publish};
use crate::support::*;

/// How a provider may publish a value: at which name, and as which TXT records.
type Publishing = fn(&World<'_>, &str, &str) -> anyhow::Result<()>;

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_counts_however_it_is_published() -> anyhow::Result<()> {
    let ways: [(&str, Publishing); 4] = [
        ("split.example.com", |world, name, value| {
            let (first, second) = value.split_at(value.len() / 2);
            Ok(world.simulator.set_record(name, "TXT", &[&format!("\"{first}\" \"{second}\"")])?)
        }),
        ("beside.example.com", |world, name, value| {
            let values = ["\"v=spf1 -all\"", "\"token=somebodyelse\"", &format!("\"{value}\""), "\"\""];
            Ok(world.simulator.set_record(name, "TXT", &values)?)
        }),
        ("elsewhere.example.com", |world, name, value| {
            world.simulator.set_record(name, "CNAME", &["elsewhere.validations.example.net"])?;
            Ok(world.simulator.set_record("elsewhere.validations.example.net", "TXT", &[value])?)
        }),
        ("shouted.example.com", |world, name, value| {
            Ok(world.simulator.set_record(name, "TXT", &[&value.to_uppercase().replace("TOKEN=", "token=")])?)
        }),
    ];
    proving(
        "zones",
        |world| world,
        async |world| {
            let acme = world.tenant_namespace("acme", None).await?;
            for (domain, publish_so) in ways {
                let name = domain.split('.').next().unwrap_or_default();
                apply(&acme, name, domain, json!({})).await?;
                let records = paste(&acme, name).await?;
                publish_so(world, &records[0].name, &records[0].value)?;
                becomes(&acme, name, "Owned", "True/Held").await?;
            }
            // What another zone stands for is watched over as well.
            world.simulator.remove_record("elsewhere.validations.example.net", "TXT")?;
            becomes(&acme, "elsewhere", "Owned", "True/ProofLost").await?;
            Ok(())
        },
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_server_that_fails_is_no_loss() -> anyhow::Result<()> {
    proving(
        "servfail",
        |world| world,
        async |world| {
            let acme = world.tenant_namespace("acme", None).await?;
            let proof = prove(world, &acme, "mail", "mail.example.com").await?;
            for fault in [DnsFault::ServFail, DnsFault::Refused] {
                world.simulator.dns_fault(&proof.name, fault)?;
                looked_at_again(world, &proof.name).await?;
                let claim = claim(world, "mail.example.com").await?.unwrap().spec.claim;
                ensure!(claim.proof.unwrap().lost_time.is_none());
                becomes(&acme, "mail", "Owned", "True/Held").await?;
            }
            Ok(())
        },
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_at_a_subdomain_is_the_owners_consent_also_below_another_tenants_domain() -> anyhow::Result<()> {
    proving(
        "below",
        |world| world,
        async |world| {
            let acme = world.tenant_namespace("acme", Some("acme")).await?;
            let shop = world.tenant_namespace("shop", Some("shop")).await?;
            prove(world, &acme, "all", "example.com").await?;
            // The proof comes first there: nobody makes SES verify a name under somebody else's domain.
            apply(&shop, "shop", "shop.example.com", json!({})).await?;
            becomes(&shop, "shop", "Owned", "False/ChallengeMissing").await?;
            let records = domains(&shop).get("shop").await?.status.unwrap().dns_records;
            ensure!(records.len() == 1 && calls(world, "CreateEmailIdentity", "shop.example.com") == 0);
            ensure!(claim(world, "shop.example.com").await?.is_none());
            publish(world, &challenge(&shop, "shop").await?)?;
            becomes(&shop, "shop", "DkimReady", "False/RecordsMissing").await?;
            world.simulator.publish_dkim("shop.example.com")?;
            ready(&shop, "shop").await?;
            ready(&acme, "all").await?;
            Ok(())
        },
    )
    .await
}
