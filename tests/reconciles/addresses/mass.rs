//! Very many addresses at once.

use super::{ready_domain, usual};
use crate::{
    properties::many,
    simulation::{HOUR, SECOND, StoreCall},
};

#[tokio::test(start_paused = true)]
async fn very_many_requests_of_a_tenant_do_not_delay_others() {
    let count = many(250, 1000);
    let (sim, _operator) = ready_domain(usual).await;
    sim.ready("other", "example.org").await;
    for n in 0..count {
        sim.ask(&format!("acme/a{n}"), &format!("a{n}@example.com"));
    }
    sim.advance(10 * SECOND).await;
    let begun = sim.age();
    sim.ask("other/sales", "sales@example.org");
    sim.until("the other tenant's mail has arrived", || sim.mails_to("sales@example.org").len() == 1).await;
    let waited = sim.since(begun);
    assert!(waited < 15 * SECOND, "{waited:?}");
    sim.until_age(begun + HOUR.saturating_sub(10 * SECOND)).await;
    let sent = || sim.mails().len() - 1;
    assert_eq!(sent(), 50, "within an hour");
    let said = sim.writes(StoreCall::ApplyAddressStatus);
    sim.advance(HOUR).await;
    assert_eq!(sent(), 100, "within two hours");
    let said = sim.writes(StoreCall::ApplyAddressStatus) - said;
    // Each of the 50 is sent and reported; those that wait keep their time and their status.
    assert!(said <= 4 * 50, "{said} statuses in the second hour");
}
