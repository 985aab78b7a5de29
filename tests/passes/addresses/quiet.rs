//! What is settled costs next to nothing, and what strangers do to a status does not last.

use std::time::Duration;

use sender_operator::model::confirmation::answering::Act;

use super::{OBJECT, confirmed, limited, ready_domain, usual};
use crate::{
    properties::many,
    world::{HOUR, SesCall, StoreCall},
};

/// As by default.
const REFRESH: Duration = Duration::from_hours(6);

#[tokio::test(start_paused = true)]
async fn confirmed_addresses_cost_no_write_no_mail_and_no_call() {
    let count = many(50, 200);
    let (world, _operator) = ready_domain(|me| {
        limited(|limits| (limits.tenant, limits.domain) = (1000, 1000))(me);
        me.refresh_interval = REFRESH;
    })
    .await;
    for n in 0..count {
        let address = format!("a{n}@example.com");
        world.ask(&format!("acme/a{n}"), &address);
        world.until("its mail has come", || !world.mails_to(&address).is_empty()).await;
        world.click(&address, Act::Confirm);
    }
    for n in 0..count {
        world.until_address_says(&format!("acme/a{n}"), "Ready True Ready").await;
    }
    world.pass(HOUR).await;
    let changes = || (world.all_writes(), world.mails().len(), world.ses_calls_of(SesCall::Standing));
    let (before, reads) = (changes(), world.reads(StoreCall::GetAddress));
    world.pass(10 * HOUR).await;
    assert_eq!(changes(), before, "no write, no mail, no look at the sender");
    let looks = world.reads(StoreCall::GetAddress) - reads;
    // Each address every 5.4 to 6 hours.
    assert!((count..=2 * count).contains(&looks), "{looks} looks at objects");
}

#[tokio::test(start_paused = true)]
async fn a_restart_or_a_new_leader_over_confirmed_addresses_writes_nothing_and_asks_nobody() {
    for new_leader in [false, true] {
        let (world, operator) = confirmed(usual).await;
        world.pass(HOUR).await;
        if new_leader {
            operator.stand_by();
        } else {
            operator.stop().await;
        }
        let (writes, mails) = (world.all_writes(), world.mails().len());
        let _operator = world.start();
        world.pass(10 * HOUR).await;
        assert_eq!((world.all_writes(), world.mails().len()), (writes, mails));
    }
}

#[tokio::test(start_paused = true)]
async fn a_status_that_somebody_edited_gives_no_right_and_is_put_right() {
    let (world, _operator) = confirmed(usual).await;
    world.tenant("rival");
    for (object, address) in [("acme/other", "other@example.com"), ("rival/sales", "sales@example.com")] {
        world.ask(object, address);
        world.until("it is looked at", || world.address_says(object).len() == 4).await;
        let stolen = world.address_status(OBJECT);
        world.edit_address_status(object, |status| *status = stolen);
        assert_eq!(world.address_says(object)[2], "Ready True Ready");
        world.until("it is put right", || world.address_says(object)[2].starts_with("Ready False")).await;
        assert_eq!(world.address_status(object).from, None);
    }
    let claim = world.address_claim("sales@example.com").unwrap().claim;
    assert_eq!(claim.tenant.unwrap().to_string(), "tenant/acme");
    assert!(world.request_for("other@example.com").unwrap().answer.is_none());
}
