//! How each step is acted out.

use std::sync::Arc;

use jiff::SignedDuration;
use sender_operator::{
    api::conditions::is_true,
    cluster::store::StoreError,
    controller::Config,
    model::{
        claim::State,
        confirmation::limits::Limits,
        orders::{APPROVE_ADDRESS, FORCE_RELEASE, Verb},
        policy::Mode,
    },
    ses::SesError,
};

use super::steps::{ADDRESSES, DOMAINS, NAMESPACES, Step};
use crate::world::{ADDRESS_CALLS, HOUR, HOW, How, MINUTE, Operator, Sending, SesCall, World, address_claim_name};

/// The world, two replicas of which one leads, and what was done to it.
pub struct Stage {
    world: World,
    operators: [Operator; 2],
    leader: usize,
    wishes: usize,
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

fn object(namespace: usize, address: usize, second: bool) -> String {
    format!("{}/a{address}{}", NAMESPACES[namespace], if second { "-too" } else { "" })
}

fn domain_object(namespace: usize, domain: usize) -> String {
    format!("{}/d{domain}", NAMESPACES[namespace])
}

impl Stage {
    /// Plays a sequence to its end, and until all is calm. What went wrong.
    pub async fn play(sequence: &[Step]) -> Vec<String> {
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
        let operators = [world.start_as(settings()), world.start_as(settings())];
        operators[1].stand_by();
        let mut stage = Self { world, operators, leader: 0, wishes: 0 };
        for (n, step) in
            [Step::Apply { namespace: 0, domain: 1 }, Step::Pass(MINUTE)].iter().chain(sequence).enumerate()
        {
            stage.act(n, step).await;
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

    async fn act(&mut self, n: usize, step: &Step) {
        let world = &self.world;
        match step {
            Step::Ask { namespace, address, second } => {
                let name = object(*namespace, *address, *second);
                if !world.asks(&name) {
                    world.ask(&name, ADDRESSES[*address]);
                }
            }
            Step::StopAsking { namespace, address, second } => {
                let name = object(*namespace, *address, *second);
                if world.asks(&name) {
                    world.stop_asking(&name);
                }
            }
            Step::Resend { namespace, address, value } => {
                let name = object(*namespace, *address, false);
                if world.asks(&name) {
                    self.wishes += usize::from(*value > 0);
                    world.resend(&name, &self.wishes.to_string());
                }
            }
            Step::Click { address, but, act } => {
                let mails = world.mails_to(ADDRESSES[*address]);
                if let Some(mailed) = mails.iter().rev().nth(*but) {
                    world.click_link(&mailed.link(), *act);
                }
            }
            Step::Restart => self.operators[self.leader] = world.start_as(settings()),
            Step::OtherLeads => {
                self.operators[self.leader].stand_by();
                self.leader = 1 - self.leader;
                self.operators[self.leader].lead();
            }
            Step::Pass(time) => world.pass(*time).await,
            Step::Heal => world.heal(),
            Step::Paused(paused) => world.set_sending(Sending { production: true, paused: *paused }),
            Step::SendFails { .. } | Step::StoreFails { .. } => self.fail(step),
            _ => self.intervene(step),
        }
        for dead in self.world.dead_links() {
            self.world.blame(format!("step {n}: {dead}"));
        }
    }

    fn fail(&self, step: &Step) {
        let how = |n: usize| HOW[n % HOW.len()];
        match step {
            Step::SendFails { how: n, times } => {
                let rejected = SesError::Rejected { code: "MessageRejected".to_owned() };
                let (how, error) = match n {
                    0 => (How::Refused, rejected),
                    1 => (How::Refused, SesError::Throttled),
                    2 => (How::Refused, SesError::Unreachable),
                    3 => (How::AnswerLost, SesError::Server),
                    4 => (How::Silent, SesError::Unreachable),
                    _ => (How::AnswerLost, SesError::Unreachable),
                };
                self.world.fail_ses(SesCall::Send, how, &error, *times);
            }
            Step::StoreFails { call, how: n, times } => {
                let error = if n % 2 == 0 { StoreError::Unavailable } else { StoreError::Conflict };
                let how = if n % 2 == 0 { how(call + n) } else { How::Refused };
                self.world.fail_store(ADDRESS_CALLS[call % ADDRESS_CALLS.len()], "", how, error, *times);
            }
            _ => {}
        }
    }

    /// Domains, and administrators.
    fn intervene(&self, step: &Step) {
        let world = &self.world;
        let annotate = |address: usize, annotation, value| {
            if world.address_claim(ADDRESSES[address]).is_some() {
                world.annotate_address(ADDRESSES[address], annotation, value);
            }
        };
        match step {
            Step::Apply { namespace, domain } if !world.exists(&domain_object(*namespace, *domain)) => {
                world.apply(&domain_object(*namespace, *domain), DOMAINS[*domain]);
                world.prove_everything(&NAMESPACES, &DOMAINS);
            }
            Step::Delete { namespace, domain } if world.exists(&domain_object(*namespace, *domain)) => {
                world.delete(&domain_object(*namespace, *domain));
                world.prove_everything(&NAMESPACES, &DOMAINS);
            }
            Step::Suspend { namespace, domain, suspend } if world.exists(&domain_object(*namespace, *domain)) => {
                world.edit(&domain_object(*namespace, *domain), |spec| spec.suspend = Some(*suspend));
            }
            Step::Transfer { namespace, domain } => {
                world.order(DOMAINS[*domain], Verb::Transfer, &format!("tenant/{}", NAMESPACES[*namespace]));
            }
            Step::ForceReleaseDomain { domain, stands: true } => {
                world.order(DOMAINS[*domain], Verb::ForceRelease, "abuse");
            }
            Step::ForceReleaseDomain { domain, .. } => {
                world.withdraw(DOMAINS[*domain], Verb::ForceRelease);
            }
            Step::ForceRelease { address, stands } => {
                annotate(*address, FORCE_RELEASE, if *stands { "abuse" } else { "" });
            }
            Step::Approve { address } => annotate(*address, APPROVE_ADDRESS, "no mailbox"),
            Step::RemoveClaim { address } => {
                // With it goes what was counted: nobody's limit can be held to.
                let name = address_claim_name(ADDRESSES[*address]);
                let counts = world.mails_to(ADDRESSES[*address]).is_empty();
                if counts && world.address_claim(ADDRESSES[*address]).is_some() {
                    world.remove_claim(&name);
                }
            }
            _ => {}
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
            let ready = is_true(&status.conditions, "Ready");
            let claim = world.address_claim(&object.spec.address).map(|stored| stored.claim);
            let mine = claim.as_ref().is_some_and(|claim| {
                claim.state == State::Held
                    && claim.holder.as_ref().map(|holder| &holder.uid) == object.metadata.uid.as_ref()
            });
            let allowed = mine && world.request_for(&object.spec.address).is_some_and(|request| request.is_allowed());
            if ready && !allowed {
                faults.push(format!("{:?}: Ready, and nobody has allowed it", object.metadata.name));
            }
            let says = is_true(&status.conditions, "Confirmed");
            if says != allowed {
                faults
                    .push(format!("{:?}: Confirmed is {says} although the claim says {allowed}", object.metadata.name));
            }
            if Some(status.observed_generation) != object.metadata.generation {
                faults.push(format!("{:?}: not looked at", object.metadata.name));
            }
        }
        faults
    }
}
