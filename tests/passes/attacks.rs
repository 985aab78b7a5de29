//! What a hostile tenant tries in order to send from a domain of another one. Each test is one attempt; `thief` is the one
//! who tries, `victim` the one whose domain it is.

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
    world::{DAY, HOUR, MINUTE, Operator, SECOND, SesCall, World},
};

const THIEF: &str = "thief/mail";
const VICTIM: &str = "victim/mail";

/// The victim has proven its domain and is Ready.
async fn held_by_victim(domain: &str) -> (World, Operator) {
    let world = World::new();
    let operator = world.start_proving();
    world.proven("victim", domain).await;
    (world, operator)
}

/// The thief does not get the domain within a while, and never did.
async fn assert_in_vain(world: &World, domain: &str) {
    let got = || world.owner(domain).as_deref() == Some("tenant/thief") || world.is_saying(THIEF, &["Owned True Held"]);
    world.never_within(2 * HOUR, "the thief has it", got).await;
    assert_never_ready(world, 0);
}

/// The thief was not told Ready since so many statuses.
fn assert_never_ready(world: &World, since: usize) {
    let history = world.history(THIEF);
    assert!(history[since..].iter().flatten().all(|said| !said.starts_with("Ready True")), "{history:?}");
}

#[tokio::test(start_paused = true)]
async fn by_delete_and_apply() {
    // The victim's object is replaced, as a GitOps tool does; the thief has waited for that.
    let (world, _operator) = held_by_victim(DOMAIN).await;
    world.asking("thief", DOMAIN).await;
    for gap in [SECOND, MINUTE, 10 * MINUTE] {
        world.delete(VICTIM);
        world.delete(THIEF);
        world.apply(THIEF, DOMAIN);
        world.pass(gap).await;
        world.apply(VICTIM, DOMAIN);
        world.until_ready(VICTIM).await;
    }
    world.delete(VICTIM);
    world.until_says(THIEF, &["Owned False AnotherTenantReleasing", "Reconciling True AnotherTenantReleasing"]).await;
    assert_in_vain(&world, DOMAIN).await;
    assert_eq!(world.state(DOMAIN), Some(State::Provisional), "it may try to prove it");
    world.apply(VICTIM, DOMAIN);
    world.until_ready(VICTIM).await;
    assert_in_vain(&world, DOMAIN).await;
}

#[tokio::test(start_paused = true)]
async fn by_a_domain_above_or_below_or_with_a_similar_name() {
    for (victims, thiefs, proves) in [
        ("mail.example.com", DOMAIN, false),
        ("mail.example.com", DOMAIN, true),
        // DKIM records that were left in DNS prove nothing.
        (DOMAIN, "mail.example.com", false),
        (DOMAIN, "badexample.com", true),
        (DOMAIN, "example.com.evil.example", true),
        (DOMAIN, "example-com.evil.example", true),
    ] {
        let (world, _operator) = held_by_victim(victims).await;
        world.publish(thiefs);
        world.asking("thief", thiefs).await;
        if proves {
            world.prove(THIEF).await;
            world.until_ready(THIEF).await;
        } else {
            world.until_says(THIEF, &["Owned False ChallengeMissing"]).await;
            assert_in_vain(&world, thiefs).await;
        }
        world.apply("thief/second", victims);
        world.until_says("thief/second", &["Stalled True OwnedByAnotherTenant"]).await;
        world.stays(VICTIM, &["Owned True Held", "Ready True Ready"]).await;
    }
}

#[tokio::test(start_paused = true)]
async fn by_wearing_the_victims_label_for_a_while() {
    let (world, _operator) = held_by_victim(DOMAIN).await;
    world.asking("thief", DOMAIN).await;
    world.namespace("thief", &[(TENANT_LABEL, "victim")]);
    world.until_says(THIEF, &["Stalled True Duplicate"]).await;
    // The victim lets go meanwhile: the label's tenant keeps the domain, and not a moment longer.
    world.delete(VICTIM);
    world.until("it is inherited", || world.is_saying(THIEF, &["Owned True Held"])).await;
    world.tenant("thief");
    let ended = ["Owned False AnotherTenantReleasing", "Ready False AnotherTenantReleasing"];
    world.until_says_within(MINUTE, THIEF, &ended).await;
    assert_eq!(world.state(DOMAIN), Some(State::Releasing));
    let never = || world.owner(DOMAIN).as_deref() == Some("tenant/thief");
    world.never_within(DAY, "the thief has it", never).await;
    world.apply(VICTIM, DOMAIN);
    world.until_ready(VICTIM).await;
}

#[tokio::test(start_paused = true)]
async fn by_taking_a_proof_along_to_another_label() {
    let (world, _operator) = held_by_victim(DOMAIN).await;
    world.namespace("victim", &[(TENANT_LABEL, "merged")]);
    world.until_says(VICTIM, &["Owned False AnotherTenantReleasing"]).await;
    let merged = || world.owner(DOMAIN).as_deref() == Some("tenant/merged");
    world.never_within(DAY, "a record counts for another tenant", merged).await;
    assert_eq!(world.identities(), 1, "made anew after it was deleted");
    assert_eq!(world.ses_writes(DOMAIN), [SesCall::Create, SesCall::Delete, SesCall::Create]);
}

#[tokio::test(start_paused = true)]
async fn by_making_a_deleted_namespace_again() {
    let (world, _operator) = remade_namespace().await;
    let old = world.claim(DOMAIN).unwrap().proof.unwrap().challenge.unwrap();
    assert_ne!(world.until_challenged("plain/mail").await.value, format!("token={old}"));
    world.pass(22 * HOUR).await;
    assert_eq!(world.state(DOMAIN), Some(State::Releasing), "its deletion is held back");
    let got = || world.is_saying("plain/mail", &["Owned True Held"]);
    world.never_within(3 * DAY, "the namespace's name is enough", got).await;
}

#[tokio::test(start_paused = true)]
async fn by_editing_ones_own_status() {
    let (world, operator) = held_by_victim(DOMAIN).await;
    world.asking("thief", DOMAIN).await;
    let (claim, calls) = (world.claim(DOMAIN).unwrap(), world.ses_writes(DOMAIN).len());
    let forged = world.status(VICTIM);
    world.edit_status(THIEF, |status| *status = forged.clone());
    world.until_says(THIEF, &["Stalled True OwnedByAnotherTenant"]).await;
    // Before the first look of a new process nothing is known but what the status says.
    operator.stop().await;
    world.edit_status(THIEF, |status| *status = forged);
    let _operator = world.start_proving();
    world.until_says(THIEF, &["Stalled True OwnedByAnotherTenant"]).await;
    assert!(world.status(THIEF).identity.is_none() && !is_true(&world.status(THIEF).conditions, "Ready"));
    assert_eq!((world.claim(DOMAIN).unwrap(), world.ses_writes(DOMAIN).len()), (claim, calls));
}

#[tokio::test(start_paused = true)]
async fn by_an_unproven_status_edited_before_the_first_look_at_ses() {
    let world = World::new();
    let operator = world.start_proving();
    world.publish(DOMAIN);
    world.asking("thief", DOMAIN).await;
    world.until("the records are told", || world.records(THIEF).len() == 4).await;
    operator.stop().await;
    world.edit_status(THIEF, |status| {
        status.identity = Some(IdentityStatus { arn: "forged".into(), ..Default::default() });
    });
    world.ses_down(&SesError::Unreachable);
    let _operator = world.start_proving();
    world.until("it is put right", || world.status(THIEF).identity.is_none()).await;
    assert_never_ready(&world, 0);
}

#[tokio::test(start_paused = true)]
async fn by_an_old_challenge_after_the_domain_went_to_another() {
    let world = World::new();
    let _operator = world.start_proving();
    world.proven("thief", DOMAIN).await;
    let old = world.challenge(THIEF).unwrap();
    world.delete(THIEF);
    world.until_state(DOMAIN, State::Released).await;
    let told = world.history(THIEF).len();
    world.proven("victim", DOMAIN).await;
    world.apply(THIEF, DOMAIN);
    world.until_says(THIEF, &["Owned False Displaced"]).await;
    world.delete(VICTIM);
    world.until_state(DOMAIN, State::Provisional).await;
    let texts = world.challenge(THIEF).unwrap();
    assert!(texts.value != old.value && texts.observed.is_some(), "the old one still stands in DNS");
    world.never_within(2 * DAY, "the old record proves", || world.owner(DOMAIN).is_some()).await;
    assert_never_ready(&world, told);
}

#[tokio::test(start_paused = true)]
async fn by_racing_a_release() {
    // The DNS owner has consented to the thief as well: it may win, but never half of anything.
    let mut ends = BTreeSet::new();
    for early in 0..12_u32 {
        let world = World::seeded(early.into());
        let _operator = world.start_proving();
        world.proven("victim", DOMAIN).await;
        world.asking("thief", DOMAIN).await;
        world.prove(THIEF).await;
        world.edit(THIEF, |spec| spec.suspend = Some(true));
        world.pass(MINUTE).await;
        world.delete(VICTIM);
        world.until_state(DOMAIN, State::Releasing).await;
        world.pass(14 * MINUTE + 56 * SECOND + early * SECOND / 2).await;
        world.edit(THIEF, |spec| spec.suspend = None);
        world.apply(VICTIM, DOMAIN);
        let ready = || [THIEF, VICTIM].map(|object| world.is_saying(object, &["Ready True Ready"]));
        world.until("one of them is Ready", || ready().contains(&true)).await;
        let owner = world.owner(DOMAIN).unwrap();
        assert_eq!(ready(), [owner == "tenant/thief", owner == "tenant/victim"], "{early}");
        let former = world.claim(DOMAIN).unwrap().history.former_tenants;
        let rises = former.iter().any(|former| former.tenure == 1);
        assert!(owner == "tenant/victim" || rises, "{early}: a new tenure");
        ends.insert((owner, world.ses_writes(DOMAIN).contains(&SesCall::Delete)));
    }
    assert!(ends.len() > 1, "each moment ended the same way: {ends:?}");
}

#[tokio::test(start_paused = true)]
async fn through_a_verification_whose_records_are_gone() {
    // SES still calls the identity verified; only what is seen in DNS in one's own time counts.
    let (world, _operator) = held_by_victim(DOMAIN).await;
    world.at_ses(DOMAIN, |identity| identity.blind = true);
    world.unpublish(DOMAIN);
    world.delete(VICTIM);
    world.until_state(DOMAIN, State::Releasing).await;
    world.asking("thief", DOMAIN).await;
    world.prove(THIEF).await;
    world.until_says(THIEF, &["Owned True Held", "IdentityVerified True Verified", "Ready False RecordsMissing"]).await;
    world.never_within(2 * HOUR, "Ready without records", || world.is_saying(THIEF, &["Ready True Ready"])).await;
    world.publish(DOMAIN);
    world.until_ready(THIEF).await;
}

#[tokio::test(start_paused = true)]
async fn by_exhausting_the_unproven_identities() {
    let world = World::new();
    let _operator = world.start_proving_with(|me| {
        (me.policy.provisional_per_tenant, me.policy.provisional_in_all) = (3, 6);
    });
    // Passes that run at the same moment don't see each other's: a few more than the setting, never many more.
    let most = 6 + 3;
    // Many namespaces are many tenants, and none of them tires of asking anew.
    for round in 0..5 {
        for n in 0..8 {
            let namespace = format!("thief-{}", n % 4);
            world.tenant(&namespace);
            world.apply(&format!("{namespace}/r{round}n{n}"), &format!("r{round}n{n}.example"));
        }
        world.pass(5 * MINUTE).await;
        assert!(world.identities() <= most, "{} identities", world.identities());
        for n in (0..8).filter(|_| round < 4) {
            world.delete(&format!("thief-{}/r{round}n{n}", n % 4));
        }
        world.pass(MINUTE).await;
    }
    world.pass(HOUR).await;
    assert!(world.identities() <= most);
    world.asking("victim", DOMAIN).await;
    world.until_says(VICTIM, &["Owned False ChallengeMissing"]).await;
    assert_eq!(world.records(VICTIM), ["Missing"], "no room for an identity");
    world.publish(DOMAIN);
    world.prove(VICTIM).await;
    world.until_ready(VICTIM).await;
}

#[tokio::test(start_paused = true)]
async fn by_relabelling_the_environment() {
    let world = World::new();
    let _default = world.start_proving();
    let _production = world.start_proving_with(|me| me.environment = "production".into());
    world.proven("thief", DOMAIN).await;
    world.apply("thief/second", DOMAIN);
    world.until_says("thief/second", &["Stalled True Duplicate"]).await;
    world.namespace("thief", &[(TENANT_LABEL, "thief"), (ENVIRONMENT_LABEL, "production")]);
    let changed = ["Owned False EnvironmentChanged", "Stalled True EnvironmentChanged"];
    world.until_says(THIEF, &changed).await;
    world.until_says("thief/second", &changed).await;
    let elsewhere = || world.claim_of("production", DOMAIN);
    let twice = || elsewhere().is_some() && world.state(DOMAIN) != Some(State::Released);
    world.never_within(10 * MINUTE, "claimed twice", twice).await;
    world.until("it asks anew there", || elsewhere().is_some()).await;
    assert_eq!(world.state(DOMAIN), Some(State::Released));
    let moved = || world.identity(DOMAIN).is_some_and(|identity| identity.environment() == Some(&"production".into()));
    world.until("the identity is that environment's", moved).await;
    let record = world.until_challenged(THIEF).await;
    assert!(record.observed.is_none_or(|seen| seen != record.value), "a record of one environment proves in that one");

    // And back again: the victim has the domain there by now.
    world.delete(THIEF);
    world.delete("thief/second");
    world.until("it is let go there", || elsewhere().is_some_and(|claim| claim.state == State::Released)).await;
    world.proven("victim", DOMAIN).await;
    world.tenant("thief");
    world.apply(THIEF, DOMAIN);
    world.until_says(THIEF, &["Stalled True Displaced"]).await;
    assert!(world.is_saying(VICTIM, &["Ready True Ready"]));
}
