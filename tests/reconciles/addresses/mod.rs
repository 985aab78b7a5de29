//! Addresses: claims, confirmation mails, limits, and the owner's answers.

mod admin_actions;
mod attacks;
mod attacks_on_limits;
mod coverage;
mod declines;
mod domains_lost;
mod expiry;
mod histories;
mod life;
mod limits;
mod mass;
mod quiet;
mod replicas;
mod sender;

use std::sync::Arc;

use sender_operator::{
    controller::Config,
    model::{
        confirmation::{answer::Act, limits::MailLimits},
        proof_policy::Mode,
    },
};

use crate::{
    setup::DOMAIN,
    simulation::{HOUR, MINUTE, Operator, Simulation},
};

const SALES: &str = "sales@example.com";
const OBJECT: &str = "acme/sales";

/// Acme's domain is Ready, and the operator's sender is verified. `change` adjusts the settings.
async fn ready_domain(change: impl FnOnce(&mut Config)) -> (Simulation, Operator) {
    let sim = Simulation::new();
    let operator = sim.start_with(change);
    sim.verify_sender();
    sim.ready("acme", DOMAIN).await;
    (sim, operator)
}

/// Acme has claimed its address, and the mail has arrived.
async fn asked(change: impl FnOnce(&mut Config)) -> (Simulation, Operator) {
    let (sim, operator) = ready_domain(change).await;
    sim.ask(OBJECT, SALES);
    sim.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
    (sim, operator)
}

/// The owner has confirmed.
async fn confirmed(change: impl FnOnce(&mut Config)) -> (Simulation, Operator) {
    let (sim, operator) = asked(change).await;
    sim.click(SALES, Act::Confirm);
    sim.until_address_says(OBJECT, "Ready True Ready").await;
    (sim, operator)
}

/// The owner has confirmed an address at a domain that acme has proven.
async fn confirmed_where_domains_are_proven(change: impl FnOnce(&mut Config)) -> (Simulation, Operator) {
    let sim = Simulation::new();
    let operator = sim.start_with(|config| {
        proofs(config);
        change(config);
    });
    sim.verify_sender();
    proven(&sim, "acme/mail", DOMAIN).await;
    sim.ask(OBJECT, SALES);
    sim.until_address_says(OBJECT, "Ready False AwaitingOwner").await;
    sim.click(SALES, Act::Confirm);
    sim.until_address_says(OBJECT, "Ready True Ready").await;
    (sim, operator)
}

/// Default settings.
fn usual(_: &mut Config) {}

/// Domains have to be proven.
fn proofs(config: &mut Config) {
    config.policy.mode = Mode::DnsChallenge;
}

/// Checks of domains are so rare that weeks take little time.
fn for_weeks(config: &mut Config) {
    (config.recheck_interval, config.poll_interval) = (6 * HOUR, 10 * MINUTE);
    (config.refresh_interval, config.sweep_interval) = (12 * HOUR, 6 * HOUR);
}

/// Other limits.
fn limited(change: impl FnOnce(&mut MailLimits)) -> impl FnOnce(&mut Config) {
    let mut mail_config = Simulation::mail_config();
    change(&mut mail_config.limits);
    move |config| config.mail = Some(Arc::new(mail_config))
}

/// `<tenant>/<name>` proves a domain and holds it, Ready.
async fn proven(sim: &Simulation, object: &str, domain: &str) {
    let (tenant, _) = object.split_once('/').unwrap();
    sim.tenant(tenant);
    sim.publish(domain);
    sim.publish_proof(&format!("tenant/{tenant}"), domain);
    sim.apply(object, domain);
    sim.until_ready(object).await;
}
