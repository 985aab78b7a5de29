//! Actions of people, DNS teams and strangers while the operator is disturbed. No action waits for an event: the
//! process may die before it sends the event.

use std::{future::Future, pin::Pin};

use jiff::SignedDuration;
use sender_operator::{
    api::domain::DeletionPolicy,
    controller::Config,
    model::{
        claim::State,
        proof_policy::{Mode, Policy},
        tenant::{ENVIRONMENT_LABEL, TENANT_LABEL},
    },
};
use ses_simulator::Status;

use crate::{
    setup::set_up_by_others,
    simulation::{HOUR, MINUTE, Simulation},
};

pub struct Story {
    pub name: &'static str,
    /// The releases that run.
    pub releases: &'static [&'static str],
    /// The required proof of a domain.
    pub mode: Mode,
    /// The subject of the first write with a fault, if other stories cover the writes before it.
    pub from: &'static str,
    pub tell: for<'w> fn(&'w Simulation) -> Pin<Box<dyn Future<Output = ()> + 'w>>,
}

impl Story {
    /// Whether this may be the first write with a fault.
    pub fn is_struck_at(&self, write: &str) -> bool {
        write.contains(self.from)
    }

    /// The settings of the operators. Free claims and missing proofs expire soon, so that the faults reach these phases
    /// too.
    pub fn installations(&self) -> Vec<Config> {
        let settings = |release: &&str| {
            let mut config =
                Config { environment: (*release).to_owned(), claim_retention: 2 * HOUR, ..Simulation::settings() };
            config.policy = Policy {
                mode: self.mode,
                grace: SignedDuration::from_mins(10),
                provisional_time: SignedDuration::from_mins(20),
                adoption: true,
                ..config.policy
            };
            if self.mode == Mode::DnsChallenge {
                config.poll_interval = MINUTE;
            }
            if !self.from.is_empty() {
                // The stories take days, and other stories cover the domain.
                (config.recheck_interval, config.refresh_interval, config.sweep_interval) =
                    (6 * HOUR, 6 * HOUR, 6 * HOUR);
            }
            config
        };
        self.releases.iter().map(settings).collect()
    }
}

/// A table of stories: the releases that run, the mode, and the subject of the first write with a fault.
macro_rules! stories {
    ($releases:expr, $mode:ident, $from:literal: $($name:ident)*) => {
        &[$(Story {
            name: stringify!($name), releases: &$releases, mode: sender_operator::model::proof_policy::Mode::$mode, from: $from, tell: |sim| Box::pin($name(sim)),
        }),*]
    };
}
pub(super) use stories;

pub const STORIES: &[Story] = stories! {
    ["default"], None, "":
    records_published_later
    deleted_and_forgotten
    deleted_as_the_identity_is_made
    back_within_the_delay
    back_as_the_deletion_begins
    retained_and_taken_in_by_another
    deleted_at_ses
    given_up_by_ses
    two_tenants_one_after_the_other
    two_objects_of_a_tenant
    another_tenant_by_label
    suspended_and_resumed
    three_at_once
};

/// With another release beside it.
pub const WITH_ANOTHER: &[Story] = stories! { ["default", "production"], None, "": another_environment_by_label };

async fn ready(sim: &Simulation, tenant: &str, domain: &str) {
    sim.tenant(tenant);
    sim.publish(domain);
    sim.apply(&format!("{tenant}/mail"), domain);
    sim.until_ready(&format!("{tenant}/mail")).await;
}

async fn records_published_later(sim: &Simulation) {
    sim.tenant("acme");
    sim.apply("acme/mail", "example.com");
    sim.until("the records are listed", || sim.records("acme/mail") == ["Missing"; 3]).await;
    sim.publish("example.com");
    sim.until_ready("acme/mail").await;
}

async fn deleted_and_forgotten(sim: &Simulation) {
    ready(sim, "acme", "example.com").await;
    sim.delete("acme/mail");
    sim.until_state("example.com", State::Released).await;
    sim.until_within(3 * HOUR, "the claim is forgotten", || sim.claim("example.com").is_none()).await;
}

async fn deleted_as_the_identity_is_made(sim: &Simulation) {
    sim.tenant("acme");
    sim.apply("acme/mail", "example.com");
    sim.until("the identity is created", || sim.identity("example.com").is_some()).await;
    sim.delete("acme/mail");
    sim.until_state("example.com", State::Released).await;
}

async fn back_within_the_delay(sim: &Simulation) {
    ready(sim, "acme", "example.com").await;
    sim.delete("acme/mail");
    sim.until_state("example.com", State::Releasing).await;
    sim.apply("acme/mail", "example.com");
    sim.until_ready("acme/mail").await;
}

async fn back_as_the_deletion_begins(sim: &Simulation) {
    ready(sim, "acme", "example.com").await;
    sim.delete("acme/mail");
    sim.until("the deletion begins", || sim.claim("example.com").unwrap().identity.delete_time.is_some()).await;
    sim.apply("acme/mail", "example.com");
    sim.until("the identity is new", || sim.created() == 2).await;
    sim.until_ready("acme/mail").await;
}

async fn retained_and_taken_in_by_another(sim: &Simulation) {
    sim.tenant("acme");
    sim.publish("example.com");
    sim.apply_with("acme/mail", "example.com", |spec| spec.deletion_policy = Some(DeletionPolicy::Retain));
    sim.until_ready("acme/mail").await;
    set_up_by_others(sim);
    sim.delete("acme/mail");
    sim.until_state("example.com", State::Released).await;
    ready(sim, "rival", "example.com").await;
}

async fn deleted_at_ses(sim: &Simulation) {
    ready(sim, "acme", "example.com").await;
    sim.delete_at_ses("example.com");
    sim.until("it exists again", || sim.identity("example.com").is_some()).await;
    sim.until_ready("acme/mail").await;
}

async fn given_up_by_ses(sim: &Simulation) {
    sim.tenant("acme");
    sim.apply("acme/mail", "example.com");
    sim.until("the records are listed", || sim.records("acme/mail") == ["Missing"; 3]).await;
    sim.at_ses("example.com", |identity| {
        (identity.verification, identity.dkim) = (Status::Failed, Status::Failed);
    });
    sim.until_says("acme/mail", &["IdentityVerified False VerificationFailed"]).await;
    sim.publish("example.com");
    sim.until_ready("acme/mail").await;
}

async fn two_tenants_one_after_the_other(sim: &Simulation) {
    ready(sim, "acme", "example.com").await;
    sim.tenant("rival");
    sim.apply("rival/mail", "example.com");
    sim.until_says("rival/mail", &["Stalled True OwnedByAnotherTenant"]).await;
    sim.delete("acme/mail");
    sim.until_ready("rival/mail").await;
}

async fn two_objects_of_a_tenant(sim: &Simulation) {
    ready(sim, "acme", "example.com").await;
    sim.apply("acme/second", "example.com");
    sim.until_says("acme/second", &["Stalled True Duplicate"]).await;
    sim.delete("acme/mail");
    sim.until_ready("acme/second").await;
}

async fn another_tenant_by_label(sim: &Simulation) {
    ready(sim, "acme", "example.com").await;
    sim.namespace("acme", &[(TENANT_LABEL, "merged")]);
    sim.until("it is released", || sim.owner("example.com").is_none()).await;
    sim.until_ready("acme/mail").await;
}

async fn another_environment_by_label(sim: &Simulation) {
    ready(sim, "acme", "example.com").await;
    sim.namespace("acme", &[(TENANT_LABEL, "acme"), (ENVIRONMENT_LABEL, "production")]);
    sim.until_state("example.com", State::Released).await;
    sim.until_ready("acme/mail").await;
}

async fn suspended_and_resumed(sim: &Simulation) {
    ready(sim, "acme", "example.com").await;
    sim.edit("acme/mail", |spec| spec.suspend = Some(true));
    sim.until_says("acme/mail", &["Ready False Suspended"]).await;
    sim.at_ses("example.com", |identity| identity.signing = false);
    sim.advance(11 * MINUTE).await;
    sim.edit("acme/mail", |spec| spec.suspend = None);
    sim.until("it signs again", || sim.identity("example.com").unwrap().signing).await;
    sim.until_ready("acme/mail").await;
}

async fn three_at_once(sim: &Simulation) {
    sim.tenant("acme");
    for name in ["one", "two", "three"] {
        sim.publish(&format!("{name}.example"));
        sim.apply(&format!("acme/{name}"), &format!("{name}.example"));
    }
    for name in ["one", "two", "three"] {
        sim.until_ready(&format!("acme/{name}")).await;
    }
    sim.delete("acme/one");
    sim.delete("acme/two");
    sim.until_state("one.example", State::Released).await;
    sim.until_state("two.example", State::Released).await;
}
