//! Tenants that try to exceed the limits of mails.

use sender_operator::model::confirmation::answer::ConfirmationPage;

use super::{OBJECT, SALES, asked, usual};
use crate::simulation::{DAY, HOUR, SECOND, StoreCall};

#[tokio::test(start_paused = true)]
async fn a_thousand_requests_for_another_mail_within_an_hour() {
    let (sim, _operator) = asked(usual).await;
    for n in 0..1000 {
        sim.resend(OBJECT, &n.to_string());
        sim.advance(36 * SECOND / 10).await;
        if n % 100 == 0 {
            assert!(sim.dead_links().is_empty(), "{:?}", sim.dead_links());
        }
    }
    assert_eq!(sim.mails_to(SALES).len(), 3);
    let newest = sim.mails_to(SALES)[2].link();
    assert_eq!(sim.page(&newest), ConfirmationPage::Asked, "the newest link stays valid despite requests");
    let writes = sim.writes(StoreCall::SwapClaim);
    sim.until_within(2 * DAY, "the day is over", || sim.mails_to(SALES).len() == 4).await;
    sim.advance(HOUR).await;
    assert_eq!(sim.mails_to(SALES).len(), 4, "a thousand requests count as one");
    assert!(sim.writes(StoreCall::SwapClaim) - writes < 10);
}

#[tokio::test(start_paused = true)]
async fn a_resource_that_is_repeatedly_deleted_and_recreated() {
    let (sim, _operator) = asked(usual).await;
    for _ in 0..200 {
        sim.stop_asking(OBJECT);
        sim.advance(3 * SECOND).await;
        sim.ask(OBJECT, SALES);
        sim.advance(3 * SECOND).await;
    }
    assert_eq!(sim.mails_to(SALES).len(), 1, "it remains one request until the release");
    assert_eq!(sim.page(&sim.mails_to(SALES)[0].link()), ConfirmationPage::Asked);
}
