//! Invariants of every write about addresses.

use kube::ResourceExt;
use sender_operator::{
    api::{SenderAddress, conditions::is_true},
    model::{
        address::{Address, claim_name},
        admin_annotations::ActionKind,
        claim::{Claim, State, StoredClaim},
        confirmation::{
            Answer, AnswerKind,
            evidence::{Evidence, EvidenceEvent},
            request::MAX_SENDS,
        },
        coverage::Suffixes,
    },
};

use super::{
    invariants::{Change, Claims},
    operator::Link,
};

/// Faults of a new record of a claim on an address.
pub fn step(link: &Link, change: Change<'_>, stored: &StoredClaim) -> Vec<String> {
    let ordered = stored.requested_actions.get(ActionKind::ApproveAddress).is_some();
    let step = ClaimStep { old: change.before.map(|old| &old.claim), new: &stored.claim, ordered };
    let mut faults: Vec<String> = step.faults().into_iter().map(ToOwned::to_owned).collect();
    if !change.fresh && step.gains() && !is_covered(link, change.all, &stored.claim) {
        faults.push(format!("{:?} without a domain of its tenant", stored.claim.state));
    }
    faults
}

/// Whether the request belongs to a domain of its tenant: a claim is kept for no other.
fn is_covered(link: &Link, claims: &Claims, claim: &Claim) -> bool {
    let (Some(address), Some(request)) = (&claim.subject.address, request(claim)) else { return true };
    let ours = |claim: &&Claim| claim.environment == link.config.environment;
    let suffixes = Suffixes::of(address, claims.values().map(|stored| &stored.claim).filter(ours));
    suffixes.current_tenure(&request.domain_tenure).is_some_and(|(_, tenant)| claim.tenant.as_ref() == Some(tenant))
}

struct ClaimStep<'a> {
    old: Option<&'a Claim>,
    new: &'a Claim,
    ordered: bool,
}

impl ClaimStep<'_> {
    /// Whether the address has a new holder. The invariants of mails check that no mail is sent for a domain that was
    /// lost meanwhile.
    fn gains(&self) -> bool {
        let id = |claim: &Claim| request(claim).map(|request| request.id.clone());
        let held = self.old.filter(|old| old.state == State::Held && old.tenant == self.new.tenant);
        self.new.state == State::Held && held.is_none_or(|old| id(old) != id(self.new))
    }

    fn faults(&self) -> Vec<&'static str> {
        use State::{Held, Released, Releasing};
        let mut faults = Vec::new();
        let from = self.old.map(|old| old.state);
        let lawful = matches!(
            (from, self.new.state),
            (None | Some(Released | Held | Releasing), Held) | (Some(Held), Releasing | Released)
        ) || from == Some(self.new.state)
            || (from, self.new.state) == (Some(Releasing), Released);
        if !lawful {
            faults.push("a forbidden step");
        }
        let owned = self.new.tenant.is_some() && self.new.holder.is_some();
        match self.new.state {
            Held | Releasing if !owned || request(self.new).is_none() => {
                faults.push("held without a holder, or without a request");
            }
            Released if owned || request(self.new).is_some() => faults.push("Released with an owner or a request"),
            _ => {}
        }
        faults.extend(self.answers());
        let sends = request(self.new).map_or(0, |request| request.attempt.sends);
        if sends > MAX_SENDS {
            faults.push("more sends than an attempt may have");
        }
        faults.extend(self.forgets());
        faults
    }

    /// The operator never writes an answer that the owner has not given; only an admin action does.
    fn answers(&self) -> Option<&'static str> {
        let answer = |claim: &Claim| request(claim).and_then(|request| request.answer);
        let (before, after) = (self.old.and_then(answer), answer(self.new));
        let same_request = self.old.and_then(request).map(|request| &request.id) == request(self.new).map(|r| &r.id);
        match after {
            Some(Answer { kind: AnswerKind::Approved, .. }) if before != after && self.ordered => None,
            Some(_) if !same_request => Some("an answer to another request"),
            Some(_) if before != after => Some("an answer that the owner has not given"),
            _ => None,
        }
    }

    /// Data that has to outlive a release.
    fn forgets(&self) -> Option<&'static str> {
        let old = self.old?.confirmation.as_ref()?;
        let new = self.new.confirmation.as_ref()?;
        let confirmed =
            |entries: &[Evidence]| entries.iter().filter(|entry| entry.event == EvidenceEvent::Confirmed).count();
        if new.declines.len() < old.declines.len() && new.declines.is_empty() && self.new.state == State::Released {
            return Some("a decline is lost");
        }
        (confirmed(&new.evidence) < confirmed(&old.evidence) && old.evidence.len() < 20)
            .then_some("evidence of a confirmation is lost")
    }
}

fn request(claim: &Claim) -> Option<&sender_operator::model::confirmation::Request> {
    claim.confirmation.as_ref()?.request.as_ref()
}

/// Faults of a status written at this moment: only a confirmed address of the domain's holder is Ready.
pub fn status(link: &Link, claims: &Claims, object: &SenderAddress) -> Option<String> {
    let ready = object.status.as_ref().is_some_and(|status| is_true(&status.conditions, "Ready"));
    let from = object.status.as_ref().and_then(|status| status.from.clone());
    if from.is_some() != ready {
        return Some("from and Ready differ".to_owned());
    }
    let address = Address::parse(&object.spec.address).ok()?;
    let claim = claims.get(&claim_name(&link.config.environment, &address.hash())).map(|stored| &stored.claim);
    let suffixes = Suffixes::of(&address, claims.values().map(|stored| &stored.claim));
    let good = claim.is_some_and(|claim| {
        let request = request(claim);
        claim.state == State::Held
            && claim.holder.as_ref().map(|holder| &holder.uid) == object.uid().as_ref()
            && request.is_some_and(|request| {
                request.is_allowed() && suffixes.current_tenure(&request.domain_tenure).is_some()
            })
    });
    (ready && !good).then(|| "Ready without a standing confirmation".to_owned())
}
