//! When the holding of the domain ends, whatever was confirmed is void.

use jiff::SignedDuration;
use sender_operator::{
    api::reasons::EventReason,
    model::{
        claim::State,
        confirmation::{
            answering::{Act, Page},
            evidence::Event,
        },
        orders::Verb,
    },
};

use super::{OBJECT, SALES, confirmed, confirmed_where_domains_are_proven, ready_domain, usual};
use crate::{
    setup::{DOMAIN, RIVAL},
    world::{DAY, World},
};

/// The address is free, its holder was told, and the old link opens to nothing.
async fn is_void(world: &World) {
    world.until_address_state(SALES, State::Released).await;
    let told = || world.events_of(OBJECT).contains(&EventReason::RequestVoid);
    world.until("the holder is told", told).await;
    assert_eq!(world.evidence_for(SALES).last(), Some(&Event::Void));
    assert_eq!(world.address_status(OBJECT).from, None);
    assert_eq!(world.page(&world.mails_to(SALES)[0].link()), Page::Gone);
}

fn rival_asks_for_the_domain(world: &World) {
    world.tenant("rival");
    world.apply(RIVAL, DOMAIN);
}

/// The next tenant's owner is asked anew, and the address is that tenant's.
async fn asked_for_by_the_rival(world: &World) {
    world.ask("rival/sales", SALES);
    world.until_address_says("rival/sales", "Confirmed False AwaitingOwner").await;
    assert_eq!(world.mails_to(SALES).len(), 2);
    world.click(SALES, Act::Confirm);
    world.until_address_says("rival/sales", "Ready True Ready").await;
    world.until_address_says(OBJECT, "Ready False DomainOwnedByAnotherTenant").await;
}

#[tokio::test(start_paused = true)]
async fn a_domain_that_another_tenant_has_proven_after_the_grace() {
    let grace = SignedDuration::from_hours(6);
    let (world, _operator) = confirmed_where_domains_are_proven(|me| me.policy.grace = grace).await;
    world.unpublish_proofs(DOMAIN);
    rival_asks_for_the_domain(&world);
    world.publish_proof("tenant/rival", DOMAIN);
    let displaced = || world.owner(DOMAIN).as_deref() == Some("tenant/rival");
    world.until_within(DAY, "the rival has the domain", displaced).await;
    is_void(&world).await;
    asked_for_by_the_rival(&world).await;
}

#[tokio::test(start_paused = true)]
async fn a_domain_that_an_administrator_took_or_gave_to_another_tenant() {
    for (verb, value) in [(Verb::ForceRelease, "abuse"), (Verb::Transfer, "tenant/rival")] {
        let (world, _operator) = confirmed(usual).await;
        rival_asks_for_the_domain(&world);
        world.order(DOMAIN, verb, value);
        is_void(&world).await;
        world.until_ready(RIVAL).await;
        asked_for_by_the_rival(&world).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_mail_that_waits_for_its_turn_is_not_sent_when_the_domain_goes_meanwhile() {
    let (world, _operator) = ready_domain(usual).await;
    rival_asks_for_the_domain(&world);
    for n in 0..40 {
        world.ask(&format!("acme/a{n}"), &format!("a{n}@example.com"));
    }
    world.until("the first mails are out", || world.mails().len() == 10).await;
    world.order(DOMAIN, Verb::Transfer, "tenant/rival");
    world.pass(DAY).await;
    // That none goes out afterwards is a law of the world.
    assert!(world.mails().len() < 14, "{} mails", world.mails().len());
    for n in 20..40 {
        let kept = world.address_claim(&format!("a{n}@example.com")).and_then(|stored| stored.claim.confirmation);
        assert!(kept.unwrap().mails.is_empty(), "a mail that was not sent does not count");
    }
}

#[tokio::test(start_paused = true)]
async fn where_an_administrator_took_the_domain_nobody_is_told_that_its_resource_was_deleted() {
    let (world, _operator) = ready_domain(usual).await;
    world.ask(OBJECT, SALES);
    world.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
    world.order(DOMAIN, Verb::ForceRelease, "abuse");
    world.until_address_says(OBJECT, "DomainReady False DomainReleasing").await;
    let told = world.address_status(OBJECT).conditions;
    let message = &told.iter().find(|condition| condition.type_ == "DomainReady").unwrap().message;
    assert!(message.contains("An administrator took example.com") && !message.contains("deleted"), "{message}");
}
