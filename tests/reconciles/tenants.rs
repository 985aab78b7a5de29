//! Ownership when several tenants claim a domain and no proof is required.

use sender_operator::{api::reasons::EventReason, model::claim::State};

use crate::{
    setup::{ACME, DOMAIN, RIVAL, ready},
    simulation::{DAY, HOUR, MINUTE, Simulation},
};

const TAKEN: [&str; 3] =
    ["Owned False OwnedByAnotherTenant", "Ready False OwnedByAnotherTenant", "Stalled True OwnedByAnotherTenant"];

#[tokio::test(start_paused = true)]
async fn the_next_tenant_is_refused_until_the_first_one_is_released() {
    let (sim, _operator) = ready().await;
    for name in ["rival", "third"] {
        sim.tenant(name);
        sim.apply(&format!("{name}/mail"), DOMAIN);
        sim.until_says(&format!("{name}/mail"), &TAKEN).await;
        sim.advance(MINUTE).await;
    }
    assert!(sim.status(RIVAL).dns_records.is_empty() && sim.status(RIVAL).identity.is_none());
    sim.advance(DAY).await;
    assert!(sim.is_saying(ACME, &["Ready True Ready"]));
    assert!(sim.history(RIVAL).len() == 1 && sim.events_of(RIVAL).is_empty());
    sim.delete(ACME);
    let ending = [
        "Owned False AnotherTenantReleasing",
        "Ready False AnotherTenantReleasing",
        "Reconciling True AnotherTenantReleasing",
    ];
    sim.until_says(RIVAL, &ending).await;
    sim.until_ready(RIVAL).await;
    assert_eq!(sim.owner(DOMAIN).unwrap(), "tenant/rival", "the oldest claimant is next");
    assert!(sim.is_saying("third/mail", &TAKEN));
    assert_eq!(sim.told(EventReason::Released).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn domains_above_and_below_another_tenants_are_refused() {
    for (held, refused) in [(DOMAIN, "mail.example.com"), ("mail.example.com", DOMAIN)] {
        let sim = Simulation::new();
        let _operator = sim.start();
        sim.ready("acme", held).await;
        sim.tenant("rival");
        sim.publish(refused);
        sim.apply(RIVAL, refused);
        sim.until_says(RIVAL, &TAKEN).await;
        sim.advance(HOUR).await;
        assert!(sim.ses_calls(refused).is_empty() && sim.owner(refused).is_none());
        sim.apply("acme/related", refused);
        sim.until_ready("acme/related").await;
        sim.delete(ACME);
        sim.until_state(held, State::Released).await;
        sim.until_says(RIVAL, &TAKEN).await;
        sim.delete("acme/related");
        sim.until_ready(RIVAL).await;
    }
}
