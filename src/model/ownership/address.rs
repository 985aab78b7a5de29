//! Ownership of an address: the life of its claim, as one pure table.
//!
//! The domain decides which tenant can claim the address: the longest held suffix covers it for its own tenant. The
//! claim is Held from the first request on and gives no right until the owner of the mailbox confirms. It ends
//! immediately when the domain's tenure ends. Without a claimant it ends after the release delay.

use jiff::{SignedDuration, Timestamp};

use super::super::{
    address::Address,
    claim::{Account, Claim, Holder, State, StoredClaim, Subject},
    confirmation::{
        Answer, AnswerKind, Confirmation, Request,
        evidence::{self, Event, Evidence},
        limits::{ADDRESS_WINDOW, declined_until},
    },
    coverage::{Cover, Suffixes},
    holder::Under,
    orders::{Order, Verb},
    tenant::Tenant,
};

/// An object that claims an address. It counts from its creation until it has a deletion timestamp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asker {
    /// Tenant of the object's namespace.
    pub tenant: Tenant,
    /// Identity of the object.
    pub object: Holder,
    /// Creation time of the object.
    pub created: Timestamp,
}

/// The inputs of a transition.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Name of the environment.
    pub environment: &'a str,
    /// The address to decide about.
    pub address: &'a Address,
    /// The AWS account of the environment.
    pub account: &'a Account,
    /// The claim; `None`: no claim object exists.
    pub claim: Option<&'a StoredClaim>,
    /// The claimants, oldest first.
    pub askers: &'a [Asker],
    /// The claimants come from a live list made in this reconcile.
    pub askers_live: bool,
    /// The claims on the address's domain and its parents, read in this reconcile.
    pub suffixes: &'a Suffixes,
    /// Two new random ids: for a tenure and for a request.
    pub new_ids: &'a [String; 2],
    /// How long a claim without claimants keeps its confirmation.
    pub release_delay: SignedDuration,
    /// How long a released claim is kept.
    pub retention: SignedDuration,
    /// Administrators may approve an address.
    pub approval: bool,
    /// Time of the decision.
    pub now: Timestamp,
}

/// The next transition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// Nothing changes; decide again at this time at the latest.
    Stay(Option<Timestamp>),
    /// A live list of the claimants is needed, because a delayed watch may hide the one that keeps the address.
    LookCandidates,
    /// Replace the claim with this one.
    Write(Box<Claim>),
    /// Delete the released claim.
    Forget,
}

impl Question<'_> {
    /// The next transition.
    pub fn decide(&self) -> Move {
        let Some(stored) = self.claim else { return self.when_free(None) };
        let claim = &stored.claim;
        if let Some(next) = self.ordered(stored) {
            return Move::Write(Box::new(next));
        }
        match claim.state {
            State::Held => self.when_held(claim),
            State::Releasing => self.when_releasing(claim),
            State::Released | State::Provisional => self.when_free(Some(claim)),
        }
    }

    fn when_free(&self, old: Option<&Claim>) -> Move {
        let declines = old.and_then(|old| old.confirmation.as_ref()).map_or(&[][..], |kept| &kept.declines);
        let blocked = |tenant: &Tenant| declined_until(declines, tenant, self.now);
        let covered = |asker: &&Asker| self.covering(&asker.tenant).is_some() && !is_barred(old, &asker.tenant);
        let mut able = self.askers.iter().filter(covered);
        if let Some((asker, under)) = able.clone().find_map(|asker| {
            let under = self.covering(&asker.tenant).filter(|_| blocked(&asker.tenant).is_none())?;
            Some((asker, under))
        }) {
            return Move::Write(Box::new(self.taken(old, asker, under)));
        }
        let Some(old) = old else { return Move::Stay(None) };
        let unblocked = able.by_ref().filter_map(|asker| blocked(&asker.tenant)).min();
        let kept_until = end(old.released_time.unwrap_or(self.now), self.retention);
        // Keep mails that still count, so that a deletion does not reset the limit.
        let mails = old.confirmation.as_ref().map_or(&[][..], |kept| &kept.mails);
        let mails = mails.iter().map(|mail| end(mail.time, ADDRESS_WINDOW));
        let kept_until = declines.iter().map(|decline| decline.until_time).chain(mails).chain([kept_until]).max();
        let kept_until = kept_until.filter(|_| old.barred.is_none() && old.carried_out.is_empty());
        match kept_until {
            Some(at) if at <= self.now && self.askers.is_empty() => Move::Forget,
            Some(at) => Move::Stay(unblocked.or(Some(at)).filter(|at| *at > self.now)),
            None => Move::Stay(unblocked),
        }
    }

    fn when_held(&self, claim: &Claim) -> Move {
        let Some((confirmation, request)) = request(claim) else { return self.void(claim) };
        let Some((under, tenant)) = self.suffixes.standing(&request.under) else { return self.void(claim) };
        let mut next = Claim { tenant: Some(tenant.clone()), ..claim.clone() };
        if *under != request.under {
            let request = Request { under: under.clone(), ..request.clone() };
            next.confirmation = Some(Confirmation { request: Some(request), ..confirmation.clone() });
        }
        let mut mine = self.askers.iter().filter(|asker| asker.tenant == *tenant);
        let Some(first) = mine.clone().next() else {
            let let_go = Claim { state: State::Releasing, releasing_time: Some(self.now), ..next };
            return if self.askers_live { Move::Write(Box::new(let_go)) } else { Move::LookCandidates };
        };
        let holder = claim.holder.as_ref().map(|holder| &holder.uid);
        let heir = mine.find(|asker| Some(&asker.object.uid) == holder).unwrap_or(first);
        next.holder = Some(heir.object.clone());
        if next == *claim { Move::Stay(None) } else { Move::Write(Box::new(next)) }
    }

    fn when_releasing(&self, claim: &Claim) -> Move {
        let standing = request(claim).and_then(|(_, request)| self.suffixes.standing(&request.under));
        let Some((_, tenant)) = standing else { return self.void(claim) };
        let back = self.askers.iter().find(|asker| asker.tenant == *tenant);
        if let Some(asker) = back.filter(|asker| !is_barred(Some(claim), &asker.tenant)) {
            let held = Claim {
                state: State::Held,
                tenant: Some(tenant.clone()),
                holder: Some(asker.object.clone()),
                releasing_time: None,
                ..claim.clone()
            };
            return Move::Write(Box::new(held));
        }
        let over = end(claim.releasing_time.unwrap_or(self.now), self.release_delay);
        match (self.now < over, self.askers_live) {
            (true, _) => Move::Stay(Some(over)),
            (false, false) => Move::LookCandidates,
            (false, true) => Move::Write(Box::new(self.released(claim))),
        }
    }

    /// Voids every confirmation; then another tenant can claim the address.
    fn void(&self, claim: &Claim) -> Move {
        Move::Write(Box::new(self.released(claim)))
    }

    /// The tenure of the tenant's own domain that a new request can depend on.
    fn covering(&self, tenant: &Tenant) -> Option<&Under> {
        match self.suffixes.cover(tenant) {
            Cover::Own { under, releasing: false, .. } => Some(under),
            _ => None,
        }
    }

    fn taken(&self, old: Option<&Claim>, asker: &Asker, under: &Under) -> Claim {
        let [holding, request] = self.new_ids;
        let mut confirmation = old.and_then(|old| old.confirmation.clone()).unwrap_or_default();
        confirmation.request = Some(Request::new(request.clone(), under.clone()));
        let entry =
            Evidence { holder: Some(asker.object.clone()), ..Evidence::of(Event::Asked, &asker.tenant, 1, self.now) };
        confirmation.evidence = evidence::with(&confirmation.evidence, entry);
        let subject = Subject { domain: self.address.domain().clone(), address: Some(self.address.clone()) };
        let mut next = Claim {
            state: State::Held,
            tenant: Some(asker.tenant.clone()),
            holder: Some(asker.object.clone()),
            holding: Some(holding.clone()),
            barred: old.and_then(|old| old.barred.clone()),
            carried_out: old.map_or_else(Vec::new, |old| old.carried_out.clone()),
            rulings: old.map_or_else(Vec::new, |old| old.rulings.clone()),
            confirmation: Some(confirmation),
            ..Claim::new(self.environment, subject, self.account)
        };
        // These admin actions were requested before this tenant held the address, so they must not affect it.
        next.set_aside(self.claim.map_or(&[][..], |stored| &stored.orders.orders));
        next
    }

    fn released(&self, claim: &Claim) -> Claim {
        let mut confirmation = claim.confirmation.clone().unwrap_or_default();
        if let (Some(request), Some(tenant)) = (&confirmation.request, &claim.tenant) {
            let void = Evidence::of(Event::Void, tenant, request.attempt.number, self.now);
            confirmation.evidence = evidence::with(&confirmation.evidence, void);
        }
        confirmation.request = None;
        Claim {
            state: State::Released,
            tenant: None,
            holder: None,
            holding: None,
            confirmation: Some(confirmation),
            released_time: Some(self.now),
            ..claim.clone()
        }
    }

    /// The claim after the next open admin action; each is carried out once.
    fn ordered(&self, stored: &StoredClaim) -> Option<Claim> {
        let (claim, standing) = (&stored.claim, &stored.orders.orders);
        let mut next = claim.clone();
        next.carried_out.retain(|done| standing.iter().any(|order| order.is(done)));
        if !next.carried_out.iter().any(|order| order.verb == Verb::ForceRelease) {
            next.barred = None;
        }
        if next != *claim {
            return Some(next);
        }
        stored.open_orders().find_map(|order| {
            let mut next = self.carried_out(claim, order)?;
            next.record(order, claim.tenant.as_ref(), self.now);
            Some(next)
        })
    }

    fn carried_out(&self, claim: &Claim, order: &Order) -> Option<Claim> {
        let confirmation = claim.confirmation.as_ref()?;
        match order.verb {
            Verb::ForceRelease => {
                let tenant = claim.tenant.clone()?;
                Some(Claim { barred: Some(tenant), ..self.released(claim) })
            }
            Verb::EraseEvidence => {
                let evidence = evidence::erased(&confirmation.evidence);
                Some(Claim { confirmation: Some(Confirmation { evidence, ..confirmation.clone() }), ..claim.clone() })
            }
            Verb::ApproveAddress if self.approval && claim.state == State::Held => {
                let tenant = claim.tenant.as_ref()?;
                // An administrator cannot override the answer of the mailbox owner.
                let request = confirmation.request.as_ref().filter(|request| request.answer.is_none())?;
                let answer = Some(Answer { kind: AnswerKind::Approved, time: self.now });
                let entry = Evidence {
                    approval: Some(order.value.clone()),
                    holder: claim.holder.clone(),
                    ..Evidence::of(Event::Approved, tenant, request.attempt.number, self.now)
                };
                let confirmation = Confirmation {
                    request: Some(Request { answer, ..request.clone() }),
                    evidence: evidence::with(&confirmation.evidence, entry),
                    ..confirmation.clone()
                };
                Some(Claim { confirmation: Some(confirmation), ..claim.clone() })
            }
            Verb::ApproveAddress | Verb::Transfer | Verb::ApproveRelease | Verb::ApproveNamespace => None,
        }
    }
}

fn is_barred(claim: Option<&Claim>, tenant: &Tenant) -> bool {
    claim.and_then(|claim| claim.barred.as_ref()) == Some(tenant)
}

fn request(claim: &Claim) -> Option<(&Confirmation, &Request)> {
    let confirmation = claim.confirmation.as_ref()?;
    // A user edited the claim: no link can be made from its id.
    let request = confirmation.request.as_ref().filter(|request| request.link_id().is_some())?;
    Some((confirmation, request))
}

fn end(since: Timestamp, time: SignedDuration) -> Timestamp {
    since.saturating_add(time).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
#[path = "address_tests.rs"]
mod tests;
