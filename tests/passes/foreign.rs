//! Identities that this operator did not make are never touched.

use sender_operator::{
    model::claim::State,
    ses::{ENVIRONMENT_TAG, OWNER_TAG},
};

use crate::world::{DAY, SesCall, World};

const FOREIGN: [&[(&str, &str)]; 4] = [
    &[],
    &[(OWNER_TAG, "owner-1")],
    &[(OWNER_TAG, "somebody-else"), (ENVIRONMENT_TAG, "default")],
    &[(OWNER_TAG, "owner-1"), (ENVIRONMENT_TAG, "production")],
];

#[tokio::test(start_paused = true)]
async fn a_foreign_identity_stalls_and_is_not_touched_until_it_goes_away() {
    for tags in FOREIGN {
        let world = World::new();
        let _operator = world.start();
        world.create_at_ses("example.com", tags);
        world.publish("example.com");
        world.tenant("acme");
        world.apply("acme/mail", "example.com");
        let expected =
            ["IdentityVerified False ForeignIdentity", "Ready False ForeignIdentity", "Stalled True ForeignIdentity"];
        world.until_says("acme/mail", &expected).await;
        world.pass(DAY).await;
        assert!(world.ses_writes("example.com").is_empty(), "{tags:?}");
        assert!(world.status("acme/mail").dns_records.is_empty(), "records of others are not ours to hand out");
        assert_eq!(world.history("acme/mail").len(), 2);
        world.delete_at_ses("example.com");
        world.until_ready("acme/mail").await;
        assert_eq!(world.ses_writes("example.com"), [SesCall::Create]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_foreign_identity_outlives_the_claim() {
    for tags in FOREIGN {
        let world = World::new();
        let _operator = world.start();
        world.create_at_ses("example.com", tags);
        world.tenant("acme");
        world.apply("acme/mail", "example.com");
        world.until_says("acme/mail", &["Stalled True ForeignIdentity"]).await;
        world.delete("acme/mail");
        world.until_state("example.com", State::Released).await;
        world.until_within(31 * DAY, "the claim is forgotten", || world.claim("example.com").is_none()).await;
        assert!(world.ses_writes("example.com").is_empty() && world.identity("example.com").is_some(), "{tags:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_identity_that_is_replaced_by_a_foreign_one_is_not_deleted_with_the_claim() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    world.delete("acme/mail");
    world.until_state("example.com", State::Releasing).await;
    world.delete_at_ses("example.com");
    world.create_at_ses("example.com", &[(OWNER_TAG, "somebody-else")]);
    world.until_state("example.com", State::Released).await;
    assert_eq!(world.ses_writes("example.com"), [SesCall::Create]);
}
