//! What somebody tries who wants an address that is not theirs: one attack each. Forged links are a table of
//! `model/link.rs`, other spellings one of `model/address.rs`.

use sender_operator::model::{
    claim::State,
    confirmation::answering::{Act, Page},
    orders::Verb,
};

use super::{OBJECT, SALES, asked, confirmed, ready_domain, usual};
use crate::{
    setup::DOMAIN,
    world::{DAY, HOUR, MINUTE, World, address_claim_name},
};

/// The thief asks for the address and is refused.
async fn refused(world: &World) {
    world.tenant("thief");
    world.ask("thief/sales", SALES);
    world.until_address_says("thief/sales", "Stalled True DomainOwnedByAnotherTenant").await;
}

#[tokio::test(start_paused = true)]
async fn asking_for_an_address_that_another_tenant_has_confirmed() {
    let (world, _operator) = confirmed(usual).await;
    refused(&world).await;
    world.stop_asking(OBJECT);
    world.until_address_state(SALES, State::Released).await;
    world.pass(HOUR).await;
    assert_eq!(world.address_says("thief/sales")[2], "Ready False DomainOwnedByAnotherTenant");
    assert_eq!((world.mails_to(SALES).len(), world.address_state(SALES).unwrap()), (1, (State::Released, None)));
}

#[tokio::test(start_paused = true)]
async fn other_spellings_that_slipped_past_admission_are_ignored() {
    let (world, _operator) = confirmed(usual).await;
    world.tenant("thief");
    let spellings = ["Sales@example.com", "sales@EXAMPLE.com", "sales+x@example.com", "s\u{430}les@example.com"];
    for (n, spelling) in spellings.iter().enumerate() {
        world.ask(&format!("acme/x{n}"), spelling);
        world.ask(&format!("thief/x{n}"), spelling);
    }
    world.pass(HOUR).await;
    let claims = world.all_claims().into_iter().filter(|(_, stored)| stored.claim.subject.address.is_some());
    assert_eq!((world.mails().len(), claims.count()), (1, 1));
    assert!(world.address_says("thief/x0").is_empty(), "no operator has looked at it");
}

#[tokio::test(start_paused = true)]
async fn the_domain_changes_tenant_between_the_mail_and_the_click() {
    let (world, _operator) = asked(usual).await;
    world.tenant("thief");
    world.apply("thief/mail", DOMAIN);
    world.ask("thief/sales", SALES);
    let old = world.mails_to(SALES)[0].link();
    let begun = world.begin_click(&world.open(&old), Act::Confirm);
    world.order(DOMAIN, Verb::Transfer, "tenant/thief");
    world.until("the domain is another's", || world.owner(DOMAIN).as_deref() == Some("tenant/thief")).await;
    // In this very moment no pass over the address has been made.
    assert_eq!(world.click_link(&old, Act::Confirm), Page::Gone);
    world.until("the thief asks", || world.mails_to(SALES).len() == 2).await;
    assert_eq!(world.click_link(&old, Act::Confirm), Page::Gone);
    assert!(world.end_click(begun).is_err(), "nor does a page that was opened before");
    world.pass(HOUR).await;
    for object in [OBJECT, "thief/sales"] {
        assert!(world.address_says(object)[2].starts_with("Ready False"), "{object}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_claim_that_somebody_deleted_is_asked_for_anew() {
    let (world, _operator) = confirmed(usual).await;
    let old = world.mails_to(SALES)[0].link();
    world.remove_claim(&address_claim_name(SALES));
    world.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
    assert_eq!((world.mails_to(SALES).len(), world.click_link(&old, Act::Confirm)), (2, Page::Gone));
    world.click(SALES, Act::Confirm);
    world.until_address_says(OBJECT, "Ready True Ready").await;
}

#[tokio::test(start_paused = true)]
async fn a_claim_whose_request_somebody_edited_is_void_and_nothing_runs_in_circles() {
    let (world, _operator) = ready_domain(usual).await;
    for id in ["", "x", "00", "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"] {
        world.ask(OBJECT, SALES);
        world.until("there is a claim", || world.request_for(SALES).is_some()).await;
        world.change_claim(&address_claim_name(SALES), |stored| {
            stored.claim.confirmation.as_mut().unwrap().request.as_mut().unwrap().id = id.to_owned();
        });
        world.pass(MINUTE).await;
        assert!(world.request_for(SALES).unwrap().link_id().is_some(), "{id:?}");
        assert_eq!(world.address_says(OBJECT)[2], "Ready False AwaitingOwner");
        let writes = world.all_writes();
        world.pass(HOUR).await;
        assert_eq!(world.all_writes(), writes, "{id:?}");
        world.stop_asking(OBJECT);
        world.until_address_state(SALES, State::Released).await;
        world.pass(DAY).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_claim_that_somebody_gave_to_another_tenant_goes_back() {
    let (world, _operator) = confirmed(usual).await;
    refused(&world).await;
    world.change_claim(&address_claim_name(SALES), |stored| {
        stored.claim.tenant = Some("tenant/thief".parse().unwrap());
        stored.claim.holder = None;
    });
    world.until("it is Acme's", || world.address_state(SALES).unwrap().1.as_deref() == Some("tenant/acme")).await;
    world.pass(HOUR).await;
    assert_eq!(world.address_says("thief/sales")[2], "Ready False DomainOwnedByAnotherTenant");
    world.until_address_says(OBJECT, "Ready True Ready").await;
}
