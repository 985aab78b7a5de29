//! Settled addresses cost almost nothing, and foreign changes of a status do not last.

use std::time::Duration;

use sender_operator::model::confirmation::answer::Act;

use super::{OBJECT, confirmed, limited, ready_domain, usual};
use crate::{
    properties::many,
    simulation::{HOUR, SesCall, StoreCall},
};

/// The default.
const REFRESH: Duration = Duration::from_hours(6);

#[tokio::test(start_paused = true)]
async fn confirmed_addresses_cost_no_write_no_mail_and_no_call() {
    let count = many(50, 200);
    let (sim, _operator) = ready_domain(|config| {
        limited(|limits| (limits.tenant, limits.domain) = (1000, 1000))(config);
        config.refresh_interval = REFRESH;
    })
    .await;
    for n in 0..count {
        let address = format!("a{n}@example.com");
        sim.ask(&format!("acme/a{n}"), &address);
        sim.until("its mail has arrived", || !sim.mails_to(&address).is_empty()).await;
        sim.click(&address, Act::Confirm);
    }
    for n in 0..count {
        sim.until_address_says(&format!("acme/a{n}"), "Ready True Ready").await;
    }
    sim.advance(HOUR).await;
    let changes = || (sim.all_writes(), sim.mails().len(), sim.ses_calls_of(SesCall::AccountStatus));
    let (before, reads) = (changes(), sim.reads(StoreCall::GetAddress));
    sim.advance(10 * HOUR).await;
    assert_eq!(changes(), before, "no write, no mail, no read of the sender");
    let looks = sim.reads(StoreCall::GetAddress) - reads;
    // Each address every 5.4 to 6 hours.
    assert!((count..=2 * count).contains(&looks), "{looks} reads of objects");
}

#[tokio::test(start_paused = true)]
async fn a_restart_or_a_new_leader_over_confirmed_addresses_writes_nothing_and_sends_no_mail() {
    for new_leader in [false, true] {
        let (sim, operator) = confirmed(usual).await;
        sim.advance(HOUR).await;
        if new_leader {
            operator.stand_by();
        } else {
            operator.stop().await;
        }
        let (writes, mails) = (sim.all_writes(), sim.mails().len());
        let _operator = sim.start();
        sim.advance(10 * HOUR).await;
        assert_eq!((sim.all_writes(), sim.mails().len()), (writes, mails));
    }
}

#[tokio::test(start_paused = true)]
async fn an_edited_status_gives_no_right_and_is_repaired() {
    let (sim, _operator) = confirmed(usual).await;
    sim.tenant("rival");
    for (object, address) in [("acme/other", "other@example.com"), ("rival/sales", "sales@example.com")] {
        sim.ask(object, address);
        sim.until("it is read", || sim.address_says(object).len() == 4).await;
        let stolen = sim.address_status(OBJECT);
        sim.edit_address_status(object, |status| *status = stolen);
        assert_eq!(sim.address_says(object)[2], "Ready True Ready");
        sim.until("it is repaired", || sim.address_says(object)[2].starts_with("Ready False")).await;
        assert_eq!(sim.address_status(object).from, None);
    }
    let claim = sim.address_claim("sales@example.com").unwrap().claim;
    assert_eq!(claim.tenant.unwrap().to_string(), "tenant/acme");
    assert!(sim.request_for("other@example.com").unwrap().answer.is_none());
}
