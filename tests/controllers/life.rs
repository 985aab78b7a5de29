//! The life of a sender domain, from apply to Ready and what may happen to it afterwards.

use anyhow::ensure;
use sender_operator_harness::World;
use serde_json::json;

use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_goes_from_apply_to_ready() -> anyhow::Result<()> {
    World::scenario("life", async |world| {
        let acme = world.tenant_namespace("acme", Some("acme")).await?;
        apply(&acme, "mail", "mail.example.com", json!({})).await?;
        let waiting = becomes(&acme, "mail", "DkimReady", "False/RecordsMissing").await?;
        let records = &waiting.status.as_ref().unwrap().dns_records;
        ensure!(records.len() == 3, "{records:#?}");
        contains(&message(&waiting, "DkimReady"), &["Missing record", &records[0].name, &records[0].value])?;
        ensure!(condition(&waiting, "Owned") == "True/Held");
        ensure!(condition(&waiting, "Reconciling") == "True/RecordsMissing");

        for record in records {
            world.simulator.set_record(&record.name, "CNAME", &[&record.value])?;
        }
        let ready = ready(&acme, "mail").await?;
        ensure!(condition(&ready, "IdentityVerified") == "True/Verified");
        ensure!(condition(&ready, "DkimReady") == "True/Signing");
        let identity = ready.status.unwrap().identity.unwrap();
        ensure!(identity.verification_status == "SUCCESS" && identity.arn.ends_with(":identity/mail.example.com"));

        let tags = world.simulator.identity("mail.example.com").unwrap().tags;
        ensure!(tags["sender-operator.io/environment"] == world.environment());
        ensure!(tags.contains_key("sender-operator.io/owner-id"));
        let claim = claim(world, "mail.example.com").await?.unwrap().spec.claim;
        ensure!(claim.tenant.unwrap().to_string() == "tenant/acme" && claim.identity.verified_time.is_some());
        ensure!(calls(world, "CreateEmailIdentity", "mail.example.com") == 1);
        event(world, &acme.namespace, "IdentityCreated").await?;
        event(world, &acme.namespace, "BecameReady").await?;
        Ok(())
    })
    .await
}
