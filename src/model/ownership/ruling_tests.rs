//! Administrators' orders, as a table.

use super::*;
use crate::model::ownership::cases::*;

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
