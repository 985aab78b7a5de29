//! The world in which steps happen to domains.

use jiff::SignedDuration;
use sender_operator::{
    controller::Config,
    model::{
        claim::State,
        name::Domain,
        orders::{Order, Verb},
        policy::{Delegations, Mode},
        tenant::{ENVIRONMENT_LABEL, TENANT_LABEL, Tenant},
    },
};

use super::{
    Replicas, Step, checks,
    steps::{NAMESPACES, TENANTS},
};
use crate::world::{DAY, HOUR, MINUTE, Operator, World};

/// The world, its operators, and what was done to it.
pub struct Stage {
    pub world: World,
    /// Those of the default environment.
    pub replicas: Replicas,
    /// Another environment's.
    pub other: Operator,
    pub labels: [Option<usize>; NAMESPACES.len()],
    pub away: [bool; NAMESPACES.len()],
}

/// Settings of each operator.
fn settings() -> Config {
    let mut me = Config { claim_retention: 2 * DAY, ..World::settings() };
    // Looks that take seconds by default would be most of the work, and days most of the time.
    (me.poll_interval, me.recheck_interval) = (20 * MINUTE, 2 * HOUR);
    (me.refresh_interval, me.sweep_interval) = (3 * HOUR, 3 * HOUR);
    me.policy.grace = SignedDuration::from_hours(6);
    me.policy.provisional_time = SignedDuration::from_hours(12);
    me.policy.mode = Mode::DnsChallenge;
    me.policy.adoption = true;
    let corp = (Domain::parse("corp.example").unwrap(), vec![Tenant::Label(TENANTS[0].to_owned())]);
    me.policy.delegations = [corp].into_iter().collect::<Delegations>();
    me
}

impl Stage {
    /// Plays a sequence to its end, and until all is calm. What went wrong.
    pub async fn play(sequence: &[Step<Self>]) -> Vec<String> {
        let world = World::new();
        let replicas = Replicas::start(&world, settings);
        let other = world.start_as(Config { environment: "production".to_owned(), ..settings() });
        let labels = [Some(0), Some(1), Some(2), None];
        let mut stage = Self { world, replicas, other, labels, away: [false; NAMESPACES.len()] };
        (0..NAMESPACES.len()).for_each(|namespace| stage.label(namespace));
        for step in sequence {
            if let Some(time) = step.act(&mut stage) {
                stage.world.pass(time).await;
            }
            if !stage.world.has_no_fault() {
                break;
            }
        }
        let mut faults = stage.world.faults_so_far();
        if faults.is_empty() {
            stage.calm().await;
            faults = stage.world.faults_so_far();
            faults.extend(checks::at_rest(&stage));
        }
        faults.extend(checks::names(&stage));
        if !faults.is_empty() {
            faults.push(stage.world.picture());
            stage.world.forgive();
        }
        faults
    }

    /// Nothing fails any more, and the longest wait is over.
    async fn calm(&mut self) {
        self.world.heal();
        self.world.release_watches();
        self.world.pass(2 * HOUR).await;
        // What looks like an accident is held back for a day, or until somebody says that it is none.
        for (name, _) in self.world.all_claims().iter().filter(|(_, stored)| stored.claim.state == State::Releasing) {
            let order = Order { verb: Verb::ApproveRelease, value: "it is meant".into() };
            self.world.change_claim(name, |stored| {
                stored.orders.orders.retain(|order| order.verb != Verb::ApproveRelease);
                stored.orders.orders.push(order.clone());
            });
        }
        self.world.pass(3 * HOUR).await;
    }

    pub fn label(&self, namespace: usize) {
        let tenant = self.labels[namespace].map(|tenant| (TENANT_LABEL, TENANTS[tenant]));
        let away = self.away[namespace].then_some((ENVIRONMENT_LABEL, "production"));
        self.world.namespace(NAMESPACES[namespace], &tenant.into_iter().chain(away).collect::<Vec<_>>());
    }

    /// The tenant with this number; the one after the last label is the namespace without one.
    pub fn tenant(&self, number: usize) -> String {
        match TENANTS.get(number) {
            Some(label) => format!("tenant/{label}"),
            None => format!("namespace/{}/{}", NAMESPACES[3], self.world.namespace_uid(NAMESPACES[3])),
        }
    }
}
