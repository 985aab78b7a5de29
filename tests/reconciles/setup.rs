//! Starting points of many scenarios.

use sender_operator::controller::Config;

use crate::simulation::{Operator, Simulation};

/// The claimed domain.
pub const DOMAIN: &str = "example.com";
/// Acme's object for it.
pub const ACME: &str = "acme/mail";
/// Rival's object for it.
pub const RIVAL: &str = "rival/mail";

/// No proof is required, and acme's domain is Ready.
pub async fn ready() -> (Simulation, Operator) {
    ready_with(|_| {}).await
}

/// The same with other settings.
pub async fn ready_with(change: impl FnOnce(&mut Config)) -> (Simulation, Operator) {
    let sim = Simulation::new();
    let operator = sim.start_with(change);
    sim.ready("acme", DOMAIN).await;
    (sim, operator)
}

/// No proof is required, and SES searches for the records of acme's domain.
pub async fn waiting() -> (Simulation, Operator) {
    let sim = Simulation::new();
    let operator = sim.start();
    sim.tenant("acme");
    sim.apply(ACME, DOMAIN);
    sim.until("the records are listed", || sim.records(ACME) == ["Missing"; 3]).await;
    (sim, operator)
}

/// Domains have to be proven, and acme's is proven and Ready.
pub async fn proven() -> (Simulation, Operator) {
    let sim = Simulation::new();
    let operator = sim.start_proving();
    sim.proven("acme", DOMAIN).await;
    (sim, operator)
}

/// Domains have to be proven; acme's has all its records listed and none published.
pub async fn unproven() -> (Simulation, Operator) {
    let sim = Simulation::new();
    let operator = sim.start_proving();
    sim.asking("acme", DOMAIN).await;
    sim.until("the records are listed", || sim.records(ACME) == ["Missing"; 4]).await;
    (sim, operator)
}

/// Domains have to be proven. The namespace `plain` is its own tenant. It proved its domain, was deleted and recreated,
/// and claims the domain again.
pub async fn remade_namespace() -> (Simulation, Operator) {
    let sim = Simulation::new();
    let operator = sim.start_proving();
    sim.namespace("plain", &[]);
    sim.publish(DOMAIN);
    sim.apply("plain/mail", DOMAIN);
    sim.prove("plain/mail").await;
    sim.until_ready("plain/mail").await;
    sim.delete_namespace("plain");
    sim.namespace("plain", &[]);
    sim.apply("plain/mail", DOMAIN);
    sim.until_says("plain/mail", &["Owned False AnotherTenantReleasing"]).await;
    (sim, operator)
}

/// Everything that lets others use the identity of [`DOMAIN`].
pub fn set_up_by_others(sim: &Simulation) {
    sim.at_ses(DOMAIN, |identity| {
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
pub fn apply_many(sim: &Simulation, tenant: &str, count: usize) -> Vec<String> {
    let names = names(count);
    sim.tenant(tenant);
    for name in &names {
        sim.publish(name);
        sim.apply(&format!("{tenant}/{name}"), name);
    }
    names
}

/// The same for acme, and awaits that all are Ready.
pub async fn many_ready(sim: &Simulation, count: usize) -> Vec<String> {
    let names = apply_many(sim, "acme", count);
    for name in &names {
        sim.until_ready(&format!("acme/{name}")).await;
    }
    names
}
