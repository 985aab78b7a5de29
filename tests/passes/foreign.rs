//! Identities that this operator did not make are never touched.

use sender_operator::{
    model::claim::State,
    ses::{ENVIRONMENT_TAG, OWNER_TAG},
};

use crate::{
    setup::{ACME, DOMAIN, ready},
    world::{HOUR, SesCall, World},
};

/// Tags by which an identity is somebody's, but not ours.
pub const OTHERS_TAGS: [&[(&str, &str)]; 3] = [
    &[(OWNER_TAG, "owner-1")],
    &[(OWNER_TAG, "somebody-else"), (ENVIRONMENT_TAG, "default")],
    &[(OWNER_TAG, "owner-1"), (ENVIRONMENT_TAG, "production")],
];

#[tokio::test(start_paused = true)]
async fn a_foreign_identity_stalls_outlives_the_claim_and_is_not_touched_until_it_goes_away() {
    for tags in OTHERS_TAGS.into_iter().chain([&[] as &[_]]) {
        let world = World::new();
        let _operator = world.start_with(|me| me.claim_retention = HOUR);
        world.create_at_ses(DOMAIN, tags);
        world.publish(DOMAIN);
        world.tenant("acme");
        world.apply(ACME, DOMAIN);
        let expected =
            ["IdentityVerified False ForeignIdentity", "Ready False ForeignIdentity", "Stalled True ForeignIdentity"];
        world.until_says(ACME, &expected).await;
        world.pass(HOUR).await;
        assert!(world.status(ACME).dns_records.is_empty(), "records of others are not ours to hand out");
        assert_eq!(world.history(ACME).len(), 2);
        world.delete(ACME);
        world.until_state(DOMAIN, State::Released).await;
        world.until_within(2 * HOUR, "the claim is forgotten", || world.claim(DOMAIN).is_none()).await;
        assert!(world.ses_writes(DOMAIN).is_empty() && world.identity(DOMAIN).is_some(), "{tags:?}");
        world.apply(ACME, DOMAIN);
        world.until_says(ACME, &expected).await;
        world.delete_at_ses(DOMAIN);
        world.until_ready(ACME).await;
        assert_eq!(world.ses_writes(DOMAIN), [SesCall::Create]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_identity_that_is_replaced_by_a_foreign_one_is_not_deleted_with_the_claim() {
    let (world, _operator) = ready().await;
    world.delete(ACME);
    world.until_state(DOMAIN, State::Releasing).await;
    world.delete_at_ses(DOMAIN);
    world.create_at_ses(DOMAIN, &[(OWNER_TAG, "somebody-else")]);
    world.until_state(DOMAIN, State::Released).await;
    assert_eq!(world.ses_writes(DOMAIN), [SesCall::Create]);
}
