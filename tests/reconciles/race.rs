//! Two tenants claim a domain, or a parent and its subdomain, at the same moment.

use crate::{
    properties::many,
    simulation::{MINUTE, Simulation},
};

/// Calls about claims in a forced order: each side makes five until it holds the domain or has given way once.
const CHOICES: u32 = 10;

/// Both claim the domain; bit n of `choices` selects whose n-th call about claims goes first.
async fn race(first: &str, second: &str, choices: u32) -> Simulation {
    // Another order of the two claims' uids each time: within a second it decides which one gives way.
    let sim = Simulation::seeded(choices.into());
    let operator = sim.start();
    sim.advance(MINUTE).await;
    sim.close_interleaving();
    for (tenant, domain) in [("acme", first), ("rival", second)] {
        sim.tenant(tenant);
        sim.publish(domain);
        sim.apply(&format!("{tenant}/mail"), domain);
    }
    for n in 0..CHOICES {
        sim.let_through(choices & (1 << n) != 0).await;
    }
    sim.open_interleaving();
    let done = |tenant: &str, other: &str| {
        sim.is_saying(&format!("{tenant}/mail"), &["Ready True Ready"])
            && sim.is_saying(&format!("{other}/mail"), &["Stalled True OwnedByAnotherTenant"])
    };
    sim.until(&format!("{choices:b}: one has won"), || done("acme", "rival") || done("rival", "acme")).await;
    drop(operator);
    sim
}

#[tokio::test(start_paused = true)]
async fn parent_and_child_of_two_tenants_are_never_held_together_in_any_order_of_calls() {
    // The simulation checks that two related domains are never held together; this test, that one always is held.
    let mut winners = std::collections::BTreeMap::new();
    for choices in (0..1_u32 << CHOICES).step_by(many(7, 1)) {
        let sim = race("example.com", "mail.example.com", choices).await;
        let won = [sim.owner("example.com"), sim.owner("mail.example.com")];
        for (domain, owner) in ["example.com", "mail.example.com"].iter().zip(&won) {
            assert_eq!(
                sim.identity(domain).is_some(),
                owner.is_some(),
                "{choices:b}: the loser never created an identity"
            );
        }
        *winners.entry(format!("{won:?}")).or_insert(0) += 1;
    }
    assert_eq!(winners.len(), 2, "both can win: {winners:?}");
}

#[tokio::test(start_paused = true)]
async fn parent_and_child_claimed_by_two_processes_at_once_are_never_held_together() {
    // A new process starts while the old one still works: leader election can't exclude that.
    for choices in (0..1_u32 << 8).step_by(many(5, 1)) {
        let sim = Simulation::seeded(choices.into());
        sim.close_interleaving();
        let operators = [sim.start(), sim.start()];
        for (tenant, domain) in [("acme", "example.com"), ("rival", "mail.example.com")] {
            sim.tenant(tenant);
            sim.publish(domain);
            sim.apply(&format!("{tenant}/mail"), domain);
        }
        for n in 0..16 {
            sim.let_through(choices & (1 << (n % 8)) != 0).await;
        }
        sim.open_interleaving();
        let ready = |tenant: &str| sim.is_saying(&format!("{tenant}/mail"), &["Ready True Ready"]);
        sim.until(&format!("{choices:b}: one has won"), || ready("acme") != ready("rival")).await;
        drop(operators);
    }
}
