//! First come, as a table.

use super::*;
use crate::model::{
    claim::{ClaimedIdentity, DeletionPolicy},
    ownership::{cases::*, release},
};

#[test]
fn the_first_claimant_gets_the_domain_in_two_writes() {
    let case = Case::new(&[claimant("acme", "a"), claimant("rival", "b")]).then();
    let provisional = &case.claim.as_ref().unwrap().claim;
    assert_eq!(
        (provisional.state, &provisional.pending_tenant, &provisional.tenant),
        (State::Provisional, &Some(tenant("acme")), &None)
    );
    let case = case.then();
    let held = &case.claim.as_ref().unwrap().claim;
    assert_eq!((held.state, &held.pending_tenant, &held.tenant), (State::Held, &None, &Some(tenant("acme"))));
    assert_eq!(held.holder.as_ref().unwrap().name, "a");
    assert_eq!(case.decide(), DomainTransition::Stay);
}

#[test]
fn nobody_gets_a_claim_without_a_live_list_of_related_claims() {
    let mut case = Case::new(&[claimant("acme", "a")]);
    case.related = None;
    assert_eq!(case.decide(), DomainTransition::ReadRelated);
    case.related = Some(Vec::new());
    let mut case = case.then();
    case.related = None;
    assert_eq!(case.decide(), DomainTransition::ReadRelated);
}

#[test]
fn a_suspended_claimant_gains_no_claim_but_keeps_one() {
    assert_eq!(Case::new(&[suspended("acme", "a")]).decide(), DomainTransition::Stay);
    let mut case = Case::held_by(&[claimant("acme", "a")]);
    case.claimants = vec![suspended("acme", "a")];
    assert_eq!(case.decide(), DomainTransition::Stay);
    let mut case = Case::held_by(&[claimant("acme", "a")]);
    case.claimants.clear();
    let mut case = case.then();
    case.claimants = vec![suspended("acme", "a")];
    assert_eq!(case.decide(), DomainTransition::Stay, "a suspended return gains nothing");
}

#[test]
fn a_public_suffix_is_nobodys() {
    for mut case in [Case::new(&[claimant("acme", "a")]), Case::challenged(&[proving("acme")])] {
        case.domain = Domain::parse("co.uk").unwrap();
        assert_eq!(case.decide(), DomainTransition::Refused(Refusal::PublicSuffix), "proven or not");
    }
}

#[test]
fn a_related_claim_of_another_tenant_blocks_before_the_claim_is_made() {
    for (state, expected) in [
        (State::Held, DomainTransition::Refused(Refusal::AnotherTenant)),
        (State::Provisional, DomainTransition::Refused(Refusal::AnotherTenantReleasing)),
        (State::Releasing, DomainTransition::Refused(Refusal::AnotherTenantReleasing)),
    ] {
        let mut case = Case::new(&[claimant("acme", "a")]);
        case.related = Some(related(state, "rival", "z"));
        assert_eq!(case.decide(), expected, "{state:?}");
    }
    for others in [related(State::Released, "rival", "a"), related(State::Held, "acme", "a")] {
        let mut case = Case::new(&[claimant("acme", "a")]);
        case.related = Some(others);
        assert_eq!(case.written().state, State::Provisional);
    }
}

#[test]
fn a_claimant_of_the_related_claims_tenant_goes_ahead_where_an_older_one_is_refused() {
    let mut case = Case::new(&[claimant("rival", "older"), claimant("acme", "a")]);
    case.related = Some(related(State::Held, "acme", "a"));
    assert_eq!(case.written().pending_tenant, Some(tenant("acme")));
}

#[test]
fn of_two_provisional_rivals_the_later_gives_way_and_the_earlier_waits() {
    let rivals = |order| {
        let mut case = Case::new(&[claimant("acme", "a")]).then();
        case.related = Some(related(State::Provisional, "rival", order));
        case.decide()
    };
    match rivals("a") {
        DomainTransition::Write(claim) => assert_eq!(claim.state, State::Released),
        other => panic!("the later one stays: {other:?}"),
    }
    assert_eq!(
        rivals("z"),
        DomainTransition::Refused(Refusal::AnotherTenantReleasing),
        "Held only when the rival is gone"
    );
}

#[test]
fn a_provisional_claim_gives_way_to_any_held_or_releasing_one() {
    for state in [State::Held, State::Releasing] {
        let mut case = Case::new(&[claimant("acme", "a")]).then();
        case.related = Some(related(state, "rival", "z"));
        assert_eq!(case.written().state, State::Released, "{state:?}");
    }
}

#[test]
fn the_oldest_remaining_claimant_becomes_the_pending_tenant_or_nobody_does() {
    let mut case = Case::new(&[claimant("acme", "a"), claimant("rival", "b")]).then();
    case.claimants.remove(0);
    assert_eq!(case.written().pending_tenant, Some(tenant("rival")));
    case.claimants.clear();
    assert_eq!(case.written().state, State::Released);
}

#[test]
fn another_object_of_the_tenant_inherits_without_a_release() {
    let mut case = Case::held_by(&[claimant("acme", "a"), claimant("rival", "r"), claimant("acme", "b")]);
    case.claimants.remove(0);
    let next = case.written();
    assert_eq!((next.state, next.holder.unwrap().name.as_str()), (State::Held, "b"));
    assert_eq!(next.proof, case.claim.unwrap().claim.proof);
}

#[test]
fn the_holder_keeps_the_claim_also_against_an_older_object_of_its_tenant() {
    for mut case in [Case::held_by(&[claimant("acme", "b")]), Case::challenged(&[proving("acme")]).settled()] {
        let older = DomainClaimant { object: claimant("acme", "older").object, ..case.claimants[0].clone() };
        case.claimants.insert(0, older);
        assert_eq!(case.decide(), DomainTransition::Stay);
    }
}

#[test]
fn a_holder_whose_namespace_went_to_another_tenant_lets_go() {
    let mut case = Case::held_by(&[claimant("acme", "a")]);
    case.claimants[0].tenant = tenant("other");
    let next = case.written();
    assert_eq!((next.state, next.releasing_time, next.tenant), (State::Releasing, Some(now()), Some(tenant("acme"))));
}

#[test]
fn the_last_seen_deletion_policy_stands_in_the_claim() {
    let mut case = Case::held_by(&[claimant("acme", "a")]);
    case.claimants[0].deletion_policy = DeletionPolicy::Retain;
    let mut case = case.then();
    assert_eq!(case.claim.as_ref().unwrap().claim.identity.deletion_policy, Some(DeletionPolicy::Retain));
    case.claimants.clear();
    assert_eq!(case.written().identity.deletion_policy, Some(DeletionPolicy::Retain));
}

#[test]
fn the_same_tenant_comes_back_to_everything_as_long_as_no_deletion_was_begun() {
    let mut case = Case::held_by(&[claimant("acme", "a")]);
    case.claim.as_mut().unwrap().claim.identity.verified_time = Some(now());
    case.claimants.clear();
    let mut case = case.then();
    case.claimants = vec![claimant("rival", "r"), claimant("acme", "again")];
    let next = case.written();
    assert_eq!((next.state, next.releasing_time), (State::Held, None));
    assert_eq!(next.identity.verified_time, Some(now()));
    case.claim.as_mut().unwrap().claim.identity.delete_time = Some(now());
    assert_eq!(case.decide(), DomainTransition::Stay);
}

#[test]
fn without_proofs_another_tenant_waits_for_the_end_of_a_release() {
    let mut case = Case::held_by(&[claimant("acme", "a")]);
    case.claimants = vec![claimant("rival", "r")];
    let case = case.then();
    assert_eq!(case.decide(), DomainTransition::Stay);
}

#[test]
fn a_released_claim_names_nobody_and_can_be_asked_for_anew() {
    let case = Case::held_by(&[claimant("acme", "a")]);
    let held = case.claim.as_ref().unwrap().claim.clone();
    let gone = release(&held, false, now());
    assert_eq!((gone.tenant.clone(), gone.holder.clone(), gone.proof.clone()), (None, None, None));
    assert_eq!(gone.identity, ClaimedIdentity::default());
    assert!(release(&held, true, now()).identity.retained);
    let mut case = Case::new(&[claimant("rival", "r")]);
    case.claim = Some(stored(gone));
    assert_eq!(case.written().pending_tenant, Some(tenant("rival")));
}
