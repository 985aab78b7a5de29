//! Stories of proofs: domains that are proven, lost, adopted, delegated and taken over.

use sender_operator::{
    api::domain::AdoptionPolicy,
    model::{admin_annotations::ActionKind, claim::State},
    ses::{ENVIRONMENT_TAG, OWNER_TAG},
};

use super::stories::{Story, stories};
use crate::{
    setup::{DOMAIN, set_up_by_others},
    simulation::{HOUR, MINUTE, Simulation},
};

/// All stories in which a domain has to be proven.
pub const PROOFS: &[Story] = stories! {
    ["default"], DnsChallenge, "":
    proven_and_ready
    displaced_with_foreign_settings
    lost_and_back
    adopted
    left_by_a_lost_claim
    given_by_an_administrator
    taken_by_an_administrator_and_given_back
    unproven_for_too_long
    taken_over_while_it_is_let_go
    asked_for_by_the_next_when_the_first_goes
};

async fn proven(sim: &Simulation, tenant: &str) {
    let object = format!("{tenant}/mail");
    sim.tenant(tenant);
    sim.publish(DOMAIN);
    sim.publish_proof(&format!("tenant/{tenant}"), DOMAIN);
    if !sim.exists(&object) {
        sim.apply(&object, DOMAIN);
    }
    sim.until_ready(&object).await;
}

async fn proven_and_ready(sim: &Simulation) {
    sim.tenant("acme");
    sim.apply("acme/mail", DOMAIN);
    sim.until("the records are listed", || sim.records("acme/mail") == ["Missing"; 4]).await;
    proven(sim, "acme").await;
}

async fn displaced_with_foreign_settings(sim: &Simulation) {
    proven(sim, "acme").await;
    set_up_by_others(sim);
    sim.unpublish_proofs(DOMAIN);
    sim.tenant("rival");
    sim.apply("rival/mail", DOMAIN);
    sim.publish_proof("tenant/rival", DOMAIN);
    let rival = || sim.owner(DOMAIN).as_deref() == Some("tenant/rival");
    sim.until_within(3 * HOUR, "rival holds it", rival).await;
    sim.until_ready("rival/mail").await;
    sim.until_says("acme/mail", &["Stalled True Displaced"]).await;
}

async fn lost_and_back(sim: &Simulation) {
    proven(sim, "acme").await;
    sim.unpublish_proofs(DOMAIN);
    sim.until_says("acme/mail", &["Owned True ProofLost", "Ready True Ready"]).await;
    sim.publish_proof("tenant/acme", DOMAIN);
    sim.until_says("acme/mail", &["Owned True Held", "Ready True Ready"]).await;
}

async fn adopted(sim: &Simulation) {
    sim.create_at_ses(DOMAIN, &[]);
    set_up_by_others(sim);
    sim.tenant("acme");
    sim.apply_with("acme/mail", DOMAIN, |spec| spec.adoption_policy = Some(AdoptionPolicy::IfProven));
    proven(sim, "acme").await;
    sim.delete("acme/mail");
    sim.until_state(DOMAIN, State::Released).await;
}

async fn left_by_a_lost_claim(sim: &Simulation) {
    sim.create_at_ses(DOMAIN, &[(OWNER_TAG, "owner-1"), (ENVIRONMENT_TAG, "default")]);
    set_up_by_others(sim);
    sim.tenant("rival");
    sim.apply("rival/mail", DOMAIN);
    sim.until("the records are listed", || sim.records("rival/mail").len() == 4).await;
    sim.delete("rival/mail");
    sim.until_state(DOMAIN, State::Released).await;
    proven(sim, "acme").await;
}

async fn given_by_an_administrator(sim: &Simulation) {
    proven(sim, "acme").await;
    sim.tenant("rival");
    sim.apply("rival/mail", DOMAIN);
    sim.request_action(DOMAIN, ActionKind::Transfer, "tenant/rival");
    sim.until_ready("rival/mail").await;
}

async fn taken_by_an_administrator_and_given_back(sim: &Simulation) {
    proven(sim, "acme").await;
    sim.request_action(DOMAIN, ActionKind::ForceRelease, "abuse");
    sim.until_says("acme/mail", &["Stalled True ForceReleased"]).await;
    sim.advance(MINUTE).await;
    sim.withdraw(DOMAIN, ActionKind::ForceRelease);
    sim.until_ready("acme/mail").await;
}

async fn unproven_for_too_long(sim: &Simulation) {
    sim.tenant("acme");
    sim.apply("acme/mail", DOMAIN);
    sim.until_within(3 * HOUR, "it is released", || sim.state(DOMAIN) == Some(State::Releasing)).await;
    sim.until_state(DOMAIN, State::Released).await;
    assert!(sim.identity(DOMAIN).is_none());
    proven(sim, "acme").await;
}

async fn taken_over_while_it_is_let_go(sim: &Simulation) {
    proven(sim, "acme").await;
    set_up_by_others(sim);
    sim.tenant("rival");
    sim.apply("rival/mail", DOMAIN);
    sim.publish_proof("tenant/rival", DOMAIN);
    sim.until_says("rival/mail", &["Stalled True OwnedByAnotherTenant"]).await;
    sim.delete("acme/mail");
    sim.until_ready("rival/mail").await;
}

async fn asked_for_by_the_next_when_the_first_goes(sim: &Simulation) {
    sim.tenant("acme");
    sim.tenant("rival");
    sim.apply("acme/mail", DOMAIN);
    sim.until("the identity is created", || sim.identity(DOMAIN).is_some()).await;
    sim.apply("rival/mail", DOMAIN);
    sim.until("the records are listed", || sim.records("rival/mail").len() == 4).await;
    sim.delete("acme/mail");
    let pending_tenant = || sim.claim(DOMAIN).and_then(|claim| claim.pending_tenant).map(|tenant| tenant.to_string());
    sim.until("rival is the pending tenant", || pending_tenant().as_deref() == Some("tenant/rival")).await;
    proven(sim, "rival").await;
}
