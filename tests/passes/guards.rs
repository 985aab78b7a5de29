//! What a deletion waits for when it looks like an accident. The numbers are a table of `model/release.rs`.

use sender_operator::{
    api::reasons::EventReason,
    model::{
        claim::State,
        orders::{APPROVE_RELEASE, Verb},
        tenant::TENANT_LABEL,
    },
};

use crate::{
    setup::{ACME, DOMAIN, many_ready, ready, remade_namespace, unproven},
    world::{DAY, HOUR, MINUTE, SECOND, World},
};

const HELD_BACK: &str = "sender_operator_releases_held_back";

#[tokio::test(start_paused = true)]
async fn an_asker_that_only_a_live_list_shows_stops_the_deletion() {
    let (world, _operator) = ready().await;
    world.namespace("acme-2", &[(TENANT_LABEL, "acme")]);
    world.delete(ACME);
    world.until_state(DOMAIN, State::Releasing).await;
    world.pass(MINUTE).await;
    world.hold_watches();
    world.apply("acme-2/mail", DOMAIN);
    world.until_state(DOMAIN, State::Held).await;
    world.until_says("acme-2/mail", &["Ready True Ready"]).await;
    assert_eq!(world.ses_writes(DOMAIN).len(), 1);
    assert!(world.age() > 15 * MINUTE);
    world.release_watches();
    world.pass(DAY).await;
    assert_eq!(world.state(DOMAIN), Some(State::Held));
}

#[tokio::test(start_paused = true)]
async fn a_namespace_made_again_holds_the_deletion_back_for_a_day_or_until_somebody_says_what_is_meant() {
    for then in ["nothing", "an administrator approves", "the object is restored"] {
        let (world, operator) = ready().await;
        world.delete_namespace("acme");
        world.tenant("acme");
        world.until("it is told", || !world.told(EventReason::ReleaseHeldBack).is_empty()).await;
        let note = world.told(EventReason::ReleaseHeldBack)[0].note.clone();
        assert!(note.contains("its namespace was created again") && note.contains("approve-release"), "{note}");
        assert_eq!(operator.metric::<u64>(HELD_BACK), 1);
        let released = || world.state(DOMAIN) == Some(State::Released) && world.identity(DOMAIN).is_none();
        match then {
            "nothing" => {
                world.pass(22 * HOUR).await;
                assert!(world.identity(DOMAIN).is_some());
                world.until_within(3 * HOUR, "it is released", released).await;
                assert!(world.age() > DAY);
            }
            "an administrator approves" => {
                world.annotate(DOMAIN, APPROVE_RELEASE, "yes");
                world.until_within(MINUTE, "it is released", released).await;
                world.until("it is told", || world.told(EventReason::Released).len() == 1).await;
            }
            _ => {
                world.apply(ACME, DOMAIN);
                world.until_says_within(MINUTE, ACME, &["Ready True Ready"]).await;
                assert_eq!(world.ses_writes(DOMAIN).len(), 1);
            }
        }
        world.pass(SECOND).await;
        assert_eq!(operator.metric::<u64>(HELD_BACK), 0, "{then}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_approval_that_stays_approves_one_release_only() {
    let (world, operator) = remade_namespace().await;
    world.until("it is told", || world.told(EventReason::ReleaseHeldBack).len() == 1).await;
    world.annotate(DOMAIN, APPROVE_RELEASE, "yes");
    world.until_within(MINUTE, "it is released", || world.state(DOMAIN) == Some(State::Released)).await;
    let claim = world.claim(DOMAIN).unwrap();
    assert_eq!(claim.rulings.last().unwrap().order.verb, Verb::ApproveRelease);
    world.until("it is told", || world.told(EventReason::Ruled).len() == 1).await;

    // The namespace that was made again proves the domain, is deleted and made again too: nobody has approved that.
    world.prove("plain/mail").await;
    world.until_ready("plain/mail").await;
    world.delete_namespace("plain");
    world.namespace("plain", &[]);
    world.until("it is told", || world.told(EventReason::ReleaseHeldBack).len() == 2).await;
    world.pass(22 * HOUR).await;
    assert_eq!(world.state(DOMAIN), Some(State::Releasing));
    assert_eq!(operator.metric::<u64>(HELD_BACK), 1);
    assert!(world.identity(DOMAIN).is_some());
}

#[tokio::test(start_paused = true)]
async fn a_standing_approval_keeps_no_free_claim() {
    let (world, _operator) = unproven().await;
    world.delete(ACME);
    world.until_state(DOMAIN, State::Released).await;
    world.annotate(DOMAIN, APPROVE_RELEASE, "yes");
    world.until_within(60 * DAY, "it is forgotten", || world.claim(DOMAIN).is_none()).await;
}

#[tokio::test(start_paused = true)]
async fn more_than_ten_releases_within_an_hour_wait_for_a_day_or_for_an_approval_of_each() {
    let world = World::new();
    let operator = world.start();
    let names = many_ready(&world, 16).await;
    let delete = |names: &[String]| names.iter().for_each(|name| world.delete(&format!("acme/{name}")));
    let left = || names.iter().filter(|name| world.identity(name).is_some()).count();
    let told = || world.told(EventReason::ReleaseHeldBack);
    delete(&names[..10]);
    world.until("the first ten are released", || left() == 6).await;
    assert!(told().is_empty());
    delete(&names[10..]);
    let deleted = world.age();
    world.until("all others are told", || told().len() >= 6).await;
    assert!(told().iter().all(|notice| notice.warning));
    world.annotate(&names[12], APPROVE_RELEASE, "yes");
    world.until_state(&names[12], State::Released).await;
    operator.stop().await;
    let _operator = world.start();
    world.pass(22 * HOUR).await;
    assert_eq!(left(), 5, "sixteen within the hour");
    world.until_within(3 * HOUR, "all are released", || left() == 0).await;
    assert!(world.since(deleted) >= DAY);
}
