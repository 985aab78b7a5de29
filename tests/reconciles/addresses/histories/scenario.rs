//! The simulation for random steps on addresses.

use std::sync::Arc;

use jiff::SignedDuration;
use sender_operator::{
    api::conditions::is_true,
    controller::Config,
    model::{claim::State, confirmation::limits::MailLimits, proof_policy::Mode},
};

use super::steps::{ADDRESSES, DOMAINS, NAMESPACES};
use crate::{
    properties::{Replicas, Step},
    simulation::{HOUR, MINUTE, Sending, Simulation},
};

/// The simulation, its operators, and the effects of earlier steps.
pub struct AddressScenario {
    pub sim: Simulation,
    pub replicas: Replicas,
    /// Values of the annotation that requests another mail.
    pub requests: usize,
}

fn settings() -> Config {
    let mut config = Simulation::settings();
    (config.poll_interval, config.recheck_interval) = (20 * MINUTE, 4 * HOUR);
    (config.refresh_interval, config.sweep_interval) = (3 * HOUR, 6 * HOUR);
    config.claim_retention = 2 * HOUR;
    config.policy.mode = Mode::DnsChallenge;
    config.policy.grace = SignedDuration::from_hours(6);
    let mut mail_config = Simulation::mail_config();
    mail_config.limits = MailLimits { address: 3, tenant: 5, domain: 6, all: 8 };
    config.mail = Some(Arc::new(mail_config));
    config
}

impl AddressScenario {
    /// Plays a sequence to its end and lets everything settle. Returns the faults.
    pub async fn play(sequence: &[Step<Self>]) -> Vec<String> {
        let sim = Simulation::new();
        sim.verify_sender();
        for namespace in NAMESPACES {
            sim.tenant(namespace);
        }
        for domain in DOMAINS {
            sim.publish(domain);
        }
        // Both tenants can prove each domain from the start; the first claimant holds it.
        sim.prove_everything(&NAMESPACES, &DOMAINS);
        sim.apply("quartz/d1", DOMAINS[1]);
        let replicas = Replicas::start(&sim, settings);
        sim.advance(MINUTE).await;
        let mut scenario = Self { sim, replicas, requests: 0 };
        for (n, step) in sequence.iter().enumerate() {
            if let Some(time) = step.act(&mut scenario) {
                scenario.sim.advance(time).await;
            }
            for dead in scenario.sim.dead_links() {
                scenario.sim.blame(format!("step {n}: {dead}"));
            }
            if !scenario.sim.has_no_fault() {
                break;
            }
        }
        let mut faults = scenario.sim.faults_so_far();
        if faults.is_empty() {
            scenario.sim.heal();
            scenario.sim.set_sending(Sending::default());
            scenario.sim.advance(4 * HOUR).await;
            faults = scenario.sim.faults_so_far();
            faults.extend(scenario.at_rest());
        }
        if !faults.is_empty() {
            faults.push(scenario.sim.picture());
            scenario.sim.forgive();
        }
        faults
    }

    /// An administrator annotates the claim on an address, if there is one.
    pub fn annotate(&self, address: usize, annotation: &str, value: &str) {
        if self.sim.address_claim(ADDRESSES[address]).is_some() {
            self.sim.annotate_address(ADDRESSES[address], annotation, value);
        }
    }

    /// Differences from the expected state at rest.
    fn at_rest(&self) -> Vec<String> {
        let sim = &self.sim;
        let mut faults = Vec::new();
        let objects = sim.all_addresses();
        for (name, stored) in sim.all_claims() {
            let claim = &stored.claim;
            let Some(address) = claim.subject.address.as_ref().filter(|_| claim.state == State::Held) else { continue };
            let holder = claim.holder.as_ref().map(|holder| holder.uid.clone());
            if !objects.iter().any(|object| object.metadata.uid == holder) {
                faults.push(format!("{name}: the holder of {address} does not exist"));
            }
        }
        for object in &objects {
            let status = object.status.clone().unwrap_or_default();
            let claim = sim.address_claim(&object.spec.address).map(|stored| stored.claim);
            let mine = claim.is_some_and(|claim| {
                claim.state == State::Held
                    && claim.holder.as_ref().map(|holder| &holder.uid) == object.metadata.uid.as_ref()
            });
            let allowed = mine && sim.request_for(&object.spec.address).is_some_and(|request| request.is_allowed());
            let said = ["Ready", "Confirmed"].map(|condition| is_true(&status.conditions, condition));
            if said[0] && !allowed || said[1] != allowed {
                let name = &object.metadata.name;
                faults.push(format!("{name:?}: Ready and Confirmed are {said:?} although the claim has {allowed}"));
            }
            if Some(status.observed_generation) != object.metadata.generation {
                faults.push(format!("{:?}: not observed", object.metadata.name));
            }
        }
        faults
    }
}
