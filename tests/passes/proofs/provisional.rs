//! Identities for domains that nobody has proven: how long, how many, and where there are none.

use sender_operator::{
    api::reasons::EventReason,
    model::{claim::State, name::Domain},
};

use crate::{
    setup::{ACME, DOMAIN, RIVAL, proven, unproven},
    world::{DAY, HOUR, MINUTE, Operator, SesCall, World, table},
};

/// Only the challenge is told, there is no identity, and that stays so.
async fn assert_challenge_first(world: &World, object: &str, domain: &str) {
    world.until_says(object, &["Owned False ChallengeMissing", "Reconciling True ChallengeMissing"]).await;
    world.pass(HOUR).await;
    assert_eq!(world.records(object), ["Missing"], "{object}");
    assert!(!world.ses_writes(domain).contains(&SesCall::Create) || world.identity(domain).is_none(), "{domain}");
    assert_ne!(world.state(domain), Some(State::Provisional), "{domain}");
}

#[tokio::test(start_paused = true)]
async fn what_nobody_proves_within_thirty_days_is_let_go_and_asks_for_the_proof_first_from_then_on() {
    let (world, operator) = unproven().await;
    world.pass(29 * DAY + 23 * HOUR).await;
    assert_eq!(world.state(DOMAIN), Some(State::Provisional));
    let (passes, begun) = (operator.passes("settled"), world.age());
    world.until_within(2 * HOUR, "it is let go", || world.state(DOMAIN) == Some(State::Releasing)).await;
    world.until_state(DOMAIN, State::Released).await;
    let passes = operator.passes("settled") - passes;
    assert!(passes < 50, "{passes} passes within {:?}", world.since(begun));
    assert!(world.identity(DOMAIN).is_none() && world.claim(DOMAIN).unwrap().challenge_first);
    assert_challenge_first(&world, ACME, DOMAIN).await;
    world.publish(DOMAIN);
    world.prove(ACME).await;
    world.until_ready(ACME).await;
    assert!(!world.claim(DOMAIN).unwrap().challenge_first);
    assert!(world.told(EventReason::ReleaseStarted).len() == 1);
}

#[tokio::test(start_paused = true)]
async fn no_tenant_has_more_unproven_identities_than_it_may_and_all_together_no_more_than_all_may() {
    let world = World::new();
    let _operator = world.start_proving_with(|me| {
        (me.policy.provisional_per_tenant, me.policy.provisional_in_all) = (2, 3);
    });
    let ask = async |tenant: &str, n: usize| {
        world.tenant(tenant);
        let (object, domain) = (format!("{tenant}/m{n}"), format!("d{n}-{tenant}.example"));
        world.apply(&object, &domain);
        world.until_challenged(&object).await;
        world.pass(MINUTE).await;
        (object, domain)
    };
    let created = |domain: &str| world.identity(domain).is_some();
    for n in 1..=2 {
        assert!(created(&ask("one", n).await.1));
    }
    let (refused, refused_domain) = ask("one", 3).await;
    assert_challenge_first(&world, &refused, &refused_domain).await;
    assert!(created(&ask("two", 1).await.1), "another tenant's count is its own");
    let (last, last_domain) = ask("two", 2).await;
    assert_challenge_first(&world, &last, &last_domain).await;

    world.publish(&last_domain);
    world.prove(&last).await;
    world.until_ready(&last).await;
    world.prove("one/m1").await;
    world.until_state("d1-one.example", State::Held).await;
    world.until_within(HOUR, "there is room again", || created(&refused_domain)).await;
}

#[tokio::test(start_paused = true)]
async fn below_another_tenants_domain_the_proof_comes_first_and_below_ones_own_it_does_not() {
    let (world, _operator) = proven().await;
    let object = world.asking("rival", "mail.example.com").await;
    assert_challenge_first(&world, &object, "mail.example.com").await;
    assert_eq!(world.claim("mail.example.com"), None);
    world.apply("acme/own", "own.example.com");
    world.until("all records are listed", || world.records("acme/own").len() == 4).await;

    world.publish("mail.example.com");
    world.prove(&object).await;
    world.until_ready(&object).await;
    assert!(world.is_saying(ACME, &["Ready True Ready"]), "the most specific proof wins, and only there");
    assert_eq!(world.owner(DOMAIN).unwrap(), "tenant/acme");
}

/// Rival asks for a domain that nobody has proven, and it has an identity.
async fn rival_asks(domain: &str) -> (World, Operator) {
    let world = World::new();
    let operator = world.start_proving();
    world.asking("rival", domain).await;
    world.until("there is an identity", || world.identity(domain).is_some()).await;
    (world, operator)
}

#[tokio::test(start_paused = true)]
async fn an_unproven_domain_is_let_go_when_another_tenant_comes_to_hold_one_above() {
    let (world, _operator) = rival_asks("mail.example.com").await;
    world.proven("acme", DOMAIN).await;
    world.until_within(MINUTE, "it is let go", || world.state("mail.example.com") == Some(State::Releasing)).await;
    world.until_state("mail.example.com", State::Released).await;
    assert_challenge_first(&world, RIVAL, "mail.example.com").await;
}

#[tokio::test(start_paused = true)]
async fn at_and_below_the_operators_own_sender_domain_the_proof_comes_first() {
    let (world, operator) = rival_asks("early.post.example").await;
    operator.stop().await;
    let own = Domain::parse("post.example").ok();
    let _operator = world.start_proving_with(|me| me.policy.sender_domain = own);
    for (tenant, domain) in [("acme", "post.example"), ("second", "mail.post.example")] {
        let object = world.asking(tenant, domain).await;
        assert_challenge_first(&world, &object, domain).await;
        assert!(world.claim(domain).is_none());
    }
    world.until("what was there before is let go", || world.identity("early.post.example").is_none()).await;
    assert_challenge_first(&world, RIVAL, "early.post.example").await;
    let beside = world.asking("third", "xpost.example").await;
    world.until("beside it there is one", || world.records(&beside).len() == 4).await;
    world.publish("mail.post.example");
    world.prove("second/mail").await;
    world.until_ready("second/mail").await;
}

#[tokio::test(start_paused = true)]
async fn an_unproven_domain_is_let_go_when_the_administrator_gives_it_to_others() {
    let (world, operator) = rival_asks("mail.example.com").await;
    operator.stop().await;
    let _operator = world.start_proving_with(|me| me.policy.delegations = table(&[(DOMAIN, &["acme"])]));
    world.until_says(RIVAL, &["Stalled True NotDelegated"]).await;
    world.until_state("mail.example.com", State::Released).await;
    assert!(world.identity("mail.example.com").is_none());
}
