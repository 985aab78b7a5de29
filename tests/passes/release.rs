//! The way out: whatever way the object went, its identity is deleted once, late, and after a last look.

use sender_operator::{model::claim::State, ses::SesError};

use crate::{
    setup::{ACME, DOMAIN, ready},
    world::{DAY, HOUR, SesCall, World},
};

#[tokio::test(start_paused = true)]
async fn whatever_way_the_object_went_its_identity_is_deleted_once() {
    for way in ["its namespace is deleted", "a finalizer keeps it", "the operator was down", "it was suspended"] {
        let (world, operator) = ready().await;
        match way {
            "its namespace is deleted" => world.delete_namespace("acme"),
            "a finalizer keeps it" => world.begin_delete(ACME),
            "the operator was down" => {
                operator.stop().await;
                world.delete(ACME);
                world.pass(DAY).await;
                assert_eq!(world.state(DOMAIN), Some(State::Held));
            }
            _ => {
                world.edit(ACME, |spec| spec.suspend = Some(true));
                world.until_says(ACME, &["Ready False Suspended"]).await;
                world.delete(ACME);
            }
        }
        let _next = world.start();
        world.until_state(DOMAIN, State::Released).await;
        assert_eq!(world.ses_writes(DOMAIN), [SesCall::Create, SesCall::Delete], "{way}");
        if way == "a finalizer keeps it" {
            world.end_delete(ACME);
        }
        world.pass(DAY).await;
        assert_eq!(world.state(DOMAIN), Some(State::Released), "{way}");
        assert_eq!((world.identities(), world.ses_writes(DOMAIN).len()), (0, 2), "{way}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_object_deleted_before_its_identity_was_made_is_released_without_a_write() {
    let world = World::new();
    let _operator = world.start();
    world.ses_down(&SesError::Unreachable);
    world.tenant("acme");
    world.apply(ACME, DOMAIN);
    world.until_says(ACME, &["Ready False SesUnavailable"]).await;
    world.delete(ACME);
    world.pass(HOUR).await;
    assert_eq!(world.state(DOMAIN), Some(State::Releasing), "an error is not absence");
    world.heal();
    world.until_state(DOMAIN, State::Released).await;
    assert!(world.ses_writes(DOMAIN).iter().all(|call| *call == SesCall::Create), "nothing is deleted");
}
