//! When a tenant loses the domain, all confirmations are void.

use jiff::SignedDuration;
use sender_operator::{
    api::reasons::EventReason,
    model::{
        admin_annotations::ActionKind,
        claim::State,
        confirmation::{
            answer::{Act, ConfirmationPage},
            evidence::EvidenceEvent,
        },
    },
};

use super::{OBJECT, SALES, confirmed, confirmed_where_domains_are_proven, ready_domain, usual};
use crate::{
    setup::{DOMAIN, RIVAL},
    simulation::{DAY, Simulation},
};

/// The address is free, its holder has an event, and the old link leads nowhere.
async fn is_void(sim: &Simulation) {
    sim.until_address_state(SALES, State::Released).await;
    let told = || sim.events_of(OBJECT).contains(&EventReason::RequestVoid);
    sim.until("the holder has an event", told).await;
    assert_eq!(sim.evidence_for(SALES).last(), Some(&EvidenceEvent::Void));
    assert_eq!(sim.address_status(OBJECT).from, None);
    assert_eq!(sim.page(&sim.mails_to(SALES)[0].link()), ConfirmationPage::Gone);
}

fn rival_asks_for_the_domain(sim: &Simulation) {
    sim.tenant("rival");
    sim.apply(RIVAL, DOMAIN);
}

/// The next tenant claims the address, its owner gets a new mail, and the tenant holds the address.
async fn asked_for_by_the_rival(sim: &Simulation) {
    sim.ask("rival/sales", SALES);
    sim.until_address_says("rival/sales", "Confirmed False AwaitingOwner").await;
    assert_eq!(sim.mails_to(SALES).len(), 2);
    sim.click(SALES, Act::Confirm);
    sim.until_address_says("rival/sales", "Ready True Ready").await;
    sim.until_address_says(OBJECT, "Ready False DomainOwnedByAnotherTenant").await;
}

#[tokio::test(start_paused = true)]
async fn a_domain_that_another_tenant_has_proven_after_the_grace() {
    let grace = SignedDuration::from_hours(6);
    let (sim, _operator) = confirmed_where_domains_are_proven(|config| config.policy.grace = grace).await;
    sim.unpublish_proofs(DOMAIN);
    rival_asks_for_the_domain(&sim);
    sim.publish_proof("tenant/rival", DOMAIN);
    let displaced = || sim.owner(DOMAIN).as_deref() == Some("tenant/rival");
    sim.until_within(DAY, "rival holds the domain", displaced).await;
    is_void(&sim).await;
    asked_for_by_the_rival(&sim).await;
}

#[tokio::test(start_paused = true)]
async fn a_domain_that_an_administrator_took_or_gave_to_another_tenant() {
    for (action, value) in [(ActionKind::ForceRelease, "abuse"), (ActionKind::Transfer, "tenant/rival")] {
        let (sim, _operator) = confirmed(usual).await;
        rival_asks_for_the_domain(&sim);
        sim.request_action(DOMAIN, action, value);
        is_void(&sim).await;
        sim.until_ready(RIVAL).await;
        asked_for_by_the_rival(&sim).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_waiting_mail_is_not_sent_when_the_domain_is_lost_meanwhile() {
    let (sim, _operator) = ready_domain(usual).await;
    rival_asks_for_the_domain(&sim);
    for n in 0..40 {
        sim.ask(&format!("acme/a{n}"), &format!("a{n}@example.com"));
    }
    sim.until("the first mails were sent", || sim.mails().len() == 10).await;
    sim.request_action(DOMAIN, ActionKind::Transfer, "tenant/rival");
    sim.advance(DAY).await;
    // The simulation checks that no mail goes out afterwards.
    assert!(sim.mails().len() < 14, "{} mails", sim.mails().len());
    for n in 20..40 {
        let kept = sim.address_claim(&format!("a{n}@example.com")).and_then(|stored| stored.claim.confirmation);
        assert!(kept.unwrap().mails.is_empty(), "a mail that was not sent does not count");
    }
}

#[tokio::test(start_paused = true)]
async fn after_an_administrator_took_the_domain_no_message_says_that_its_resource_was_deleted() {
    let (sim, _operator) = ready_domain(usual).await;
    sim.ask(OBJECT, SALES);
    sim.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
    sim.request_action(DOMAIN, ActionKind::ForceRelease, "abuse");
    sim.until_address_says(OBJECT, "DomainReady False DomainReleasing").await;
    let told = sim.address_status(OBJECT).conditions;
    let message = &told.iter().find(|condition| condition.type_ == "DomainReady").unwrap().message;
    assert!(
        message.contains("An administrator revoked this tenant's claim on example.com") && !message.contains("deleted"),
        "{message}"
    );
}
