//! Ownership inputs for the test tables.

use jiff::{SignedDuration, Timestamp};

use super::{DomainClaimant, DomainInput, DomainTransition, Related, decide};
use crate::model::{
    admin_annotations::RequestedActions,
    claim::{Account, Claim, DeletionPolicy, Holder, State, StoredClaim},
    name::Domain,
    proof::{ProofEvidence, ProofKind, ProofStatus},
    proof_policy::Required,
    tenant::Tenant,
};

pub(super) fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_hours(10_000)
}

pub(super) fn tenant(name: &str) -> Tenant {
    Tenant::Label(name.to_owned())
}

pub(super) fn claimant(who: &str, name: &str) -> DomainClaimant {
    let object = Holder {
        namespace: format!("ns-{who}"),
        namespace_uid: format!("nsuid-{who}"),
        name: name.to_owned(),
        uid: format!("uid-{who}-{name}"),
    };
    DomainClaimant {
        tenant: tenant(who),
        object,
        created: now() - SignedDuration::from_hours(1),
        suspended: false,
        has_foreign_claim: false,
        beyond_open_limit: false,
        deletion_policy: DeletionPolicy::Delete,
        proof_status: ProofStatus::Absent,
        within_limit: true,
    }
}

pub(super) fn suspended(who: &str, name: &str) -> DomainClaimant {
    DomainClaimant { suspended: true, ..claimant(who, name) }
}

/// A claimant whose challenge record was observed.
pub(super) fn proving(who: &str) -> DomainClaimant {
    let evidence = ProofEvidence { kind: ProofKind::DnsChallenge, challenge: Some(format!("token-{who}")) };
    DomainClaimant { proof_status: ProofStatus::Observed(evidence), ..claimant(who, "mail") }
}

pub(super) fn account() -> Account {
    Account { id: "111122223333".into(), region: "eu-west-1".into(), owner_id: "owner".into() }
}

pub(super) fn stored(claim: Claim) -> StoredClaim {
    StoredClaim {
        claim,
        uid: "m".into(),
        version: "1".into(),
        created: now(),
        requested_actions: RequestedActions::default(),
    }
}

/// One ownership input; tests change the fields that matter to them.
pub(super) struct Case {
    pub domain: Domain,
    pub claim: Option<StoredClaim>,
    pub claimants: Vec<DomainClaimant>,
    pub related: Option<Vec<Related>>,
    pub required: Required<'static>,
    pub guarded: bool,
    pub below_another: bool,
    pub claimants_live: bool,
    pub challenge_live: bool,
    pub now: Timestamp,
}

impl Case {
    /// First come.
    pub fn new(claimants: &[DomainClaimant]) -> Self {
        Self {
            domain: Domain::parse("mail.example.com").unwrap(),
            claim: None,
            claimants: claimants.to_vec(),
            related: Some(Vec::new()),
            required: Required::FirstCome,
            guarded: false,
            below_another: false,
            claimants_live: true,
            challenge_live: true,
            now: now(),
        }
    }

    /// The TXT record is required.
    pub fn challenged(claimants: &[DomainClaimant]) -> Self {
        Self { required: Required::Challenge, ..Self::new(claimants) }
    }

    pub fn decide(&self) -> DomainTransition {
        decide(&DomainInput {
            environment: "default",
            domain: &self.domain,
            account: &account(),
            claim: self.claim.as_ref(),
            claimants: &self.claimants,
            related: self.related.as_deref(),
            required: self.required,
            grace: SignedDuration::from_hours(7 * 24),
            provisional_time: SignedDuration::from_hours(30 * 24),
            guarded: self.guarded,
            below_another: self.below_another,
            claimants_live: self.claimants_live,
            challenge_live: self.challenge_live,
            new_tenure_id: "tenure",
            now: self.now,
        })
    }

    pub fn written(&self) -> Claim {
        match self.decide() {
            DomainTransition::Write(claim) => *claim,
            other => panic!("expected a write, got {other:?}"),
        }
    }

    /// The holder after the next write.
    pub fn decide_holder(&self) -> Option<Tenant> {
        Some(self.written()).filter(|claim| claim.state == State::Held)?.tenant
    }

    /// This case after its next write.
    pub fn then(mut self) -> Self {
        let requested_actions = self.claim.as_ref().map(|stored| stored.requested_actions.clone()).unwrap_or_default();
        self.claim = Some(StoredClaim { requested_actions, ..stored(self.written()) });
        self
    }

    /// This case after all consecutive writes.
    pub fn settled(mut self) -> Self {
        while let DomainTransition::Write(_) = self.decide() {
            self = self.then();
        }
        self
    }

    pub fn after(mut self, hours: i64) -> Self {
        self.now += SignedDuration::from_hours(hours);
        self
    }

    pub fn claim(&self) -> &Claim {
        &self.claim.as_ref().unwrap().claim
    }

    pub fn held_by(claimants: &[DomainClaimant]) -> Self {
        Self::new(claimants).then().then()
    }
}

pub(super) fn related(state: State, who: &str, order: &str) -> Vec<Related> {
    vec![Related { above: true, state, tenant: Some(tenant(who)), order: (now(), order.to_owned()) }]
}
