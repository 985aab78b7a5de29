//! What many scenarios start from.

use sender_operator::controller::Config;

use crate::world::{Operator, World};

/// The domain that is asked for.
pub const DOMAIN: &str = "example.com";
/// The object by which acme asks for it.
pub const ACME: &str = "acme/mail";
/// The object by which rival asks for it.
pub const RIVAL: &str = "rival/mail";

/// Nothing has to be proven, and acme's domain is Ready.
pub async fn ready() -> (World, Operator) {
    ready_with(|_| {}).await
}

/// The same with settings that differ.
pub async fn ready_with(change: impl FnOnce(&mut Config)) -> (World, Operator) {
    let world = World::new();
    let operator = world.start_with(change);
    world.ready("acme", DOMAIN).await;
    (world, operator)
}

/// Nothing has to be proven, and SES looks for the records of acme's domain.
pub async fn waiting() -> (World, Operator) {
    let world = World::new();
    let operator = world.start();
    world.tenant("acme");
    world.apply(ACME, DOMAIN);
    world.until("the records are listed", || world.records(ACME) == ["Missing"; 3]).await;
    (world, operator)
}

/// Domains have to be proven, and acme's is proven and Ready.
pub async fn proven() -> (World, Operator) {
    let world = World::new();
    let operator = world.start_proving();
    world.proven("acme", DOMAIN).await;
    (world, operator)
}

/// Domains have to be proven; acme's has all its records listed and none published.
pub async fn unproven() -> (World, Operator) {
    let world = World::new();
    let operator = world.start_proving();
    world.asking("acme", DOMAIN).await;
    world.until("the records are listed", || world.records(ACME) == ["Missing"; 4]).await;
    (world, operator)
}

/// Domains have to be proven. The namespace `plain` is a tenant by itself; it has proven its domain, was deleted and made
/// again, and asks for the domain once more.
pub async fn remade_namespace() -> (World, Operator) {
    let world = World::new();
    let operator = world.start_proving();
    world.namespace("plain", &[]);
    world.publish(DOMAIN);
    world.apply("plain/mail", DOMAIN);
    world.prove("plain/mail").await;
    world.until_ready("plain/mail").await;
    world.delete_namespace("plain");
    world.namespace("plain", &[]);
    world.apply("plain/mail", DOMAIN);
    world.until_says("plain/mail", &["Owned False AnotherTenantReleasing"]).await;
    (world, operator)
}

/// Everything that lets somebody go on using the identity of [`DOMAIN`].
pub fn set_up_by_others(world: &World) {
    world.at_ses(DOMAIN, |identity| {
        identity.associations = ["one", "two", "three"].map(str::to_owned).to_vec();
        identity.set_up.policies = vec!["p1".to_owned(), "p2".to_owned()];
        identity.set_up.mail_from = Some("bounce.example.com".to_owned());
        identity.set_up.configuration_set = Some("set".to_owned());
    });
}

pub fn names(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("d{n}.example")).collect()
}

/// A tenant applies domains whose records are published: each by an object of the same name.
pub fn apply_many(world: &World, tenant: &str, count: usize) -> Vec<String> {
    let names = names(count);
    world.tenant(tenant);
    for name in &names {
        world.publish(name);
        world.apply(&format!("{tenant}/{name}"), name);
    }
    names
}

/// The same of acme, and awaits that all are Ready.
pub async fn many_ready(world: &World, count: usize) -> Vec<String> {
    let names = apply_many(world, "acme", count);
    for name in &names {
        world.until_ready(&format!("acme/{name}")).await;
    }
    names
}
