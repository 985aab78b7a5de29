//! Attempts of a hostile tenant to send from another tenant's domain. Each test is one attempt; `thief` is the
//! attacker, `victim` the holder of the domain.

use std::collections::BTreeSet;

use sender_operator::{
    api::{conditions::is_true, domain::IdentityStatus},
    model::{
        claim::State,
        tenant::{ENVIRONMENT_LABEL, TENANT_LABEL},
    },
    ses::SesError,
};

use crate::{
    setup::{DOMAIN, remade_namespace},
    simulation::{DAY, HOUR, MINUTE, Operator, SECOND, SesCall, Simulation},
};

const THIEF: &str = "thief/mail";
const VICTIM: &str = "victim/mail";

/// The victim has proven its domain and is Ready.
async fn held_by_victim(domain: &str) -> (Simulation, Operator) {
    let sim = Simulation::new();
    let operator = sim.start_proving();
    sim.proven("victim", domain).await;
    (sim, operator)
}

/// The thief does not get the domain within a while, and never had it.
async fn assert_in_vain(sim: &Simulation, domain: &str) {
    let got = || sim.owner(domain).as_deref() == Some("tenant/thief") || sim.is_saying(THIEF, &["Owned True Held"]);
    sim.never_within(2 * HOUR, "the thief holds it", got).await;
    assert_never_ready(sim, 0);
}

/// None of the thief's statuses after this number was Ready.
fn assert_never_ready(sim: &Simulation, since: usize) {
    let history = sim.history(THIEF);
    assert!(history[since..].iter().flatten().all(|said| !said.starts_with("Ready True")), "{history:?}");
}

#[tokio::test(start_paused = true)]
async fn by_delete_and_apply() {
    // The victim's object is replaced, as a GitOps tool does; the thief has waited for that.
    let (sim, _operator) = held_by_victim(DOMAIN).await;
    sim.asking("thief", DOMAIN).await;
    for gap in [SECOND, MINUTE, 10 * MINUTE] {
        sim.delete(VICTIM);
        sim.delete(THIEF);
        sim.apply(THIEF, DOMAIN);
        sim.advance(gap).await;
        sim.apply(VICTIM, DOMAIN);
        sim.until_ready(VICTIM).await;
    }
    sim.delete(VICTIM);
    sim.until_says(THIEF, &["Owned False AnotherTenantReleasing", "Reconciling True AnotherTenantReleasing"]).await;
    assert_in_vain(&sim, DOMAIN).await;
    assert_eq!(sim.state(DOMAIN), Some(State::Provisional), "it may try to prove it");
    sim.apply(VICTIM, DOMAIN);
    sim.until_ready(VICTIM).await;
    assert_in_vain(&sim, DOMAIN).await;
}

#[tokio::test(start_paused = true)]
async fn by_a_domain_above_or_below_or_with_a_similar_name() {
    for (victims, thiefs, proves) in [
        ("mail.example.com", DOMAIN, false),
        ("mail.example.com", DOMAIN, true),
        // DKIM records that remain in DNS prove nothing.
        (DOMAIN, "mail.example.com", false),
        (DOMAIN, "badexample.com", true),
        (DOMAIN, "example.com.evil.example", true),
        (DOMAIN, "example-com.evil.example", true),
    ] {
        let (sim, _operator) = held_by_victim(victims).await;
        sim.publish(thiefs);
        sim.asking("thief", thiefs).await;
        if proves {
            sim.prove(THIEF).await;
            sim.until_ready(THIEF).await;
        } else {
            sim.until_says(THIEF, &["Owned False ChallengeMissing"]).await;
            assert_in_vain(&sim, thiefs).await;
        }
        sim.apply("thief/second", victims);
        sim.until_says("thief/second", &["Stalled True OwnedByAnotherTenant"]).await;
        sim.stays(VICTIM, &["Owned True Held", "Ready True Ready"]).await;
    }
}

#[tokio::test(start_paused = true)]
async fn by_wearing_the_victims_label_for_a_while() {
    let (sim, _operator) = held_by_victim(DOMAIN).await;
    sim.asking("thief", DOMAIN).await;
    sim.namespace("thief", &[(TENANT_LABEL, "victim")]);
    sim.until_says(THIEF, &["Stalled True Duplicate"]).await;
    // The victim releases the domain meanwhile: the tenant of the label keeps it, but no longer than that.
    sim.delete(VICTIM);
    sim.until("it is inherited", || sim.is_saying(THIEF, &["Owned True Held"])).await;
    sim.tenant("thief");
    let ended = ["Owned False AnotherTenantReleasing", "Ready False AnotherTenantReleasing"];
    sim.until_says_within(MINUTE, THIEF, &ended).await;
    assert_eq!(sim.state(DOMAIN), Some(State::Releasing));
    let never = || sim.owner(DOMAIN).as_deref() == Some("tenant/thief");
    sim.never_within(DAY, "the thief holds it", never).await;
    sim.apply(VICTIM, DOMAIN);
    sim.until_ready(VICTIM).await;
}

#[tokio::test(start_paused = true)]
async fn by_taking_a_proof_along_to_another_label() {
    let (sim, _operator) = held_by_victim(DOMAIN).await;
    sim.namespace("victim", &[(TENANT_LABEL, "merged")]);
    sim.until_says(VICTIM, &["Owned False AnotherTenantReleasing"]).await;
    let merged = || sim.owner(DOMAIN).as_deref() == Some("tenant/merged");
    sim.never_within(DAY, "a record counts for another tenant", merged).await;
    assert_eq!(sim.identities(), 1, "recreated after its deletion");
    assert_eq!(sim.ses_writes(DOMAIN), [SesCall::Create, SesCall::Delete, SesCall::Create]);
}

#[tokio::test(start_paused = true)]
async fn by_recreating_a_deleted_namespace() {
    let (sim, _operator) = remade_namespace().await;
    let old = sim.claim(DOMAIN).unwrap().proof.unwrap().challenge.unwrap();
    assert_ne!(sim.until_challenged("plain/mail").await.value, format!("token={old}"));
    sim.advance(22 * HOUR).await;
    assert_eq!(sim.state(DOMAIN), Some(State::Releasing), "its deletion is held back");
    let got = || sim.is_saying("plain/mail", &["Owned True Held"]);
    sim.never_within(3 * DAY, "the namespace's name is enough", got).await;
}

#[tokio::test(start_paused = true)]
async fn by_editing_ones_own_status() {
    let (sim, operator) = held_by_victim(DOMAIN).await;
    sim.asking("thief", DOMAIN).await;
    let (claim, calls) = (sim.claim(DOMAIN).unwrap(), sim.ses_writes(DOMAIN).len());
    let forged = sim.status(VICTIM);
    sim.edit_status(THIEF, |status| *status = forged.clone());
    sim.until_says(THIEF, &["Stalled True OwnedByAnotherTenant"]).await;
    // Before its first read, a new process knows only the status.
    operator.stop().await;
    sim.edit_status(THIEF, |status| *status = forged);
    let _operator = sim.start_proving();
    sim.until_says(THIEF, &["Stalled True OwnedByAnotherTenant"]).await;
    assert!(sim.status(THIEF).identity.is_none() && !is_true(&sim.status(THIEF).conditions, "Ready"));
    assert_eq!((sim.claim(DOMAIN).unwrap(), sim.ses_writes(DOMAIN).len()), (claim, calls));
}

#[tokio::test(start_paused = true)]
async fn by_an_unproven_status_edited_before_the_first_look_at_ses() {
    let sim = Simulation::new();
    let operator = sim.start_proving();
    sim.publish(DOMAIN);
    sim.asking("thief", DOMAIN).await;
    sim.until("the records are in the status", || sim.records(THIEF).len() == 4).await;
    operator.stop().await;
    sim.edit_status(THIEF, |status| {
        status.identity = Some(IdentityStatus { arn: "forged".into(), ..Default::default() });
    });
    sim.ses_down(&SesError::Unreachable);
    let _operator = sim.start_proving();
    sim.until("it is repaired", || sim.status(THIEF).identity.is_none()).await;
    assert_never_ready(&sim, 0);
}

#[tokio::test(start_paused = true)]
async fn by_an_old_challenge_after_the_domain_went_to_another() {
    let sim = Simulation::new();
    let _operator = sim.start_proving();
    sim.proven("thief", DOMAIN).await;
    let old = sim.challenge(THIEF).unwrap();
    sim.delete(THIEF);
    sim.until_state(DOMAIN, State::Released).await;
    let told = sim.history(THIEF).len();
    sim.proven("victim", DOMAIN).await;
    sim.apply(THIEF, DOMAIN);
    sim.until_says(THIEF, &["Owned False Displaced"]).await;
    sim.delete(VICTIM);
    sim.until_state(DOMAIN, State::Provisional).await;
    let texts = sim.challenge(THIEF).unwrap();
    assert!(texts.value != old.value && texts.observed.is_some(), "the old record is still in DNS");
    sim.never_within(2 * DAY, "the old record proves", || sim.owner(DOMAIN).is_some()).await;
    assert_never_ready(&sim, told);
}

#[tokio::test(start_paused = true)]
async fn by_racing_a_release() {
    // The DNS owner has consented to the thief as well: the thief may win, but must never get only a part.
    let mut ends = BTreeSet::new();
    for early in 0..12_u32 {
        let sim = Simulation::seeded(early.into());
        let _operator = sim.start_proving();
        sim.proven("victim", DOMAIN).await;
        sim.asking("thief", DOMAIN).await;
        sim.prove(THIEF).await;
        sim.edit(THIEF, |spec| spec.suspend = Some(true));
        sim.advance(MINUTE).await;
        sim.delete(VICTIM);
        sim.until_state(DOMAIN, State::Releasing).await;
        sim.advance(14 * MINUTE + 56 * SECOND + early * SECOND / 2).await;
        sim.edit(THIEF, |spec| spec.suspend = None);
        sim.apply(VICTIM, DOMAIN);
        let ready = || [THIEF, VICTIM].map(|object| sim.is_saying(object, &["Ready True Ready"]));
        sim.until("one of them is Ready", || ready().contains(&true)).await;
        let owner = sim.owner(DOMAIN).unwrap();
        assert_eq!(ready(), [owner == "tenant/thief", owner == "tenant/victim"], "{early}");
        let former = sim.claim(DOMAIN).unwrap().history.former_tenants;
        let rises = former.iter().any(|former| former.tenure == 1);
        assert!(owner == "tenant/victim" || rises, "{early}: a new tenure");
        ends.insert((owner, sim.ses_writes(DOMAIN).contains(&SesCall::Delete)));
    }
    assert!(ends.len() > 1, "every moment had the same end: {ends:?}");
}

#[tokio::test(start_paused = true)]
async fn through_a_verification_whose_records_are_gone() {
    // SES still calls the identity verified; only records seen in DNS during one's own tenure count.
    let (sim, _operator) = held_by_victim(DOMAIN).await;
    sim.at_ses(DOMAIN, |identity| identity.blind = true);
    sim.unpublish(DOMAIN);
    sim.delete(VICTIM);
    sim.until_state(DOMAIN, State::Releasing).await;
    sim.asking("thief", DOMAIN).await;
    sim.prove(THIEF).await;
    sim.until_says(THIEF, &["Owned True Held", "IdentityVerified True Verified", "Ready False RecordsMissing"]).await;
    sim.never_within(2 * HOUR, "Ready without records", || sim.is_saying(THIEF, &["Ready True Ready"])).await;
    sim.publish(DOMAIN);
    sim.until_ready(THIEF).await;
}

#[tokio::test(start_paused = true)]
async fn by_exhausting_the_unproven_identities() {
    let sim = Simulation::new();
    let _operator = sim.start_proving_with(|config| {
        (config.policy.provisional_per_tenant, config.policy.provisional_in_all) = (3, 6);
    });
    // Concurrent reconciles don't see each other: the limit may be exceeded by a few.
    let most = 6 + 3;
    // Many namespaces are many tenants, and each of them retries without end.
    for round in 0..5 {
        for n in 0..8 {
            let namespace = format!("thief-{}", n % 4);
            sim.tenant(&namespace);
            sim.apply(&format!("{namespace}/r{round}n{n}"), &format!("r{round}n{n}.example"));
        }
        sim.advance(5 * MINUTE).await;
        assert!(sim.identities() <= most, "{} identities", sim.identities());
        for n in (0..8).filter(|_| round < 4) {
            sim.delete(&format!("thief-{}/r{round}n{n}", n % 4));
        }
        sim.advance(MINUTE).await;
    }
    sim.advance(HOUR).await;
    assert!(sim.identities() <= most);
    sim.asking("victim", DOMAIN).await;
    sim.until_says(VICTIM, &["Owned False ChallengeMissing"]).await;
    assert_eq!(sim.records(VICTIM), ["Missing"], "no room for an identity");
    sim.publish(DOMAIN);
    sim.prove(VICTIM).await;
    sim.until_ready(VICTIM).await;
}

#[tokio::test(start_paused = true)]
async fn by_relabelling_the_environment() {
    let sim = Simulation::new();
    let _default = sim.start_proving();
    let _production = sim.start_proving_with(|config| config.environment = "production".into());
    sim.proven("thief", DOMAIN).await;
    sim.apply("thief/second", DOMAIN);
    sim.until_says("thief/second", &["Stalled True Duplicate"]).await;
    sim.namespace("thief", &[(TENANT_LABEL, "thief"), (ENVIRONMENT_LABEL, "production")]);
    let changed = ["Owned False EnvironmentChanged", "Reconciling True EnvironmentChanged"];
    sim.until_says(THIEF, &changed).await;
    sim.until_says("thief/second", &changed).await;
    let elsewhere = || sim.claim_of("production", DOMAIN);
    let twice = || elsewhere().is_some() && sim.state(DOMAIN) != Some(State::Released);
    sim.never_within(10 * MINUTE, "claimed twice", twice).await;
    sim.until("it claims the domain again there", || elsewhere().is_some()).await;
    assert_eq!(sim.state(DOMAIN), Some(State::Released));
    let moved = || sim.identity(DOMAIN).is_some_and(|identity| identity.environment() == Some(&"production".into()));
    sim.until("the identity is that environment's", moved).await;
    let record = sim.until_challenged(THIEF).await;
    assert!(record.observed.is_none_or(|seen| seen != record.value), "a record of one environment proves in that one");

    // And back again: the victim holds the domain there by now.
    sim.delete(THIEF);
    sim.delete("thief/second");
    sim.until("it is released there", || elsewhere().is_some_and(|claim| claim.state == State::Released)).await;
    sim.proven("victim", DOMAIN).await;
    sim.tenant("thief");
    sim.apply(THIEF, DOMAIN);
    sim.until_says(THIEF, &["Stalled True Displaced"]).await;
    assert!(sim.is_saying(VICTIM, &["Ready True Ready"]));
}
