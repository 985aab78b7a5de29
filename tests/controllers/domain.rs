//! The whole life of a sender domain, with a rival, a restart and an heir. Each rule that it meets is held by itself in
//! `tests/passes`; here they meet the real API server, real DNS and SES's wire protocol.

use anyhow::ensure;
use jiff::Timestamp;
use sender_operator::{
    api::domain::{Purpose, Requirement},
    model::{claim::State, proof::ProofKind, records::RecordType},
};
use sender_operator_harness::{Tenant, World, eventually};
use serde_json::json;
use ses_simulator::{Fault, IdentityPatch, TenantPatch};

use crate::{history::History, support::*};

const DOMAIN: &str = "mail.life.example.com";
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_is_proven_ready_mended_lost_to_an_heir_and_let_go() -> anyhow::Result<()> {
    proving("life")
        .run(async |world| {
            let acme = world.tenant_namespace("acme", Some("acme")).await?;
            let heir = world.tenant_namespace("heir", Some("heir")).await?;
            let (history, of_heir) = (History::of(domains(&acme)), History::of(domains(&heir)));
            becomes_ready(world, &acme).await?;
            is_mended(world, &acme).await?;
            is_refused_to_another(world, &acme, &heir).await?;
            let since = is_lost(world, &acme).await?;
            is_handed_over(world, &acme, &heir, since).await?;
            is_let_go_with_its_namespace(world, &heir).await?;
            history.lint("mail")?;
            of_heir.lint("mail")
        })
        .await
}

/// From apply to Ready: all records in one paste, and nobody's before the proof.
async fn becomes_ready(world: &World<'_>, acme: &Tenant<'_>) -> anyhow::Result<()> {
    apply(acme, "mail", DOMAIN, json!({})).await?;
    let records = paste(acme, "mail").await?;
    let (proof, dkim) = (&records[0], &records[1..]);
    ensure!(proof.purpose == Purpose::Ownership && proof.record_type == RecordType::Txt, "{proof:?}");
    ensure!(proof.name == format!("_sender-operator-challenge.{DOMAIN}") && proof.value.starts_with("token="));
    ensure!(dkim.iter().all(|record| record.purpose == Purpose::Dkim), "{dkim:#?}");
    for record in dkim {
        publish(world, record)?;
    }
    eventually("SES has verified the domain", async || {
        let identity = world.simulator.identity(DOMAIN).ok_or("none")?;
        if identity.verified_for_sending { Ok(()) } else { Err(format!("{identity:?}")) }
    })
    .await?;
    // SES's own proof changes nothing about whose it is.
    let asked = becomes(acme, "mail", "Owned", "False/ChallengeMissing").await?;
    contains(&message(&asked, "Owned"), &[&proof.name, &proof.value])?;
    ensure!(condition(&asked, "Reconciling") == "True/ChallengeMissing");
    ensure!(condition(&asked, "Ready") == "False/ChallengeMissing");
    let provisional = claim_becomes(world, DOMAIN, "Provisional").await?;
    ensure!(provisional.tenant.is_none() && provisional.holder.is_none());

    publish(world, proof)?;
    let ready = ready(acme, "mail").await?;
    ensure!(condition(&ready, "IdentityVerified") == "True/Verified");
    ensure!(condition(&ready, "DkimReady") == "True/Signing");
    let identity = ready.status.unwrap().identity.unwrap();
    ensure!(identity.verification_status == "SUCCESS" && identity.arn.ends_with(&format!(":identity/{DOMAIN}")));
    let held = claim_when(world, DOMAIN, "held", |claim| claim.state == State::Held).await?;
    let seen = held.proof.as_ref().unwrap();
    ensure!(holder(&held) == "tenant/acme" && seen.kind == ProofKind::DnsChallenge);
    ensure!(proof.value.ends_with(seen.challenge.as_deref().unwrap()));
    ensure!(held.identity.verified_time.is_some());
    let tags = world.simulator.identity(DOMAIN).unwrap().tags;
    ensure!(tags["sender-operator.io/environment"] == world.environment());
    ensure!(tags.contains_key("sender-operator.io/owner-id"));
    ensure!(calls(world, "CreateEmailIdentity", DOMAIN) == 1);
    event(world, &acme.namespace, "BecameReady", "").await?;
    Ok(())
}

/// A broken record is named while SES still sends; what is changed at SES is put right, a deletion included.
async fn is_mended(world: &World<'_>, acme: &Tenant<'_>) -> anyhow::Result<()> {
    let record = domains(acme).get("mail").await?.status.unwrap().dns_records[2].clone();
    world.simulator.set_record(&record.name, "CNAME", &["elsewhere.example.net"])?;
    let broken = becomes(acme, "mail", "DkimReady", "False/RecordsMissing").await?;
    contains(&message(&broken, "DkimReady"), &["Wrong record", &record.name, "elsewhere.example.net", &record.value])?;
    ensure!(condition(&broken, "Ready") == "True/Ready", "{:#?}", broken.status);
    contains(&message(&broken, "Ready"), &["still", &record.name])?;
    world.simulator.set_record(&record.name, "CNAME", &[&record.value])?;
    becomes(acme, "mail", "DkimReady", "True/Signing").await?;

    world.simulator.change_identity(DOMAIN, IdentityPatch::default().signing_enabled(false));
    event(world, &acme.namespace, "SigningRestored", "").await?;
    ensure!(world.simulator.identity(DOMAIN).unwrap().signing_enabled);
    world.simulator.remove_identity(DOMAIN);
    event(world, &acme.namespace, "IdentityRecreated", "").await?;
    ready(acme, "mail").await?;
    ensure!(calls(world, "CreateEmailIdentity", DOMAIN) == 2);
    Ok(())
}

/// Refused, although its record stands in DNS: the holder's does, too.
async fn is_refused_to_another(world: &World<'_>, acme: &Tenant<'_>, heir: &Tenant<'_>) -> anyhow::Result<()> {
    apply(heir, "mail", DOMAIN, json!({})).await?;
    becomes(heir, "mail", "Stalled", "True/OwnedByAnotherTenant").await?;
    let theirs = challenge(heir, "mail").await?;
    let ours = challenge(acme, "mail").await?;
    ensure!(theirs.requirement == Requirement::Advised && theirs.value != ours.value, "{theirs:?}");
    publish(world, &theirs)?;
    looked_at_again(world, &theirs.name).await?;
    becomes(heir, "mail", "Stalled", "True/OwnedByAnotherTenant").await?;
    let known = told(world, heir, "mail").await?;
    ensure!(known.contains("another tenant") && !known.contains("acme"), "{known}");
    unpublish(world, &theirs)
}

/// The loss of the proof is told, and costs nothing as long as nobody else proves the domain. A restart forgets nothing.
async fn is_lost(world: &mut World<'_>, acme: &Tenant<'_>) -> anyhow::Result<Timestamp> {
    unpublish(world, &challenge(acme, "mail").await?)?;
    let lost = becomes(acme, "mail", "Owned", "True/ProofLost").await?;
    ensure!(condition(&lost, "Ready") == "True/Ready", "{:#?}", lost.status);
    event(world, &acme.namespace, "ProofLost", "").await?;
    while_down(world, async |_| Ok(())).await?;
    world.operator.wait_ready().await?;
    let kept = claim(world, DOMAIN).await?.unwrap();
    ensure!(holder(&kept) == "tenant/acme", "{kept:#?}");
    Ok(kept.proof.unwrap().lost_time.unwrap())
}

/// Everything that lets somebody go on using the identity, or misuse it.
fn leave_things_behind(world: &World<'_>) -> anyhow::Result<()> {
    let simulator = &world.simulator;
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
    ensure!(leftovers(world).len() == 5, "{:?}", leftovers(world));
    Ok(())
}

/// What is still there.
fn leftovers(world: &World<'_>) -> Vec<String> {
    let identity = world.simulator.identity(DOMAIN).unwrap();
    let set = identity.configuration_set.into_iter();
    let mail_from = identity.mail_from.into_iter().map(|mail_from| mail_from.domain);
    identity.tenants.into_iter().chain(identity.policies.into_keys()).chain(mail_from).chain(set).collect()
}

/// After the grace whoever proves the domain has it, and is Ready when nothing of the former holder is left at SES.
async fn is_handed_over(
    world: &World<'_>,
    acme: &Tenant<'_>,
    heir: &Tenant<'_>,
    since: Timestamp,
) -> anyhow::Result<()> {
    leave_things_behind(world)?;
    // One of them can't be removed for now.
    world.simulator.fault(Fault::access_denied().on("PutEmailIdentityMailFromAttributes"));
    publish(world, &challenge(heir, "mail").await?)?;
    becomes(heir, "mail", "Owned", "True/Held").await?;
    let waiting = becomes(heir, "mail", "Ready", "False/HandOver").await?;
    contains(&message(&waiting, "Ready"), &["in use before"])?;
    eventually("only the one is left", async || match leftovers(world) {
        left if left.contains(&format!("bounce.{DOMAIN}")) && left.len() <= 2 => Ok(()),
        left => Err(format!("{left:?}")),
    })
    .await?;
    becomes(heir, "mail", "Ready", "False/HandOver").await?;
    world.simulator.clear_faults();
    ready(heir, "mail").await?;
    ensure!(leftovers(world).is_empty(), "{:?}", leftovers(world));
    event(world, &heir.namespace, "HandedOver", "").await?;
    // Whoever confirmed an address to SES has done so for itself.
    event(world, "default", "AddressIdentities", &format!("boss@{DOMAIN}")).await?;
    ensure!(world.simulator.identity(&format!("boss@{DOMAIN}")).is_some());

    becomes(acme, "mail", "Stalled", "True/Displaced").await?;
    event(world, &acme.namespace, "Displaced", "").await?;
    let known = told(world, acme, "mail").await?;
    ensure!(known.contains("another tenant") && !known.contains("heir"), "{known}");
    let given = claim_when(world, DOMAIN, "the heir's", |claim| holder(claim) == "tenant/heir").await?;
    let proven = given.proof.clone().unwrap().proven_time;
    ensure!(proven.duration_since(since).as_secs() >= 3, "lost {since}, taken over {proven}, in spite of the grace");
    ensure!(given.history.has_lost(&"tenant/acme".parse()?), "{given:#?}");
    delete(acme, "mail").await
}

/// The namespace goes while the operator is down. Nothing hangs in it, and the next process lets the domain go at SES,
/// which refuses to delete what its tenants use.
async fn is_let_go_with_its_namespace(world: &mut World<'_>, heir: &Tenant<'_>) -> anyhow::Result<()> {
    world.simulator.associate("theirs", DOMAIN)?;
    while_down(world, async |world| kubectl(world, &["delete", "namespace", &heir.namespace, PATIENT]).await.map(drop))
        .await?;
    identity_gone(world, DOMAIN).await?;
    let free = claim_becomes(world, DOMAIN, "Released").await?;
    ensure!(free.tenant.is_none() && free.holder.is_none() && free.identity.created_time.is_none(), "{free:#?}");
    ensure!(calls(world, "DeleteEmailIdentity", DOMAIN) == 2);
    ensure!(world.simulator.tenant("theirs").unwrap().resources.is_empty());
    event(world, "default", "Released", DOMAIN).await?;
    Ok(())
}
