//! What a hostile tenant tries in order to send from a domain of another one. Each test is one attempt; `thief` is the one
//! who tries, `victim` the one whose domain it is.

use sender_operator::{
    api::{conditions::is_true, domain::DeletionPolicy},
    model::{
        claim::{State, claim_name},
        name::Domain,
        tenant::{ENVIRONMENT_LABEL, TENANT_LABEL},
    },
    ses::SesError,
};
use ses_simulator::Status;

use crate::world::{DAY, HOUR, MINUTE, SECOND, SesCall, World};

const THIEF: &str = "thief/mail";
const VICTIM: &str = "victim/mail";

/// The thief does not get the domain within a while, and never did.
async fn assert_in_vain(world: &World, domain: &str) {
    let got = || {
        let owned = world.claim(domain).and_then(|claim| claim.tenant).map(|tenant| tenant.to_string());
        owned.as_deref() == Some("tenant/thief") || world.is_saying(THIEF, &["Owned True Held"])
    };
    world.never_within(2 * HOUR, "the thief has it", got).await;
    assert_never_ready(world);
}

fn assert_never_ready(world: &World) {
    let history = world.history(THIEF);
    assert!(history.iter().flatten().all(|said| !said.starts_with("Ready True")), "{history:?}");
}

#[tokio::test(start_paused = true)]
async fn by_delete_and_apply() {
    // The victim's object is replaced, as a GitOps tool does; the thief has waited for that.
    let world = World::new();
    let _operator = world.start_proving();
    world.proven("victim", "example.com").await;
    world.asking("thief", "example.com").await;
    for gap in [SECOND, MINUTE, 10 * MINUTE] {
        world.delete(VICTIM);
        world.delete(THIEF);
        world.apply(THIEF, "example.com");
        world.pass(gap).await;
        world.apply(VICTIM, "example.com");
        world.until_ready(VICTIM).await;
    }
    world.delete(VICTIM);
    assert_in_vain(&world, "example.com").await;
    assert_eq!(world.state("example.com"), Some(State::Provisional), "it may try to prove it");
    world.apply(VICTIM, "example.com");
    world.until_ready(VICTIM).await;
    assert_in_vain(&world, "example.com").await;
}

#[tokio::test(start_paused = true)]
async fn by_a_subdomain_whose_dkim_records_were_left_in_dns() {
    let world = World::new();
    let _operator = world.start_proving();
    world.proven("victim", "example.com").await;
    world.publish("mail.example.com");
    world.asking("thief", "mail.example.com").await;
    assert_in_vain(&world, "mail.example.com").await;
    assert!(world.ses_writes("mail.example.com").is_empty(), "no identity before the proof");
    assert_eq!(world.records(THIEF), ["Missing"], "and no records to find");
}

#[tokio::test(start_paused = true)]
async fn by_the_parent() {
    let world = World::new();
    let _operator = world.start_proving();
    world.proven("victim", "mail.example.com").await;
    world.publish("example.com");
    world.asking("thief", "example.com").await;
    assert_in_vain(&world, "example.com").await;
    assert!(world.is_saying(VICTIM, &["Ready True Ready"]));
}

#[tokio::test(start_paused = true)]
async fn by_a_parent_that_really_is_the_thiefs() {
    let world = World::new();
    let _operator = world.start_proving();
    world.proven("victim", "mail.shared.example").await;
    world.proven("thief", "shared.example").await;
    world.stays(VICTIM, &["Owned True Held", "Ready True Ready"]).await;
    assert_eq!(world.owner("mail.shared.example").unwrap(), "tenant/victim");
    world.namespace("thief-2", &[(TENANT_LABEL, "thief")]);
    world.apply("thief-2/mail", "mail.shared.example");
    world.until_says("thief-2/mail", &["Stalled True OwnedByAnotherTenant"]).await;
}

#[tokio::test(start_paused = true)]
async fn by_wearing_the_victims_label_for_a_while() {
    let world = World::new();
    let _operator = world.start_proving();
    world.proven("victim", "example.com").await;
    world.asking("thief", "example.com").await;
    world.tenant("thief");
    world.namespace("thief", &[(TENANT_LABEL, "victim")]);
    world.until_says(THIEF, &["Stalled True Duplicate"]).await;
    world.tenant("thief");
    world.until_says(THIEF, &["Stalled True OwnedByAnotherTenant"]).await;
    assert_in_vain(&world, "example.com").await;

    // Once more, and the victim lets go meanwhile: the label's tenant keeps the domain, and not a moment longer.
    world.namespace("thief", &[(TENANT_LABEL, "victim")]);
    world.until_says(THIEF, &["Stalled True Duplicate"]).await;
    world.delete(VICTIM);
    world.until("it is inherited", || world.is_saying(THIEF, &["Owned True Held"])).await;
    world.tenant("thief");
    world
        .until_says_within(MINUTE, THIEF, &["Owned False AnotherTenantReleasing", "Ready False AnotherTenantReleasing"])
        .await;
    assert_eq!(world.state("example.com"), Some(State::Releasing));
    let never = || world.owner("example.com").as_deref() == Some("tenant/thief");
    world.never_within(DAY, "the thief has it", never).await;
    world.apply(VICTIM, "example.com");
    world.until_ready(VICTIM).await;
}

#[tokio::test(start_paused = true)]
async fn by_taking_a_proof_along_to_another_label() {
    let world = World::new();
    let _operator = world.start_proving();
    world.proven("victim", "example.com").await;
    world.namespace("victim", &[(TENANT_LABEL, "merged")]);
    world.until_says(VICTIM, &["Owned False AnotherTenantReleasing"]).await;
    let merged = || world.owner("example.com").as_deref() == Some("tenant/merged");
    world.never_within(DAY, "a record counts for another tenant", merged).await;
}

#[tokio::test(start_paused = true)]
async fn by_making_a_deleted_namespace_again() {
    let world = World::new();
    let _operator = world.start_proving();
    world.namespace("plain", &[]);
    world.publish("example.com");
    world.apply("plain/mail", "example.com");
    world.prove("plain/mail").await;
    world.until_ready("plain/mail").await;
    let old = world.challenge("plain/mail").unwrap();
    world.delete_namespace("plain");
    world.namespace("plain", &[]);
    world.apply("plain/mail", "example.com");
    world.until_says("plain/mail", &["Owned False AnotherTenantReleasing"]).await;
    assert_ne!(world.until_challenged("plain/mail").await.value, old.value);
    let got = || world.is_saying("plain/mail", &["Owned True Held"]);
    world.never_within(3 * DAY, "the namespace's name is enough", got).await;
}

#[tokio::test(start_paused = true)]
async fn by_editing_ones_own_status() {
    let world = World::new();
    let operator = world.start_proving();
    world.proven("victim", "example.com").await;
    world.asking("thief", "example.com").await;
    let (claim, calls) = (world.claim("example.com").unwrap(), world.ses_writes("example.com").len());
    let forged = world.status(VICTIM);
    world.edit_status(THIEF, |status| *status = forged.clone());
    world.edit(THIEF, |spec| spec.deletion_policy = Some(DeletionPolicy::Retain));
    world.until_says(THIEF, &["Stalled True OwnedByAnotherTenant"]).await;
    // Before the first look of a new process nothing is known but what the status says.
    operator.stop().await;
    world.edit_status(THIEF, |status| *status = forged);
    let _operator = world.start_proving();
    world.until_says(THIEF, &["Stalled True OwnedByAnotherTenant"]).await;
    assert!(world.status(THIEF).identity.is_none() && !is_true(&world.status(THIEF).conditions, "Ready"));
    assert_eq!((world.claim("example.com").unwrap(), world.ses_writes("example.com").len()), (claim, calls));
}

#[tokio::test(start_paused = true)]
async fn by_an_unproven_status_edited_before_the_first_look_at_ses() {
    let world = World::new();
    let operator = world.start_proving();
    world.publish("example.com");
    world.asking("thief", "example.com").await;
    world.until("the records are told", || world.records(THIEF).len() == 4).await;
    operator.stop().await;
    let forged = sender_operator::api::domain::IdentityStatus { arn: "forged".into(), ..Default::default() };
    world.edit_status(THIEF, |status| status.identity = Some(forged));
    world.ses_down(&SesError::Unreachable);
    let _operator = world.start_proving();
    world.until("it is put right", || world.status(THIEF).identity.is_none()).await;
    assert_never_ready(&world);
}

#[tokio::test(start_paused = true)]
async fn by_an_old_challenge_after_the_domain_went_to_another() {
    let world = World::new();
    let _operator = world.start_proving();
    world.proven("thief", "example.com").await;
    let old = world.challenge(THIEF).unwrap();
    world.delete(THIEF);
    world.until_state("example.com", State::Released).await;
    let told = world.history(THIEF).len();
    world.proven("victim", "example.com").await;
    world.apply(THIEF, "example.com");
    world.until_says(THIEF, &["Owned False Displaced"]).await;
    world.delete(VICTIM);
    world.until_state("example.com", State::Provisional).await;
    let texts = world.challenge(THIEF).unwrap();
    assert!(texts.value != old.value && texts.observed.is_some(), "the old one still stands in DNS");
    world.never_within(2 * DAY, "the old record proves", || world.owner("example.com").is_some()).await;
    assert!(world.history(THIEF)[told..].iter().flatten().all(|said| !said.starts_with("Ready True")));
}

#[tokio::test(start_paused = true)]
async fn by_a_record_copied_from_the_victim() {
    let world = World::new();
    let _operator = world.start_proving();
    let record = {
        world.asking("victim", "example.com").await;
        world.until_challenged(VICTIM).await
    };
    world.asking("thief", "thief.example").await;
    world.set_text("_sender-operator-challenge.thief.example", &record.value);
    world.namespace("thief-2", &[(TENANT_LABEL, "thief")]);
    world.apply("thief-2/mail", "example.com");
    world.set_text(&record.name, &record.value);
    world.publish("example.com");
    world.publish("thief.example");
    world.until_ready(VICTIM).await;
    world.until_says("thief-2/mail", &["Stalled True OwnedByAnotherTenant"]).await;
    assert_in_vain(&world, "thief.example").await;
}

#[tokio::test(start_paused = true)]
async fn by_racing_a_release() {
    // The DNS owner has consented to the thief as well: it may win, but never half of anything.
    let mut ends = std::collections::BTreeSet::new();
    for early in 0..12_u32 {
        let world = World::seeded(early.into());
        let _operator = world.start_proving();
        world.proven("victim", "example.com").await;
        world.asking("thief", "example.com").await;
        world.prove(THIEF).await;
        world.edit(THIEF, |spec| spec.suspend = Some(true));
        world.pass(MINUTE).await;
        world.delete(VICTIM);
        world.until_state("example.com", State::Releasing).await;
        world.pass(14 * MINUTE + 56 * SECOND + early * SECOND / 2).await;
        world.edit(THIEF, |spec| spec.suspend = None);
        world.apply(VICTIM, "example.com");
        world
            .until("one of them is Ready", || {
                world.is_saying(THIEF, &["Ready True Ready"]) || world.is_saying(VICTIM, &["Ready True Ready"])
            })
            .await;
        let owner = world.owner("example.com").unwrap();
        let ready = [THIEF, VICTIM].map(|object| world.is_saying(object, &["Ready True Ready"]));
        assert_eq!(ready, [owner == "tenant/thief", owner == "tenant/victim"], "{early}");
        let history = world.claim("example.com").unwrap().history;
        if owner == "tenant/thief" {
            assert!(history.former_tenants.iter().any(|former| former.tenure == 1), "{early}: a new tenure");
        }
        ends.insert((owner, world.ses_writes("example.com").contains(&SesCall::Delete)));
    }
    assert!(ends.len() > 1, "each moment ended the same way: {ends:?}");
}

#[tokio::test(start_paused = true)]
async fn through_an_identity_that_is_still_verified_from_before() {
    let world = World::new();
    let _operator = world.start_proving();
    world.proven("victim", "example.com").await;
    world.edit(VICTIM, |spec| spec.deletion_policy = Some(DeletionPolicy::Retain));
    world.pass(MINUTE).await;
    world.delete(VICTIM);
    world.until_state("example.com", State::Released).await;
    assert_eq!(world.identity("example.com").unwrap().verification, Status::Success);
    world.asking("thief", "example.com").await;
    world.until("the records are told", || world.records(THIEF).len() == 4).await;
    assert_in_vain(&world, "example.com").await;
}

#[tokio::test(start_paused = true)]
async fn through_a_verification_whose_records_are_gone() {
    // SES still calls the identity verified; only what is seen in DNS in one's own time counts.
    let world = World::new();
    let _operator = world.start_proving();
    world.proven("victim", "example.com").await;
    world.at_ses("example.com", |identity| identity.blind = true);
    world.unpublish("example.com");
    world.delete(VICTIM);
    world.until_state("example.com", State::Releasing).await;
    world.asking("thief", "example.com").await;
    world.prove(THIEF).await;
    world.until_says(THIEF, &["Owned True Held", "IdentityVerified True Verified", "Ready False RecordsMissing"]).await;
    world.never_within(DAY, "Ready without records", || world.is_saying(THIEF, &["Ready True Ready"])).await;
    world.publish("example.com");
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
    for round in 0..4 {
        for n in 0..8 {
            let namespace = format!("thief-{}", n % 4);
            world.namespace(&namespace, &[(TENANT_LABEL, &namespace)]);
            world.apply(&format!("{namespace}/m{n}"), &format!("r{round}n{n}.example"));
        }
        world.pass(5 * MINUTE).await;
        assert!(world.identities() <= most, "{} identities", world.identities());
        for n in 0..8 {
            world.delete(&format!("thief-{}/m{n}", n % 4));
        }
        world.pass(MINUTE).await;
    }
    for n in 0..8 {
        world.apply(&format!("thief-{}/last{n}", n % 4), &format!("last{n}.example"));
    }
    world.pass(HOUR).await;
    assert!(world.identities() <= most);
    world.asking("victim", "example.com").await;
    world.until_says(VICTIM, &["Owned False ChallengeMissing"]).await;
    assert_eq!(world.records(VICTIM), ["Missing"], "no room for an identity");
    world.publish("example.com");
    world.prove(VICTIM).await;
    world.until_ready(VICTIM).await;
}

#[tokio::test(start_paused = true)]
async fn by_relabelling_the_environment() {
    let world = World::new();
    let _default = world.start_proving();
    let _production = world.start_proving_with(|me| me.environment = "production".into());
    world.proven("thief", "example.com").await;
    world.apply("thief/second", "example.com");
    world.until_says("thief/second", &["Stalled True Duplicate"]).await;
    world.namespace("thief", &[(TENANT_LABEL, "thief"), (ENVIRONMENT_LABEL, "production")]);
    let changed = ["Owned False EnvironmentChanged", "Stalled True EnvironmentChanged"];
    world.until_says(THIEF, &changed).await;
    world.until_says("thief/second", &changed).await;
    let elsewhere = || world.claim_of("production", "example.com").is_some();
    let still = || world.state("example.com") != Some(State::Released);
    world.never_within(10 * MINUTE, "claimed twice", || elsewhere() && still()).await;
    world.until("it asks anew there", elsewhere).await;
    assert_eq!(world.state("example.com"), Some(State::Released));
    let record = world.until_challenged(THIEF).await;
    assert!(record.observed.is_none_or(|seen| seen != record.value), "a record of one environment proves in that one");

    // And back again: the victim has the domain there by now.
    world.delete(THIEF);
    world.delete("thief/second");
    let gone = || world.claim_of("production", "example.com").is_some_and(|claim| claim.state == State::Released);
    world.until("it is let go there", gone).await;
    world.proven("victim", "example.com").await;
    world.tenant("thief");
    world.apply(THIEF, "example.com");
    world.until_says(THIEF, &["Stalled True Displaced"]).await;
    assert!(world.is_saying(VICTIM, &["Ready True Ready"]));
}

#[test]
fn by_a_claim_name_that_another_domain_has_too() {
    let long = format!("{}.example", vec!["a".repeat(63); 3].join("."));
    let domains = [
        "b.c.example",
        "c.example",
        "a.b.c.example",
        "a.c.example",
        "a-b.c.example",
        "xn--b-1ga.c.example",
        "b.c.example.a.b",
        long.as_str(),
    ];
    let mut names = std::collections::BTreeMap::new();
    for environment in ["a", "b", "a-b", "default", &"e".repeat(40)] {
        for text in domains {
            let Ok(domain) = Domain::parse(text) else { panic!("{text}") };
            let name = claim_name(environment, &domain);
            assert!(name.len() <= 253, "{name}");
            let before = names.insert(name, (environment, text));
            assert_eq!(before, None, "{environment} {text}");
        }
    }
    for bad in ["B.c.example", "b.c.example.", "b..example", "b.c_.example", "ь.c.example", &format!("a.{long}.b.c.d")]
    {
        assert!(Domain::parse(bad).is_err(), "{bad}");
    }
}

#[tokio::test(start_paused = true)]
async fn by_a_name_that_looks_like_the_victims() {
    let world = World::new();
    let _operator = world.start_proving();
    world.proven("victim", "example.com").await;
    for (n, domain) in ["badexample.com", "example.com.evil.example", "example-com.evil.example"].iter().enumerate() {
        let tenant = format!("other-{n}");
        world.proven(&tenant, domain).await;
        assert_eq!(world.owner(domain).unwrap(), format!("tenant/{tenant}"));
    }
    assert_eq!(world.owner("example.com").unwrap(), "tenant/victim");
}

#[tokio::test(start_paused = true)]
async fn by_asking_first_for_a_domain_that_is_not_ones_own() {
    let world = World::new();
    let _operator = world.start_proving();
    world.asking("thief", "example.com").await;
    world.publish("example.com");
    world.pass(DAY).await;
    world.proven("victim", "example.com").await;
    world.until_says(THIEF, &["Stalled True OwnedByAnotherTenant"]).await;
    assert_in_vain(&world, "example.com").await;
    assert_eq!(world.ses_writes("example.com"), [SesCall::Create]);
}

#[tokio::test(start_paused = true)]
async fn by_a_record_that_stood_for_a_moment() {
    // What an earlier look saw makes nobody holder.
    let world = World::new();
    let _operator = world.start_proving();
    world.asking("thief", "example.com").await;
    world.edit(THIEF, |spec| spec.suspend = Some(true));
    world.pass(2 * HOUR).await;
    let record = world.prove(THIEF).await;
    let seen = || world.challenge(THIEF).is_some_and(|record| record.observed.is_some());
    world.until("it is seen", seen).await;
    world.remove_text(&record.name, &record.value);
    world.edit(THIEF, |spec| spec.suspend = None);
    assert_in_vain(&world, "example.com").await;
}
