//! Several objects of one tenant ask for one address.

use sender_operator::model::claim::State;

use super::{OBJECT, SALES, confirmed};
use crate::world::{HOUR, World};

#[tokio::test(start_paused = true)]
async fn the_second_object_is_a_duplicate_and_inherits_without_a_mail() {
    let world = World::new();
    let _operator = world.start();
    confirmed(&world).await;
    world.ask("acme/second", SALES);
    world.until_address_says("acme/second", "Stalled True Duplicate").await;
    world.pass(HOUR).await;
    assert_eq!(world.address_says(OBJECT)[2], "Ready True Ready");
    world.stop_asking(OBJECT);
    world.until_address_says("acme/second", "Ready True Ready").await;
    assert_eq!((world.mails_to(SALES).len(), world.address_state(SALES).unwrap().0), (1, State::Held));
}

#[tokio::test(start_paused = true)]
async fn objects_of_one_tenant_in_two_namespaces_are_duplicates_too() {
    let world = World::new();
    let _operator = world.start();
    confirmed(&world).await;
    world.namespace("acme-too", &[(sender_operator::model::tenant::TENANT_LABEL, "acme")]);
    world.ask("acme-too/sales", SALES);
    world.until_address_says("acme-too/sales", "Stalled True Duplicate").await;
    world.delete_namespace("acme");
    world.until_address_says("acme-too/sales", "Ready False DomainReleasing").await;
    world.apply("acme-too/mail", super::DOMAIN);
    world.until_address_says("acme-too/sales", "Ready True Ready").await;
    assert_eq!(world.mails_to(SALES).len(), 1);
}
