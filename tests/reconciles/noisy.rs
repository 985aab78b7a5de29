//! A tenant whose name servers never answer does not delay the other tenants.

use std::time::Duration;

use sender_operator::model::{records::Doubt, tenant::TENANT_LABEL};

use crate::simulation::{MINUTE, SECOND, Simulation};

/// A simulation with this many domains of one tenant whose name servers never answer.
async fn beside_silent(count: usize, poll: Duration) -> (Simulation, crate::simulation::Operator) {
    let sim = Simulation::new();
    let operator = sim.start_proving_with(|config| {
        config.poll_interval = poll;
        config.open_domains_per_tenant = count;
    });
    sim.tenant("noisy");
    sim.dns_unknown("silent.example", Doubt::Timeout);
    for n in 0..count {
        sim.apply(&format!("noisy/d{n}"), &format!("d{n}-silent.example"));
    }
    sim.advance(2 * MINUTE).await;
    (sim, operator)
}

#[tokio::test(start_paused = true)]
async fn silent_name_servers_of_one_tenant_do_not_delay_the_proof_of_another() {
    for (count, poll) in [(8, SECOND), (80, 15 * SECOND), (2_000, 15 * SECOND)] {
        let (sim, _operator) = beside_silent(count, poll).await;
        let begun = sim.age();
        let object = sim.asking("quiet", "quiet.example").await;
        sim.until_challenged(&object).await;
        assert!(sim.since(begun) < 3 * SECOND, "{count}: its first status after {:?}", sim.since(begun));
        sim.advance(5 * SECOND).await;
        sim.prove(&object).await;
        let held = || sim.owner("quiet.example").as_deref() == Some("tenant/quiet");
        sim.until_within(poll + 2 * SECOND, "its proof is noticed", held).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_lookup_that_takes_longer_than_its_interval_ends_and_is_reported() {
    let (sim, _operator) = beside_silent(8, SECOND).await;
    for n in 0..8 {
        assert!(sim.is_saying(&format!("noisy/d{n}"), &["Owned False ChallengeUnknown"]), "{n}");
    }
    let asked = sim.dns_questions();
    sim.advance(10 * MINUTE).await;
    let asked = sim.dns_questions() - asked;
    assert!(
        asked < 8 * 10 * 60 / 10,
        "{asked} lookups in ten minutes: a name server that is silent is asked less often"
    );
}

#[tokio::test(start_paused = true)]
async fn only_the_oldest_unproven_domains_of_a_tenant_are_looked_up() {
    let sim = Simulation::new();
    let _operator = sim.start_proving_with(|config| config.open_domains_per_tenant = 2);
    sim.namespace("many-too", &[(TENANT_LABEL, "many")]);
    sim.tenant("many");
    let objects = ["many/a", "many-too/b", "many/c", "many/d"];
    for object in objects {
        sim.apply(object, &format!("{}.example", object.replace('/', "-")));
        sim.advance(2 * SECOND).await;
    }
    sim.until_challenged(objects[1]).await;
    let limited = ["Owned False OpenDomainLimit", "Reconciling True OpenDomainLimit"];
    for object in &objects[2..] {
        sim.until_says(object, &limited).await;
        assert!(sim.claim(&format!("{}.example", object.replace('/', "-"))).is_none(), "{object}");
    }
    sim.until_challenged(&sim.asking("other", "other.example").await).await;
    // A proof and a deletion each make room for the next one.
    sim.prove(objects[0]).await;
    sim.until_challenged(objects[2]).await;
    assert!(sim.is_saying(objects[3], &limited));
    sim.delete(objects[1]);
    sim.until_challenged(objects[3]).await;
}
