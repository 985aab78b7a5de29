//! Releases: however the object was removed, its identity is deleted once, after the delay and a last read.

use sender_operator::{model::claim::State, ses::SesError};

use crate::{
    setup::{ACME, DOMAIN, ready},
    simulation::{DAY, HOUR, SesCall, Simulation},
};

#[tokio::test(start_paused = true)]
async fn the_identity_is_deleted_once_however_the_object_was_removed() {
    for way in ["its namespace is deleted", "a finalizer keeps it", "the operator was down", "it was suspended"] {
        let (sim, operator) = ready().await;
        match way {
            "its namespace is deleted" => sim.delete_namespace("acme"),
            "a finalizer keeps it" => sim.begin_delete(ACME),
            "the operator was down" => {
                operator.stop().await;
                sim.delete(ACME);
                sim.advance(DAY).await;
                assert_eq!(sim.state(DOMAIN), Some(State::Held));
            }
            _ => {
                sim.edit(ACME, |spec| spec.suspend = Some(true));
                sim.until_says(ACME, &["Ready False Suspended"]).await;
                sim.delete(ACME);
            }
        }
        let _next = sim.start();
        sim.until_state(DOMAIN, State::Released).await;
        assert_eq!(sim.ses_writes(DOMAIN), [SesCall::Create, SesCall::Delete], "{way}");
        if way == "a finalizer keeps it" {
            sim.end_delete(ACME);
        }
        sim.advance(DAY).await;
        assert_eq!(sim.state(DOMAIN), Some(State::Released), "{way}");
        assert_eq!((sim.identities(), sim.ses_writes(DOMAIN).len()), (0, 2), "{way}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_object_deleted_before_its_identity_was_created_is_released_without_a_write() {
    let sim = Simulation::new();
    let _operator = sim.start();
    sim.ses_down(&SesError::Unreachable);
    sim.tenant("acme");
    sim.apply(ACME, DOMAIN);
    sim.until_says(ACME, &["Ready False SesUnavailable"]).await;
    sim.delete(ACME);
    sim.advance(HOUR).await;
    assert_eq!(sim.state(DOMAIN), Some(State::Releasing), "an error is not absence");
    sim.heal();
    sim.until_state(DOMAIN, State::Released).await;
    assert!(sim.ses_writes(DOMAIN).iter().all(|call| *call == SesCall::Create), "nothing is deleted");
}
