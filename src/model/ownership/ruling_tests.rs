//! Admin actions, as a table.

use super::*;
use crate::model::ownership::{Asker, cases::*};

fn ordered(mut case: Case, verb: Verb, value: &str) -> Case {
    case.claim.as_mut().unwrap().orders.orders = vec![Order { verb, value: value.to_owned() }];
    case
}

#[test]
fn a_forced_release_bars_the_tenant_until_the_annotation_is_gone() {
    let mut case = ordered(Case::challenged(&[proving("acme")]).settled(), Verb::ForceRelease, "abuse").then();
    assert_eq!((case.claim().state, &case.claim().barred), (State::Releasing, &Some(tenant("acme"))));
    assert_eq!(case.decide(), Move::Stay, "it does not get it back");
    let ruling = case.claim().rulings.last().unwrap().clone();
    assert_eq!((ruling.before, ruling.after), (Some(tenant("acme")), None));
    case.claim.as_mut().unwrap().orders.orders.clear();
    assert_eq!(case.settled().claim().state, State::Held);
}

#[test]
fn an_order_is_carried_out_once_and_only_where_it_can_be() {
    use State::{Held, Releasing};
    let held = || Case::challenged(&[proving("acme"), asker("rival", "mail")]).settled();
    let free = || {
        let mut case = held();
        case.claim = Some(stored(crate::model::ownership::release(case.claim(), false, now())));
        case.askers = vec![asker("rival", "mail")];
        case
    };
    let unproven = || Case::challenged(&[asker("rival", "mail")]).settled();
    for (what, case, verb, value, expected) in [
        ("the holder is forced out", held(), Verb::ForceRelease, "x", Some((Releasing, Some("acme"), None))),
        ("nobody to force out", free(), Verb::ForceRelease, "x", None),
        ("nobody holds it yet", unproven(), Verb::ForceRelease, "x", None),
        ("given to who asks", held(), Verb::Transfer, "tenant/rival", Some((Held, Some("acme"), Some("rival")))),
        ("given to who does not ask", held(), Verb::Transfer, "tenant/third", None),
        ("a free domain is given", free(), Verb::Transfer, "tenant/rival", Some((Held, None, Some("rival")))),
        ("an unproven one is given", unproven(), Verb::Transfer, "tenant/rival", Some((Held, None, Some("rival")))),
        ("a labelled tenant has no namespace to approve", held(), Verb::ApproveNamespace, "uid", None),
    ] {
        let before = case.claim().rulings.len();
        let case = ordered(case, verb, value).settled();
        let ruling = case.claim().rulings.last().filter(|_| case.claim().rulings.len() > before);
        let name = |tenant: &Option<Tenant>| tenant.as_ref().map(ToString::to_string);
        let found = ruling.map(|ruling| (case.claim().state, name(&ruling.before), name(&ruling.after)));
        let expected = expected.map(|(state, before, after)| {
            let full = |who: Option<&str>| who.map(|who| format!("tenant/{who}"));
            (state, full(before), full(after))
        });
        assert_eq!(found, expected, "{what}");
        assert_eq!(case.claim().rulings.len() - before, usize::from(expected.is_some()), "{what}: once");
    }
}

#[test]
fn nothing_is_given_once_the_deletion_was_begun_or_to_who_is_barred() {
    let mut begun = Case::challenged(&[proving("acme")]).settled();
    begun.askers.clear();
    let mut begun = begun.then();
    begun.claim.as_mut().unwrap().claim.identity.delete_time = Some(now());
    begun.askers = vec![asker("rival", "mail")];
    assert_eq!(ordered(begun, Verb::Transfer, "tenant/rival").decide(), Move::Stay);
    let mut barred = ordered(Case::challenged(&[proving("acme")]).settled(), Verb::ForceRelease, "x").then();
    let orders = &mut barred.claim.as_mut().unwrap().orders.orders;
    orders.push(Order { verb: Verb::Transfer, value: "tenant/acme".into() });
    assert_eq!(barred.decide(), Move::Stay);
}

#[test]
fn a_namespace_made_again_goes_on_only_under_the_uid_that_was_approved() {
    let again = |uid: &str| Tenant::Namespace { name: "plain".into(), uid: uid.into() };
    let mut first = proving("acme");
    first.tenant = again("1");
    let mut case = Case::challenged(&[first.clone()]).settled();
    let proof = case.claim().proof.clone();
    case.askers = vec![Asker { tenant: again("2"), consent: crate::model::proof::Consent::Absent, ..first }];
    let case = case.then();
    assert_eq!(ordered(case, Verb::ApproveNamespace, "3").decide(), Move::Stay);
    let mut case = Case::challenged(&[]);
    let mut held = proving("acme");
    held.tenant = again("1");
    case.askers = vec![held.clone()];
    let mut case = case.settled();
    case.askers = vec![Asker { tenant: again("2"), ..held }];
    let case = ordered(case.then(), Verb::ApproveNamespace, "2").then();
    assert_eq!(
        (case.claim().state, &case.claim().tenant, &case.claim().proof),
        (State::Held, &Some(again("2")), &proof)
    );
}

#[test]
fn an_order_is_carried_out_once() {
    let case =
        ordered(Case::challenged(&[proving("acme"), asker("rival", "mail")]).settled(), Verb::Transfer, "tenant/rival");
    let mut given = case.settled();
    assert_eq!((given.claim().tenant.clone(), given.claim().rulings.len()), (Some(tenant("rival")), 1));
    // The rival releases the domain, and acme regains it by its new record, although the annotation is still set.
    given.askers.remove(1);
    let back = given.settled();
    assert_eq!((back.claim().tenant.clone(), back.claim().rulings.len()), (Some(tenant("acme")), 1));
}

#[test]
fn a_namespace_that_was_made_again_goes_on_only_while_it_is_let_go() {
    let namespace = |uid: &str| crate::model::tenant::Tenant::Namespace { name: "ns".to_owned(), uid: uid.to_owned() };
    let of = |uid: &str| crate::model::ownership::Asker { tenant: namespace(uid), ..proving("acme") };
    let mut case = Case::challenged(&[of("1")]).settled();
    case.askers = vec![crate::model::ownership::Asker { tenant: namespace("2"), ..asker("acme", "mail") }];
    let mut again = ordered(case.then(), Verb::ApproveNamespace, "2");
    let before = again.claim().clone();
    let on = again.written();
    assert_eq!((on.state, on.tenant, on.proof), (State::Held, Some(namespace("2")), before.proof));
    assert_eq!(on.holding, before.holding, "everything goes on");
    again.claim.as_mut().unwrap().claim.identity.delete_time = Some(now());
    assert_eq!(again.decide(), Move::Stay, "its deletion was begun");
}

#[test]
fn the_reason_of_a_forced_release_may_be_worded_anew_and_hits_nobody_else() {
    let forced = ordered(Case::challenged(&[proving("acme")]).settled(), Verb::ForceRelease, "abuse").then();
    let mut case = forced;
    case.askers.push(proving("rival"));
    let case = ordered(case.settled(), Verb::ForceRelease, "abuse, see ticket 7");
    assert_eq!(case.claim().tenant, Some(tenant("rival")));
    assert_eq!(case.decide(), Move::Stay);
    assert_eq!(case.claim().barred, Some(tenant("acme")));
}

#[test]
fn an_order_that_stands_when_a_tenant_becomes_holder_does_not_strike_it() {
    let free = || {
        let mut case = Case::challenged(&[proving("acme")]).settled();
        case.claim = Some(stored(crate::model::ownership::release(case.claim(), false, now())));
        case.askers = vec![asker("rival", "mail")];
        case
    };
    for (verb, value) in [
        (Verb::ForceRelease, "abuse"),
        (Verb::Transfer, "tenant/third"),
        (Verb::ApproveRelease, "yes"),
        (Verb::ApproveNamespace, "uid"),
    ] {
        let mut case = ordered(free(), verb, value).settled();
        case.askers = vec![proving("rival")];
        let mut case = case.settled();
        case.askers.push(asker("third", "mail"));
        let mut case = case.settled();
        assert_eq!((case.claim().state, &case.claim().tenant), (State::Held, &Some(tenant("rival"))), "{verb:?}");
        let stored = case.claim.as_ref().unwrap();
        assert_eq!((stored.open_order(verb), stored.claim.rulings.len()), (None, 0), "{verb:?}");
        assert_eq!(stored.annotation_set_aside(), Some(verb.annotation()), "{verb:?}: it is told");
        // Removed and set again, the admin action concerns this holder.
        case.claim.as_mut().unwrap().orders.orders.clear();
        let again = ordered(case.settled(), verb, value);
        assert!(again.claim.as_ref().unwrap().open_order(verb).is_some(), "{verb:?}");
        let acts = matches!(verb, Verb::ForceRelease | Verb::Transfer);
        assert_eq!(matches!(again.decide(), Move::Write(_)), acts, "{verb:?}");
    }
}

#[test]
fn an_approved_release_that_does_not_take_place_approves_no_later_one() {
    let mut case = Case::challenged(&[proving("acme")]).settled();
    case.askers.clear();
    let mut case = ordered(case.settled(), Verb::ApproveRelease, "yes");
    assert!(case.claim.as_ref().unwrap().open_order(Verb::ApproveRelease).is_some());
    case.askers = vec![asker("acme", "mail")];
    let back = case.settled();
    assert_eq!(back.claim().state, State::Held);
    assert_eq!(back.claim.as_ref().unwrap().open_order(Verb::ApproveRelease), None);
}
