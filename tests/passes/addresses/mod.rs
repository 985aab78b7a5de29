//! Addresses: who may ask, who is asked, how often, and what counts.

mod attacks;
mod attacks_on_limits;
mod covering;
mod declining;
mod domains_lost;
mod expiry;
mod histories;
mod life;
mod limits;
mod mass;
mod orders;
mod quiet;
mod replicas;
mod sender;

use std::sync::Arc;

use sender_operator::{
    controller::Config,
    model::{
        confirmation::{answering::Act, limits::Limits},
        policy::Mode,
    },
};

use crate::{
    setup::DOMAIN,
    world::{HOUR, MINUTE, Operator, World},
};

const SALES: &str = "sales@example.com";
const OBJECT: &str = "acme/sales";

/// Acme's domain is Ready, and the operator's sender verified. `change`: settings that differ.
async fn ready_domain(change: impl FnOnce(&mut Config)) -> (World, Operator) {
    let world = World::new();
    let operator = world.start_with(change);
    world.verify_sender();
    world.ready("acme", DOMAIN).await;
    (world, operator)
}

/// Acme has asked for its address, and the mail has arrived.
async fn asked(change: impl FnOnce(&mut Config)) -> (World, Operator) {
    let (world, operator) = ready_domain(change).await;
    world.ask(OBJECT, SALES);
    world.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
    (world, operator)
}

/// The owner has confirmed.
async fn confirmed(change: impl FnOnce(&mut Config)) -> (World, Operator) {
    let (world, operator) = asked(change).await;
    world.click(SALES, Act::Confirm);
    world.until_address_says(OBJECT, "Ready True Ready").await;
    (world, operator)
}

/// The owner has confirmed an address at a domain that acme has proven.
async fn confirmed_where_domains_are_proven(change: impl FnOnce(&mut Config)) -> (World, Operator) {
    let world = World::new();
    let operator = world.start_with(|me| {
        proofs(me);
        change(me);
    });
    world.verify_sender();
    proven(&world, "acme/mail", DOMAIN).await;
    world.ask(OBJECT, SALES);
    world.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
    world.click(SALES, Act::Confirm);
    world.until_address_says(OBJECT, "Ready True Ready").await;
    (world, operator)
}

/// Settings as by default.
fn usual(_: &mut Config) {}

/// Domains have to be proven.
fn proofs(me: &mut Config) {
    me.policy.mode = Mode::DnsChallenge;
}

/// Domains are looked at so seldom that weeks cost little time.
fn for_weeks(me: &mut Config) {
    (me.recheck_interval, me.poll_interval) = (6 * HOUR, 10 * MINUTE);
    (me.refresh_interval, me.sweep_interval) = (12 * HOUR, 6 * HOUR);
}

/// Other limits.
fn limited(change: impl FnOnce(&mut Limits)) -> impl FnOnce(&mut Config) {
    let mut post = World::post();
    change(&mut post.limits);
    move |me| me.mail = Some(Arc::new(post))
}

/// `<tenant>/<name>` proves a domain and holds it, Ready.
async fn proven(world: &World, object: &str, domain: &str) {
    let (tenant, _) = object.split_once('/').unwrap();
    world.tenant(tenant);
    world.publish(domain);
    world.publish_proof(&format!("tenant/{tenant}"), domain);
    world.apply(object, domain);
    world.until_ready(object).await;
}
