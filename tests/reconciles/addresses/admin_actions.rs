//! Admin actions on addresses. `model/ownership/address.rs` has the table of when an action takes effect.

use sender_operator::{
    api::reasons::EventReason,
    cluster::kinds::Kind,
    model::{
        admin_annotations::{APPROVE_ADDRESS, ActionKind, TRANSFER_TO},
        confirmation::{
            answer::{Act, ConfirmationPage},
            evidence::EvidenceEvent,
        },
    },
};

use super::{OBJECT, SALES, asked, confirmed, for_weeks, ready_domain, usual};
use crate::simulation::{DAY, HOUR, Simulation};

async fn until_refused(sim: &Simulation, why: &str) {
    let refused = || {
        let told = sim.told(EventReason::AdminActionRefused).into_iter();
        let of_claims = told.filter(|event| event.regarding.kind == Kind::Claim);
        of_claims.map(|event| event.note).next().is_some_and(|note| note.contains(why))
    };
    sim.until(&format!("it is refused: {why}"), refused).await;
    sim.advance(HOUR).await;
}

#[tokio::test(start_paused = true)]
async fn an_approval_replaces_the_owners_answer_and_the_evidence_records_it() {
    let (sim, _operator) = asked(usual).await;
    sim.annotate_address(SALES, APPROVE_ADDRESS, "noreply has no mailbox");
    sim.until_address_says(OBJECT, "Ready True Ready").await;
    sim.until_address_says(OBJECT, "Confirmed True Approved").await;
    let claim = sim.address_claim(SALES).unwrap().claim;
    let entry = claim.confirmation.unwrap().evidence.pop().unwrap();
    assert_eq!((entry.event, entry.approval.as_deref()), (EvidenceEvent::Approved, Some("noreply has no mailbox")));
    assert_eq!(claim.admin_actions.last().unwrap().requested.action, ActionKind::ApproveAddress);
    sim.until("it is reported", || !sim.told(EventReason::AdminActionTaken).is_empty()).await;
    assert!(matches!(sim.click(SALES, Act::Withdraw), ConfirmationPage::Withdrawn { .. }));
    sim.until_address_says(OBJECT, "Stalled True Withdrawn").await;
    sim.annotate_address(SALES, APPROVE_ADDRESS, "once more");
    sim.advance(HOUR).await;
    assert_eq!(sim.address_says(OBJECT)[2], "Ready False Withdrawn", "no approval overrides the owner");
}

#[tokio::test(start_paused = true)]
async fn a_mail_that_waits_for_its_turn_is_not_sent_when_the_address_is_approved_meanwhile() {
    let (sim, _operator) = ready_domain(usual).await;
    for n in 0..40 {
        sim.ask(&format!("acme/a{n}"), &format!("a{n}@example.com"));
    }
    sim.until("the first mails are out", || sim.mails().len() == 10).await;
    let waits = |n: &u32| sim.mails_to(&format!("a{n}@example.com")).is_empty();
    let last = (0..40).rev().find(waits).unwrap();
    sim.annotate_address(&format!("a{last}@example.com"), APPROVE_ADDRESS, "noreply has no mailbox");
    sim.until_address_says(&format!("acme/a{last}"), "Ready True Ready").await;
    assert!(waits(&last), "its owner is asked nothing");
}

#[tokio::test(start_paused = true)]
async fn an_approval_never_overrides_a_decline() {
    let (sim, _operator) = asked(for_weeks).await;
    sim.click(SALES, Act::Decline);
    sim.until_address_says(OBJECT, "Stalled True Declined").await;
    sim.annotate_address(SALES, APPROVE_ADDRESS, "but we need it");
    sim.advance(DAY).await;
    assert_eq!(sim.address_says(OBJECT)[2], "Ready False Declined");
    assert!(!sim.evidence_for(SALES).contains(&EvidenceEvent::Approved));
}

#[tokio::test(start_paused = true)]
async fn an_admin_action_that_is_not_allowed_or_means_nothing_for_an_address_is_refused_on_the_claim() {
    let (sim, _operator) = asked(|config| config.approval = false).await;
    sim.annotate_address(SALES, APPROVE_ADDRESS, "noreply has no mailbox");
    until_refused(&sim, "--allow-approval").await;
    assert_eq!(sim.address_says(OBJECT)[2], "Ready False AwaitingOwner");

    let (sim, _operator) = confirmed(usual).await;
    sim.annotate_address(SALES, TRANSFER_TO, "tenant/rival");
    until_refused(&sim, "does not apply to a claim on an address").await;
    assert_eq!(sim.address_says(OBJECT)[2], "Ready True Ready");
}
