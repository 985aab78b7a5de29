//! The whole life of a sender domain, with a rival, a restart and a successor. `tests/reconciles` tests each rule
//! alone; here they run on the real API server, real DNS and SES's wire protocol.

use anyhow::ensure;
use jiff::Timestamp;
use sender_operator::{
    api::domain::{Purpose, Requirement},
    model::{claim::State, proof::ProofKind, records::RecordType},
};
use sender_operator_harness::{TenantNamespace, TestEnv, eventually};
use serde_json::json;
use ses_simulator::{Fault, IdentityPatch, TenantPatch};

use crate::{history::StatusHistory, support::*};

const DOMAIN: &str = "mail.life.example.com";
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_is_proven_ready_repaired_taken_over_and_released() -> anyhow::Result<()> {
    proving("life")
        .run(async |env| {
            let acme = env.tenant_namespace("acme", Some("acme")).await?;
            let successor = env.tenant_namespace("heir", Some("heir")).await?;
            let (history, of_heir) = (StatusHistory::of(domains(&acme)), StatusHistory::of(domains(&successor)));
            becomes_ready(env, &acme).await?;
            is_mended(env, &acme).await?;
            is_refused_to_another(env, &acme, &successor).await?;
            let since = is_lost(env, &acme).await?;
            is_handed_over(env, &acme, &successor, since).await?;
            is_let_go_with_its_namespace(env, &successor).await?;
            history.lint("mail")?;
            of_heir.lint("mail")
        })
        .await
}

/// From apply to Ready: all records in one step, and no holder before the proof.
async fn becomes_ready(env: &TestEnv<'_>, acme: &TenantNamespace<'_>) -> anyhow::Result<()> {
    apply(acme, "mail", DOMAIN, json!({})).await?;
    let records = paste(acme, "mail").await?;
    let (proof, dkim) = (&records[0], &records[1..]);
    ensure!(proof.purpose == Purpose::Ownership && proof.record_type == RecordType::Txt, "{proof:?}");
    ensure!(proof.name == format!("_sender-operator-challenge.{DOMAIN}") && proof.value.starts_with("token="));
    ensure!(dkim.iter().all(|record| record.purpose == Purpose::Dkim), "{dkim:#?}");
    for record in dkim {
        publish(env, record)?;
    }
    eventually("SES has verified the domain", async || {
        let identity = env.simulator.identity(DOMAIN).ok_or("none")?;
        if identity.verified_for_sending { Ok(()) } else { Err(format!("{identity:?}")) }
    })
    .await?;
    // Verification at SES does not change ownership.
    let asked = becomes(acme, "mail", "Owned", "False/ChallengeMissing").await?;
    contains(&message(&asked, "Owned"), &[&proof.name, &proof.value])?;
    ensure!(condition(&asked, "Reconciling") == "True/ChallengeMissing");
    ensure!(condition(&asked, "Ready") == "False/ChallengeMissing");
    let provisional = claim_becomes(env, DOMAIN, "Provisional").await?;
    ensure!(provisional.tenant.is_none() && provisional.holder.is_none());

    publish(env, proof)?;
    let ready = ready(acme, "mail").await?;
    ensure!(condition(&ready, "IdentityVerified") == "True/Verified");
    ensure!(condition(&ready, "DkimReady") == "True/Signing");
    let identity = ready.status.unwrap().identity.unwrap();
    ensure!(identity.verification_status == "SUCCESS" && identity.arn.ends_with(&format!(":identity/{DOMAIN}")));
    let held = claim_when(env, DOMAIN, "held", |claim| claim.state == State::Held).await?;
    let seen = held.proof.as_ref().unwrap();
    ensure!(holder(&held) == "tenant/acme" && seen.kind == ProofKind::DnsChallenge);
    ensure!(proof.value.ends_with(seen.challenge.as_deref().unwrap()));
    ensure!(held.identity.verified_time.is_some());
    let tags = env.simulator.identity(DOMAIN).unwrap().tags;
    ensure!(tags["sender-operator.io/environment"] == env.environment());
    ensure!(tags.contains_key("sender-operator.io/owner-id"));
    ensure!(calls(env, "CreateEmailIdentity", DOMAIN) == 1);
    event(env, &acme.namespace, "BecameReady", "").await?;
    Ok(())
}

/// A broken record is named while SES still sends; drift at SES is repaired, a deletion included.
async fn is_mended(env: &TestEnv<'_>, acme: &TenantNamespace<'_>) -> anyhow::Result<()> {
    let record = domains(acme).get("mail").await?.status.unwrap().dns_records[2].clone();
    env.simulator.set_record(&record.name, "CNAME", &["elsewhere.example.net"])?;
    let broken = becomes(acme, "mail", "DkimReady", "False/RecordsMissing").await?;
    contains(&message(&broken, "DkimReady"), &["Wrong record", &record.name, "elsewhere.example.net", &record.value])?;
    ensure!(condition(&broken, "Ready") == "True/Ready", "{:#?}", broken.status);
    contains(&message(&broken, "Ready"), &["still", &record.name])?;
    env.simulator.set_record(&record.name, "CNAME", &[&record.value])?;
    becomes(acme, "mail", "DkimReady", "True/Signing").await?;

    env.simulator.change_identity(DOMAIN, IdentityPatch::default().signing_enabled(false));
    event(env, &acme.namespace, "SigningRestored", "").await?;
    ensure!(env.simulator.identity(DOMAIN).unwrap().signing_enabled);
    env.simulator.remove_identity(DOMAIN);
    event(env, &acme.namespace, "IdentityRecreated", "").await?;
    ready(acme, "mail").await?;
    ensure!(calls(env, "CreateEmailIdentity", DOMAIN) == 2);
    Ok(())
}

/// Rejected although its record is in DNS: the holder's record is there, too.
async fn is_refused_to_another(
    env: &TestEnv<'_>,
    acme: &TenantNamespace<'_>,
    successor: &TenantNamespace<'_>,
) -> anyhow::Result<()> {
    apply(successor, "mail", DOMAIN, json!({})).await?;
    becomes(successor, "mail", "Stalled", "True/OwnedByAnotherTenant").await?;
    let theirs = challenge(successor, "mail").await?;
    let ours = challenge(acme, "mail").await?;
    ensure!(theirs.requirement == Requirement::Advised && theirs.value != ours.value, "{theirs:?}");
    publish(env, &theirs)?;
    looked_at_again(env, &theirs.name).await?;
    becomes(successor, "mail", "Stalled", "True/OwnedByAnotherTenant").await?;
    let known = told(env, successor, "mail").await?;
    ensure!(known.contains("Another tenant") && !known.contains("acme"), "{known}");
    unpublish(env, &theirs)
}

/// The loss of the proof is reported and has no effect until another tenant proves the domain. A restart keeps it.
async fn is_lost(env: &mut TestEnv<'_>, acme: &TenantNamespace<'_>) -> anyhow::Result<Timestamp> {
    unpublish(env, &challenge(acme, "mail").await?)?;
    let lost = becomes(acme, "mail", "Owned", "True/ProofLost").await?;
    ensure!(condition(&lost, "Ready") == "True/Ready", "{:#?}", lost.status);
    event(env, &acme.namespace, "ProofLost", "").await?;
    while_down(env, async |_| Ok(())).await?;
    env.operator.wait_ready().await?;
    let kept = claim(env, DOMAIN).await?.unwrap();
    ensure!(holder(&kept) == "tenant/acme", "{kept:#?}");
    Ok(kept.proof.unwrap().lost_time.unwrap())
}

/// Adds everything that lets others use or misuse the identity.
fn leave_things_behind(env: &TestEnv<'_>) -> anyhow::Result<()> {
    let simulator = &env.simulator;
    simulator.put_configuration_set("theirs");
    for tenant in ["theirs", "theirs-too"] {
        simulator.put_tenant(tenant, TenantPatch::default());
        simulator.associate(tenant, DOMAIN)?;
    }
    simulator.put_policy(DOMAIN, "everybody", POLICY)?;
    let patch = IdentityPatch {
        mail_from: Some(format!("bounce.{DOMAIN}")),
        configuration_set: Some("theirs".to_owned()),
        ..IdentityPatch::default()
    };
    ensure!(simulator.change_identity(DOMAIN, patch));
    simulator.put_identity(&format!("boss@{DOMAIN}"), IdentityPatch::default());
    ensure!(foreign_settings(env).len() == 5, "{:?}", foreign_settings(env));
    Ok(())
}

/// The settings that remain.
fn foreign_settings(env: &TestEnv<'_>) -> Vec<String> {
    let identity = env.simulator.identity(DOMAIN).unwrap();
    let set = identity.configuration_set.into_iter();
    let mail_from = identity.mail_from.into_iter().map(|mail_from| mail_from.domain);
    identity.tenants.into_iter().chain(identity.policies.into_keys()).chain(mail_from).chain(set).collect()
}

/// After the grace, a tenant that proves the domain takes it over. It becomes Ready once no setting of the former
/// holder is left at SES.
async fn is_handed_over(
    env: &TestEnv<'_>,
    acme: &TenantNamespace<'_>,
    successor: &TenantNamespace<'_>,
    since: Timestamp,
) -> anyhow::Result<()> {
    leave_things_behind(env)?;
    // One of them can't be removed for now.
    env.simulator.fault(Fault::access_denied().on("PutEmailIdentityMailFromAttributes"));
    publish(env, &challenge(successor, "mail").await?)?;
    becomes(successor, "mail", "Owned", "True/Held").await?;
    let waiting = becomes(successor, "mail", "Ready", "False/TakeoverPending").await?;
    contains(&message(&waiting, "Ready"), &["in use before"])?;
    eventually("only this one is left", async || match foreign_settings(env) {
        left if left.contains(&format!("bounce.{DOMAIN}")) && left.len() <= 2 => Ok(()),
        left => Err(format!("{left:?}")),
    })
    .await?;
    becomes(successor, "mail", "Ready", "False/TakeoverPending").await?;
    env.simulator.clear_faults();
    ready(successor, "mail").await?;
    ensure!(foreign_settings(env).is_empty(), "{:?}", foreign_settings(env));
    event(env, &successor.namespace, "ForeignSettingsRemoved", "").await?;
    // An address that is verified at SES remains verified there: the operator only reports it.
    event(env, "default", "AddressIdentities", &format!("boss@{DOMAIN}")).await?;
    ensure!(env.simulator.identity(&format!("boss@{DOMAIN}")).is_some());

    becomes(acme, "mail", "Stalled", "True/Displaced").await?;
    event(env, &acme.namespace, "Displaced", "").await?;
    let known = told(env, acme, "mail").await?;
    ensure!(known.contains("another tenant") && !known.contains("heir"), "{known}");
    let given = claim_when(env, DOMAIN, "the successor's", |claim| holder(claim) == "tenant/heir").await?;
    let proven = given.proof.clone().unwrap().proven_time;
    ensure!(proven.duration_since(since).as_secs() >= 3, "lost {since}, taken over {proven}, within the grace");
    ensure!(given.history.has_lost(&"tenant/acme".parse()?), "{given:#?}");
    delete(acme, "mail").await
}

/// The namespace is deleted while the operator is down. The deletion does not hang, and the next process releases the
/// domain at SES, which refuses to delete an identity with associations.
async fn is_let_go_with_its_namespace(env: &mut TestEnv<'_>, successor: &TenantNamespace<'_>) -> anyhow::Result<()> {
    env.simulator.associate("theirs", DOMAIN)?;
    while_down(env, async |env| kubectl(env, &["delete", "namespace", &successor.namespace, PATIENT]).await.map(drop))
        .await?;
    identity_gone(env, DOMAIN).await?;
    let free = claim_becomes(env, DOMAIN, "Released").await?;
    ensure!(free.tenant.is_none() && free.holder.is_none() && free.identity.created_time.is_none(), "{free:#?}");
    ensure!(calls(env, "DeleteEmailIdentity", DOMAIN) == 2);
    ensure!(env.simulator.tenant("theirs").unwrap().resources.is_empty());
    event(env, "default", "Released", DOMAIN).await?;
    Ok(())
}
