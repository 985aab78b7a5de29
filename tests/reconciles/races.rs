//! Fifty tenants claim one domain at the same moment. The tenant whose record is in DNS holds it, regardless of the
//! order and of disturbances of the operators. The result is stable, and the others cost SES nothing.

use std::{collections::BTreeSet, time::Duration};

use sender_operator::{
    controller::Config,
    model::{claim::State, proof_policy::Mode},
};

use crate::{
    properties::{Replicas, from_environment, many},
    simulation::{HOUR, MINUTE, Simulation},
};

const TENANTS: usize = 50;
const DOMAIN: &str = "contended.example";
/// Disturbances of the operators in one race.
const DISTURBANCES: usize = 12;

/// Pseudo-random numbers, reproducible by seed (`SplitMix64`).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % end
    }

    fn pause(&mut self) -> Duration {
        // Mostly the duration of a request to the API server or to DNS.
        match self.below(4) {
            0 => Duration::ZERO,
            1 => Duration::from_millis(self.below(4)),
            2 => Duration::from_millis(self.below(60)),
            _ => Duration::from_millis(self.below(3000)),
        }
    }
}

fn settings() -> Config {
    let mut config = Simulation::settings();
    config.policy.mode = Mode::DnsChallenge;
    config
}

fn disturb(replicas: &mut Replicas, sim: &Simulation, chance: &mut Chance) {
    match chance.below(5) {
        0 => replicas.restart(sim),
        1 => replicas.change_leader(),
        2 => sim.hold_watches(),
        3 => sim.release_watches(),
        _ => {}
    }
}

/// One race. Returns the winner.
async fn race(seed: u64) -> usize {
    let (sim, mut chance) = (Simulation::seeded(seed), Chance(seed));
    let mut operators = Replicas::start(&sim, settings);
    let provable = usize::try_from(chance.below(50)).unwrap();
    let mut crowd: Vec<usize> = (0..TENANTS).collect();
    for n in (1..TENANTS).rev() {
        crowd.swap(n, usize::try_from(chance.below(n as u64 + 1)).unwrap());
    }
    sim.publish(DOMAIN);
    // At a random moment of the rush.
    let published = usize::try_from(chance.below(TENANTS as u64)).unwrap();
    for (n, tenant) in crowd.into_iter().enumerate() {
        sim.tenant(&format!("t{tenant}"));
        sim.apply(&format!("t{tenant}/mail"), DOMAIN);
        if n == published {
            sim.publish_proof(&format!("tenant/t{provable}"), DOMAIN);
        }
        if n % (TENANTS / DISTURBANCES) == 0 {
            disturb(&mut operators, &sim, &mut chance);
            sim.advance(chance.pause()).await;
        }
    }
    for _ in 0..DISTURBANCES {
        disturb(&mut operators, &sim, &mut chance);
        sim.advance(chance.pause()).await;
    }
    sim.release_watches();
    let winner = format!("tenant/t{provable}");
    sim.until("the claim is held", || sim.state(DOMAIN) == Some(State::Held)).await;
    assert_eq!(sim.owner(DOMAIN).as_ref(), Some(&winner), "seed {seed}");
    sim.until_ready(&format!("t{provable}/mail")).await;
    let told = |tenant: usize| sim.is_saying(&format!("t{tenant}/mail"), &["Stalled True OwnedByAnotherTenant"]);
    sim.until("all others have a status", || (0..TENANTS).all(|tenant| tenant == provable || told(tenant))).await;
    let writes = sim.ses_writes(DOMAIN).len();
    sim.never_within(5 * MINUTE, "it has a new holder", || sim.owner(DOMAIN).as_ref() != Some(&winner)).await;
    disturb(&mut operators, &sim, &mut chance);
    sim.release_watches();
    sim.never_within(15 * MINUTE, "it has a new holder", || sim.owner(DOMAIN).as_ref() != Some(&winner)).await;
    assert_eq!(sim.ses_writes(DOMAIN).len(), writes, "seed {seed}: the others make SES write");
    assert_eq!(sim.created(), 1, "seed {seed}");
    provable
}

#[test]
fn the_tenant_of_the_published_record_wins_the_race_of_fifty_in_any_order() {
    let mut winners = BTreeSet::new();
    let races = from_environment("RACES").unwrap_or(many(16, 50));
    for seed in 0..races {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        winners.insert(runtime.unwrap().block_on(race(seed.into())));
    }
    assert!(winners.len() * 2 > usize::try_from(races).unwrap(), "every tenant can win: {winners:?}");
}

#[tokio::test(start_paused = true)]
async fn nobody_holds_the_domain_until_a_tenant_proves_it() {
    let sim = Simulation::new();
    let _operators = Replicas::start(&sim, settings);
    for tenant in 0..TENANTS {
        sim.tenant(&format!("t{tenant}"));
        sim.apply(&format!("t{tenant}/mail"), DOMAIN);
    }
    sim.publish(DOMAIN);
    sim.never_within(HOUR, "held without a proof", || sim.state(DOMAIN) == Some(State::Held)).await;
    assert_eq!(sim.created(), 1, "one identity for all claimants");
    for tenant in 0..TENANTS {
        let object = format!("t{tenant}/mail");
        assert!(sim.is_saying(&object, &["Owned False ChallengeMissing", "Reconciling True ChallengeMissing"]));
        assert_eq!(sim.records(&object).len(), 4, "all records at once");
    }
}
