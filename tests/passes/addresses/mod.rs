//! Addresses: who may ask, who is asked, how often, and what counts.

mod attacks;
mod attacks_on_limits;
mod covering;
mod declining;
mod domains_lost;
mod expiry;
mod histories;
mod keys;
mod life;
mod limits;
mod mass;
mod orders;
mod quiet;
mod replicas;
mod sender;
mod twice;

use std::sync::Arc;

use sender_operator::{
    controller::Config,
    model::{
        confirmation::{answering::Act, limits::Limits},
        policy::Mode,
    },
};

use crate::world::{HOUR, MINUTE, Operator, World};

const DOMAIN: &str = "example.com";
const SALES: &str = "sales@example.com";
const OBJECT: &str = "acme/sales";

/// Acme's domain is Ready, and the operator's sender verified.
async fn ready_domain(world: &World) {
    world.verify_sender();
    world.ready("acme", DOMAIN).await;
}

/// Acme has asked for its address, and the mail has arrived.
async fn asked(world: &World) {
    ready_domain(world).await;
    world.ask(OBJECT, SALES);
    world.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
}

/// The owner has confirmed.
async fn confirmed(world: &World) {
    asked(world).await;
    world.click(SALES, Act::Confirm);
    world.until_address_says(OBJECT, "Ready True Ready").await;
}

/// Domains have to be proven.
fn proofs(me: &mut Config) {
    me.policy.mode = Mode::DnsChallenge;
}

/// Domains are looked at so seldom that weeks cost little time.
fn for_weeks(me: &mut Config) {
    (me.recheck_interval, me.poll_interval) = (6 * HOUR, 10 * MINUTE);
    (me.refresh_interval, me.sweep_interval) = (12 * HOUR, 6 * HOUR);
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

/// An operator with other limits.
fn limited(world: &World, change: impl FnOnce(&mut Limits)) -> Operator {
    let mut post = World::post();
    change(&mut post.limits);
    world.start_with(|me| me.mail = Some(Arc::new(post)))
}
