//! Admin actions: each is carried out once and recorded with the tenants before and after it.

use super::question::{Move, Question};
use crate::model::{
    claim::{Claim, State, StoredClaim},
    orders::{Order, Verb},
    proof::{Evidence, ProofKind},
    tenant::Tenant,
};

/// The transition of the first admin action that can be carried out now.
pub(super) fn decide(question: &Question<'_>) -> Option<Move> {
    let stored = question.claim?;
    let claim = &stored.claim;
    if let Some(tidied) = without_withdrawn(claim, &stored.orders.orders) {
        return Some(Move::Write(Box::new(tidied)));
    }
    let force = stored.open_order(Verb::ForceRelease).and_then(|order| force_release(question, claim, order));
    let transfer = || stored.open_order(Verb::Transfer).and_then(|order| transfer(question, claim, order));
    let namespace =
        || stored.open_order(Verb::ApproveNamespace).and_then(|order| approve_namespace(question, stored, order));
    let next = force.or_else(transfer).or_else(namespace)?;
    Some(Move::Write(Box::new(next)))
}

/// The claim without traces of annotations that were removed or changed.
fn without_withdrawn(claim: &Claim, standing: &[Order]) -> Option<Claim> {
    let mut next = claim.clone();
    next.carried_out.retain(|done| standing.iter().any(|order| order.is(done)));
    if !next.carried_out.iter().any(|order| order.verb == Verb::ForceRelease) {
        next.barred = None;
    }
    (next != *claim).then_some(next)
}

fn force_release(question: &Question<'_>, claim: &Claim, order: &Order) -> Option<Claim> {
    let tenant = claim.tenant.as_ref().filter(|_| matches!(claim.state, State::Held | State::Releasing))?;
    let mut next = Claim { barred: Some(tenant.clone()), ..claim.clone() };
    if claim.state == State::Held {
        (next.state, next.releasing_time) = (State::Releasing, Some(question.now));
    }
    next.record(order, claim.tenant.as_ref(), question.now);
    Some(next)
}

/// Requires a claimant of that tenant: the admin action alone creates no holder.
fn transfer(question: &Question<'_>, claim: &Claim, order: &Order) -> Option<Claim> {
    let tenant: Tenant = order.value.parse().ok()?;
    let asker = question.active().find(|asker| asker.tenant == tenant)?;
    if claim.identity.delete_time.is_some() {
        return None;
    }
    let mut next = question.taken(claim, asker, &Evidence::of(ProofKind::Administrator));
    next.record(order, claim.tenant.as_ref(), question.now);
    Some(next)
}

/// A recreated namespace continues with its claim and the observed proof.
fn approve_namespace(question: &Question<'_>, stored: &StoredClaim, order: &Order) -> Option<Claim> {
    let claim = &stored.claim;
    let Some(Tenant::Namespace { name, .. }) = &claim.tenant else { return None };
    let same = Tenant::Namespace { name: name.clone(), uid: order.value.clone() };
    let asker = question.active().find(|asker| asker.tenant == same)?;
    if claim.state != State::Releasing || claim.identity.delete_time.is_some() {
        return None;
    }
    let mut next = Claim {
        state: State::Held,
        releasing_time: None,
        tenant: Some(same),
        holder: Some(asker.object.clone()),
        ..claim.clone()
    };
    next.identity.deletion_policy = Some(asker.deletion_policy);
    next.set_aside(stored.orders.get(Verb::ApproveRelease));
    next.record(order, claim.tenant.as_ref(), question.now);
    Some(next)
}

#[cfg(test)]
#[path = "ruling_tests.rs"]
mod tests;
