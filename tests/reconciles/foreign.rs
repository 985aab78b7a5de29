//! The operator never changes identities that it did not create.

use sender_operator::{
    model::claim::State,
    ses::{ENVIRONMENT_TAG, OWNER_TAG},
};

use crate::{
    setup::{ACME, DOMAIN, ready},
    simulation::{HOUR, SesCall, Simulation},
};

/// Tags of identities that belong to others.
pub const OTHERS_TAGS: [&[(&str, &str)]; 3] = [
    &[(OWNER_TAG, "owner-1")],
    &[(OWNER_TAG, "somebody-else"), (ENVIRONMENT_TAG, "default")],
    &[(OWNER_TAG, "owner-1"), (ENVIRONMENT_TAG, "production")],
];

#[tokio::test(start_paused = true)]
async fn a_foreign_identity_stalls_outlives_the_claim_and_is_not_touched_until_it_goes_away() {
    for tags in OTHERS_TAGS.into_iter().chain([&[] as &[_]]) {
        let sim = Simulation::new();
        let _operator = sim.start_with(|config| config.claim_retention = HOUR);
        sim.create_at_ses(DOMAIN, tags);
        sim.publish(DOMAIN);
        sim.tenant("acme");
        sim.apply(ACME, DOMAIN);
        let expected =
            ["IdentityVerified False ForeignIdentity", "Ready False ForeignIdentity", "Stalled True ForeignIdentity"];
        sim.until_says(ACME, &expected).await;
        sim.advance(HOUR).await;
        assert!(sim.status(ACME).dns_records.is_empty(), "records of foreign identities are not published");
        assert_eq!(sim.history(ACME).len(), 2);
        sim.delete(ACME);
        sim.until_state(DOMAIN, State::Released).await;
        sim.until_within(2 * HOUR, "the claim is forgotten", || sim.claim(DOMAIN).is_none()).await;
        assert!(sim.ses_writes(DOMAIN).is_empty() && sim.identity(DOMAIN).is_some(), "{tags:?}");
        sim.apply(ACME, DOMAIN);
        sim.until_says(ACME, &expected).await;
        sim.delete_at_ses(DOMAIN);
        sim.until_ready(ACME).await;
        assert_eq!(sim.ses_writes(DOMAIN), [SesCall::Create]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_identity_that_is_replaced_by_a_foreign_one_is_not_deleted_with_the_claim() {
    let (sim, _operator) = ready().await;
    sim.delete(ACME);
    sim.until_state(DOMAIN, State::Releasing).await;
    sim.delete_at_ses(DOMAIN);
    sim.create_at_ses(DOMAIN, &[(OWNER_TAG, "somebody-else")]);
    sim.until_state(DOMAIN, State::Released).await;
    assert_eq!(sim.ses_writes(DOMAIN), [SesCall::Create]);
}
