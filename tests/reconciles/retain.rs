//! `deletionPolicy: Retain`: the identity stays, tagged, for the next holder.

use sender_operator::{
    api::domain::DeletionPolicy,
    model::claim::State,
    ses::{OWNER_TAG, RETAINED_TAG},
};

use crate::{
    setup::{ACME, DOMAIN, RIVAL},
    simulation::{DAY, HOUR, MINUTE, Operator, SesCall, Simulation},
};

/// A simulation where acme's domain was retained and is free.
async fn retained() -> (Simulation, Operator) {
    let sim = Simulation::new();
    let operator = sim.start_with(|config| config.claim_retention = DAY);
    sim.tenant("acme");
    sim.publish(DOMAIN);
    sim.apply_with(ACME, DOMAIN, |spec| spec.deletion_policy = Some(DeletionPolicy::Retain));
    sim.until_ready(ACME).await;
    sim.delete(ACME);
    sim.until_state(DOMAIN, State::Released).await;
    let identity = sim.identity(DOMAIN).unwrap();
    assert!(identity.tags.contains_key(RETAINED_TAG) && identity.tags[OWNER_TAG] == "owner-1");
    assert!(sim.claim(DOMAIN).unwrap().identity.retained);
    assert_eq!(sim.ses_writes(DOMAIN), [SesCall::Create, SesCall::Tag]);
    (sim, operator)
}

#[tokio::test(start_paused = true)]
async fn the_next_holder_adopts_a_retained_identity_and_decides_again() {
    for meanwhile in ["nothing", "the claim is forgotten", "the owner id is changed", "the identity is deleted"] {
        let (sim, mut operator) = retained().await;
        match meanwhile {
            "the claim is forgotten" => sim.until_within(2 * DAY, meanwhile, || sim.claim(DOMAIN).is_none()).await,
            "the owner id is changed" => {
                operator.stop().await;
                operator = sim.start_with(|config| config.owner_id = "owner-2".into());
            }
            "the identity is deleted" => {
                sim.delete_at_ses(DOMAIN);
                sim.advance(HOUR).await;
            }
            _ => {}
        }
        sim.tenant("rival");
        sim.apply(RIVAL, DOMAIN);
        sim.until_ready(RIVAL).await;
        sim.advance(30 * MINUTE).await;
        assert!(!sim.identity(DOMAIN).unwrap().tags.contains_key(RETAINED_TAG), "{meanwhile}");
        let new = if meanwhile == "the identity is deleted" { SesCall::Create } else { SesCall::Untag };
        assert_eq!(sim.ses_writes(DOMAIN), [SesCall::Create, SesCall::Tag, new], "{meanwhile}");
        assert!(!sim.claim(DOMAIN).unwrap().identity.retained, "{meanwhile}");
        sim.delete(RIVAL);
        sim.until_state(DOMAIN, State::Released).await;
        assert!(sim.identity(DOMAIN).is_none(), "{meanwhile}: the successor's policy is Delete");
        drop(operator);
    }
}
