//! Identities of unproven domains: their duration, their limits, and where none are created.

use sender_operator::{
    api::reasons::EventReason,
    model::{claim::State, name::Domain},
};

use crate::{
    setup::{ACME, DOMAIN, RIVAL, proven, unproven},
    simulation::{DAY, HOUR, MINUTE, Operator, SesCall, Simulation, table},
};

/// The status has only the challenge, there is no identity, and that does not change.
async fn assert_challenge_first(sim: &Simulation, object: &str, domain: &str) {
    sim.until_says(object, &["Owned False ChallengeMissing", "Reconciling True ChallengeMissing"]).await;
    sim.advance(HOUR).await;
    assert_eq!(sim.records(object), ["Missing"], "{object}");
    assert!(!sim.ses_writes(domain).contains(&SesCall::Create) || sim.identity(domain).is_none(), "{domain}");
    assert_ne!(sim.state(domain), Some(State::Provisional), "{domain}");
}

#[tokio::test(start_paused = true)]
async fn a_domain_unproven_for_thirty_days_is_released_and_needs_the_proof_first_from_then_on() {
    let (sim, operator) = unproven().await;
    sim.advance(29 * DAY + 23 * HOUR).await;
    assert_eq!(sim.state(DOMAIN), Some(State::Provisional));
    let (reconciles, begun) = (operator.reconciles("settled"), sim.age());
    sim.until_within(2 * HOUR, "it is released", || sim.state(DOMAIN) == Some(State::Releasing)).await;
    sim.until_state(DOMAIN, State::Released).await;
    let reconciles = operator.reconciles("settled") - reconciles;
    assert!(reconciles < 50, "{reconciles} reconciles within {:?}", sim.since(begun));
    assert!(sim.identity(DOMAIN).is_none() && sim.claim(DOMAIN).unwrap().challenge_first);
    assert_challenge_first(&sim, ACME, DOMAIN).await;
    sim.publish(DOMAIN);
    sim.prove(ACME).await;
    sim.until_ready(ACME).await;
    assert!(!sim.claim(DOMAIN).unwrap().challenge_first);
    assert!(sim.told(EventReason::ReleaseStarted).len() == 1);
}

#[tokio::test(start_paused = true)]
async fn unproven_identities_are_limited_per_tenant_and_in_total() {
    let sim = Simulation::new();
    let _operator = sim.start_proving_with(|config| {
        (config.policy.provisional_per_tenant, config.policy.provisional_in_all) = (2, 3);
    });
    let ask = async |tenant: &str, n: usize| {
        sim.tenant(tenant);
        let (object, domain) = (format!("{tenant}/m{n}"), format!("d{n}-{tenant}.example"));
        sim.apply(&object, &domain);
        sim.until_challenged(&object).await;
        sim.advance(MINUTE).await;
        (object, domain)
    };
    let created = |domain: &str| sim.identity(domain).is_some();
    for n in 1..=2 {
        assert!(created(&ask("one", n).await.1));
    }
    let (refused, refused_domain) = ask("one", 3).await;
    assert_challenge_first(&sim, &refused, &refused_domain).await;
    assert!(created(&ask("two", 1).await.1), "another tenant's count is its own");
    let (last, last_domain) = ask("two", 2).await;
    assert_challenge_first(&sim, &last, &last_domain).await;

    sim.publish(&last_domain);
    sim.prove(&last).await;
    sim.until_ready(&last).await;
    sim.prove("one/m1").await;
    sim.until_state("d1-one.example", State::Held).await;
    sim.until_within(HOUR, "the limit allows it again", || created(&refused_domain)).await;
}

#[tokio::test(start_paused = true)]
async fn below_another_tenants_domain_the_proof_comes_first_and_below_ones_own_it_does_not() {
    let (sim, _operator) = proven().await;
    let object = sim.asking("rival", "mail.example.com").await;
    assert_challenge_first(&sim, &object, "mail.example.com").await;
    assert_eq!(sim.claim("mail.example.com"), None);
    sim.apply("acme/own", "own.example.com");
    sim.until("all records are listed", || sim.records("acme/own").len() == 4).await;

    sim.publish("mail.example.com");
    sim.prove(&object).await;
    sim.until_ready(&object).await;
    assert!(sim.is_saying(ACME, &["Ready True Ready"]), "the most specific proof wins, and only there");
    assert_eq!(sim.owner(DOMAIN).unwrap(), "tenant/acme");
}

/// Rival claims a domain without a proof, and it has an identity.
async fn rival_asks(domain: &str) -> (Simulation, Operator) {
    let sim = Simulation::new();
    let operator = sim.start_proving();
    sim.asking("rival", domain).await;
    sim.until("there is an identity", || sim.identity(domain).is_some()).await;
    (sim, operator)
}

#[tokio::test(start_paused = true)]
async fn an_unproven_domain_is_released_when_another_tenant_holds_one_above() {
    let (sim, _operator) = rival_asks("mail.example.com").await;
    sim.proven("acme", DOMAIN).await;
    sim.until_within(MINUTE, "it is released", || sim.state("mail.example.com") == Some(State::Releasing)).await;
    sim.until_state("mail.example.com", State::Released).await;
    assert_challenge_first(&sim, RIVAL, "mail.example.com").await;
}

#[tokio::test(start_paused = true)]
async fn at_and_below_the_operators_own_sender_domain_the_proof_comes_first() {
    let (sim, operator) = rival_asks("early.post.example").await;
    operator.stop().await;
    let own = Domain::parse("post.example").ok();
    let _operator = sim.start_proving_with(|config| config.policy.sender_domain = own);
    for (tenant, domain) in [("acme", "post.example"), ("second", "mail.post.example")] {
        let object = sim.asking(tenant, domain).await;
        assert_challenge_first(&sim, &object, domain).await;
        assert!(sim.claim(domain).is_none());
    }
    sim.until("the earlier identity is released", || sim.identity("early.post.example").is_none()).await;
    assert_challenge_first(&sim, RIVAL, "early.post.example").await;
    let beside = sim.asking("third", "xpost.example").await;
    sim.until("a domain beside it gets an identity", || sim.records(&beside).len() == 4).await;
    sim.publish("mail.post.example");
    sim.prove("second/mail").await;
    sim.until_ready("second/mail").await;
}

#[tokio::test(start_paused = true)]
async fn an_unproven_domain_is_released_when_the_administrator_delegates_it_to_others() {
    let (sim, operator) = rival_asks("mail.example.com").await;
    operator.stop().await;
    let _operator = sim.start_proving_with(|config| config.policy.delegations = table(&[(DOMAIN, &["acme"])]));
    sim.until_says(RIVAL, &["Stalled True NotDelegated"]).await;
    sim.until_state("mail.example.com", State::Released).await;
    assert!(sim.identity("mail.example.com").is_none());
}
