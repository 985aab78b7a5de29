//! Ownership of an address: the life of its claim, as one pure table.
//!
//! The domain decides which tenant can claim the address: the longest held suffix covers it for its own tenant. The
//! claim is Held from the first request on and gives no right until the owner of the mailbox confirms. It ends
//! immediately when the domain's tenure ends. Without a claimant it ends after the release delay.

use jiff::{SignedDuration, Timestamp};

use super::super::{
    address::Address,
    admin_annotations::{ActionKind, RequestedAction},
    claim::{Account, Claim, ClaimSubject, Holder, State, StoredClaim},
    confirmation::{
        Answer, AnswerKind, Confirmation, Request,
        evidence::{self, Evidence, EvidenceEvent},
        limits::{ADDRESS_WINDOW, declined_until},
    },
    coverage::{Cover, Suffixes},
    holder::DomainTenure,
    tenant::Tenant,
};

/// An object that claims an address. It counts from its creation until it has a deletion timestamp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressClaimant {
    /// Tenant of the object's namespace.
    pub tenant: Tenant,
    /// Identity of the object.
    pub object: Holder,
    /// Creation time of the object.
    pub created: Timestamp,
}

/// The inputs of a transition.
#[derive(Clone, Copy, Debug)]
pub struct AddressInput<'a> {
    /// Name of the environment.
    pub environment: &'a str,
    /// The address to decide about.
    pub address: &'a Address,
    /// The AWS account of the environment.
    pub account: &'a Account,
    /// The claim; `None`: no claim object exists.
    pub claim: Option<&'a StoredClaim>,
    /// The claimants, oldest first.
    pub claimants: &'a [AddressClaimant],
    /// The claimants come from a live list made in this reconcile.
    pub claimants_live: bool,
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
pub enum AddressTransition {
    /// Nothing changes; decide again at this time at the latest.
    Stay(Option<Timestamp>),
    /// A live list of the claimants is needed, because a delayed watch may hide the one that keeps the address.
    ReadClaimants,
    /// Replace the claim with this one.
    Write(Box<Claim>),
    /// Delete the released claim.
    Forget,
}

impl AddressInput<'_> {
    /// The next transition.
    pub fn decide(&self) -> AddressTransition {
        let Some(stored) = self.claim else { return self.when_free(None) };
        let claim = &stored.claim;
        if let Some(next) = self.ordered(stored) {
            return AddressTransition::Write(Box::new(next));
        }
        match claim.state {
            State::Held => self.when_held(claim),
            State::Releasing => self.when_releasing(claim),
            State::Released | State::Provisional => self.when_free(Some(claim)),
        }
    }

    fn when_free(&self, old: Option<&Claim>) -> AddressTransition {
        let declines = old.and_then(|old| old.confirmation.as_ref()).map_or(&[][..], |kept| &kept.declines);
        let block_end = |tenant: &Tenant| declined_until(declines, tenant, self.now);
        let covered = |claimant: &&AddressClaimant| {
            self.covering(&claimant.tenant).is_some() && !is_barred(old, &claimant.tenant)
        };
        let mut able = self.claimants.iter().filter(covered);
        if let Some((claimant, domain_tenure)) = able.clone().find_map(|claimant| {
            let domain_tenure = self.covering(&claimant.tenant).filter(|_| block_end(&claimant.tenant).is_none())?;
            Some((claimant, domain_tenure))
        }) {
            return AddressTransition::Write(Box::new(self.taken(old, claimant, domain_tenure)));
        }
        let Some(old) = old else { return AddressTransition::Stay(None) };
        let next_allowed = able.by_ref().filter_map(|claimant| block_end(&claimant.tenant)).min();
        let kept_until = end(old.released_time.unwrap_or(self.now), self.retention);
        // Keep mails that still count, so that a deletion does not reset the limit.
        let mails = old.confirmation.as_ref().map_or(&[][..], |kept| &kept.mails);
        let mails = mails.iter().map(|mail| end(mail.time, ADDRESS_WINDOW));
        let kept_until = declines.iter().map(|decline| decline.until_time).chain(mails).chain([kept_until]).max();
        let kept_until = kept_until.filter(|_| old.barred_tenant.is_none() && old.handled_actions.is_empty());
        match kept_until {
            Some(at) if at <= self.now && self.claimants.is_empty() => AddressTransition::Forget,
            Some(at) => AddressTransition::Stay(next_allowed.or(Some(at)).filter(|at| *at > self.now)),
            None => AddressTransition::Stay(next_allowed),
        }
    }

    fn when_held(&self, claim: &Claim) -> AddressTransition {
        let Some((confirmation, request)) = request(claim) else { return self.void(claim) };
        let Some((domain_tenure, tenant)) = self.suffixes.current_tenure(&request.domain_tenure) else {
            return self.void(claim);
        };
        let mut next = Claim { tenant: Some(tenant.clone()), ..claim.clone() };
        if *domain_tenure != request.domain_tenure {
            let request = Request { domain_tenure: domain_tenure.clone(), ..request.clone() };
            next.confirmation = Some(Confirmation { request: Some(request), ..confirmation.clone() });
        }
        let mut mine = self.claimants.iter().filter(|claimant| claimant.tenant == *tenant);
        let Some(first) = mine.clone().next() else {
            let start_release = Claim { state: State::Releasing, releasing_time: Some(self.now), ..next };
            return if self.claimants_live {
                AddressTransition::Write(Box::new(start_release))
            } else {
                AddressTransition::ReadClaimants
            };
        };
        let holder = claim.holder.as_ref().map(|holder| &holder.uid);
        let successor = mine.find(|claimant| Some(&claimant.object.uid) == holder).unwrap_or(first);
        next.holder = Some(successor.object.clone());
        if next == *claim { AddressTransition::Stay(None) } else { AddressTransition::Write(Box::new(next)) }
    }

    fn when_releasing(&self, claim: &Claim) -> AddressTransition {
        let current = request(claim).and_then(|(_, request)| self.suffixes.current_tenure(&request.domain_tenure));
        let Some((_, tenant)) = current else { return self.void(claim) };
        let back = self.claimants.iter().find(|claimant| claimant.tenant == *tenant);
        if let Some(claimant) = back.filter(|claimant| !is_barred(Some(claim), &claimant.tenant)) {
            let held = Claim {
                state: State::Held,
                tenant: Some(tenant.clone()),
                holder: Some(claimant.object.clone()),
                releasing_time: None,
                ..claim.clone()
            };
            return AddressTransition::Write(Box::new(held));
        }
        let over = end(claim.releasing_time.unwrap_or(self.now), self.release_delay);
        match (self.now < over, self.claimants_live) {
            (true, _) => AddressTransition::Stay(Some(over)),
            (false, false) => AddressTransition::ReadClaimants,
            (false, true) => AddressTransition::Write(Box::new(self.released(claim))),
        }
    }

    /// Voids every confirmation; then another tenant can claim the address.
    fn void(&self, claim: &Claim) -> AddressTransition {
        AddressTransition::Write(Box::new(self.released(claim)))
    }

    /// The tenure of the tenant's own domain that a new request can depend on.
    fn covering(&self, tenant: &Tenant) -> Option<&DomainTenure> {
        match self.suffixes.cover(tenant) {
            Cover::Own { domain_tenure, releasing: false, .. } => Some(domain_tenure),
            _ => None,
        }
    }

    fn taken(&self, old: Option<&Claim>, claimant: &AddressClaimant, domain_tenure: &DomainTenure) -> Claim {
        let [tenure_id, request] = self.new_ids;
        let mut confirmation = old.and_then(|old| old.confirmation.clone()).unwrap_or_default();
        confirmation.request = Some(Request::new(request.clone(), domain_tenure.clone()));
        let entry = Evidence {
            holder: Some(claimant.object.clone()),
            ..Evidence::of(EvidenceEvent::Requested, &claimant.tenant, 1, self.now)
        };
        confirmation.evidence = evidence::with(&confirmation.evidence, entry);
        let subject = ClaimSubject { domain: self.address.domain().clone(), address: Some(self.address.clone()) };
        let mut next = Claim {
            state: State::Held,
            tenant: Some(claimant.tenant.clone()),
            holder: Some(claimant.object.clone()),
            tenure_id: Some(tenure_id.clone()),
            barred_tenant: old.and_then(|old| old.barred_tenant.clone()),
            handled_actions: old.map_or_else(Vec::new, |old| old.handled_actions.clone()),
            admin_actions: old.map_or_else(Vec::new, |old| old.admin_actions.clone()),
            confirmation: Some(confirmation),
            ..Claim::new(self.environment, subject, self.account)
        };
        // These admin actions were requested before this tenant held the address, so they must not affect it.
        next.set_aside(self.claim.map_or(&[][..], |stored| &stored.requested_actions.actions));
        next
    }

    fn released(&self, claim: &Claim) -> Claim {
        let mut confirmation = claim.confirmation.clone().unwrap_or_default();
        if let (Some(request), Some(tenant)) = (&confirmation.request, &claim.tenant) {
            let void = Evidence::of(EvidenceEvent::Void, tenant, request.attempt.number, self.now);
            confirmation.evidence = evidence::with(&confirmation.evidence, void);
        }
        confirmation.request = None;
        Claim {
            state: State::Released,
            tenant: None,
            holder: None,
            tenure_id: None,
            confirmation: Some(confirmation),
            released_time: Some(self.now),
            ..claim.clone()
        }
    }

    /// The claim after the next open admin action; each is carried out once.
    fn ordered(&self, stored: &StoredClaim) -> Option<Claim> {
        if let Some(tidied) = stored.without_withdrawn() {
            return Some(tidied);
        }
        let claim = &stored.claim;
        stored.open_actions().find_map(|requested| {
            let mut next = self.performed(claim, requested)?;
            next.record(requested, claim.tenant.as_ref(), self.now);
            Some(next)
        })
    }

    fn performed(&self, claim: &Claim, requested: &RequestedAction) -> Option<Claim> {
        let confirmation = claim.confirmation.as_ref()?;
        match requested.action {
            ActionKind::ForceRelease => {
                let tenant = claim.tenant.clone()?;
                Some(Claim { barred_tenant: Some(tenant), ..self.released(claim) })
            }
            ActionKind::EraseEvidence => {
                let evidence = evidence::erased(&confirmation.evidence);
                Some(Claim { confirmation: Some(Confirmation { evidence, ..confirmation.clone() }), ..claim.clone() })
            }
            ActionKind::ApproveAddress if self.approval && claim.state == State::Held => {
                let tenant = claim.tenant.as_ref()?;
                // An administrator cannot override the answer of the mailbox owner.
                let request = confirmation.request.as_ref().filter(|request| request.answer.is_none())?;
                let answer = Some(Answer { kind: AnswerKind::Approved, time: self.now });
                let entry = Evidence {
                    approval: Some(requested.value.clone()),
                    holder: claim.holder.clone(),
                    ..Evidence::of(EvidenceEvent::Approved, tenant, request.attempt.number, self.now)
                };
                let confirmation = Confirmation {
                    request: Some(Request { answer, ..request.clone() }),
                    evidence: evidence::with(&confirmation.evidence, entry),
                    ..confirmation.clone()
                };
                Some(Claim { confirmation: Some(confirmation), ..claim.clone() })
            }
            ActionKind::ApproveAddress
            | ActionKind::Transfer
            | ActionKind::ApproveRelease
            | ActionKind::ApproveNamespace => None,
        }
    }
}

fn is_barred(claim: Option<&Claim>, tenant: &Tenant) -> bool {
    claim.and_then(|claim| claim.barred_tenant.as_ref()) == Some(tenant)
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
