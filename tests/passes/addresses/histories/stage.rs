//! The world in which steps happen to addresses.

use std::sync::Arc;

use jiff::SignedDuration;
use sender_operator::{
    api::conditions::is_true,
    controller::Config,
    model::{claim::State, confirmation::limits::Limits, policy::Mode},
};

use super::steps::{ADDRESSES, DOMAINS, NAMESPACES};
use crate::{
    properties::{Replicas, Step},
    world::{HOUR, MINUTE, Sending, World},
};

/// The world, its operators, and what was done to it.
pub struct Stage {
    pub world: World,
    pub replicas: Replicas,
    /// Values of the annotation that asks for another mail.
    pub wishes: usize,
}

fn settings() -> Config {
    let mut me = World::settings();
    (me.poll_interval, me.recheck_interval) = (20 * MINUTE, 4 * HOUR);
    (me.refresh_interval, me.sweep_interval) = (3 * HOUR, 6 * HOUR);
    me.claim_retention = 2 * HOUR;
    me.policy.mode = Mode::DnsChallenge;
    me.policy.grace = SignedDuration::from_hours(6);
    let mut post = World::post();
    post.limits = Limits { address: 3, tenant: 5, domain: 6, all: 8 };
    me.mail = Some(Arc::new(post));
    me
}

impl Stage {
    /// Plays a sequence to its end, and until all is calm. What went wrong.
    pub async fn play(sequence: &[Step<Self>]) -> Vec<String> {
        let world = World::new();
        world.verify_sender();
        for namespace in NAMESPACES {
            world.tenant(namespace);
        }
        for domain in DOMAINS {
            world.publish(domain);
        }
        // From the first tenant on both have what proves each domain; who asks first has it.
        world.prove_everything(&NAMESPACES, &DOMAINS);
        world.apply("quartz/d1", DOMAINS[1]);
        let replicas = Replicas::start(&world, settings);
        world.pass(MINUTE).await;
        let mut stage = Self { world, replicas, wishes: 0 };
        for (n, step) in sequence.iter().enumerate() {
            if let Some(time) = step.act(&mut stage) {
                stage.world.pass(time).await;
            }
            for dead in stage.world.dead_links() {
                stage.world.blame(format!("step {n}: {dead}"));
            }
            if !stage.world.has_no_fault() {
                break;
            }
        }
        let mut faults = stage.world.faults_so_far();
        if faults.is_empty() {
            stage.world.heal();
            stage.world.set_sending(Sending::default());
            stage.world.pass(4 * HOUR).await;
            faults = stage.world.faults_so_far();
            faults.extend(stage.at_rest());
        }
        if !faults.is_empty() {
            faults.push(stage.world.picture());
            stage.world.forgive();
        }
        faults
    }

    /// An administrator annotates the claim on an address, if there is one.
    pub fn annotate(&self, address: usize, annotation: &str, value: &str) {
        if self.world.address_claim(ADDRESSES[address]).is_some() {
            self.world.annotate_address(ADDRESSES[address], annotation, value);
        }
    }

    /// What is not as it should be when all is calm.
    fn at_rest(&self) -> Vec<String> {
        let world = &self.world;
        let mut faults = Vec::new();
        let objects = world.all_addresses();
        for (name, stored) in world.all_claims() {
            let claim = &stored.claim;
            let Some(address) = claim.subject.address.as_ref().filter(|_| claim.state == State::Held) else { continue };
            let holder = claim.holder.as_ref().map(|holder| holder.uid.clone());
            if !objects.iter().any(|object| object.metadata.uid == holder) {
                faults.push(format!("{name}: {address} is held by nobody who is there"));
            }
        }
        for object in &objects {
            let status = object.status.clone().unwrap_or_default();
            let claim = world.address_claim(&object.spec.address).map(|stored| stored.claim);
            let mine = claim.is_some_and(|claim| {
                claim.state == State::Held
                    && claim.holder.as_ref().map(|holder| &holder.uid) == object.metadata.uid.as_ref()
            });
            let allowed = mine && world.request_for(&object.spec.address).is_some_and(|request| request.is_allowed());
            let said = ["Ready", "Confirmed"].map(|condition| is_true(&status.conditions, condition));
            if said[0] && !allowed || said[1] != allowed {
                let name = &object.metadata.name;
                faults.push(format!("{name:?}: Ready and Confirmed are {said:?} although the claim says {allowed}"));
            }
            if Some(status.observed_generation) != object.metadata.generation {
                faults.push(format!("{:?}: not looked at", object.metadata.name));
            }
        }
        faults
    }
}
