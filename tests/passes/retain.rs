//! `deletionPolicy: Retain`: the identity stays, tagged, for the next owner.

use sender_operator::{
    api::domain::DeletionPolicy,
    model::claim::State,
    ses::{OWNER_TAG, RETAINED_TAG},
};

use crate::{
    setup::{ACME, DOMAIN, RIVAL},
    world::{DAY, HOUR, MINUTE, Operator, SesCall, World},
};

/// A world where acme's domain was retained and is free.
async fn retained() -> (World, Operator) {
    let world = World::new();
    let operator = world.start_with(|me| me.claim_retention = DAY);
    world.tenant("acme");
    world.publish(DOMAIN);
    world.apply_with(ACME, DOMAIN, |spec| spec.deletion_policy = Some(DeletionPolicy::Retain));
    world.until_ready(ACME).await;
    world.delete(ACME);
    world.until_state(DOMAIN, State::Released).await;
    let identity = world.identity(DOMAIN).unwrap();
    assert!(identity.tags.contains_key(RETAINED_TAG) && identity.tags[OWNER_TAG] == "owner-1");
    assert!(world.claim(DOMAIN).unwrap().identity.retained);
    assert_eq!(world.ses_writes(DOMAIN), [SesCall::Create, SesCall::Tag]);
    (world, operator)
}

#[tokio::test(start_paused = true)]
async fn the_next_owner_takes_a_retained_identity_in_and_decides_anew() {
    for meanwhile in ["nothing", "the claim is forgotten", "the owner id is changed", "the identity is deleted"] {
        let (world, mut operator) = retained().await;
        match meanwhile {
            "the claim is forgotten" => world.until_within(2 * DAY, meanwhile, || world.claim(DOMAIN).is_none()).await,
            "the owner id is changed" => {
                operator.stop().await;
                operator = world.start_with(|me| me.owner_id = "owner-2".into());
            }
            "the identity is deleted" => {
                world.delete_at_ses(DOMAIN);
                world.pass(HOUR).await;
            }
            _ => {}
        }
        world.tenant("rival");
        world.apply(RIVAL, DOMAIN);
        world.until_ready(RIVAL).await;
        world.pass(30 * MINUTE).await;
        assert!(!world.identity(DOMAIN).unwrap().tags.contains_key(RETAINED_TAG), "{meanwhile}");
        let new = if meanwhile == "the identity is deleted" { SesCall::Create } else { SesCall::Untag };
        assert_eq!(world.ses_writes(DOMAIN), [SesCall::Create, SesCall::Tag, new], "{meanwhile}");
        assert!(!world.claim(DOMAIN).unwrap().identity.retained, "{meanwhile}");
        world.delete(RIVAL);
        world.until_state(DOMAIN, State::Released).await;
        assert!(world.identity(DOMAIN).is_none(), "{meanwhile}: the heir's policy is Delete");
        drop(operator);
    }
}
