//! The life of a claim where a right has to be proven, as a table.

use super::*;
use crate::model::ownership::cases::*;

#[test]
fn an_identity_may_exist_before_the_proof_and_nobody_owns_it() {
    let case = Case::challenged(&[asker("acme", "mail"), asker("rival", "mail")]).then();
    let claim = case.claim();
    assert_eq!((claim.state, &claim.sponsor, &claim.tenant), (State::Provisional, &Some(tenant("acme")), &None));
    assert_eq!(case.decide(), Move::Stay);
}

#[test]
fn whose_record_is_seen_holds_the_domain_whoever_asked_first() {
    let case = Case::challenged(&[asker("acme", "mail"), proving("rival")]).settled();
    let claim = case.claim();
    assert_eq!((claim.state, &claim.tenant, &claim.sponsor), (State::Held, &Some(tenant("rival")), &None));
    assert_eq!(claim.proof.as_ref().unwrap().challenge.as_deref(), Some("token-rival"));
    assert_eq!(claim.holding.as_deref(), Some("holding"));
}

fn lost(case: Case) -> Case {
    let mut case = case;
    case.askers[0].consent = crate::model::proof::Consent::Absent;
    case.settled()
}

#[test]
fn a_holder_whose_proof_is_gone_keeps_the_domain_for_the_grace_and_until_another_proves_it() {
    let held = Case::challenged(&[proving("acme"), asker("rival", "mail")]).settled();
    let lost = lost(held);
    assert_eq!((lost.claim().state, lost.claim().proof.as_ref().unwrap().lost_time), (State::Held, Some(now())));
    let mut late = lost.after(7 * 24);
    assert_eq!(late.decide(), Move::Stay, "nobody else proves it");
    late.askers[1] = proving("rival");
    late.challenge_live = false;
    assert_eq!(late.decide(), Move::LookChallenge, "not by what an earlier pass saw");
    late.challenge_live = true;
    let taken = late.settled();
    assert_eq!(taken.claim().tenant, Some(tenant("rival")));
    assert_eq!(taken.claim().history.tenure(&tenant("acme")), 1, "its old record proves nothing any more");
}

#[test]
fn within_the_grace_nobody_takes_it_and_a_proof_that_is_back_ends_the_loss() {
    let held = Case::challenged(&[proving("acme"), proving("rival")]).settled();
    let mut early = lost(held).after(7 * 24 - 1);
    assert_eq!(early.decide(), Move::Stay);
    early.askers[0] = proving("acme");
    let back = early.settled();
    assert_eq!(
        (back.claim().tenant.clone(), back.claim().proof.as_ref().unwrap().lost_time),
        (Some(tenant("acme")), None)
    );
}
