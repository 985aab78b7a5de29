//! Who has a domain when several ask for it.

use sender_operator::{
    api::reasons::EventReason,
    model::{claim::State, tenant::TENANT_LABEL},
};

use crate::world::{DAY, HOUR, MINUTE, World};

const TAKEN: [&str; 3] =
    ["Owned False OwnedByAnotherTenant", "Ready False OwnedByAnotherTenant", "Stalled True OwnedByAnotherTenant"];

#[tokio::test(start_paused = true)]
async fn a_second_object_of_the_tenant_is_a_duplicate_and_inherits_without_a_call() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    world.namespace("acme-2", &[(TENANT_LABEL, "acme")]);
    world.apply("acme-2/mail", "example.com");
    let expected = ["Owned False Duplicate", "Ready False Duplicate", "Stalled True Duplicate"];
    world.until_says("acme-2/mail", &expected).await;
    assert!(world.is_saying("acme/mail", &["Ready True Ready"]));
    let calls = world.journal().len();
    let proof = world.claim("example.com").unwrap().proof;
    world.delete("acme/mail");
    world.until_says_within(MINUTE, "acme-2/mail", &["Owned True Held", "Ready True Ready"]).await;
    assert_eq!(world.journal().len(), calls);
    assert_eq!(world.claim("example.com").unwrap().proof, proof);
    assert_eq!(world.claim("example.com").unwrap().holder.unwrap().uid, world.uid("acme-2/mail"));
}

#[tokio::test(start_paused = true)]
async fn a_second_tenant_is_refused_without_hearing_whose_it_is() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    world.tenant("rival");
    world.apply("rival/mail", "example.com");
    world.until_says("rival/mail", &TAKEN).await;
    let status = serde_json::to_string(&world.status("rival/mail")).unwrap();
    assert!(!status.contains("acme"), "{status}");
    assert!(world.status("rival/mail").dns_records.is_empty() && world.status("rival/mail").identity.is_none());
    world.pass(DAY).await;
    assert!(world.is_saying("acme/mail", &["Ready True Ready"]));
    assert_eq!(world.history("rival/mail").len(), 1);
    assert!(world.events_of("rival/mail").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_second_tenant_gets_the_domain_once_the_first_one_is_released() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    world.tenant("rival");
    world.apply("rival/mail", "example.com");
    world.until_says("rival/mail", &TAKEN).await;
    world.delete("acme/mail");
    let ending = [
        "Owned False AnotherTenantReleasing",
        "Ready False AnotherTenantReleasing",
        "Reconciling True AnotherTenantReleasing",
    ];
    world.until_says("rival/mail", &ending).await;
    world.until_ready("rival/mail").await;
    assert_eq!(world.owner("example.com").unwrap(), "tenant/rival");
    assert_eq!(world.told(EventReason::Released).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn domains_above_and_below_another_tenants_are_refused() {
    for (held, refused) in [("example.com", "mail.example.com"), ("mail.example.com", "example.com")] {
        let world = World::new();
        let _operator = world.start();
        world.ready("acme", held).await;
        world.tenant("rival");
        world.apply("rival/mail", refused);
        world.until_says("rival/mail", &TAKEN).await;
        world.pass(HOUR).await;
        assert!(world.ses_calls(refused).is_empty() && world.owner(refused).is_none());
        world.publish(refused);
        world.delete("acme/mail");
        world.until_ready("rival/mail").await;
    }
}

#[tokio::test(start_paused = true)]
async fn names_that_only_look_related_are_not() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    world.ready("rival", "badexample.com").await;
    world.ready("other", "example.com.de").await;
}

#[tokio::test(start_paused = true)]
async fn one_tenant_may_have_domains_above_and_below_each_other() {
    let world = World::new();
    let _operator = world.start();
    world.tenant("acme");
    for (object, domain) in [("acme/b", "b.a.example.com"), ("acme/top", "example.com"), ("acme/a", "a.example.com")] {
        world.publish(domain);
        world.apply(object, domain);
        world.until_ready(object).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_namespace_that_changes_its_tenant_lets_go_and_asks_anew() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    world.tenant("rival");
    world.namespace("acme", &[(TENANT_LABEL, "merged")]);
    world.until_says("acme/mail", &["Owned False AnotherTenantReleasing"]).await;
    assert_eq!(world.state("example.com"), Some(State::Releasing));
    world.until_ready("acme/mail").await;
    assert_eq!(world.owner("example.com").unwrap(), "tenant/merged");
}

#[tokio::test(start_paused = true)]
async fn the_oldest_asker_is_next() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    for name in ["second", "third"] {
        world.tenant(name);
        world.apply(&format!("{name}/mail"), "example.com");
        world.pass(MINUTE).await;
    }
    world.delete("acme/mail");
    world.until_ready("second/mail").await;
    assert!(world.is_saying("third/mail", &TAKEN));
}

#[tokio::test(start_paused = true)]
async fn a_domain_that_waits_for_two_related_ones_gets_its_turn_after_both() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "a.example.com").await;
    world.ready("other", "b.example.com").await;
    world.tenant("rival");
    world.publish("example.com");
    world.apply("rival/mail", "example.com");
    world.until_says("rival/mail", &TAKEN).await;
    world.delete("acme/mail");
    world.until_state("a.example.com", State::Released).await;
    assert!(world.is_saying("rival/mail", &TAKEN));
    world.delete("other/mail");
    world.until_ready("rival/mail").await;
}
