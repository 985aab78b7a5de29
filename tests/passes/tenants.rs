//! Who has a domain when several ask for it and nothing has to be proven.

use sender_operator::{api::reasons::EventReason, model::claim::State};

use crate::{
    setup::{ACME, DOMAIN, RIVAL, ready},
    world::{DAY, HOUR, MINUTE, World},
};

const TAKEN: [&str; 3] =
    ["Owned False OwnedByAnotherTenant", "Ready False OwnedByAnotherTenant", "Stalled True OwnedByAnotherTenant"];

#[tokio::test(start_paused = true)]
async fn the_next_tenant_is_refused_until_the_first_one_is_released() {
    let (world, _operator) = ready().await;
    for name in ["rival", "third"] {
        world.tenant(name);
        world.apply(&format!("{name}/mail"), DOMAIN);
        world.until_says(&format!("{name}/mail"), &TAKEN).await;
        world.pass(MINUTE).await;
    }
    assert!(world.status(RIVAL).dns_records.is_empty() && world.status(RIVAL).identity.is_none());
    world.pass(DAY).await;
    assert!(world.is_saying(ACME, &["Ready True Ready"]));
    assert!(world.history(RIVAL).len() == 1 && world.events_of(RIVAL).is_empty());
    world.delete(ACME);
    let ending = [
        "Owned False AnotherTenantReleasing",
        "Ready False AnotherTenantReleasing",
        "Reconciling True AnotherTenantReleasing",
    ];
    world.until_says(RIVAL, &ending).await;
    world.until_ready(RIVAL).await;
    assert_eq!(world.owner(DOMAIN).unwrap(), "tenant/rival", "the oldest asker is next");
    assert!(world.is_saying("third/mail", &TAKEN));
    assert_eq!(world.told(EventReason::Released).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn domains_above_and_below_another_tenants_are_refused() {
    for (held, refused) in [(DOMAIN, "mail.example.com"), ("mail.example.com", DOMAIN)] {
        let world = World::new();
        let _operator = world.start();
        world.ready("acme", held).await;
        world.tenant("rival");
        world.publish(refused);
        world.apply(RIVAL, refused);
        world.until_says(RIVAL, &TAKEN).await;
        world.pass(HOUR).await;
        assert!(world.ses_calls(refused).is_empty() && world.owner(refused).is_none());
        world.apply("acme/related", refused);
        world.until_ready("acme/related").await;
        world.delete(ACME);
        world.until_state(held, State::Released).await;
        world.until_says(RIVAL, &TAKEN).await;
        world.delete("acme/related");
        world.until_ready(RIVAL).await;
    }
}
