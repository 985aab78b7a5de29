//! Invariants of every write where a proof is required: only a proof seen immediately before makes a new holder,
//! nothing is destroyed without a read, and only a holder is Ready.

use std::time::Duration;

use jiff::Timestamp;
use kube::ResourceExt;
use sender_operator::{
    api::{SenderDomain, conditions::is_true},
    model::{
        admin_annotations::ActionKind,
        challenge::{Bearer, record_name, shows},
        claim::{Claim, State, StoredClaim},
        proof::{History, ProofKind},
        proof_policy::Required,
        tenant::Tenant,
    },
};

use super::{
    invariants::{Change, Claims},
    operator::Link,
};

/// The operator acts on a DNS answer within this time.
const FRESH: Duration = Duration::from_secs(20);

/// Faults of a new record of a claim on a domain.
pub fn step(link: &Link, change: Change<'_>, stored: &StoredClaim) -> Vec<String> {
    ClaimStep { link, old: change.before.map(|old| &old.claim), stored, new: &stored.claim, now: change.now }.faults()
}

struct ClaimStep<'a> {
    link: &'a Link,
    old: Option<&'a Claim>,
    stored: &'a StoredClaim,
    new: &'a Claim,
    now: Timestamp,
}

impl ClaimStep<'_> {
    fn faults(&self) -> Vec<String> {
        let mut faults = self.tenures();
        if self.gains() {
            faults.extend(self.without_right());
        }
        if self.is_displacement() && !self.is_ruled() && !self.is_over() {
            faults.push("displaced within the grace".to_owned());
        }
        let facts = &self.new.identity;
        if self.changes_hands() && facts.verified_time.is_some() {
            faults.push("verified for the tenant before".to_owned());
        }
        let used = self.old.is_some_and(|old| old.tenant.is_some() && old.identity.created_time.is_some());
        if self.changes_hands() && used && !facts.takeover_pending {
            faults.push("another tenant's without a complete takeover".to_owned());
        }
        faults
    }

    fn old_tenant(&self) -> Option<&Tenant> {
        self.old.and_then(|old| old.tenant.as_ref())
    }

    fn new_admin_action(&self) -> Option<ActionKind> {
        let last = self.new.admin_actions.last();
        last.filter(|last| self.old.and_then(|old| old.admin_actions.last()) != Some(*last))
            .map(|admin_action| admin_action.requested.action)
    }

    fn is_ruled(&self) -> bool {
        let ordered = |action| self.stored.requested_actions.get(action).is_some();
        self.new_admin_action().is_some_and(ordered)
    }

    /// Whether the subject has a new holder. A tenant that returns while the claim is Releasing needs no new proof.
    fn gains(&self) -> bool {
        let had = self.old.is_some_and(|old| matches!(old.state, State::Held | State::Releasing))
            && self.old_tenant() == self.new.tenant.as_ref();
        self.new.state == State::Held && !had
    }

    fn changes_hands(&self) -> bool {
        self.gains() && self.old_tenant().is_some() && self.new_admin_action() != Some(ActionKind::ApproveNamespace)
    }

    fn is_displacement(&self) -> bool {
        self.changes_hands() && self.old.is_some_and(|old| old.state == State::Held)
    }

    fn is_over(&self) -> bool {
        let lost = self.old.and_then(|old| old.proof.as_ref()).and_then(|proof| proof.lost_time);
        lost.is_some_and(|lost| lost + self.link.config.policy.grace <= self.now)
    }

    /// The reason why the new holder has no right, if so.
    fn without_right(&self) -> Option<String> {
        let (tenant, kind) = (self.new.tenant.as_ref()?, self.new.proof.as_ref()?.kind);
        let domain = &self.new.subject.domain;
        let right = match (kind, self.link.config.policy.required(domain)) {
            _ if self.is_ruled() => return None,
            (ProofKind::None, required) => required == Required::FirstCome,
            (ProofKind::Delegation, Required::Delegation(tenants)) => tenants.contains(tenant),
            (ProofKind::DnsChallenge, Required::Challenge) => {
                let tenure = self.old.map_or(0, |old| old.history.tenure(tenant));
                let bearer = Bearer { environment: &self.link.config.environment, tenant, domain, tenure };
                let records = self.link.known.records(&record_name(domain), FRESH);
                self.link.config.keys.accepted(bearer).iter().any(|token| shows(&records, token))
            }
            _ => false,
        };
        (!right).then(|| format!("Held by {tenant} by {kind:?} without evidence"))
    }

    /// Tenures never fall; the tenure of a tenant rises when another tenant follows it.
    fn tenures(&self) -> Vec<String> {
        let Some(old) = self.old else { return Vec::new() };
        let known = old.history.former_tenants.iter().map(|former| &former.tenant).chain(self.old_tenant());
        let tenures = |history: &History, tenant: &Tenant| history.tenure(tenant);
        let fell = known.filter(|tenant| tenures(&self.new.history, tenant) < tenures(&old.history, tenant));
        let mut faults: Vec<_> = fell.map(|tenant| format!("the tenure of {tenant} fell")).collect();
        let previous = old.tenant.as_ref().or_else(|| old.history.last());
        let follows = self.gains() && self.new_admin_action() != Some(ActionKind::ApproveNamespace);
        if let Some(previous) = previous.filter(|previous| follows && self.new.tenant.as_ref() != Some(*previous))
            && tenures(&self.new.history, previous) <= tenures(&old.history, previous)
        {
            faults.push(format!("the tenure of {previous} did not rise"));
        }
        faults
    }
}

/// Faults of a status written at this moment.
pub fn status(link: &Link, claims: &Claims, object: &SenderDomain) -> Option<String> {
    let ready = object.status.as_ref().is_some_and(|status| is_true(&status.conditions, "Ready"));
    let claim = claims.get(&format!("{}.{}", link.config.environment, object.spec.domain)).map(|stored| &stored.claim);
    let holds = claim.is_some_and(|claim| {
        claim.state == State::Held && claim.holder.as_ref().map(|holder| &holder.uid) == object.uid().as_ref()
    });
    (ready && !holds).then(|| "Ready without holding the domain".to_owned())
}
