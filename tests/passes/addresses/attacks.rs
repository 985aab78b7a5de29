//! What somebody tries who wants an address that is not theirs: one attack each.

use jiff::SignedDuration;
use sender_operator::model::{
    claim::State,
    confirmation::answering::{Act, Page},
    link::LinkKeys,
    orders::Verb,
};

use super::{DOMAIN, OBJECT, SALES, asked, confirmed, proofs, proven, ready_domain};
use crate::world::{DAY, HOUR, MINUTE, World};

#[tokio::test(start_paused = true)]
async fn asking_for_an_address_that_another_tenant_has_confirmed() {
    let world = World::new();
    let _operator = world.start();
    confirmed(&world).await;
    world.tenant("thief");
    world.ask("thief/sales", SALES);
    world.until_address_says("thief/sales", "Stalled True DomainOwnedByAnotherTenant").await;
    world.stop_asking(OBJECT);
    world.until_address_state(SALES, State::Released).await;
    world.pass(HOUR).await;
    assert_eq!(world.address_says("thief/sales")[2], "Ready False DomainOwnedByAnotherTenant");
    assert_eq!((world.mails_to(SALES).len(), world.address_state(SALES).unwrap()), (1, (State::Released, None)));
}

#[tokio::test(start_paused = true)]
async fn holding_a_sub_domain_gives_no_address_above_it_and_holding_the_domain_none_below() {
    let world = World::new();
    let _operator = world.start_with(proofs);
    world.verify_sender();
    proven(&world, "acme/mail", DOMAIN).await;
    proven(&world, "thief/mail", "mail.example.com").await;
    world.ask("thief/sales", SALES);
    world.ask("acme/below", "sales@mail.example.com");
    for object in ["thief/sales", "acme/below"] {
        world.until_address_says(object, "Stalled True DomainOwnedByAnotherTenant").await;
    }
    world.pass(HOUR).await;
    assert!(world.mails().is_empty());
}

#[tokio::test(start_paused = true)]
async fn other_spellings_that_slipped_past_admission_are_ignored() {
    let world = World::new();
    let _operator = world.start();
    confirmed(&world).await;
    world.tenant("thief");
    let spellings = [
        "Sales@example.com",
        "sales@EXAMPLE.com",
        "sales+x@example.com",
        "sales@example.com ",
        "s\u{430}les@example.com",
    ];
    for (n, spelling) in spellings.iter().enumerate() {
        for tenant in ["acme", "thief"] {
            world.ask(&format!("{tenant}/x{n}"), spelling);
        }
    }
    world.pass(HOUR).await;
    let claims = world.all_claims().into_iter().filter(|(_, stored)| stored.claim.subject.address.is_some());
    assert_eq!((world.mails().len(), claims.count()), (1, 1));
    assert!(world.address_says("thief/x0").is_empty(), "no operator has looked at it");
}

#[tokio::test(start_paused = true)]
async fn the_link_of_an_older_attempt() {
    let world = World::new();
    let _operator = world.start();
    asked(&world).await;
    let old = world.mails_to(SALES)[0].link();
    world.resend(OBJECT, "again");
    let acknowledged = || world.request_for(SALES).is_some_and(|request| request.attempt.sent_time.is_some());
    world.until("a second mail", || world.mails_to(SALES).len() == 2 && acknowledged()).await;
    for act in [Act::Confirm, Act::Decline] {
        assert_eq!(world.click_link(&old, act), Page::Superseded);
    }
    world.click(SALES, Act::Decline);
    for act in [Act::Undo, Act::Confirm] {
        assert_eq!(world.click_link(&old, act), Page::Declined { undo: false });
    }
    world.until_address_says(OBJECT, "Stalled True Declined").await;
}

#[tokio::test(start_paused = true)]
async fn the_link_of_a_resource_that_was_deleted_and_made_again() {
    let world = World::new();
    let _operator = world.start();
    asked(&world).await;
    let old = world.mails_to(SALES)[0].link();
    world.stop_asking(OBJECT);
    world.until_address_state(SALES, State::Releasing).await;
    assert_eq!(world.click_link(&old, Act::Confirm), Page::Gone);
    world.until_address_state(SALES, State::Released).await;
    world.ask(OBJECT, SALES);
    world.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
    assert_eq!(world.click_link(&old, Act::Confirm), Page::Gone, "it is of another request");
    assert_eq!(world.address_says(OBJECT)[2], "Ready False AwaitingOwner");
}

#[tokio::test(start_paused = true)]
async fn a_link_with_another_expiry() {
    let world = World::new();
    let _operator = world.start();
    asked(&world).await;
    let keys = World::post().keys;
    let link = world.mails_to(SALES)[0].link();
    let mut bytes = data_encoding::BASE64URL_NOPAD.decode(link.as_bytes()).unwrap();
    // The last byte of the expiry stands before the two seals.
    let place = bytes.len() - 33;
    bytes[place] ^= 0x40;
    let forged = data_encoding::BASE64URL_NOPAD.encode(&bytes);
    assert!(keys.open("default", &forged, world.now()).is_err());
    assert!(keys.open("production", &link, world.now()).is_err(), "nor is it good in another environment");
    // With the seal for withdrawing, which is kept for ever, nobody can make one that confirms.
    let mut link = world.open(&link).link;
    link.expiry += SignedDuration::from_hours(1000);
    let sealed = LinkKeys { current: [99; 32], ..keys.clone() }.seal("default", &link);
    let opened = keys.open("default", &sealed, world.now()).unwrap();
    assert!(!opened.confirms);
    assert_eq!(world.click_opened(&opened, Act::Confirm), Page::Expired);
}

#[tokio::test(start_paused = true)]
async fn a_retired_key_makes_no_link_that_outlives_it() {
    let world = World::new();
    let _operator = world.start();
    asked(&world).await;
    let stolen = World::post().keys;
    let retired = sender_operator::model::link::RetiredKey { key: stolen.current, retired: world.now() };
    let keys = LinkKeys { current: [9; 32], previous: Some(retired), withdrawal: stolen.withdrawal };
    let mut link = world.open(&world.mails_to(SALES)[0].link()).link;
    link.expiry += SignedDuration::from_hours(1000);
    let opened = keys.open("default", &stolen.seal("default", &link), world.now()).unwrap();
    assert_eq!(world.click_opened(&opened, Act::Confirm), Page::Expired);
}

#[tokio::test(start_paused = true)]
async fn the_domain_changes_tenant_between_the_mail_and_the_click() {
    let world = World::new();
    let _operator = world.start();
    asked(&world).await;
    world.tenant("thief");
    world.apply("thief/mail", DOMAIN);
    world.ask("thief/sales", SALES);
    world.order(DOMAIN, Verb::Transfer, "tenant/thief");
    world.until("the domain is another's", || world.owner(DOMAIN).as_deref() == Some("tenant/thief")).await;
    // In this very moment no pass over the address has been made.
    let old = world.mails_to(SALES)[0].link();
    assert_eq!(world.click_link(&old, Act::Confirm), Page::Gone);
    world.until("the thief asks", || world.mails_to(SALES).len() == 2).await;
    assert_eq!(world.click_link(&old, Act::Confirm), Page::Gone);
    world.pass(HOUR).await;
    for object in [OBJECT, "thief/sales"] {
        assert!(world.address_says(object)[2].starts_with("Ready False"), "{object}");
    }
}

#[tokio::test(start_paused = true)]
async fn two_replicas_get_confirm_and_decline_at_once() {
    for confirm_first in [true, false] {
        let world = World::new();
        let _operator = world.start();
        asked(&world).await;
        let link = world.mails_to(SALES)[0].link();
        let begin = |act| world.begin_click(&world.open(&link), act);
        let (confirm, decline) = (begin(Act::Confirm), begin(Act::Decline));
        let (first, second) = if confirm_first { (confirm, decline) } else { (decline, confirm) };
        assert!(world.end_click(first).is_ok());
        assert!(world.end_click(second).is_err(), "who comes second must look again");
        let said = if confirm_first { "Ready True Ready" } else { "Ready False Declined" };
        world.until_address_says(OBJECT, said).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_click_on_a_page_that_was_opened_before_the_domain_was_lost() {
    let world = World::new();
    let _operator = world.start();
    asked(&world).await;
    let opened = world.open(&world.mails_to(SALES)[0].link());
    let begun = world.begin_click(&opened, Act::Confirm);
    world.delete("acme/mail");
    world.until_address_state(SALES, State::Released).await;
    assert!(world.end_click(begun).is_err());
    assert_eq!(world.address_state(SALES).unwrap(), (State::Released, None));
}

#[tokio::test(start_paused = true)]
async fn a_claim_that_somebody_deleted_is_asked_for_anew() {
    let world = World::new();
    let _operator = world.start();
    confirmed(&world).await;
    let old = world.mails_to(SALES)[0].link();
    world.remove_claim(&crate::world::address_claim_name(SALES));
    world.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
    assert_eq!((world.mails_to(SALES).len(), world.click_link(&old, Act::Confirm)), (2, Page::Gone));
    world.click(SALES, Act::Confirm);
    world.until_address_says(OBJECT, "Ready True Ready").await;
}

#[tokio::test(start_paused = true)]
async fn a_claim_whose_request_somebody_edited_is_void_and_nothing_runs_in_circles() {
    let world = World::new();
    let _operator = world.start();
    ready_domain(&world).await;
    for id in ["", "x", "00", "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"] {
        world.ask(OBJECT, SALES);
        world.until("there is a claim", || world.request_for(SALES).is_some()).await;
        world.change_claim(&crate::world::address_claim_name(SALES), |stored| {
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
    let world = World::new();
    let _operator = world.start();
    confirmed(&world).await;
    world.tenant("thief");
    world.ask("thief/sales", SALES);
    world.until_address_says("thief/sales", "Stalled True DomainOwnedByAnotherTenant").await;
    world.change_claim(&crate::world::address_claim_name(SALES), |stored| {
        stored.claim.tenant = Some("tenant/thief".parse().unwrap());
        stored.claim.holder = None;
    });
    world.until("it is Acme's", || world.address_state(SALES).unwrap().1.as_deref() == Some("tenant/acme")).await;
    world.pass(HOUR).await;
    assert_eq!(world.address_says("thief/sales")[2], "Ready False DomainOwnedByAnotherTenant");
    world.until_address_says(OBJECT, "Ready True Ready").await;
}
