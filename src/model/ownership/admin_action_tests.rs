//! Admin actions, as a table.

use super::*;
use crate::model::ownership::{DomainClaimant, cases::*};

fn ordered(mut case: Case, action: ActionKind, value: &str) -> Case {
    case.claim.as_mut().unwrap().requested_actions.actions = vec![RequestedAction { action, value: value.to_owned() }];
    case
}

#[test]
fn a_forced_release_bars_the_tenant_until_the_annotation_is_gone() {
    let mut case = ordered(Case::challenged(&[proving("acme")]).settled(), ActionKind::ForceRelease, "abuse").then();
    assert_eq!((case.claim().state, &case.claim().barred_tenant), (State::Releasing, &Some(tenant("acme"))));
    assert_eq!(case.decide(), DomainTransition::Stay, "it does not get it back");
    let admin_action = case.claim().admin_actions.last().unwrap().clone();
    assert_eq!((admin_action.before, admin_action.after), (Some(tenant("acme")), None));
    case.claim.as_mut().unwrap().requested_actions.actions.clear();
    assert_eq!(case.settled().claim().state, State::Held);
}

#[test]
fn an_admin_action_is_handled_once_and_only_where_it_can_be() {
    use State::{Held, Releasing};
    let held = || Case::challenged(&[proving("acme"), claimant("rival", "mail")]).settled();
    let free = || {
        let mut case = held();
        case.claim = Some(stored(crate::model::ownership::release(case.claim(), false, now())));
        case.claimants = vec![claimant("rival", "mail")];
        case
    };
    let unproven = || Case::challenged(&[claimant("rival", "mail")]).settled();
    for (what, case, action, value, expected) in [
        ("the holder is forced out", held(), ActionKind::ForceRelease, "x", Some((Releasing, Some("acme"), None))),
        ("nobody to force out", free(), ActionKind::ForceRelease, "x", None),
        ("nobody holds it yet", unproven(), ActionKind::ForceRelease, "x", None),
        ("given to who asks", held(), ActionKind::Transfer, "tenant/rival", Some((Held, Some("acme"), Some("rival")))),
        ("given to who does not ask", held(), ActionKind::Transfer, "tenant/third", None),
        ("a free domain is given", free(), ActionKind::Transfer, "tenant/rival", Some((Held, None, Some("rival")))),
        (
            "an unproven one is given",
            unproven(),
            ActionKind::Transfer,
            "tenant/rival",
            Some((Held, None, Some("rival"))),
        ),
        ("a labelled tenant has no namespace to approve", held(), ActionKind::ApproveNamespace, "uid", None),
    ] {
        let before = case.claim().admin_actions.len();
        let case = ordered(case, action, value).settled();
        let admin_action = case.claim().admin_actions.last().filter(|_| case.claim().admin_actions.len() > before);
        let name = |tenant: &Option<Tenant>| tenant.as_ref().map(ToString::to_string);
        let found = admin_action
            .map(|admin_action| (case.claim().state, name(&admin_action.before), name(&admin_action.after)));
        let expected = expected.map(|(state, before, after)| {
            let full = |who: Option<&str>| who.map(|who| format!("tenant/{who}"));
            (state, full(before), full(after))
        });
        assert_eq!(found, expected, "{what}");
        assert_eq!(case.claim().admin_actions.len() - before, usize::from(expected.is_some()), "{what}: once");
    }
}

#[test]
fn nothing_is_given_once_the_deletion_was_begun_or_to_a_barred_tenant() {
    let mut begun = Case::challenged(&[proving("acme")]).settled();
    begun.claimants.clear();
    let mut begun = begun.then();
    begun.claim.as_mut().unwrap().claim.identity.delete_time = Some(now());
    begun.claimants = vec![claimant("rival", "mail")];
    assert_eq!(ordered(begun, ActionKind::Transfer, "tenant/rival").decide(), DomainTransition::Stay);
    let mut barred = ordered(Case::challenged(&[proving("acme")]).settled(), ActionKind::ForceRelease, "x").then();
    let requested_actions = &mut barred.claim.as_mut().unwrap().requested_actions.actions;
    requested_actions.push(RequestedAction { action: ActionKind::Transfer, value: "tenant/acme".into() });
    assert_eq!(barred.decide(), DomainTransition::Stay);
}

#[test]
fn a_namespace_made_again_goes_on_only_under_the_uid_that_was_approved() {
    let again = |uid: &str| Tenant::Namespace { name: "plain".into(), uid: uid.into() };
    let mut first = proving("acme");
    first.tenant = again("1");
    let mut case = Case::challenged(&[first.clone()]).settled();
    let proof = case.claim().proof.clone();
    case.claimants =
        vec![DomainClaimant { tenant: again("2"), proof_status: crate::model::proof::ProofStatus::Absent, ..first }];
    let case = case.then();
    assert_eq!(ordered(case, ActionKind::ApproveNamespace, "3").decide(), DomainTransition::Stay);
    let mut case = Case::challenged(&[]);
    let mut held = proving("acme");
    held.tenant = again("1");
    case.claimants = vec![held.clone()];
    let mut case = case.settled();
    // The limit of unproven domains does not bind an administrator.
    case.claimants = vec![DomainClaimant { tenant: again("2"), beyond_open_limit: true, ..held }];
    let case = ordered(case.then(), ActionKind::ApproveNamespace, "2").then();
    assert_eq!(
        (case.claim().state, &case.claim().tenant, &case.claim().proof),
        (State::Held, &Some(again("2")), &proof)
    );
}

#[test]
fn an_admin_action_is_handled_once() {
    let case = ordered(
        Case::challenged(&[proving("acme"), claimant("rival", "mail")]).settled(),
        ActionKind::Transfer,
        "tenant/rival",
    );
    let mut given = case.settled();
    assert_eq!((given.claim().tenant.clone(), given.claim().admin_actions.len()), (Some(tenant("rival")), 1));
    // The rival releases the domain, and acme regains it by its new record, although the annotation is still set.
    given.claimants.remove(1);
    let back = given.settled();
    assert_eq!((back.claim().tenant.clone(), back.claim().admin_actions.len()), (Some(tenant("acme")), 1));
}

#[test]
fn a_namespace_that_was_made_again_goes_on_only_while_it_is_let_go() {
    let namespace = |uid: &str| crate::model::tenant::Tenant::Namespace { name: "ns".to_owned(), uid: uid.to_owned() };
    let of = |uid: &str| crate::model::ownership::DomainClaimant { tenant: namespace(uid), ..proving("acme") };
    let mut case = Case::challenged(&[of("1")]).settled();
    case.claimants =
        vec![crate::model::ownership::DomainClaimant { tenant: namespace("2"), ..claimant("acme", "mail") }];
    let mut again = ordered(case.then(), ActionKind::ApproveNamespace, "2");
    let before = again.claim().clone();
    let on = again.written();
    assert_eq!((on.state, on.tenant, on.proof), (State::Held, Some(namespace("2")), before.proof));
    assert_eq!(on.tenure_id, before.tenure_id, "everything goes on");
    again.claim.as_mut().unwrap().claim.identity.delete_time = Some(now());
    assert_eq!(again.decide(), DomainTransition::Stay, "its deletion was begun");
}

#[test]
fn the_reason_of_a_forced_release_may_be_worded_anew_and_hits_nobody_else() {
    let forced = ordered(Case::challenged(&[proving("acme")]).settled(), ActionKind::ForceRelease, "abuse").then();
    let mut case = forced;
    case.claimants.push(proving("rival"));
    let case = ordered(case.settled(), ActionKind::ForceRelease, "abuse, see ticket 7");
    assert_eq!(case.claim().tenant, Some(tenant("rival")));
    assert_eq!(case.decide(), DomainTransition::Stay);
    assert_eq!(case.claim().barred_tenant, Some(tenant("acme")));
}

#[test]
fn an_admin_action_requested_before_a_tenant_becomes_holder_does_not_strike_it() {
    let free = || {
        let mut case = Case::challenged(&[proving("acme")]).settled();
        case.claim = Some(stored(crate::model::ownership::release(case.claim(), false, now())));
        case.claimants = vec![claimant("rival", "mail")];
        case
    };
    for (action, value) in [
        (ActionKind::ForceRelease, "abuse"),
        (ActionKind::Transfer, "tenant/third"),
        (ActionKind::ApproveRelease, "yes"),
        (ActionKind::ApproveNamespace, "uid"),
    ] {
        let mut case = ordered(free(), action, value).settled();
        case.claimants = vec![proving("rival")];
        let mut case = case.settled();
        case.claimants.push(claimant("third", "mail"));
        let mut case = case.settled();
        assert_eq!((case.claim().state, &case.claim().tenant), (State::Held, &Some(tenant("rival"))), "{action:?}");
        let stored = case.claim.as_ref().unwrap();
        assert_eq!((stored.open_action(action), stored.claim.admin_actions.len()), (None, 0), "{action:?}");
        assert_eq!(stored.annotation_set_aside(), Some(action.annotation()), "{action:?}: it is told");
        // Removed and set again, the admin action concerns this holder.
        case.claim.as_mut().unwrap().requested_actions.actions.clear();
        let again = ordered(case.settled(), action, value);
        assert!(again.claim.as_ref().unwrap().open_action(action).is_some(), "{action:?}");
        let acts = matches!(action, ActionKind::ForceRelease | ActionKind::Transfer);
        assert_eq!(matches!(again.decide(), DomainTransition::Write(_)), acts, "{action:?}");
    }
}

#[test]
fn an_approved_release_that_does_not_take_place_approves_no_later_one() {
    let mut case = Case::challenged(&[proving("acme")]).settled();
    case.claimants.clear();
    let mut case = ordered(case.settled(), ActionKind::ApproveRelease, "yes");
    assert!(case.claim.as_ref().unwrap().open_action(ActionKind::ApproveRelease).is_some());
    case.claimants = vec![claimant("acme", "mail")];
    let back = case.settled();
    assert_eq!(back.claim().state, State::Held);
    assert_eq!(back.claim.as_ref().unwrap().open_action(ActionKind::ApproveRelease), None);
}
