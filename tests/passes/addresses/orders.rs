//! What administrators order about an address. When an order is carried out is a table of `model/ownership/address.rs`.

use sender_operator::{
    api::reasons::EventReason,
    cluster::kinds::Kind,
    model::{
        confirmation::{
            answering::{Act, Page},
            evidence::Event,
        },
        orders::{APPROVE_ADDRESS, TRANSFER_TO, Verb},
    },
};

use super::{OBJECT, SALES, asked, confirmed, for_weeks, usual};
use crate::world::{DAY, HOUR, World};

async fn until_refused(world: &World, why: &str) {
    let refused = || {
        let told = world.told(EventReason::OrderRefused).into_iter();
        let of_claims = told.filter(|notice| notice.regarding.kind == Kind::Claim);
        of_claims.map(|notice| notice.note).next().is_some_and(|note| note.contains(why))
    };
    world.until(&format!("it is refused: {why}"), refused).await;
    world.pass(HOUR).await;
}

#[tokio::test(start_paused = true)]
async fn an_approval_stands_for_the_owner_and_the_evidence_says_so() {
    let (world, _operator) = asked(usual).await;
    world.annotate_address(SALES, APPROVE_ADDRESS, "noreply has no mailbox");
    world.until_address_says(OBJECT, "Ready True Ready").await;
    world.until_address_says(OBJECT, "Confirmed True Approved").await;
    let claim = world.address_claim(SALES).unwrap().claim;
    let entry = claim.confirmation.unwrap().evidence.pop().unwrap();
    assert_eq!((entry.event, entry.approval.as_deref()), (Event::Approved, Some("noreply has no mailbox")));
    assert_eq!(claim.rulings.last().unwrap().order.verb, Verb::ApproveAddress);
    world.until("it is told", || !world.told(EventReason::Ruled).is_empty()).await;
    assert!(matches!(world.click(SALES, Act::Withdraw), Page::Withdrawn { .. }));
    world.until_address_says(OBJECT, "Stalled True Withdrawn").await;
    world.annotate_address(SALES, APPROVE_ADDRESS, "once more");
    world.pass(HOUR).await;
    assert_eq!(world.address_says(OBJECT)[2], "Ready False Withdrawn", "nobody speaks against the owner");
}

#[tokio::test(start_paused = true)]
async fn an_approval_never_overrides_a_decline() {
    let (world, _operator) = asked(for_weeks).await;
    world.click(SALES, Act::Decline);
    world.until_address_says(OBJECT, "Stalled True Declined").await;
    world.annotate_address(SALES, APPROVE_ADDRESS, "but we need it");
    world.pass(DAY).await;
    assert_eq!(world.address_says(OBJECT)[2], "Ready False Declined");
    assert!(!world.evidence_for(SALES).contains(&Event::Approved));
}

#[tokio::test(start_paused = true)]
async fn an_order_that_is_not_allowed_or_means_nothing_for_an_address_is_refused_on_the_claim() {
    let (world, _operator) = asked(|me| me.approval = false).await;
    world.annotate_address(SALES, APPROVE_ADDRESS, "noreply has no mailbox");
    until_refused(&world, "--allow-approval").await;
    assert_eq!(world.address_says(OBJECT)[2], "Ready False AwaitingOwner");

    let (world, _operator) = confirmed(usual).await;
    world.annotate_address(SALES, TRANSFER_TO, "tenant/rival");
    until_refused(&world, "has no meaning for a claim on an address").await;
    assert_eq!(world.address_says(OBJECT)[2], "Ready True Ready");
}
