//! How each step is acted out.

use jiff::SignedDuration;
use sender_operator::{
    api::domain::{AdoptionPolicy, DeletionPolicy},
    cluster::store::StoreError,
    controller::Config,
    model::{
        claim::State,
        name::Domain,
        orders::Verb,
        policy::{Delegations, Mode},
        records::Doubt,
        tenant::{ENVIRONMENT_LABEL, TENANT_LABEL, Tenant},
    },
    ses::{ENVIRONMENT_TAG, OWNER_TAG, SesError},
};

use super::{
    checks,
    steps::{DOMAINS, NAMESPACES, Step, TENANTS},
};
use crate::world::{DAY, HOUR, HOW, How, MINUTE, Operator, STORE_CALLS, SesCall, World};

/// The world, its operators, and what was done to it.
pub struct Stage {
    pub world: World,
    /// Two replicas of the default environment, of which one leads; another environment's.
    pub operators: Vec<Operator>,
    leader: usize,
    labels: [Option<usize>; NAMESPACES.len()],
    away: [bool; NAMESPACES.len()],
}

/// Settings of each operator.
fn settings(environment: &str) -> Config {
    let mut me = Config { environment: environment.to_owned(), claim_retention: 2 * DAY, ..World::settings() };
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
    pub async fn play(sequence: &[Step]) -> Vec<String> {
        let world = World::new();
        let operators = vec![
            world.start_as(settings("default")),
            world.start_as(settings("default")),
            world.start_as(settings("production")),
        ];
        operators[1].stand_by();
        let labels = [Some(0), Some(1), Some(2), None];
        let mut stage = Self { world, operators, leader: 0, labels, away: [false; NAMESPACES.len()] };
        (0..NAMESPACES.len()).for_each(|namespace| stage.label(namespace));
        for step in sequence {
            stage.act(step).await;
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
            self.world.change_claim(name, |stored| stored.orders.release_approved = true);
        }
        self.world.pass(3 * HOUR).await;
    }

    fn label(&self, namespace: usize) {
        let tenant = self.labels[namespace].map(|tenant| (TENANT_LABEL, TENANTS[tenant]));
        let away = self.away[namespace].then_some((ENVIRONMENT_LABEL, "production"));
        self.world.namespace(NAMESPACES[namespace], &tenant.into_iter().chain(away).collect::<Vec<_>>());
    }

    /// The tenant with this number; the one after the last label is the namespace without one.
    fn tenant(&self, number: usize) -> String {
        match TENANTS.get(number) {
            Some(label) => format!("tenant/{label}"),
            None => format!("namespace/{}/{}", NAMESPACES[3], self.world.namespace_uid(NAMESPACES[3])),
        }
    }

    async fn act(&mut self, step: &Step) {
        let world = &self.world;
        let object = |namespace: usize, domain: usize| format!("{}/d{domain}", NAMESPACES[namespace]);
        match step {
            Step::Apply { namespace, domain, retain, adopt } => {
                let name = object(*namespace, *domain);
                if !world.exists(&name) {
                    world.apply_with(&name, DOMAINS[*domain], |spec| {
                        spec.deletion_policy = retain.then_some(DeletionPolicy::Retain);
                        spec.adoption_policy = adopt.then_some(AdoptionPolicy::IfProven);
                    });
                }
            }
            Step::Delete { namespace, domain } if world.exists(&object(*namespace, *domain)) => {
                world.delete(&object(*namespace, *domain));
            }
            Step::Suspend { namespace, domain, suspend } if world.exists(&object(*namespace, *domain)) => {
                world.edit(&object(*namespace, *domain), |spec| spec.suspend = Some(*suspend));
            }
            Step::Delete { .. } | Step::Suspend { .. } => {}
            Step::Label { namespace, tenant } => {
                self.labels[*namespace] = (*tenant < TENANTS.len()).then_some(*tenant);
                self.label(*namespace);
            }
            Step::MoveAway { namespace, away } => {
                self.away[*namespace] = *away;
                self.label(*namespace);
            }
            Step::RemakeNamespace { namespace } => {
                world.delete_namespace(NAMESPACES[*namespace]);
                self.label(*namespace);
            }
            Step::Prove { tenant, domain } => world.publish_proof(&self.tenant(*tenant), DOMAINS[*domain]),
            Step::Unprove { domain } => world.unpublish_proofs(DOMAINS[*domain]),
            Step::Publish { domain } => world.publish(DOMAINS[*domain]),
            Step::Unpublish { domain } => world.unpublish(DOMAINS[*domain]),
            Step::Restart => {
                self.operators[self.leader] = world.start_as(settings("default"));
            }
            Step::OtherLeads => {
                self.operators[self.leader].stand_by();
                self.leader = 1 - self.leader;
                self.operators[self.leader].lead();
            }
            Step::Pass(time) => world.pass(*time).await,
            Step::HoldWatches => world.hold_watches(),
            Step::ReleaseWatches => world.release_watches(),
            Step::Heal => world.heal(),
            Step::ResolverFails { .. } | Step::SesFails { .. } | Step::StoreFails { .. } => self.fail(step),
            _ => self.intervene(step),
        }
    }

    fn fail(&self, step: &Step) {
        let how = |n: usize| HOW[n % HOW.len()];
        match step {
            Step::ResolverFails { how: 0 } => self.world.dns_denies("example.com"),
            Step::ResolverFails { how: 1 } => self.world.dns_unknown("example.com", Doubt::Timeout),
            Step::ResolverFails { .. } => self.world.dns_unknown("", Doubt::Timeout),
            Step::SesFails { call, how: n, times } => {
                let error = [SesError::Server, SesError::Throttled, SesError::Busy][n % 3].clone();
                // What is throttled has no effect.
                let how = if error == SesError::Throttled { How::Refused } else { how(call + n) };
                self.world.fail_ses(SesCall::ALL[call % SesCall::ALL.len()], how, &error, *times);
            }
            Step::StoreFails { call, how: n, times } => {
                let error = if n % 2 == 0 { StoreError::Unavailable } else { StoreError::Conflict };
                let how = if n % 2 == 0 { how(call + n) } else { How::Refused };
                self.world.fail_store(STORE_CALLS[call % STORE_CALLS.len()], "", how, error, *times);
            }
            _ => {}
        }
    }

    /// Administrators, and strangers in the AWS console.
    fn intervene(&self, step: &Step) {
        let world = &self.world;
        match step {
            Step::ForceRelease { domain, stands: true } => {
                world.order(DOMAINS[*domain], Verb::ForceRelease, "abuse");
            }
            Step::ForceRelease { domain, .. } => {
                world.withdraw(DOMAINS[*domain], Verb::ForceRelease);
            }
            Step::Transfer { domain, tenant: Some(tenant) } => {
                world.order(DOMAINS[*domain], Verb::Transfer, &self.tenant(*tenant));
            }
            Step::Transfer { domain, .. } => {
                world.withdraw(DOMAINS[*domain], Verb::Transfer);
            }
            Step::ApproveNamespace { domain, namespace } => {
                world.order(DOMAINS[*domain], Verb::ApproveNamespace, &world.namespace_uid(NAMESPACES[*namespace]));
            }
            Step::ApproveRelease { domain, approved } => {
                world.approve_release(DOMAINS[*domain], *approved);
            }
            Step::MadeByHand { domain, tagged } if world.identity(DOMAINS[*domain]).is_none() => {
                // With our tags: what a claim that was lost has left.
                let tags = [(OWNER_TAG, "owner-1"), (ENVIRONMENT_TAG, "default")];
                world.create_at_ses(DOMAINS[*domain], if *tagged { &tags } else { &[] });
            }
            Step::DeletedByHand { domain } if world.identity(DOMAINS[*domain]).is_some() => {
                world.delete_at_ses(DOMAINS[*domain]);
            }
            Step::SetUpByHand { domain } if world.identity(DOMAINS[*domain]).is_some() => {
                world.at_ses(DOMAINS[*domain], |identity| {
                    identity.associations = vec!["granite".to_owned()];
                    identity.set_up.policies = vec!["may-send".to_owned()];
                    identity.set_up.mail_from = Some("bounce.example.com".to_owned());
                });
            }
            _ => {}
        }
    }
}
