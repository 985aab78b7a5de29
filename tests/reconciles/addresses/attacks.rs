//! Attempts to get another tenant's address: one attack per test. Forged links are a table of `model/link.rs`, other
//! spellings a table of `model/address.rs`.

use sender_operator::model::{
    admin_annotations::ActionKind,
    claim::State,
    confirmation::answer::{Act, ConfirmationPage},
};

use super::{OBJECT, SALES, asked, confirmed, ready_domain, usual};
use crate::{
    setup::DOMAIN,
    simulation::{DAY, HOUR, MINUTE, Simulation, address_claim_name},
};

/// The thief claims the address and is refused.
async fn refused(sim: &Simulation) {
    sim.tenant("thief");
    sim.ask("thief/sales", SALES);
    sim.until_address_says("thief/sales", "Stalled True DomainOwnedByAnotherTenant").await;
}

#[tokio::test(start_paused = true)]
async fn claiming_an_address_that_another_tenant_has_confirmed() {
    let (sim, _operator) = confirmed(usual).await;
    refused(&sim).await;
    assert_eq!(sim.address_says("thief/sales")[1], "Confirmed Unknown NotOwned", "it reads no answer of the owner");
    sim.stop_asking(OBJECT);
    sim.until_address_state(SALES, State::Released).await;
    sim.advance(HOUR).await;
    assert_eq!(sim.address_says("thief/sales")[2], "Ready False DomainOwnedByAnotherTenant");
    assert_eq!((sim.mails_to(SALES).len(), sim.address_state(SALES).unwrap()), (1, (State::Released, None)));
}

#[tokio::test(start_paused = true)]
async fn other_spellings_that_slipped_past_admission_are_ignored() {
    let (sim, _operator) = confirmed(usual).await;
    sim.tenant("thief");
    let spellings = ["Sales@example.com", "sales@EXAMPLE.com", "sales+x@example.com", "s\u{430}les@example.com"];
    for (n, spelling) in spellings.iter().enumerate() {
        sim.ask(&format!("acme/x{n}"), spelling);
        sim.ask(&format!("thief/x{n}"), spelling);
    }
    sim.advance(HOUR).await;
    let claims = sim.all_claims().into_iter().filter(|(_, stored)| stored.claim.subject.address.is_some());
    assert_eq!((sim.mails().len(), claims.count()), (1, 1));
    assert!(sim.address_says("thief/x0").is_empty(), "no operator has read it");
}

#[tokio::test(start_paused = true)]
async fn the_domain_changes_tenant_between_the_mail_and_the_click() {
    let (sim, _operator) = asked(usual).await;
    sim.tenant("thief");
    sim.apply("thief/mail", DOMAIN);
    sim.ask("thief/sales", SALES);
    let old = sim.mails_to(SALES)[0].link();
    let begun = sim.begin_click(&sim.open(&old), Act::Confirm);
    sim.request_action(DOMAIN, ActionKind::Transfer, "tenant/thief");
    sim.until("another tenant holds the domain", || sim.owner(DOMAIN).as_deref() == Some("tenant/thief")).await;
    // At this moment no reconcile of the address has run.
    assert_eq!(sim.click_link(&old, Act::Confirm), ConfirmationPage::Gone);
    sim.until("the thief claims it", || sim.mails_to(SALES).len() == 2).await;
    assert_eq!(sim.click_link(&old, Act::Confirm), ConfirmationPage::Gone);
    assert!(sim.end_click(begun).is_err(), "nor does a page that was already open");
    sim.advance(HOUR).await;
    for object in [OBJECT, "thief/sales"] {
        assert!(sim.address_says(object)[2].starts_with("Ready False"), "{object}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_claim_that_was_deleted_needs_a_new_confirmation() {
    let (sim, _operator) = confirmed(usual).await;
    let old = sim.mails_to(SALES)[0].link();
    sim.remove_claim(&address_claim_name(SALES));
    sim.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
    assert_eq!((sim.mails_to(SALES).len(), sim.click_link(&old, Act::Confirm)), (2, ConfirmationPage::Gone));
    sim.click(SALES, Act::Confirm);
    sim.until_address_says(OBJECT, "Ready True Ready").await;
}

#[tokio::test(start_paused = true)]
async fn a_claim_with_an_edited_request_is_void_and_does_not_loop() {
    let (sim, _operator) = ready_domain(usual).await;
    for id in ["", "x", "00", "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"] {
        sim.ask(OBJECT, SALES);
        sim.until("there is a claim", || sim.request_for(SALES).is_some()).await;
        sim.change_claim(&address_claim_name(SALES), |stored| {
            stored.claim.confirmation.as_mut().unwrap().request.as_mut().unwrap().id = id.to_owned();
        });
        sim.advance(MINUTE).await;
        assert!(sim.request_for(SALES).unwrap().link_id().is_some(), "{id:?}");
        assert_eq!(sim.address_says(OBJECT)[2], "Ready False AwaitingOwner");
        let writes = sim.all_writes();
        sim.advance(HOUR).await;
        assert_eq!(sim.all_writes(), writes, "{id:?}");
        sim.stop_asking(OBJECT);
        sim.until_address_state(SALES, State::Released).await;
        sim.advance(DAY).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_claim_that_somebody_gave_to_another_tenant_goes_back() {
    let (sim, _operator) = confirmed(usual).await;
    refused(&sim).await;
    sim.change_claim(&address_claim_name(SALES), |stored| {
        stored.claim.tenant = Some("tenant/thief".parse().unwrap());
        stored.claim.holder = None;
    });
    sim.until("it is Acme's", || sim.address_state(SALES).unwrap().1.as_deref() == Some("tenant/acme")).await;
    sim.advance(HOUR).await;
    assert_eq!(sim.address_says("thief/sales")[2], "Ready False DomainOwnedByAnotherTenant");
    sim.until_address_says(OBJECT, "Ready True Ready").await;
}
