//! The life of a sender domain, from apply to Ready and what may happen to it afterwards.

use anyhow::ensure;
use sender_operator_harness::World;
use serde_json::json;
use ses_simulator::{Fault, IdentityPatch};

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

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_record_is_named_while_ses_still_sends_and_forgotten_when_it_is_repaired() -> anyhow::Result<()> {
    World::scenario("broken", async |world| {
        let acme = world.tenant_namespace("acme", None).await?;
        let before = apply_until_ready(world, &acme, "mail", "mail.example.com", json!({})).await?;
        let record = before.status.unwrap().dns_records[1].clone();
        world.simulator.set_record(&record.name, "CNAME", &["elsewhere.example.net"])?;
        let broken = becomes(&acme, "mail", "DkimReady", "False/RecordsMissing").await?;
        contains(
            &message(&broken, "DkimReady"),
            &["Wrong record", &record.name, "elsewhere.example.net", &record.value],
        )?;
        ensure!(condition(&broken, "Ready") == "True/Ready", "{:#?}", broken.status);
        contains(&message(&broken, "Ready"), &["still", &record.name])?;
        world.simulator.set_record(&record.name, "CNAME", &[&record.value])?;
        becomes(&acme, "mail", "DkimReady", "True/Signing").await?;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_changed_behind_our_back_is_put_right_with_an_event() -> anyhow::Result<()> {
    World::scenario("drift", async |world| {
        let acme = world.tenant_namespace("acme", None).await?;
        apply_until_ready(world, &acme, "mail", "mail.example.com", json!({})).await?;
        world.simulator.change_identity(
            "mail.example.com",
            IdentityPatch { signing_enabled: Some(false), ..IdentityPatch::default() },
        );
        event(world, &acme.namespace, "SigningRestored").await?;
        ensure!(world.simulator.identity("mail.example.com").unwrap().signing_enabled);
        ready(&acme, "mail").await?;

        world.simulator.remove_identity("mail.example.com");
        event(world, &acme.namespace, "IdentityRecreated").await?;
        ready(&acme, "mail").await?;
        ensure!(calls(world, "CreateEmailIdentity", "mail.example.com") == 2);
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verification_that_ses_gave_up_is_started_again_once_the_records_are_there() -> anyhow::Result<()> {
    World::scenario("failed", async |world| {
        let acme = world.tenant_namespace("acme", None).await?;
        apply(&acme, "mail", "mail.example.com", json!({})).await?;
        becomes(&acme, "mail", "DkimReady", "False/RecordsMissing").await?;
        world.simulator.advance(std::time::Duration::from_hours(73)).await;
        let failed = becomes(&acme, "mail", "IdentityVerified", "False/VerificationFailed").await?;
        let diagnosis = failed.status.unwrap().identity.unwrap();
        ensure!(diagnosis.error_type.as_deref() == Some("HOST_NOT_FOUND"), "{diagnosis:?}");
        ensure!(diagnosis.soa.unwrap().primary_name_server.unwrap().starts_with("ns1."));
        ensure!(calls(world, "PutEmailIdentityDkimSigningAttributes", "mail.example.com") == 0);
        world.simulator.publish_dkim("mail.example.com")?;
        event(world, &acme.namespace, "VerificationRestarted").await?;
        ready(&acme, "mail").await?;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_that_is_not_ours_is_never_touched() -> anyhow::Result<()> {
    World::scenario("foreign", async |world| {
        let acme = world.tenant_namespace("acme", None).await?;
        let tagged =
            IdentityPatch { tags: Some([("team".to_owned(), "web".to_owned())].into()), ..IdentityPatch::default() };
        world.simulator.put_identity("mail.example.com", tagged);
        apply(&acme, "mail", "mail.example.com", json!({})).await?;
        let stalled = becomes(&acme, "mail", "Stalled", "True/ForeignIdentity").await?;
        ensure!(stalled.status.unwrap().dns_records.is_empty(), "records of somebody else's identity are shown");
        delete(&acme, "mail").await?;
        claim_becomes(world, "mail.example.com", "Released").await?;
        // SES itself says that the identity exists, in place of a look that new domains would need for nothing.
        let writes: Vec<_> = writes(world).into_iter().filter(|call| call.status == 200).collect();
        ensure!(writes.is_empty(), "{writes:#?}");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_tenant_is_refused_without_learning_by_whom() -> anyhow::Result<()> {
    World::scenario("second", async |world| {
        let acme = world.tenant_namespace("acme", Some("acme")).await?;
        let rival = world.tenant_namespace("rival", Some("rival")).await?;
        apply_until_ready(world, &acme, "mail", "mail.example.com", json!({})).await?;
        for (name, domain) in [("same", "mail.example.com"), ("parent", "example.com"), ("child", "a.mail.example.com")]
        {
            apply(&rival, name, domain, json!({})).await?;
            let refused = becomes(&rival, name, "Stalled", "True/OwnedByAnotherTenant").await?;
            let shown = serde_json::to_string(&refused.status)?;
            ensure!(!shown.contains("acme") && shown.contains("another tenant"), "{shown}");
            ensure!(domain == "mail.example.com" || calls(world, "CreateEmailIdentity", domain) == 0);
        }
        delete(&acme, "mail").await?;
        becomes(&rival, "same", "Owned", "True/Held").await?;
        becomes(&rival, "parent", "Owned", "True/Held").await?;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_suffix_and_a_suspended_domain_reach_ses_never() -> anyhow::Result<()> {
    World::scenario("never", async |world| {
        let acme = world.tenant_namespace("acme", None).await?;
        apply(&acme, "suffix", "co.uk", json!({})).await?;
        apply(&acme, "suspended", "quiet.example.com", json!({ "suspend": true })).await?;
        becomes(&acme, "suffix", "Stalled", "True/PublicSuffix").await?;
        becomes(&acme, "suspended", "Ready", "False/Suspended").await?;
        ensure!(claim(world, "co.uk").await?.is_none() && claim(world, "quiet.example.com").await?.is_none());
        ensure!(world.simulator.journal().iter().all(|call| call.identity.is_none()));
        apply(&acme, "suspended", "quiet.example.com", json!({ "suspend": false })).await?;
        becomes(&acme, "suspended", "DkimReady", "False/RecordsMissing").await?;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn ses_out_of_reach_does_not_unready_what_was_ready_and_tells_what_is_wrong() -> anyhow::Result<()> {
    World::scenario("outage", async |world| {
        let acme = world.tenant_namespace("acme", None).await?;
        apply_until_ready(world, &acme, "old", "old.example.com", json!({})).await?;
        world.simulator.fault(Fault::internal());
        apply(&acme, "new", "new.example.com", json!({})).await?;
        let new = becomes(&acme, "new", "IdentityVerified", "Unknown/SesUnavailable").await?;
        ensure!(condition(&new, "Ready") == "False/SesUnavailable" && condition(&new, "Reconciling") != "-");
        let old = becomes(&acme, "old", "IdentityVerified", "True/SesUnavailable").await?;
        ensure!(condition(&old, "Ready") == "True/Ready");
        world.simulator.clear_faults();
        becomes(&acme, "new", "DkimReady", "False/RecordsMissing").await?;
        becomes(&acme, "old", "IdentityVerified", "True/Verified").await?;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subdomain_is_not_verified_by_the_right_of_its_parent() -> anyhow::Result<()> {
    World::scenario("inherit", async |world| {
        let acme = world.tenant_namespace("acme", None).await?;
        apply_until_ready(world, &acme, "parent", "example.com", json!({})).await?;
        apply(&acme, "child", "mail.example.com", json!({})).await?;
        let child = becomes(&acme, "child", "DkimReady", "False/RecordsMissing").await?;
        ensure!(condition(&child, "IdentityVerified") == "False/Pending", "{:#?}", child.status);
        ensure!(condition(&child, "Ready") == "False/RecordsMissing");
        world.simulator.publish_dkim("mail.example.com")?;
        ready(&acme, "child").await?;
        Ok(())
    })
    .await
}
