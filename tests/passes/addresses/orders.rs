//! What administrators order about an address.

use sender_operator::{
    api::reasons::EventReason,
    cluster::kinds::Kind,
    model::{
        claim::State,
        confirmation::{answering::Act, evidence::Event},
        orders::{APPROVE_ADDRESS, APPROVE_NAMESPACE, ERASE_EVIDENCE, FORCE_RELEASE, TRANSFER_TO, Verb},
    },
};

use super::{OBJECT, SALES, asked, confirmed, for_weeks};
use crate::world::{DAY, HOUR, MINUTE, World};

fn refusals(world: &World) -> Vec<String> {
    let told = world.told(EventReason::OrderRefused).into_iter();
    let of_claims = told.filter(|notice| notice.regarding.kind == Kind::Claim);
    of_claims.map(|notice| notice.note).collect()
}

#[tokio::test(start_paused = true)]
async fn an_approval_stands_for_the_owner_and_the_evidence_says_so() {
    let world = World::new();
    let _operator = world.start();
    asked(&world).await;
    world.annotate_address(SALES, APPROVE_ADDRESS, "noreply has no mailbox");
    world.until_address_says(OBJECT, "Ready True Ready").await;
    world.until_address_says(OBJECT, "Confirmed True Approved").await;
    let claim = world.address_claim(SALES).unwrap().claim;
    let entry = claim.confirmation.unwrap().evidence.pop().unwrap();
    assert_eq!((entry.event, entry.approval.as_deref()), (Event::Approved, Some("noreply has no mailbox")));
    assert_eq!(claim.rulings.last().unwrap().order.verb, Verb::ApproveAddress);
    world.until("it is told", || !world.told(EventReason::Ruled).is_empty()).await;
    assert!(matches!(
        world.click(SALES, Act::Withdraw),
        sender_operator::model::confirmation::answering::Page::Withdrawn { .. }
    ));
    world.until_address_says(OBJECT, "Stalled True Withdrawn").await;
    world.annotate_address(SALES, APPROVE_ADDRESS, "once more");
    world.pass(HOUR).await;
    assert_eq!(world.address_says(OBJECT)[2], "Ready False Withdrawn", "nobody speaks against the owner");
}

#[tokio::test(start_paused = true)]
async fn an_approval_never_overrides_a_decline() {
    let world = World::new();
    let _operator = world.start_with(for_weeks);
    asked(&world).await;
    world.click(SALES, Act::Decline);
    world.until_address_says(OBJECT, "Stalled True Declined").await;
    world.annotate_address(SALES, APPROVE_ADDRESS, "but we need it");
    world.pass(DAY).await;
    assert_eq!(world.address_says(OBJECT)[2], "Ready False Declined");
    assert!(!world.evidence_for(SALES).contains(&Event::Approved));
}

#[tokio::test(start_paused = true)]
async fn where_approvals_are_not_allowed_the_claim_says_so() {
    let world = World::new();
    let _operator = world.start_with(|me| me.approval = false);
    asked(&world).await;
    world.annotate_address(SALES, APPROVE_ADDRESS, "noreply has no mailbox");
    world.until("it is refused", || !refusals(&world).is_empty()).await;
    assert!(refusals(&world)[0].contains("--allow-approval"), "{:?}", refusals(&world));
    world.pass(HOUR).await;
    assert_eq!(world.address_says(OBJECT)[2], "Ready False AwaitingOwner");
}

#[tokio::test(start_paused = true)]
async fn an_order_that_means_nothing_for_an_address_is_refused() {
    for (annotation, value) in [(TRANSFER_TO, "tenant/rival"), (APPROVE_NAMESPACE, "1234")] {
        let world = World::new();
        let _operator = world.start();
        confirmed(&world).await;
        world.annotate_address(SALES, annotation, value);
        world.until("it is refused", || !refusals(&world).is_empty()).await;
        assert!(refusals(&world)[0].contains("means nothing for the claim on an address"), "{:?}", refusals(&world));
        world.pass(HOUR).await;
        assert_eq!(world.address_says(OBJECT)[2], "Ready True Ready");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_taken_by_force_is_asked_for_anew_when_the_order_is_withdrawn() {
    let world = World::new();
    let _operator = world.start_with(for_weeks);
    confirmed(&world).await;
    world.annotate_address(SALES, FORCE_RELEASE, "abuse");
    world.until_address_says(OBJECT, "Stalled True ForceReleased").await;
    assert_eq!(world.address_state(SALES).unwrap(), (State::Released, None));
    world.pass(40 * DAY).await;
    assert_eq!((world.mails_to(SALES).len(), world.address_says(OBJECT)[2].as_str()), (1, "Ready False ForceReleased"));
    world.annotate_address(SALES, FORCE_RELEASE, "");
    world.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
    assert_eq!(world.mails_to(SALES).len(), 2, "what was confirmed before counts no more");
}

#[tokio::test(start_paused = true)]
async fn an_address_that_is_being_let_go_is_taken_by_force_too() {
    let world = World::new();
    let _operator = world.start();
    confirmed(&world).await;
    world.stop_asking(OBJECT);
    world.until_address_state(SALES, State::Releasing).await;
    world.annotate_address(SALES, FORCE_RELEASE, "abuse");
    world.until_address_state(SALES, State::Released).await;
    world.ask(OBJECT, SALES);
    world.until_address_says(OBJECT, "Stalled True ForceReleased").await;
}

#[tokio::test(start_paused = true)]
async fn personal_data_is_erased_and_what_happened_stays() {
    let world = World::new();
    let _operator = world.start();
    confirmed(&world).await;
    let visitors = || {
        let kept = world.address_claim(SALES).unwrap().claim.confirmation.unwrap();
        kept.evidence.iter().filter(|entry| entry.visitor.is_some()).count()
    };
    let before = world.evidence_for(SALES);
    assert_eq!(visitors(), 1);
    world.annotate_address(SALES, ERASE_EVIDENCE, "asked for by mail");
    world.until("it is erased", || visitors() == 0).await;
    world.pass(MINUTE).await;
    assert_eq!((world.evidence_for(SALES), world.address_says(OBJECT)[2].as_str()), (before, "Ready True Ready"));
}

#[tokio::test(start_paused = true)]
async fn personal_data_of_an_address_that_is_free_is_erased_too() {
    let world = World::new();
    let _operator = world.start();
    confirmed(&world).await;
    world.stop_asking(OBJECT);
    world.until_address_state(SALES, State::Released).await;
    world.annotate_address(SALES, ERASE_EVIDENCE, "asked for by mail");
    let erased = || {
        let kept = world.address_claim(SALES).unwrap().claim.confirmation.unwrap();
        kept.evidence.iter().all(|entry| entry.visitor.is_none())
    };
    world.until("it is erased", erased).await;
}
