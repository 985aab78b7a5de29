//! Tenants that want more mails than others can bear.

use sender_operator::model::confirmation::answering::Page;

use super::{OBJECT, SALES, asked, usual};
use crate::world::{DAY, HOUR, SECOND, StoreCall};

#[tokio::test(start_paused = true)]
async fn a_thousand_wishes_for_another_mail_within_an_hour() {
    let (world, _operator) = asked(usual).await;
    for n in 0..1000 {
        world.resend(OBJECT, &n.to_string());
        world.pass(36 * SECOND / 10).await;
        if n % 100 == 0 {
            assert!(world.dead_links().is_empty(), "{:?}", world.dead_links());
        }
    }
    assert_eq!(world.mails_to(SALES).len(), 3);
    let newest = world.mails_to(SALES)[2].link();
    assert_eq!(world.page(&newest), Page::Asked, "the newest link is good, whatever is asked for");
    let writes = world.writes(StoreCall::SwapClaim);
    world.until_within(2 * DAY, "the day is over", || world.mails_to(SALES).len() == 4).await;
    world.pass(HOUR).await;
    assert_eq!(world.mails_to(SALES).len(), 4, "a thousand wishes are one");
    assert!(world.writes(StoreCall::SwapClaim) - writes < 10);
}

#[tokio::test(start_paused = true)]
async fn a_resource_that_is_deleted_and_made_again_all_the_time() {
    let (world, _operator) = asked(usual).await;
    for _ in 0..200 {
        world.stop_asking(OBJECT);
        world.pass(3 * SECOND).await;
        world.ask(OBJECT, SALES);
        world.pass(3 * SECOND).await;
    }
    assert_eq!(world.mails_to(SALES).len(), 1, "it is one request as long as it is not released");
    assert_eq!(world.page(&world.mails_to(SALES)[0].link()), Page::Asked);
}
