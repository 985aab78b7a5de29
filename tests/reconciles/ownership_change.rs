//! Takeovers: the status of the former holder, and the protection of what others created.

use sender_operator::{
    api::domain::AdoptionPolicy,
    model::{admin_annotations::ActionKind, tenant::TENANT_LABEL},
    ses::{OWNER_TAG, SesError},
};

use crate::{
    setup::{ACME, DOMAIN, RIVAL, proven},
    simulation::{HOUR, How, SECOND, SesCall, Simulation},
};

#[tokio::test(start_paused = true)]
async fn a_lost_domain_is_reported_at_once_even_while_ses_does_not_answer() {
    let (sim, _operator) = proven().await;
    sim.asking("rival", DOMAIN).await;
    sim.fail_ses(SesCall::Get, How::Silent, &SesError::Unreachable, usize::MAX);
    sim.request_action(DOMAIN, ActionKind::Transfer, "tenant/rival");
    sim.until_says_within(2 * SECOND, ACME, &["Ready False Displaced"]).await;
}

#[tokio::test(start_paused = true)]
async fn an_identity_that_others_tagged_since_the_last_read_is_not_adopted() {
    let sim = Simulation::new();
    let _operator = sim.start_proving_with(|config| config.policy.adoption = true);
    sim.create_at_ses(DOMAIN, &[]);
    sim.asking("acme", DOMAIN).await;
    sim.prove(ACME).await;
    sim.until_says(ACME, &["Owned True Held", "Stalled True ForeignIdentity"]).await;
    sim.at_ses(DOMAIN, |identity| {
        identity.tags.insert(OWNER_TAG.to_owned(), "another-installation".to_owned());
    });
    sim.edit(ACME, |spec| spec.adoption_policy = Some(AdoptionPolicy::IfProven));
    sim.advance(HOUR).await;
    assert!(sim.is_saying(ACME, &["Stalled True ForeignIdentity"]));
    assert_eq!(sim.identity(DOMAIN).unwrap().owner().unwrap(), "another-installation");
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_is_late_costs_nobody_a_domain() {
    let (sim, _operator) = proven().await;
    sim.asking("rival", DOMAIN).await;
    sim.prove(RIVAL).await;
    sim.until_says(RIVAL, &["Stalled True OwnedByAnotherTenant"]).await;
    // Moved within the tenant: recreated, then deleted.
    sim.namespace("acme-2", &[(TENANT_LABEL, "acme")]);
    sim.hold_watches();
    sim.apply("acme-2/mail", DOMAIN);
    sim.delete(ACME);
    sim.never_within(HOUR, "rival holds it", || sim.owner(DOMAIN).as_deref() == Some("tenant/rival")).await;
    assert_eq!(sim.owner(DOMAIN).as_deref(), Some("tenant/acme"));
    sim.release_watches();
    sim.until_ready("acme-2/mail").await;
}
