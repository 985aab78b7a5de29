//! Identities for domains that nobody has proven: how long, how many, and where there are none.

use sender_operator::{
    api::reasons::EventReason,
    model::{claim::State, name::Domain},
};

use crate::world::{DAY, HOUR, MINUTE, SesCall, World, table};

const ASKED_FIRST: &[&str] = &["Owned False ChallengeMissing", "Reconciling True ChallengeMissing"];

/// Only the challenge is told, there is no identity, and that stays so.
async fn assert_challenge_first(world: &World, object: &str, domain: &str) {
    world.until_says(object, ASKED_FIRST).await;
    world.pass(HOUR).await;
    assert_eq!(world.records(object), ["Missing"], "{object}");
    assert!(!world.ses_writes(domain).contains(&SesCall::Create) || world.identity(domain).is_none(), "{domain}");
    assert_ne!(world.state(domain), Some(State::Provisional), "{domain}");
}

#[tokio::test(start_paused = true)]
async fn what_nobody_proves_within_thirty_days_is_let_go_and_asks_for_the_proof_first_from_then_on() {
    let world = World::new();
    let operator = world.start_proving();
    let object = world.asking("acme", "example.com").await;
    world.until("there is an identity", || world.identity("example.com").is_some()).await;
    world.pass(29 * DAY + 23 * HOUR).await;
    assert_eq!(world.state("example.com"), Some(State::Provisional));
    let (passes, begun) = (operator.passes("settled"), world.age());
    world.until_within(2 * HOUR, "it is let go", || world.state("example.com") == Some(State::Releasing)).await;
    world.until_state("example.com", State::Released).await;
    let passes = operator.passes("settled") - passes;
    assert!(passes < 50, "{passes} passes within {:?}", world.since(begun));
    assert!(world.identity("example.com").is_none() && world.claim("example.com").unwrap().challenge_first);
    assert_challenge_first(&world, &object, "example.com").await;
    world.publish("example.com");
    world.prove(&object).await;
    world.until_ready(&object).await;
    assert!(!world.claim("example.com").unwrap().challenge_first);
    assert!(world.told(EventReason::ReleaseStarted).len() == 1);
}

#[tokio::test(start_paused = true)]
async fn deleting_and_asking_again_does_not_begin_the_thirty_days_anew() {
    let world = World::new();
    let _operator = world.start_proving();
    let object = world.asking("acme", "example.com").await;
    for _ in 0..3 {
        world.pass(9 * DAY).await;
        world.delete(&object);
        world.until_state("example.com", State::Releasing).await;
        world.apply(&object, "example.com");
        world.until_state("example.com", State::Provisional).await;
    }
    world.until_within(4 * DAY, "it is let go", || world.state("example.com") == Some(State::Releasing)).await;
}

#[tokio::test(start_paused = true)]
async fn an_unproven_domain_that_nobody_asks_for_any_more_is_released() {
    let world = World::new();
    let _operator = world.start_proving();
    let object = world.asking("acme", "example.com").await;
    world.until("there is an identity", || world.identity("example.com").is_some()).await;
    world.delete(&object);
    world.until_state("example.com", State::Released).await;
    assert!(world.identity("example.com").is_none());
    assert!(world.claim("example.com").unwrap().history.is_empty(), "nobody ever held it");
}

#[tokio::test(start_paused = true)]
async fn the_sponsor_is_followed_by_the_oldest_who_still_asks() {
    let world = World::new();
    let _operator = world.start_proving();
    for tenant in ["acme", "second", "third"] {
        world.asking(tenant, "example.com").await;
        world.pass(MINUTE).await;
    }
    let sponsor = || world.claim("example.com").unwrap().sponsor.map(|tenant| tenant.to_string());
    assert_eq!(sponsor().as_deref(), Some("tenant/acme"));
    world.delete("acme/mail");
    world.until("it is followed", || sponsor().as_deref() == Some("tenant/second")).await;
    assert_eq!(world.records("third/mail").len(), 4, "all who ask are told all records");
    assert_eq!(world.ses_writes("example.com"), [SesCall::Create]);
}

#[tokio::test(start_paused = true)]
async fn who_suspends_an_unproven_domain_keeps_what_there_is() {
    let world = World::new();
    let _operator = world.start_proving();
    let object = world.asking("acme", "example.com").await;
    world.until("there is an identity", || world.identity("example.com").is_some()).await;
    world.edit(&object, |spec| spec.suspend = Some(true));
    world.prove(&object).await;
    world.pass(DAY).await;
    assert_eq!((world.state("example.com"), world.ses_writes("example.com").len()), (Some(State::Provisional), 1));
    world.publish("example.com");
    world.edit(&object, |spec| spec.suspend = None);
    world.until_ready(&object).await;
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
    let world = World::new();
    let _operator = world.start_proving();
    world.proven("acme", "example.com").await;
    let object = world.asking("rival", "mail.example.com").await;
    assert_challenge_first(&world, &object, "mail.example.com").await;
    assert_eq!(world.claim("mail.example.com"), None);
    world.apply("acme/own", "own.example.com");
    world.until("all records are listed", || world.records("acme/own").len() == 4).await;

    world.publish("mail.example.com");
    world.prove(&object).await;
    world.until_ready(&object).await;
    assert!(world.is_saying("acme/mail", &["Ready True Ready"]), "the most specific proof wins, and only there");
    assert_eq!(world.owner("example.com").unwrap(), "tenant/acme");
}

#[tokio::test(start_paused = true)]
async fn an_unproven_domain_is_let_go_when_another_tenant_comes_to_hold_one_above() {
    let world = World::new();
    let _operator = world.start_proving();
    let object = world.asking("rival", "mail.example.com").await;
    world.until("there is an identity", || world.identity("mail.example.com").is_some()).await;
    world.proven("acme", "example.com").await;
    world.until_within(MINUTE, "it is let go", || world.state("mail.example.com") == Some(State::Releasing)).await;
    world.until_state("mail.example.com", State::Released).await;
    assert_challenge_first(&world, &object, "mail.example.com").await;
}

#[tokio::test(start_paused = true)]
async fn at_and_below_the_operators_own_sender_domain_the_proof_comes_first() {
    let world = World::new();
    let operator = world.start_proving();
    let early = world.asking("rival", "early.post.example").await;
    world.until("there is an identity", || world.identity("early.post.example").is_some()).await;
    operator.stop().await;
    let own = Domain::parse("post.example").ok();
    let _operator = world.start_proving_with(|me| me.policy.sender_domain = own);
    for (tenant, domain) in [("acme", "post.example"), ("second", "mail.post.example")] {
        let object = world.asking(tenant, domain).await;
        assert_challenge_first(&world, &object, domain).await;
        assert!(world.claim(domain).is_none());
    }
    world.until("what was there before is let go", || world.identity("early.post.example").is_none()).await;
    assert_challenge_first(&world, &early, "early.post.example").await;
    let beside = world.asking("third", "xpost.example").await;
    world.until("beside it there is one", || world.records(&beside).len() == 4).await;
    world.publish("mail.post.example");
    world.prove("second/mail").await;
    world.until_ready("second/mail").await;
}

#[tokio::test(start_paused = true)]
async fn an_unproven_domain_is_let_go_when_the_administrator_gives_it_to_others() {
    let world = World::new();
    let operator = world.start_proving();
    let object = world.asking("rival", "mail.example.com").await;
    world.until("there is an identity", || world.identity("mail.example.com").is_some()).await;
    operator.stop().await;
    let _operator = world.start_proving_with(|me| me.policy.delegations = table(&[("example.com", &["acme"])]));
    world.until_says(&object, &["Stalled True NotDelegated"]).await;
    world.until_state("mail.example.com", State::Released).await;
    assert!(world.identity("mail.example.com").is_none());
}

#[tokio::test(start_paused = true)]
async fn an_identity_that_came_too_late_does_not_count_as_thirty_days_unproven() {
    use sender_operator::ses::{CLAIM_TAG, ENVIRONMENT_TAG, OWNER_TAG};
    let world = World::new();
    let _operator = world.start_proving();
    let object = world.proven("acme", "example.com").await;
    world.unprove(&object);
    world.delete(&object);
    world.until_state("example.com", State::Released).await;
    world.pass(60 * DAY).await;
    let claim = world.stored_claim("example.com").unwrap().uid;
    let late = [(OWNER_TAG, "owner-1"), (ENVIRONMENT_TAG, "default"), (CLAIM_TAG, claim.as_str())];
    world.create_at_ses("example.com", &late);
    world.until("it is found", || world.state("example.com") == Some(State::Releasing)).await;
    world.apply(&object, "example.com");
    world.until_state("example.com", State::Provisional).await;
    world.pass(DAY).await;
    assert_eq!(world.state("example.com"), Some(State::Provisional));
}
