//! The life of a claim that needs a proof, as a table.

use jiff::SignedDuration;

use super::*;
use crate::model::{name::Domain, ownership::cases::*};

#[test]
fn an_identity_may_exist_before_the_proof_and_nobody_owns_it() {
    let case = Case::challenged(&[claimant("acme", "mail"), claimant("rival", "mail")]).then();
    let claim = case.claim();
    assert_eq!((claim.state, &claim.pending_tenant, &claim.tenant), (State::Provisional, &Some(tenant("acme")), &None));
    assert_eq!(case.decide(), DomainTransition::Stay);
}

#[test]
fn whose_record_is_seen_holds_the_domain_whoever_asked_first() {
    let case = Case::challenged(&[claimant("acme", "mail"), proving("rival")]).settled();
    let claim = case.claim();
    assert_eq!((claim.state, &claim.tenant, &claim.pending_tenant), (State::Held, &Some(tenant("rival")), &None));
    assert_eq!(claim.proof.as_ref().unwrap().challenge.as_deref(), Some("token-rival"));
    assert_eq!(claim.tenure_id.as_deref(), Some("tenure"));
}

fn lost(case: Case) -> Case {
    let mut case = case;
    case.claimants[0].proof_status = crate::model::proof::ProofStatus::Absent;
    case.settled()
}

#[test]
fn a_holder_whose_proof_is_gone_keeps_the_domain_for_the_grace_and_until_another_proves_it() {
    let held = Case::challenged(&[proving("acme"), claimant("rival", "mail")]).settled();
    let lost = lost(held);
    assert_eq!((lost.claim().state, lost.claim().proof.as_ref().unwrap().lost_time), (State::Held, Some(now())));
    let mut late = lost.after(7 * 24);
    assert_eq!(late.decide(), DomainTransition::Stay, "nobody else proves it");
    late.claimants[1] = proving("rival");
    late.challenge_live = false;
    assert_eq!(late.decide(), DomainTransition::ReadChallenge, "not by what an earlier pass saw");
    late.challenge_live = true;
    let taken = late.settled();
    assert_eq!(taken.claim().tenant, Some(tenant("rival")));
    assert_eq!(taken.claim().history.tenure(&tenant("acme")), 1, "its old record proves nothing any more");
}

#[test]
fn within_the_grace_nobody_takes_it_and_a_proof_that_is_back_ends_the_loss() {
    let held = Case::challenged(&[proving("acme"), proving("rival")]).settled();
    let mut early = lost(held).after(7 * 24 - 1);
    assert_eq!(early.decide(), DomainTransition::Stay);
    early.claimants[0] = proving("acme");
    let back = early.settled();
    assert_eq!(
        (back.claim().tenant.clone(), back.claim().proof.as_ref().unwrap().lost_time),
        (Some(tenant("acme")), None)
    );
}

fn provisional(claimants: &[DomainClaimant]) -> Case {
    let case = Case::challenged(claimants).settled();
    assert_eq!(case.claim().state, State::Provisional);
    case
}

#[test]
fn an_unproven_claim_ends_where_the_rules_allow_none() {
    const OTHERS: &[Tenant] = &[];
    for (what, change, ends) in [
        ("nothing changes", (|_| {}) as fn(&mut Case), false),
        ("the operator's own sender domain", |case| case.guarded = true, true),
        ("the zone is given to others", |case| case.required = Required::Delegation(OTHERS), true),
        ("thirty days are over", |case| case.now += SignedDuration::from_hours(30 * 24), true),
        ("almost", |case| case.now += SignedDuration::from_hours(30 * 24 - 1), false),
        ("nobody asks", |case| case.claimants.clear(), true),
        ("the pending tenant's claimant is suspended", |case| case.claimants[0].suspended = true, false),
        (
            "the pending tenant's namespace has moved to another environment",
            |case| case.claimants[0].has_foreign_claim = true,
            true,
        ),
    ] {
        let mut case = provisional(&[claimant("acme", "mail")]);
        change(&mut case);
        let start_release = matches!(case.decide(), DomainTransition::Write(claim) if claim.state == State::Releasing);
        assert_eq!(start_release, ends, "{what}");
    }
    for (who, state, ends) in [
        ("other", State::Held, true),
        ("other", State::Provisional, false),
        ("other", State::Releasing, false),
        ("acme", State::Held, false),
    ] {
        let mut case = provisional(&[claimant("acme", "mail")]);
        (case.below_another, case.related) = (true, Some(related(state, who, "x")));
        assert_eq!(case.decide() != DomainTransition::Stay, ends, "one above is {who}'s and {state:?}");
    }
}

#[test]
fn an_unproven_claim_that_expired_asks_for_the_proof_first() {
    let mut case = provisional(&[claimant("acme", "mail")]).after(30 * 24).then();
    assert!(case.claim().state == State::Releasing && case.claim().challenge_first);
    assert_eq!(case.decide(), DomainTransition::Refused(Refusal::ChallengeFirst));
    case.claimants.push(proving("rival"));
    assert_eq!(case.settled().claim().tenant, Some(tenant("rival")));
}

#[test]
fn the_proof_comes_first_where_no_identity_may_be_before_it() {
    for (what, change, expected) in [
        ("no room", (|case| case.claimants[0].within_limit = false) as fn(&mut Case), Some(Refusal::ChallengeFirst)),
        ("the operator's own", |case| case.guarded = true, Some(Refusal::ChallengeFirst)),
        (
            "others have the zone, or nobody: it is closed",
            |case| case.required = Required::Delegation(&[]),
            Some(Refusal::NotDelegated),
        ),
        ("a public suffix", |case| case.domain = Domain::parse("co.uk").unwrap(), Some(Refusal::PublicSuffix)),
        ("nothing", |_| {}, None),
    ] {
        let mut case = Case::challenged(&[claimant("acme", "mail")]);
        change(&mut case);
        let refusal = if let DomainTransition::Refused(refusal) = case.decide() { Some(refusal) } else { None };
        assert_eq!(refusal, expected, "{what}");
    }
    for (who, state, blocked) in [
        ("other", State::Held, true),
        ("other", State::Releasing, true),
        ("other", State::Provisional, false),
        ("other", State::Released, false),
        ("acme", State::Held, false),
    ] {
        let mut case = Case::challenged(&[claimant("acme", "mail")]);
        case.related = None;
        assert_eq!(case.decide(), DomainTransition::ReadRelated);
        case.related = Some(related(state, who, "x"));
        assert_eq!(
            case.decide() == DomainTransition::Refused(Refusal::ChallengeFirst),
            blocked,
            "above: {who}'s, {state:?}"
        );
    }
}

#[test]
fn while_releasing_the_tenant_comes_back_before_another_and_nobody_once_the_deletion_was_begun() {
    let released = |claimants: &[DomainClaimant]| {
        let mut case = Case::challenged(&[proving("acme")]).settled();
        case.claimants.clear();
        case = case.then();
        case.claimants = claimants.to_vec();
        case
    };
    let both = released(&[proving("rival"), claimant("acme", "mail")]).then();
    assert_eq!((both.claim().state, &both.claim().tenant), (State::Held, &Some(tenant("acme"))));
    let other = released(&[claimant("third", "mail"), proving("rival")]).then();
    assert_eq!(other.claim().tenant, Some(tenant("rival")));
    assert_eq!(other.claim().history.tenure(&tenant("acme")), 1);
    assert_eq!(released(&[claimant("rival", "mail")]).decide(), DomainTransition::Stay);
    for others in [[proving("rival"), proving("acme")], [proving("rival"), claimant("acme", "mail")]] {
        let mut begun = released(&others);
        begun.claim.as_mut().unwrap().claim.identity.delete_time = Some(now());
        assert_eq!(begun.decide(), DomainTransition::Stay);
    }
}

#[test]
fn an_identity_that_came_back_late_begins_its_thirty_days_when_somebody_asks() {
    let mut case = provisional(&[claimant("acme", "mail")]);
    let claim = &mut case.claim.as_mut().unwrap().claim;
    (claim.state, claim.pending_tenant, claim.provisional_time) = (State::Releasing, None, None);
    let case = case.after(60 * 24).then();
    assert_eq!((case.claim().state, case.claim().provisional_time), (State::Provisional, Some(case.now)));
    assert_eq!(case.decide(), DomainTransition::Stay);
}

#[test]
fn a_takeover_is_due_where_somebody_else_may_have_set_something_up() {
    for (what, change, due) in [
        ("a new identity", (|_| {}) as fn(&mut Claim), false),
        ("retained by somebody", |claim| claim.identity.retained = true, true),
        ("adopted", |claim| claim.identity.adopted = true, true),
        (
            "of the holder before",
            |claim| {
                claim.tenant = Some(tenant("rival"));
                claim.identity.created_time = Some(now());
            },
            true,
        ),
        (
            "one's own of before",
            |claim| {
                claim.history = claim.history.left_by(&tenant("acme"));
                claim.identity.retained = true;
            },
            false,
        ),
    ] {
        let mut case = Case::challenged(&[claimant("acme", "mail")]).then();
        let claim = &mut case.claim.as_mut().unwrap().claim;
        (claim.state, claim.releasing_time) = (State::Releasing, Some(now()));
        change(claim);
        case.claimants = vec![proving("acme")];
        assert_eq!(case.written().identity.takeover_pending, due, "{what}");
    }
}

/// A domain that acme held and released while `others` claim it.
fn start_release(others: &[DomainClaimant]) -> Case {
    let mut case = Case::challenged(&[proving("acme")]).settled();
    case.claimants = others.to_vec();
    case.then()
}

#[test]
fn no_answer_is_no_loss() {
    let mut held = Case::challenged(&[proving("acme"), proving("rival")]).settled();
    held.claimants[0].proof_status = crate::model::proof::ProofStatus::Unknown;
    assert_eq!(held.decide(), DomainTransition::Stay);
    assert_eq!(held.after(30 * 24).decide(), DomainTransition::Stay);
}

#[test]
fn what_an_earlier_reconcile_saw_in_dns_makes_nobody_a_holder() {
    let mut free = Case::challenged(&[proving("acme")]);
    free.challenge_live = false;
    assert_eq!(free.decide(), DomainTransition::ReadChallenge);
    let mut provisional = Case::challenged(&[claimant("acme", "mail")]).settled();
    (provisional.claimants, provisional.challenge_live) = (vec![proving("acme")], false);
    assert_eq!(provisional.decide(), DomainTransition::ReadChallenge);
    let mut releasing = start_release(&[proving("rival")]);
    releasing.challenge_live = false;
    assert_eq!(releasing.decide(), DomainTransition::ReadChallenge);
}

#[test]
fn a_domain_that_was_let_go_is_taken_over_only_when_a_live_list_shows_nobody_of_its_tenant() {
    let mut releasing = start_release(&[proving("rival")]);
    releasing.claimants_live = false;
    assert_eq!(releasing.decide(), DomainTransition::ReadClaimants, "a watch may be late");
    releasing.claimants_live = true;
    assert_eq!(releasing.decide_holder(), Some(tenant("rival")));
    releasing.claimants.insert(0, proving("acme"));
    assert_eq!(releasing.decide_holder(), Some(tenant("acme")));
}

#[test]
fn another_holder_finds_a_clean_identity_that_is_not_verified_for_it_and_the_same_one_finds_all_as_it_was() {
    let mut releasing = start_release(&[]);
    let facts = &mut releasing.claim.as_mut().unwrap().claim.identity;
    (facts.created_time, facts.verified_time) = (Some(now()), Some(now()));
    for (who, takeover_pending, verified, tenure) in [("rival", true, None, 1), ("acme", false, Some(now()), 0)] {
        releasing.claimants = vec![proving(who)];
        let claim = releasing.written();
        assert_eq!(
            (claim.identity.takeover_pending, claim.identity.verified_time),
            (takeover_pending, verified),
            "{who}"
        );
        assert_eq!(claim.history.tenure(&tenant("acme")), tenure, "{who}");
    }
}

#[test]
fn who_is_suspended_or_has_a_foreign_claim_gains_nothing() {
    for change in [
        |claimant: &mut DomainClaimant| claimant.suspended = true,
        |claimant: &mut DomainClaimant| claimant.has_foreign_claim = true,
        |claimant: &mut DomainClaimant| claimant.beyond_open_limit = true,
    ] {
        let mut proving = proving("acme");
        change(&mut proving);
        assert_eq!(Case::challenged(&[proving]).decide(), DomainTransition::Stay);
    }
}

#[test]
fn a_suspended_pending_tenant_keeps_the_claim_and_one_that_is_gone_is_followed() {
    let mut case = Case::challenged(&[claimant("acme", "mail"), claimant("rival", "mail")]).settled();
    case.claimants[0].suspended = true;
    assert_eq!(case.decide(), DomainTransition::Stay);
    case.claimants.remove(0);
    assert_eq!(case.written().pending_tenant, Some(tenant("rival")));
    case.claimants.clear();
    assert_eq!(case.written().state, State::Releasing);
}

#[test]
fn where_others_are_remembered_who_held_it_without_a_proof_is_remembered_too() {
    let mut case = start_release(&[]);
    case.claim.as_mut().unwrap().claim = crate::model::ownership::release(case.claim(), true, now());
    (case.claimants, case.required) = (vec![claimant("rival", "mail")], Required::FirstCome);
    let case = case.settled();
    let released = crate::model::ownership::release(case.claim(), true, now());
    assert_eq!(released.history.last(), Some(&tenant("rival")), "else its hand-over to acme would be left out");
}
