//! Stories of proofs: domains that are proven, lost, taken in, given and taken.

use sender_operator::{
    api::domain::AdoptionPolicy,
    model::{claim::State, orders::Verb},
    ses::{ENVIRONMENT_TAG, OWNER_TAG},
};

use super::stories::{Story, stories};
use crate::{
    setup::{DOMAIN, set_up_by_others},
    world::{HOUR, MINUTE, World},
};

/// All stories in which a domain has to be proven.
pub const PROOFS: &[Story] = stories! {
    ["default"], DnsChallenge, "":
    proven_and_ready
    displaced_with_leftovers
    lost_and_back
    adopted
    left_by_a_lost_claim
    given_by_an_administrator
    taken_by_an_administrator_and_given_back
    unproven_for_too_long
    taken_over_while_it_is_let_go
    asked_for_by_the_next_when_the_first_goes
};

async fn proven(world: &World, tenant: &str) {
    let object = format!("{tenant}/mail");
    world.tenant(tenant);
    world.publish(DOMAIN);
    world.publish_proof(&format!("tenant/{tenant}"), DOMAIN);
    if !world.exists(&object) {
        world.apply(&object, DOMAIN);
    }
    world.until_ready(&object).await;
}

async fn proven_and_ready(world: &World) {
    world.tenant("acme");
    world.apply("acme/mail", DOMAIN);
    world.until("the records are listed", || world.records("acme/mail") == ["Missing"; 4]).await;
    proven(world, "acme").await;
}

async fn displaced_with_leftovers(world: &World) {
    proven(world, "acme").await;
    set_up_by_others(world);
    world.unpublish_proofs(DOMAIN);
    world.tenant("rival");
    world.apply("rival/mail", DOMAIN);
    world.publish_proof("tenant/rival", DOMAIN);
    let rival = || world.owner(DOMAIN).as_deref() == Some("tenant/rival");
    world.until_within(3 * HOUR, "the rival has it", rival).await;
    world.until_ready("rival/mail").await;
    world.until_says("acme/mail", &["Stalled True Displaced"]).await;
}

async fn lost_and_back(world: &World) {
    proven(world, "acme").await;
    world.unpublish_proofs(DOMAIN);
    world.until_says("acme/mail", &["Owned True ProofLost", "Ready True Ready"]).await;
    world.publish_proof("tenant/acme", DOMAIN);
    world.until_says("acme/mail", &["Owned True Held", "Ready True Ready"]).await;
}

async fn adopted(world: &World) {
    world.create_at_ses(DOMAIN, &[]);
    set_up_by_others(world);
    world.tenant("acme");
    world.apply_with("acme/mail", DOMAIN, |spec| spec.adoption_policy = Some(AdoptionPolicy::IfProven));
    proven(world, "acme").await;
    world.delete("acme/mail");
    world.until_state(DOMAIN, State::Released).await;
}

async fn left_by_a_lost_claim(world: &World) {
    world.create_at_ses(DOMAIN, &[(OWNER_TAG, "owner-1"), (ENVIRONMENT_TAG, "default")]);
    set_up_by_others(world);
    world.tenant("rival");
    world.apply("rival/mail", DOMAIN);
    world.until("the records are listed", || world.records("rival/mail").len() == 4).await;
    world.delete("rival/mail");
    world.until_state(DOMAIN, State::Released).await;
    proven(world, "acme").await;
}

async fn given_by_an_administrator(world: &World) {
    proven(world, "acme").await;
    world.tenant("rival");
    world.apply("rival/mail", DOMAIN);
    world.order(DOMAIN, Verb::Transfer, "tenant/rival");
    world.until_ready("rival/mail").await;
}

async fn taken_by_an_administrator_and_given_back(world: &World) {
    proven(world, "acme").await;
    world.order(DOMAIN, Verb::ForceRelease, "abuse");
    world.until_says("acme/mail", &["Stalled True ForceReleased"]).await;
    world.pass(MINUTE).await;
    world.withdraw(DOMAIN, Verb::ForceRelease);
    world.until_ready("acme/mail").await;
}

async fn unproven_for_too_long(world: &World) {
    world.tenant("acme");
    world.apply("acme/mail", DOMAIN);
    world.until_within(3 * HOUR, "it is let go", || world.state(DOMAIN) == Some(State::Releasing)).await;
    world.until_state(DOMAIN, State::Released).await;
    assert!(world.identity(DOMAIN).is_none());
    proven(world, "acme").await;
}

async fn taken_over_while_it_is_let_go(world: &World) {
    proven(world, "acme").await;
    set_up_by_others(world);
    world.tenant("rival");
    world.apply("rival/mail", DOMAIN);
    world.publish_proof("tenant/rival", DOMAIN);
    world.until_says("rival/mail", &["Stalled True OwnedByAnotherTenant"]).await;
    world.delete("acme/mail");
    world.until_ready("rival/mail").await;
}

async fn asked_for_by_the_next_when_the_first_goes(world: &World) {
    world.tenant("acme");
    world.tenant("rival");
    world.apply("acme/mail", DOMAIN);
    world.until("the identity is made", || world.identity(DOMAIN).is_some()).await;
    world.apply("rival/mail", DOMAIN);
    world.until("the records are listed", || world.records("rival/mail").len() == 4).await;
    world.delete("acme/mail");
    let sponsor = || world.claim(DOMAIN).and_then(|claim| claim.sponsor).map(|tenant| tenant.to_string());
    world.until("the rival sponsors", || sponsor().as_deref() == Some("tenant/rival")).await;
    proven(world, "rival").await;
}
