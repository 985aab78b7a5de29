//! Keys of links that are rotated, or lost. Until when a link of a retired key confirms is a table of `model/link.rs`.

use std::sync::Arc;

use sender_operator::model::{
    confirmation::answering::{Act, Page},
    link::{LinkKeys, Opened, RetiredKey},
};

use super::{OBJECT, SALES, asked, confirmed, usual};
use crate::world::{HOUR, Operator, World};

/// The operator goes on with another key; the one before is retired, or gone.
async fn rotated(world: &World, operator: Operator, gone: bool) -> (Operator, LinkKeys) {
    operator.stop().await;
    let before = World::post().keys;
    let previous = (!gone).then(|| RetiredKey { key: before.current, retired: world.now() });
    let keys = LinkKeys { current: [9; 32], previous, withdrawal: before.withdrawal };
    let mut post = World::post();
    post.keys = keys.clone();
    (world.start_with(|me| me.mail = Some(Arc::new(post))), keys)
}

fn newest(world: &World, keys: &LinkKeys) -> Opened {
    keys.open("default", &world.mails_to(SALES).last().unwrap().link(), world.now()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_link_of_a_retired_key_confirms_and_of_one_that_is_gone_the_next_mail_has_a_new_link() {
    for gone in [false, true] {
        let (world, operator) = asked(usual).await;
        let (_operator, keys) = rotated(&world, operator, gone).await;
        if gone {
            assert_eq!(world.click_opened(&newest(&world, &keys), Act::Confirm), Page::Expired);
            world.resend(OBJECT, "with the new key");
            world.until("another mail", || world.mails_to(SALES).len() == 2).await;
        }
        assert_eq!(world.click_opened(&newest(&world, &keys), Act::Confirm), Page::Confirmed);
        world.until_address_says(OBJECT, "Ready True Ready").await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_confirmation_can_be_withdrawn_by_its_link_after_the_key_is_gone() {
    let (world, operator) = confirmed(usual).await;
    let (_operator, keys) = rotated(&world, operator, true).await;
    world.pass(72 * HOUR).await;
    let opened = newest(&world, &keys);
    assert!(!opened.confirms);
    assert_eq!(world.click_opened(&opened, Act::Withdraw), Page::Withdrawn { undo: false });
    world.until_address_says(OBJECT, "Stalled True Withdrawn").await;
}
