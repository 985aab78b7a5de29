//! Deletions that look like an accident wait. `model/deletion_guard.rs` has the table of the numbers.

use std::time::Duration;

use sender_operator::{
    api::reasons::EventReason,
    model::{
        admin_annotations::{APPROVE_RELEASE, ActionKind},
        claim::State,
        tenant::TENANT_LABEL,
    },
};

use crate::{
    setup::{ACME, DOMAIN, many_ready, ready, remade_namespace, unproven},
    simulation::{DAY, HOUR, MINUTE, SECOND, Simulation},
};

const HELD_BACK: &str = "sender_operator_releases_held_back";

#[tokio::test(start_paused = true)]
async fn a_claimant_that_only_a_live_list_shows_stops_the_deletion() {
    let (sim, _operator) = ready().await;
    sim.namespace("acme-2", &[(TENANT_LABEL, "acme")]);
    sim.delete(ACME);
    sim.until_state(DOMAIN, State::Releasing).await;
    sim.advance(MINUTE).await;
    sim.hold_watches();
    sim.apply("acme-2/mail", DOMAIN);
    sim.until_state(DOMAIN, State::Held).await;
    sim.until_says("acme-2/mail", &["Ready True Ready"]).await;
    assert_eq!(sim.ses_writes(DOMAIN).len(), 1);
    assert!(sim.age() > 15 * MINUTE);
    sim.release_watches();
    sim.advance(DAY).await;
    assert_eq!(sim.state(DOMAIN), Some(State::Held));
}

#[tokio::test(start_paused = true)]
async fn a_recreated_namespace_holds_back_the_deletion_for_a_day_or_until_a_person_decides() {
    for then in ["nothing", "an administrator approves", "the object is restored"] {
        let (sim, operator) = ready().await;
        sim.delete_namespace("acme");
        sim.tenant("acme");
        sim.until("it is reported", || !sim.told(EventReason::ReleaseHeldBack).is_empty()).await;
        let note = sim.told(EventReason::ReleaseHeldBack)[0].note.clone();
        assert!(note.contains("its namespace was recreated") && note.contains("approve-release"), "{note}");
        assert_eq!(operator.metric::<u64>(HELD_BACK), 1);
        let released = || sim.state(DOMAIN) == Some(State::Released) && sim.identity(DOMAIN).is_none();
        match then {
            "nothing" => {
                sim.advance(22 * HOUR).await;
                assert!(sim.identity(DOMAIN).is_some());
                sim.until_within(3 * HOUR, "it is released", released).await;
                assert!(sim.age() > DAY);
            }
            "an administrator approves" => {
                sim.annotate(DOMAIN, APPROVE_RELEASE, "yes");
                sim.until_within(MINUTE, "it is released", released).await;
                sim.until("it is reported", || sim.told(EventReason::Released).len() == 1).await;
            }
            _ => {
                sim.apply(ACME, DOMAIN);
                sim.until_says_within(MINUTE, ACME, &["Ready True Ready"]).await;
                assert_eq!(sim.ses_writes(DOMAIN).len(), 1);
            }
        }
        sim.advance(SECOND).await;
        assert_eq!(operator.metric::<u64>(HELD_BACK), 0, "{then}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_approval_that_stays_approves_one_release_only() {
    let (sim, operator) = remade_namespace().await;
    sim.until("it is reported", || sim.told(EventReason::ReleaseHeldBack).len() == 1).await;
    sim.annotate(DOMAIN, APPROVE_RELEASE, "yes");
    sim.until_within(MINUTE, "it is released", || sim.state(DOMAIN) == Some(State::Released)).await;
    let claim = sim.claim(DOMAIN).unwrap();
    assert_eq!(claim.admin_actions.last().unwrap().requested.action, ActionKind::ApproveRelease);
    sim.until("it is reported", || sim.told(EventReason::AdminActionTaken).len() == 1).await;

    // The recreated namespace proves the domain, and is deleted and recreated as well: this deletion has no approval.
    sim.prove("plain/mail").await;
    sim.until_ready("plain/mail").await;
    sim.delete_namespace("plain");
    sim.namespace("plain", &[]);
    sim.until("it is reported", || sim.told(EventReason::ReleaseHeldBack).len() == 2).await;
    sim.advance(22 * HOUR).await;
    assert_eq!(sim.state(DOMAIN), Some(State::Releasing));
    assert_eq!(operator.metric::<u64>(HELD_BACK), 1);
    assert!(sim.identity(DOMAIN).is_some());
}

#[tokio::test(start_paused = true)]
async fn without_a_release_delay_a_deletion_still_waits_for_an_observation_of_its_circumstances() {
    let sim = Simulation::new();
    let _operator = sim.start_with(|config| config.release_delay = Duration::ZERO);
    sim.ready("acme", DOMAIN).await;
    // Calls to SES are free, so nothing else interrupts the reconcile.
    sim.advance(7 * MINUTE).await;
    sim.hold_watches();
    sim.delete_namespace("acme");
    sim.tenant("acme");
    sim.release_watches();
    sim.until("it is reported", || !sim.told(EventReason::ReleaseHeldBack).is_empty()).await;
    sim.advance(HOUR).await;
    assert!(sim.identity(DOMAIN).is_some());
}

#[tokio::test(start_paused = true)]
async fn a_standing_approval_keeps_no_free_claim() {
    let (sim, _operator) = unproven().await;
    sim.delete(ACME);
    sim.until_state(DOMAIN, State::Released).await;
    sim.annotate(DOMAIN, APPROVE_RELEASE, "yes");
    sim.until_within(60 * DAY, "it is forgotten", || sim.claim(DOMAIN).is_none()).await;
}

#[tokio::test(start_paused = true)]
async fn more_than_ten_releases_within_an_hour_wait_for_a_day_or_for_an_approval_of_each() {
    let sim = Simulation::new();
    let operator = sim.start();
    let names = many_ready(&sim, 16).await;
    let delete = |names: &[String]| names.iter().for_each(|name| sim.delete(&format!("acme/{name}")));
    let left = || names.iter().filter(|name| sim.identity(name).is_some()).count();
    let told = || sim.told(EventReason::ReleaseHeldBack);
    delete(&names[..10]);
    sim.until("the first ten are released", || left() == 6).await;
    assert!(told().is_empty());
    delete(&names[10..]);
    let deleted = sim.age();
    sim.until("all others have a status", || told().len() >= 6).await;
    assert!(told().iter().all(|event| event.warning));
    sim.annotate(&names[12], APPROVE_RELEASE, "yes");
    sim.until_state(&names[12], State::Released).await;
    operator.stop().await;
    let _operator = sim.start();
    sim.advance(22 * HOUR).await;
    assert_eq!(left(), 5, "sixteen within the hour");
    sim.until_within(3 * HOUR, "all are released", || left() == 0).await;
    assert!(sim.since(deleted) >= DAY);
}
