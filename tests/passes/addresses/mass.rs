//! Very many addresses at once.

use super::{ready_domain, usual};
use crate::{
    properties::many,
    world::{HOUR, SECOND, StoreCall},
};

#[tokio::test(start_paused = true)]
async fn very_many_requests_of_a_tenant_hold_nobody_else_up() {
    let count = many(250, 1000);
    let (world, _operator) = ready_domain(usual).await;
    world.ready("other", "example.org").await;
    for n in 0..count {
        world.ask(&format!("acme/a{n}"), &format!("a{n}@example.com"));
    }
    world.pass(10 * SECOND).await;
    let begun = world.age();
    world.ask("other/sales", "sales@example.org");
    world.until("the other tenant's mail is there", || world.mails_to("sales@example.org").len() == 1).await;
    let waited = world.since(begun);
    assert!(waited < 15 * SECOND, "{waited:?}");
    world.until_age(begun + HOUR.saturating_sub(10 * SECOND)).await;
    let sent = || world.mails().len() - 1;
    assert_eq!(sent(), 50, "within an hour");
    let said = world.writes(StoreCall::ApplyAddressStatus);
    world.pass(HOUR).await;
    assert_eq!(sent(), 100, "within two hours");
    let said = world.writes(StoreCall::ApplyAddressStatus) - said;
    assert!(said <= count * 5 / 2, "{said} statuses in the second hour, of which {} say something new", count + 50);
}
