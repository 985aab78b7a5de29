//! Several objects of one tenant for one domain.

use sender_operator::model::tenant::TENANT_LABEL;

use crate::{
    setup::{ACME, DOMAIN, proven},
    world::MINUTE,
};

#[tokio::test(start_paused = true)]
async fn a_second_object_of_the_tenant_inherits_without_a_call_and_with_the_same_record() {
    let (world, _operator) = proven().await;
    world.namespace("acme-2", &[(TENANT_LABEL, "acme")]);
    world.apply("acme-2/mail", DOMAIN);
    let duplicate = ["Owned False Duplicate", "Ready False Duplicate", "Stalled True Duplicate"];
    world.until_says("acme-2/mail", &duplicate).await;
    assert_eq!(world.challenge("acme-2/mail").unwrap().value, world.challenge(ACME).unwrap().value);
    let (calls, before) = (world.journal().len(), world.claim(DOMAIN).unwrap());
    world.delete(ACME);
    world.until_says_within(MINUTE, "acme-2/mail", &["Owned True Held", "Ready True Ready"]).await;
    let after = world.claim(DOMAIN).unwrap();
    assert_eq!((after.proof, after.holding, after.identity), (before.proof, before.holding, before.identity));
    assert_eq!((after.holder.unwrap().uid, world.journal().len()), (world.uid("acme-2/mail"), calls));
}
