//! A domain changes hands: what the one who loses it is told, and what is not done to what others made.

use sender_operator::{
    api::domain::AdoptionPolicy,
    model::{admin_action::ActionKind, tenant::TENANT_LABEL},
    ses::{OWNER_TAG, SesError},
};

use crate::{
    setup::{ACME, DOMAIN, RIVAL, proven},
    simulation::{HOUR, How, SECOND, SesCall, Simulation},
};

#[tokio::test(start_paused = true)]
async fn who_loses_a_domain_reads_so_at_once_although_ses_makes_everybody_wait() {
    let (sim, _operator) = proven().await;
    sim.asking("rival", DOMAIN).await;
    sim.fail_ses(SesCall::Get, How::Silent, &SesError::Unreachable, usize::MAX);
    sim.request_action(DOMAIN, ActionKind::Transfer, "tenant/rival");
    sim.until_says_within(2 * SECOND, ACME, &["Ready False Displaced"]).await;
}

#[tokio::test(start_paused = true)]
async fn an_identity_that_somebody_else_has_marked_since_it_was_seen_is_not_taken_in() {
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
    // Moved within the tenant: made anew, then deleted.
    sim.namespace("acme-2", &[(TENANT_LABEL, "acme")]);
    sim.hold_watches();
    sim.apply("acme-2/mail", DOMAIN);
    sim.delete(ACME);
    sim.never_within(HOUR, "the rival has it", || sim.owner(DOMAIN).as_deref() == Some("tenant/rival")).await;
    assert_eq!(sim.owner(DOMAIN).as_deref(), Some("tenant/acme"));
    sim.release_watches();
    sim.until_ready("acme-2/mail").await;
}
