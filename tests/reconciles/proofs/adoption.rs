//! Foreign identities, adopted by a tenant that proves the domain.

use sender_operator::{
    api::{domain::AdoptionPolicy, reasons::EventReason},
    model::{claim::State, proof_policy::Mode},
    ses::{OWNER_TAG, RETAINED_TAG, SetUp},
};

use crate::{
    foreign::OTHERS_TAGS,
    setup::{ACME, DOMAIN, set_up_by_others},
    simulation::{DAY, MINUTE, Operator, SesCall, Simulation},
};

/// The conditions of an adoption.
#[derive(Clone, Copy)]
struct Case {
    requested: bool,
    permission: bool,
    mode: Mode,
    proof: bool,
    tags: &'static [(&'static str, &'static str)],
}

const ADOPTED: Case =
    Case { requested: true, permission: true, mode: Mode::DnsChallenge, proof: true, tags: &[("team", "web")] };

/// Acme claims a domain whose identity was created and set up by others, with its DKIM records published.
async fn asked(case: Case) -> (Simulation, Operator) {
    let sim = Simulation::new();
    sim.create_at_ses(DOMAIN, case.tags);
    set_up_by_others(&sim);
    sim.publish(DOMAIN);
    sim.tenant("acme");
    sim.apply_with(ACME, DOMAIN, |spec| spec.adoption_policy = case.requested.then_some(AdoptionPolicy::IfProven));
    let operator = sim.start_proving_with(|config| {
        (config.policy.adoption, config.policy.mode, config.claim_retention) = (case.permission, case.mode, DAY);
    });
    if case.proof {
        sim.prove(ACME).await;
    }
    (sim, operator)
}

#[tokio::test(start_paused = true)]
async fn an_identity_that_is_requested_allowed_and_proven_is_adopted_clean_and_never_deleted() {
    let (sim, _operator) = asked(ADOPTED).await;
    sim.until_ready(ACME).await;
    let identity = sim.identity(DOMAIN).unwrap();
    assert_eq!((identity.tags["team"].as_str(), identity.tags[OWNER_TAG].as_str()), ("web", "owner-1"));
    assert!(identity.associations.is_empty() && identity.set_up == SetUp::default());
    sim.until("it is reported", || sim.events_of(ACME).contains(&EventReason::Adopted)).await;
    let claim = sim.claim(DOMAIN).unwrap();
    assert!(claim.identity.adopted && claim.identity.created_time.is_none());

    sim.delete(ACME);
    sim.until_state(DOMAIN, State::Released).await;
    sim.advance(2 * DAY).await;
    assert!(sim.identity(DOMAIN).unwrap().tags.contains_key(RETAINED_TAG));
    let rival = sim.asking("rival", DOMAIN).await;
    sim.delete(&rival);
    sim.advance(DAY).await;
    let successor = sim.proven("rival", DOMAIN).await;
    sim.delete(&successor);
    sim.until_state(DOMAIN, State::Released).await;
    sim.advance(2 * DAY).await;
    assert!(sim.identity(DOMAIN).is_some(), "regardless of the holder");
    assert!(!sim.ses_writes(DOMAIN).contains(&SesCall::Delete));
}

#[tokio::test(start_paused = true)]
async fn without_the_request_the_permission_or_the_proof_it_is_left_alone() {
    for (what, case) in [
        ("no request", Case { requested: false, ..ADOPTED }),
        ("no permission", Case { permission: false, ..ADOPTED }),
        ("no proof", Case { proof: false, ..ADOPTED }),
        ("no proof is required", Case { mode: Mode::None, proof: false, ..ADOPTED }),
    ] {
        is_left_alone(what, case).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_identity_with_any_owner_tag_is_never_adopted() {
    for tags in OTHERS_TAGS {
        is_left_alone("another owner's", Case { tags, ..ADOPTED }).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_identity_that_somebody_else_tagged_since_it_was_read_is_left_alone() {
    let (sim, _operator) = asked(Case { proof: false, ..ADOPTED }).await;
    sim.until("it is read", || sim.ses_calls_of(SesCall::Get) > 0).await;
    sim.advance(MINUTE).await;
    sim.at_ses(DOMAIN, |identity| {
        identity.tags.insert(OWNER_TAG.to_owned(), "somebody-else".to_owned());
    });
    sim.prove(ACME).await;
    sim.until_says(ACME, &["Ready False ForeignIdentity", "Stalled True ForeignIdentity"]).await;
    sim.advance(DAY).await;
    assert!(sim.ses_writes(DOMAIN).is_empty());
    assert_eq!(sim.identity(DOMAIN).unwrap().tags[OWNER_TAG], "somebody-else");
}

async fn is_left_alone(what: &str, case: Case) {
    let (sim, _operator) = asked(case).await;
    if case.proof || case.mode == Mode::None {
        sim.until_says(ACME, &["Ready False ForeignIdentity", "Stalled True ForeignIdentity"]).await;
    }
    sim.advance(DAY).await;
    assert!(sim.ses_writes(DOMAIN).is_empty(), "{what}");
    assert_eq!(sim.identity(DOMAIN).unwrap().tags.len(), case.tags.len(), "{what}");
}

#[tokio::test(start_paused = true)]
async fn the_replacement_of_a_deleted_adopted_identity_is_ours_and_is_deleted() {
    let (sim, _operator) = asked(ADOPTED).await;
    sim.until_ready(ACME).await;
    sim.delete_at_ses(DOMAIN);
    let facts = || sim.claim(DOMAIN).unwrap().identity;
    sim.until("it is recreated", || facts().created_time.is_some() && !facts().adopted).await;
    sim.until_ready(ACME).await;
    sim.delete(ACME);
    sim.until_state(DOMAIN, State::Released).await;
    assert!(sim.identity(DOMAIN).is_none());
}
