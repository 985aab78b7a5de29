//! Keys of links that are rotated.

use std::sync::Arc;

use jiff::Timestamp;
use sender_operator::model::{
    confirmation::answering::{Act, Page},
    link::{LinkKeys, RetiredKey},
};

use super::{OBJECT, SALES, asked, confirmed};
use crate::world::{DAY, HOUR, MINUTE, Operator, World};

/// Keys of which the first is another one; `previous` was retired then.
fn rotated(previous: Option<Timestamp>) -> LinkKeys {
    let before = World::post().keys;
    let previous = previous.map(|retired| RetiredKey { key: before.current, retired });
    LinkKeys { current: [9; 32], previous, withdrawal: before.withdrawal }
}

fn start(world: &World, keys: LinkKeys) -> Operator {
    world.start_with(|me| {
        let mut post = World::post();
        post.keys = keys;
        me.mail = Some(Arc::new(post));
    })
}

#[tokio::test(start_paused = true)]
async fn a_link_of_a_retired_key_confirms_for_its_own_day() {
    let world = World::new();
    let operator = world.start();
    asked(&world).await;
    operator.stop().await;
    let keys = rotated(Some(world.now()));
    let _operator = start(&world, keys.clone());
    world.pass(DAY.saturating_sub(2 * MINUTE)).await;
    let opened = keys.open("default", &world.mails_to(SALES)[0].link(), world.now()).unwrap();
    assert_eq!(world.click_opened(&opened, Act::Confirm), Page::Confirmed);
    world.until_address_says(OBJECT, "Ready True Ready").await;
    assert_eq!(world.mails_to(SALES).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_link_of_a_key_that_is_gone_confirms_nothing_and_the_next_mail_has_one_of_the_new_key() {
    let world = World::new();
    let operator = world.start();
    asked(&world).await;
    operator.stop().await;
    let keys = rotated(None);
    let _operator = start(&world, keys.clone());
    let opened = keys.open("default", &world.mails_to(SALES)[0].link(), world.now()).unwrap();
    assert_eq!(world.click_opened(&opened, Act::Confirm), Page::Expired);
    world.resend(OBJECT, "with the new key");
    world.until("another mail", || world.mails_to(SALES).len() == 2).await;
    let opened = keys.open("default", &world.mails_to(SALES)[1].link(), world.now()).unwrap();
    assert_eq!(world.click_opened(&opened, Act::Confirm), Page::Confirmed);
    world.until_address_says(OBJECT, "Ready True Ready").await;
}

#[tokio::test(start_paused = true)]
async fn a_confirmation_can_be_withdrawn_by_its_link_after_the_key_is_gone() {
    let world = World::new();
    let operator = world.start();
    confirmed(&world).await;
    operator.stop().await;
    let _operator = start(&world, rotated(None));
    world.pass(300 * HOUR).await;
    let opened = rotated(None).open("default", &world.mails_to(SALES)[0].link(), world.now()).unwrap();
    assert!(!opened.confirms);
    assert_eq!(world.click_opened(&opened, Act::Withdraw), Page::Withdrawn { undo: false });
    world.until_address_says(OBJECT, "Stalled True Withdrawn").await;
}
