//! Ownership inputs for the test tables.

use jiff::{SignedDuration, Timestamp};

use super::{Asker, Move, Question, Related, decide};
use crate::model::{
    claim::{Account, Claim, DeletionPolicy, Holder, State, StoredClaim},
    name::Domain,
    orders::Orders,
    policy::Required,
    proof::{Consent, Evidence, ProofKind},
    tenant::Tenant,
};

pub(super) fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_hours(10_000)
}

pub(super) fn tenant(name: &str) -> Tenant {
    Tenant::Label(name.to_owned())
}

pub(super) fn asker(who: &str, name: &str) -> Asker {
    let object = Holder {
        namespace: format!("ns-{who}"),
        namespace_uid: format!("nsuid-{who}"),
        name: name.to_owned(),
        uid: format!("uid-{who}-{name}"),
    };
    Asker {
        tenant: tenant(who),
        object,
        created: now() - SignedDuration::from_hours(1),
        suspended: false,
        elsewhere: false,
        deletion_policy: DeletionPolicy::Delete,
        consent: Consent::Absent,
        has_room: true,
    }
}

pub(super) fn suspended(who: &str, name: &str) -> Asker {
    Asker { suspended: true, ..asker(who, name) }
}

/// A claimant whose challenge record was observed.
pub(super) fn proving(who: &str) -> Asker {
    let evidence = Evidence { kind: ProofKind::DnsChallenge, challenge: Some(format!("token-{who}")) };
    Asker { consent: Consent::Seen(evidence), ..asker(who, "mail") }
}

pub(super) fn account() -> Account {
    Account { id: "111122223333".into(), region: "eu-west-1".into(), owner_id: "owner".into() }
}

pub(super) fn stored(claim: Claim) -> StoredClaim {
    StoredClaim { claim, uid: "m".into(), version: "1".into(), created: now(), orders: Orders::default() }
}

/// One ownership input; tests change the fields that matter to them.
pub(super) struct Case {
    pub domain: Domain,
    pub claim: Option<StoredClaim>,
    pub askers: Vec<Asker>,
    pub related: Option<Vec<Related>>,
    pub required: Required<'static>,
    pub guarded: bool,
    pub below_another: bool,
    pub askers_live: bool,
    pub challenge_live: bool,
    pub now: Timestamp,
}

impl Case {
    /// First come.
    pub fn new(askers: &[Asker]) -> Self {
        Self {
            domain: Domain::parse("mail.example.com").unwrap(),
            claim: None,
            askers: askers.to_vec(),
            related: Some(Vec::new()),
            required: Required::FirstCome,
            guarded: false,
            below_another: false,
            askers_live: true,
            challenge_live: true,
            now: now(),
        }
    }

    /// The TXT record is required.
    pub fn challenged(askers: &[Asker]) -> Self {
        Self { required: Required::Challenge, ..Self::new(askers) }
    }

    pub fn decide(&self) -> Move {
        decide(&Question {
            environment: "default",
            domain: &self.domain,
            account: &account(),
            claim: self.claim.as_ref(),
            askers: &self.askers,
            related: self.related.as_deref(),
            required: self.required,
            grace: SignedDuration::from_hours(7 * 24),
            provisional_time: SignedDuration::from_hours(30 * 24),
            guarded: self.guarded,
            below_another: self.below_another,
            askers_live: self.askers_live,
            challenge_live: self.challenge_live,
            new_holding: "holding",
            now: self.now,
        })
    }

    pub fn written(&self) -> Claim {
        match self.decide() {
            Move::Write(claim) => *claim,
            other => panic!("expected a write, got {other:?}"),
        }
    }

    /// The holder after the next write.
    pub fn decide_holder(&self) -> Option<Tenant> {
        Some(self.written()).filter(|claim| claim.state == State::Held)?.tenant
    }

    /// This case after its next write.
    pub fn then(mut self) -> Self {
        let orders = self.claim.as_ref().map(|stored| stored.orders.clone()).unwrap_or_default();
        self.claim = Some(StoredClaim { orders, ..stored(self.written()) });
        self
    }

    /// This case after all consecutive writes.
    pub fn settled(mut self) -> Self {
        while let Move::Write(_) = self.decide() {
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

    pub fn held_by(askers: &[Asker]) -> Self {
        Self::new(askers).then().then()
    }
}

pub(super) fn related(state: State, who: &str, order: &str) -> Vec<Related> {
    vec![Related { above: true, state, tenant: Some(tenant(who)), order: (now(), order.to_owned()) }]
}
