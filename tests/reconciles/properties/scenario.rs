//! The simulation for random steps on domains.

use jiff::SignedDuration;
use sender_operator::{
    controller::Config,
    model::{
        admin_annotations::{ActionKind, RequestedAction},
        claim::State,
        name::Domain,
        proof_policy::{Delegations, Mode},
        tenant::{ENVIRONMENT_LABEL, TENANT_LABEL, Tenant},
    },
};

use super::{
    Replicas, Step, checks,
    steps::{NAMESPACES, TENANTS},
};
use crate::simulation::{DAY, HOUR, MINUTE, Operator, Simulation};

/// The simulation, its operators, and the effects of earlier steps.
pub struct DomainScenario {
    pub sim: Simulation,
    /// Those of the default environment.
    pub replicas: Replicas,
    /// Another environment's.
    pub other: Operator,
    pub labels: [Option<usize>; NAMESPACES.len()],
    pub away: [bool; NAMESPACES.len()],
}

/// Settings of each operator.
fn settings() -> Config {
    let mut config = Config { claim_retention: 2 * DAY, ..Simulation::settings() };
    // With the default intervals, most of the work would be lookups, and most of the time days.
    (config.poll_interval, config.recheck_interval) = (20 * MINUTE, 2 * HOUR);
    (config.refresh_interval, config.sweep_interval) = (3 * HOUR, 3 * HOUR);
    config.policy.grace = SignedDuration::from_hours(6);
    config.policy.provisional_time = SignedDuration::from_hours(12);
    config.policy.mode = Mode::DnsChallenge;
    config.policy.adoption = true;
    let corp = (Domain::parse("corp.example").unwrap(), vec![Tenant::Label(TENANTS[0].to_owned())]);
    config.policy.delegations = [corp].into_iter().collect::<Delegations>();
    config
}

impl DomainScenario {
    /// Plays a sequence to its end and lets everything settle. Returns the faults.
    pub async fn play(sequence: &[Step<Self>]) -> Vec<String> {
        let sim = Simulation::new();
        let replicas = Replicas::start(&sim, settings);
        let other = sim.start_as(Config { environment: "production".to_owned(), ..settings() });
        let labels = [Some(0), Some(1), Some(2), None];
        let mut scenario = Self { sim, replicas, other, labels, away: [false; NAMESPACES.len()] };
        (0..NAMESPACES.len()).for_each(|namespace| scenario.label(namespace));
        for step in sequence {
            if let Some(time) = step.act(&mut scenario) {
                scenario.sim.advance(time).await;
            }
            if !scenario.sim.has_no_fault() {
                break;
            }
        }
        let mut faults = scenario.sim.faults_so_far();
        if faults.is_empty() {
            scenario.calm().await;
            faults = scenario.sim.faults_so_far();
            faults.extend(checks::at_rest(&scenario));
        }
        faults.extend(checks::names(&scenario));
        if !faults.is_empty() {
            faults.push(scenario.sim.picture());
            scenario.sim.forgive();
        }
        faults
    }

    /// Ends all failures and passes the longest wait.
    async fn calm(&mut self) {
        self.sim.heal();
        self.sim.release_watches();
        self.sim.advance(2 * HOUR).await;
        // A release that looks like an accident waits for a day or for an approval.
        for (name, _) in self.sim.all_claims().iter().filter(|(_, stored)| stored.claim.state == State::Releasing) {
            let order = RequestedAction { action: ActionKind::ApproveRelease, value: "it is approved".into() };
            self.sim.change_claim(name, |stored| {
                stored.requested_actions.actions.retain(|order| order.action != ActionKind::ApproveRelease);
                stored.requested_actions.actions.push(order.clone());
            });
        }
        self.sim.advance(3 * HOUR).await;
    }

    pub fn label(&self, namespace: usize) {
        let tenant = self.labels[namespace].map(|tenant| (TENANT_LABEL, TENANTS[tenant]));
        let away = self.away[namespace].then_some((ENVIRONMENT_LABEL, "production"));
        self.sim.namespace(NAMESPACES[namespace], &tenant.into_iter().chain(away).collect::<Vec<_>>());
    }

    /// The tenant with this number; the number after the last label means the namespace without a label.
    pub fn tenant(&self, number: usize) -> String {
        match TENANTS.get(number) {
            Some(label) => format!("tenant/{label}"),
            None => format!("namespace/{}/{}", NAMESPACES[3], self.sim.namespace_uid(NAMESPACES[3])),
        }
    }
}
