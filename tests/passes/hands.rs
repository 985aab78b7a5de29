//! A domain changes hands: what the one who loses it is told, and what is not done to what others made.

use sender_operator::{
    api::domain::AdoptionPolicy,
    model::{orders::Verb, tenant::TENANT_LABEL},
    ses::{OWNER_TAG, SesError},
};

use crate::{
    setup::{ACME, DOMAIN, RIVAL, proven},
    world::{HOUR, How, SECOND, SesCall, World},
};

#[tokio::test(start_paused = true)]
async fn who_loses_a_domain_reads_so_at_once_although_ses_makes_everybody_wait() {
    let (world, _operator) = proven().await;
    world.asking("rival", DOMAIN).await;
    world.fail_ses(SesCall::Get, How::Silent, &SesError::Unreachable, usize::MAX);
    world.order(DOMAIN, Verb::Transfer, "tenant/rival");
    world.until_says_within(2 * SECOND, ACME, &["Ready False Displaced"]).await;
}

#[tokio::test(start_paused = true)]
async fn an_identity_that_somebody_else_has_marked_since_it_was_seen_is_not_taken_in() {
    let world = World::new();
    let _operator = world.start_proving_with(|me| me.policy.adoption = true);
    world.create_at_ses(DOMAIN, &[]);
    world.asking("acme", DOMAIN).await;
    world.prove(ACME).await;
    world.until_says(ACME, &["Owned True Held", "Stalled True ForeignIdentity"]).await;
    world.at_ses(DOMAIN, |identity| {
        identity.tags.insert(OWNER_TAG.to_owned(), "another-installation".to_owned());
    });
    world.edit(ACME, |spec| spec.adoption_policy = Some(AdoptionPolicy::IfProven));
    world.pass(HOUR).await;
    assert!(world.is_saying(ACME, &["Stalled True ForeignIdentity"]));
    assert_eq!(world.identity(DOMAIN).unwrap().owner().unwrap(), "another-installation");
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_is_late_costs_nobody_a_domain() {
    let (world, _operator) = proven().await;
    world.asking("rival", DOMAIN).await;
    world.prove(RIVAL).await;
    world.until_says(RIVAL, &["Stalled True OwnedByAnotherTenant"]).await;
    // Moved within the tenant: made anew, then deleted.
    world.namespace("acme-2", &[(TENANT_LABEL, "acme")]);
    world.hold_watches();
    world.apply("acme-2/mail", DOMAIN);
    world.delete(ACME);
    world.never_within(HOUR, "the rival has it", || world.owner(DOMAIN).as_deref() == Some("tenant/rival")).await;
    assert_eq!(world.owner(DOMAIN).as_deref(), Some("tenant/acme"));
    world.release_watches();
    world.until_ready("acme-2/mail").await;
}
