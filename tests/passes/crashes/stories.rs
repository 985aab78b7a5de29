//! What people, DNS teams and strangers do while the operator is disturbed. Nothing here waits for an event: it may be lost
//! with the process that was about to tell it.

use std::{future::Future, pin::Pin};

use jiff::SignedDuration;
use sender_operator::{
    api::domain::DeletionPolicy,
    controller::Config,
    model::{
        claim::State,
        policy::{Mode, Policy},
        tenant::{ENVIRONMENT_LABEL, TENANT_LABEL},
    },
};
use ses_simulator::Status;

use crate::{
    setup::set_up_by_others,
    world::{HOUR, MINUTE, World},
};

pub struct Story {
    pub name: &'static str,
    /// The releases that run.
    pub releases: &'static [&'static str],
    /// What a tenant needs for a domain.
    pub mode: Mode,
    /// What the first write that is struck is about, as far as other stories strike those before it.
    pub from: &'static str,
    pub tell: for<'w> fn(&'w World) -> Pin<Box<dyn Future<Output = ()> + 'w>>,
}

impl Story {
    /// Whether this may be the first write that is struck.
    pub fn is_struck_at(&self, write: &str) -> bool {
        write.contains(self.from)
    }

    /// The settings of the operators. Free claims are forgotten soon, and proofs soon missed, so that this is struck too.
    pub fn installations(&self) -> Vec<Config> {
        let settings = |release: &&str| {
            let mut me = Config { environment: (*release).to_owned(), claim_retention: 2 * HOUR, ..World::settings() };
            me.policy = Policy {
                mode: self.mode,
                grace: SignedDuration::from_mins(10),
                provisional_time: SignedDuration::from_mins(20),
                adoption: true,
                ..me.policy
            };
            if self.mode == Mode::DnsChallenge {
                me.poll_interval = MINUTE;
            }
            if !self.from.is_empty() {
                // Days pass in them, and the domain is struck elsewhere.
                (me.recheck_interval, me.refresh_interval, me.sweep_interval) = (6 * HOUR, 6 * HOUR, 6 * HOUR);
            }
            me
        };
        self.releases.iter().map(settings).collect()
    }
}

/// A table of stories: the releases that run, the mode, and what the first write that is struck is about.
macro_rules! stories {
    ($releases:expr, $mode:ident, $from:literal: $($name:ident)*) => {
        &[$(Story {
            name: stringify!($name), releases: &$releases, mode: sender_operator::model::policy::Mode::$mode, from: $from, tell: |world| Box::pin($name(world)),
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

async fn ready(world: &World, tenant: &str, domain: &str) {
    world.tenant(tenant);
    world.publish(domain);
    world.apply(&format!("{tenant}/mail"), domain);
    world.until_ready(&format!("{tenant}/mail")).await;
}

async fn records_published_later(world: &World) {
    world.tenant("acme");
    world.apply("acme/mail", "example.com");
    world.until("the records are listed", || world.records("acme/mail") == ["Missing"; 3]).await;
    world.publish("example.com");
    world.until_ready("acme/mail").await;
}

async fn deleted_and_forgotten(world: &World) {
    ready(world, "acme", "example.com").await;
    world.delete("acme/mail");
    world.until_state("example.com", State::Released).await;
    world.until_within(3 * HOUR, "the claim is forgotten", || world.claim("example.com").is_none()).await;
}

async fn deleted_as_the_identity_is_made(world: &World) {
    world.tenant("acme");
    world.apply("acme/mail", "example.com");
    world.until("the identity is made", || world.identity("example.com").is_some()).await;
    world.delete("acme/mail");
    world.until_state("example.com", State::Released).await;
}

async fn back_within_the_delay(world: &World) {
    ready(world, "acme", "example.com").await;
    world.delete("acme/mail");
    world.until_state("example.com", State::Releasing).await;
    world.apply("acme/mail", "example.com");
    world.until_ready("acme/mail").await;
}

async fn back_as_the_deletion_begins(world: &World) {
    ready(world, "acme", "example.com").await;
    world.delete("acme/mail");
    world.until("the deletion begins", || world.claim("example.com").unwrap().identity.delete_time.is_some()).await;
    world.apply("acme/mail", "example.com");
    world.until("the identity is new", || world.created() == 2).await;
    world.until_ready("acme/mail").await;
}

async fn retained_and_taken_in_by_another(world: &World) {
    world.tenant("acme");
    world.publish("example.com");
    world.apply_with("acme/mail", "example.com", |spec| spec.deletion_policy = Some(DeletionPolicy::Retain));
    world.until_ready("acme/mail").await;
    set_up_by_others(world);
    world.delete("acme/mail");
    world.until_state("example.com", State::Released).await;
    ready(world, "rival", "example.com").await;
}

async fn deleted_at_ses(world: &World) {
    ready(world, "acme", "example.com").await;
    world.delete_at_ses("example.com");
    world.until("it exists again", || world.identity("example.com").is_some()).await;
    world.until_ready("acme/mail").await;
}

async fn given_up_by_ses(world: &World) {
    world.tenant("acme");
    world.apply("acme/mail", "example.com");
    world.until("the records are listed", || world.records("acme/mail") == ["Missing"; 3]).await;
    world.at_ses("example.com", |identity| {
        (identity.verification, identity.dkim) = (Status::Failed, Status::Failed);
    });
    world.until_says("acme/mail", &["IdentityVerified False VerificationFailed"]).await;
    world.publish("example.com");
    world.until_ready("acme/mail").await;
}

async fn two_tenants_one_after_the_other(world: &World) {
    ready(world, "acme", "example.com").await;
    world.tenant("rival");
    world.apply("rival/mail", "example.com");
    world.until_says("rival/mail", &["Stalled True OwnedByAnotherTenant"]).await;
    world.delete("acme/mail");
    world.until_ready("rival/mail").await;
}

async fn two_objects_of_a_tenant(world: &World) {
    ready(world, "acme", "example.com").await;
    world.apply("acme/second", "example.com");
    world.until_says("acme/second", &["Stalled True Duplicate"]).await;
    world.delete("acme/mail");
    world.until_ready("acme/second").await;
}

async fn another_tenant_by_label(world: &World) {
    ready(world, "acme", "example.com").await;
    world.namespace("acme", &[(TENANT_LABEL, "merged")]);
    world.until("it is let go", || world.owner("example.com").is_none()).await;
    world.until_ready("acme/mail").await;
}

async fn another_environment_by_label(world: &World) {
    ready(world, "acme", "example.com").await;
    world.namespace("acme", &[(TENANT_LABEL, "acme"), (ENVIRONMENT_LABEL, "production")]);
    world.until_state("example.com", State::Released).await;
    world.until_ready("acme/mail").await;
}

async fn suspended_and_resumed(world: &World) {
    ready(world, "acme", "example.com").await;
    world.edit("acme/mail", |spec| spec.suspend = Some(true));
    world.until_says("acme/mail", &["Ready False Suspended"]).await;
    world.at_ses("example.com", |identity| identity.signing = false);
    world.pass(11 * MINUTE).await;
    world.edit("acme/mail", |spec| spec.suspend = None);
    world.until("it signs again", || world.identity("example.com").unwrap().signing).await;
    world.until_ready("acme/mail").await;
}

async fn three_at_once(world: &World) {
    world.tenant("acme");
    for name in ["one", "two", "three"] {
        world.publish(&format!("{name}.example"));
        world.apply(&format!("acme/{name}"), &format!("{name}.example"));
    }
    for name in ["one", "two", "three"] {
        world.until_ready(&format!("acme/{name}")).await;
    }
    world.delete("acme/one");
    world.delete("acme/two");
    world.until_state("one.example", State::Released).await;
    world.until_state("two.example", State::Released).await;
}
