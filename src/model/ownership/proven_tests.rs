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
