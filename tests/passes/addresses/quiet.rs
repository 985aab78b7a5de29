//! What is settled costs next to nothing, and what strangers do to a status does not last.

use std::{sync::Arc, time::Duration};

use sender_operator::model::confirmation::answering::Act;

use super::{OBJECT, confirmed, ready_domain};
use crate::world::{HOUR, SesCall, StoreCall, World};

/// As by default.
const REFRESH: Duration = Duration::from_hours(6);

#[tokio::test(start_paused = true)]
async fn two_hundred_confirmed_addresses_cost_no_write_no_mail_and_no_call() {
    let world = World::new();
    let mut post = World::post();
    (post.limits.tenant, post.limits.domain) = (1000, 1000);
    let operator = world.start_with(|me| (me.mail, me.refresh_interval) = (Some(Arc::new(post)), REFRESH));
    ready_domain(&world).await;
    let names: Vec<String> = (0..200).map(|n| format!("a{n}")).collect();
    for name in &names {
        world.ask(&format!("acme/{name}"), &format!("{name}@example.com"));
    }
    for name in &names {
        let address = format!("{name}@example.com");
        world.until("its mail has come", || !world.mails_to(&address).is_empty()).await;
        world.click(&address, Act::Confirm);
    }
    for name in &names {
        world.until_address_says(&format!("acme/{name}"), "Ready True Ready").await;
    }
    world.pass(HOUR).await;
    let costs = || {
        let reads = [StoreCall::GetAddress, StoreCall::GetClaim, StoreCall::GetNamespace].map(|call| world.reads(call));
        (
            world.all_writes(),
            world.mails().len(),
            world.ses_calls_of(SesCall::Standing),
            reads,
            operator.passes("settled"),
        )
    };
    let (writes, mails, standing, reads, passes) = costs();
    world.pass(10 * HOUR).await;
    let after = costs();
    assert_eq!((after.0, after.1, after.2), (writes, mails, standing), "no write, no mail, no look at the sender");
    let looks = after.3[0] - reads[0];
    // Each address every 5.4 to 6 hours.
    assert!((200..=400).contains(&looks), "{looks} looks at objects");
    println!(
        "200 confirmed addresses, ten hours: {looks} looks at objects, {} at claims (the domain's passes included), {} at namespaces, {} passes, no write",
        after.3[1] - reads[1],
        after.3[2] - reads[2],
        after.4 - passes
    );
}

#[tokio::test(start_paused = true)]
async fn a_restart_over_confirmed_addresses_writes_nothing_and_asks_nobody() {
    let world = World::new();
    let operator = world.start();
    confirmed(&world).await;
    operator.stop().await;
    let (writes, mails) = (world.all_writes(), world.mails().len());
    let _operator = world.start();
    world.pass(10 * HOUR).await;
    assert_eq!((world.all_writes(), world.mails().len()), (writes, mails));
}

#[tokio::test(start_paused = true)]
async fn a_status_that_somebody_edited_gives_no_right_and_is_put_right() {
    let world = World::new();
    let _operator = world.start();
    confirmed(&world).await;
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
