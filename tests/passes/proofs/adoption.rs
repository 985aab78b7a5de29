//! Identities that somebody else made, taken in by who proves the domain.

use sender_operator::{
    api::{domain::AdoptionPolicy, reasons::EventReason},
    model::{claim::State, policy::Mode},
    ses::{OWNER_TAG, RETAINED_TAG, SetUp},
};

use crate::{
    foreign::OTHERS_TAGS,
    setup::{ACME, DOMAIN, set_up_by_others},
    world::{DAY, Operator, SesCall, World},
};

/// What has to come together for an identity to be taken in.
#[derive(Clone, Copy)]
struct Case {
    wish: bool,
    permission: bool,
    mode: Mode,
    proof: bool,
    tags: &'static [(&'static str, &'static str)],
}

const ADOPTED: Case =
    Case { wish: true, permission: true, mode: Mode::DnsChallenge, proof: true, tags: &[("team", "web")] };

/// Acme asks for a domain whose identity somebody made and set up, with its DKIM records published.
async fn asked(case: Case) -> (World, Operator) {
    let world = World::new();
    world.create_at_ses(DOMAIN, case.tags);
    set_up_by_others(&world);
    world.publish(DOMAIN);
    world.tenant("acme");
    world.apply_with(ACME, DOMAIN, |spec| spec.adoption_policy = case.wish.then_some(AdoptionPolicy::IfProven));
    let operator = world.start_proving_with(|me| {
        (me.policy.adoption, me.policy.mode, me.claim_retention) = (case.permission, case.mode, DAY);
    });
    if case.proof {
        world.prove(ACME).await;
    }
    (world, operator)
}

#[tokio::test(start_paused = true)]
async fn an_identity_that_is_asked_for_allowed_and_proven_is_taken_in_clean_and_never_deleted() {
    let (world, _operator) = asked(ADOPTED).await;
    world.until_ready(ACME).await;
    let identity = world.identity(DOMAIN).unwrap();
    assert_eq!((identity.tags["team"].as_str(), identity.tags[OWNER_TAG].as_str()), ("web", "owner-1"));
    assert!(identity.associations.is_empty() && identity.set_up == SetUp::default());
    world.until("it is told", || world.events_of(ACME).contains(&EventReason::Adopted)).await;
    let claim = world.claim(DOMAIN).unwrap();
    assert!(claim.identity.adopted && claim.identity.created_time.is_none());

    world.delete(ACME);
    world.until_state(DOMAIN, State::Released).await;
    world.pass(2 * DAY).await;
    assert!(world.identity(DOMAIN).unwrap().tags.contains_key(RETAINED_TAG));
    let rival = world.asking("rival", DOMAIN).await;
    world.delete(&rival);
    world.pass(DAY).await;
    let heir = world.proven("rival", DOMAIN).await;
    world.delete(&heir);
    world.until_state(DOMAIN, State::Released).await;
    world.pass(2 * DAY).await;
    assert!(world.identity(DOMAIN).is_some(), "whoever has it");
    assert!(!world.ses_writes(DOMAIN).contains(&SesCall::Delete));
}

#[tokio::test(start_paused = true)]
async fn without_the_wish_the_permission_or_the_proof_it_is_left_alone() {
    for (what, case) in [
        ("no wish", Case { wish: false, ..ADOPTED }),
        ("no permission", Case { permission: false, ..ADOPTED }),
        ("no proof", Case { proof: false, ..ADOPTED }),
        ("nothing has to be proven", Case { mode: Mode::None, proof: false, ..ADOPTED }),
    ] {
        is_left_alone(what, case).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_identity_with_anybodys_owner_tag_is_never_taken_in() {
    for tags in OTHERS_TAGS {
        is_left_alone("another owner's", Case { tags, ..ADOPTED }).await;
    }
}

async fn is_left_alone(what: &str, case: Case) {
    let (world, _operator) = asked(case).await;
    if case.proof || case.mode == Mode::None {
        world.until_says(ACME, &["Ready False ForeignIdentity", "Stalled True ForeignIdentity"]).await;
    }
    world.pass(DAY).await;
    assert!(world.ses_writes(DOMAIN).is_empty(), "{what}");
    assert_eq!(world.identity(DOMAIN).unwrap().tags.len(), case.tags.len(), "{what}");
}

#[tokio::test(start_paused = true)]
async fn what_is_made_anew_after_an_adopted_identity_is_gone_is_ours_and_is_deleted() {
    let (world, _operator) = asked(ADOPTED).await;
    world.until_ready(ACME).await;
    world.delete_at_ses(DOMAIN);
    let facts = || world.claim(DOMAIN).unwrap().identity;
    world.until("it is made anew", || facts().created_time.is_some() && !facts().adopted).await;
    world.until_ready(ACME).await;
    world.delete(ACME);
    world.until_state(DOMAIN, State::Released).await;
    assert!(world.identity(DOMAIN).is_none());
}
