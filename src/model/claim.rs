//! The ownership record of a subject, as a `SenderClaim` stores it.
//!
//! It holds everything that must survive a restart, a lost status or a restored backup. A fact changes only after a
//! successful observation, never because a call failed.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::holder::Holder;
use super::{
    address::Address,
    admin_annotations::{ActionKind, AdminAction, RequestedAction, RequestedActions, with_admin_action},
    confirmation::Confirmation,
    creation_limit::Creations,
    name::Domain,
    proof::{History, Proof},
    tenant::Tenant,
};

/// The subject of a claim: a domain, or an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClaimSubject {
    /// The claimed domain; for an address, the domain after the `@`. Example: `mail.example.com`.
    #[schemars(length(max = 200))]
    pub domain: Domain,
    /// The claimed address. Absent: the claim is on the domain. Example: `sales@mail.example.com`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 265))]
    pub address: Option<Address>,
}

/// State of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum State {
    /// The subject is claimed but not proven. No tenant can use it.
    Provisional,
    /// One tenant owns the subject.
    Held,
    /// All rights are withdrawn. The SES identity is kept until the release delay ends.
    Releasing,
    /// No tenant owns the subject. The identity is deleted or retained.
    Released,
}

impl State {
    /// Every state, in the order of a claim's life.
    pub const ALL: [Self; 4] = [Self::Provisional, Self::Held, Self::Releasing, Self::Released];

    /// The name in the CRD and in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Provisional => "Provisional",
            Self::Held => "Held",
            Self::Releasing => "Releasing",
            Self::Released => "Released",
        }
    }
}

/// AWS account of a claim. If the credentials are for another account or region, nothing is written for the claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// AWS account id, twelve digits. Example: `111122223333`.
    #[schemars(length(max = 12))]
    pub id: String,
    /// AWS region. Example: `eu-west-1`.
    #[schemars(length(max = 32))]
    pub region: String,
    /// Owner id in the tags of the SES identity: it shows that an operator created the identity.
    #[serde(rename = "ownerID")]
    #[schemars(length(max = 64))]
    pub owner_id: String,
}

/// Action on the SES identity when this resource is deleted. `Delete`: the identity is deleted after the release delay
/// (`--release-delay`, 15 minutes by default). `Retain`: it stays in SES, and the next owner of the domain takes it
/// over. Default: `Delete`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DeletionPolicy {
    /// The identity is deleted in SES after the release delay.
    #[default]
    Delete,
    /// The identity stays in SES, tagged as retained. The next owner takes it over.
    Retain,
}

/// Durable facts about the SES identity of a claim.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ClaimedIdentity {
    /// Time at which an identity that this operator created was first observed in SES. Only such an identity is ever
    /// deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_time: Option<Timestamp>,
    /// Time at which the operator observed that SES had verified the identity and that all DKIM records were published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified_time: Option<Timestamp>,
    /// Time at which SES stopped sending from the identity after the verification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unverified_time: Option<Timestamp>,
    /// `true`: the identity was created by another party and adopted (`adoptionPolicy: IfProven`). It is never deleted.
    /// Default: `false`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub adopted: bool,
    /// `true`: a takeover is in progress, and existing settings have not been removed from the identity yet. Default:
    /// `false`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub takeover_pending: bool,
    /// `true`: the identity was kept in SES at the release (`deletionPolicy: Retain`). Default: `false`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub retained: bool,
    /// Last observed `deletionPolicy` of the holder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion_policy: Option<DeletionPolicy>,
    /// Time at which the deletion in SES started. From then on, no tenant can get the claim until SES reports
    /// `NotFound`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete_time: Option<Timestamp>,
}

/// Record of the owner of a subject in one environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    /// Environment that created the claim. Example: `production`.
    #[schemars(length(max = 40))]
    pub environment: String,
    /// The claimed domain or address.
    pub subject: ClaimSubject,
    /// `Provisional`: claimed but not proven. `Held`: one tenant owns the subject. `Releasing`: all rights are
    /// withdrawn; the SES identity is kept until the release delay ends. `Released`: no tenant owns the subject.
    pub state: State,
    /// The AWS account and region of the identity.
    pub account: Account,
    /// Tenant of a Provisional claim, as `tenant/<label>` or `namespace/<name>/<uid>`. The claim counts toward its
    /// limits. The tenant has no rights yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 200))]
    pub pending_tenant: Option<Tenant>,
    /// Tenant that owns the subject, as `tenant/<label>` or `namespace/<name>/<uid>`. Kept while Releasing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 200))]
    pub tenant: Option<Tenant>,
    /// Resource of that tenant that the claim follows. Kept while Releasing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<Holder>,
    /// Random id of the current tenure. Confirmations of an earlier tenure are void.
    #[serde(rename = "tenureID", default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub tenure_id: Option<String>,
    /// Kind and time of the proof. Absent on claims on addresses, which rely on the proof of the domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// Time at which the claim became Provisional.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provisional_time: Option<Timestamp>,
    /// `true`: no tenant proved the domain within `--provisional-time`. The identity is created only after a proof.
    /// Default: `false`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub challenge_first: bool,
    /// Former tenants of the subject.
    #[serde(flatten)]
    pub history: History,
    /// Tenant whose claim on the subject was revoked by an administrator. It cannot claim the subject until the
    /// annotation `sender-operator.io/force-release` is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 200))]
    pub barred_tenant: Option<Tenant>,
    /// Handled admin actions whose annotations are still present.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    pub handled_actions: Vec<RequestedAction>,
    /// Record of the last 20 admin actions, newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20))]
    pub admin_actions: Vec<AdminAction>,
    /// Durable facts about the SES identity.
    #[serde(default)]
    pub identity: ClaimedIdentity,
    /// SES identities created for this subject within one hour. They count toward the limit of the tenant
    /// (`--creations-per-tenant`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creations: Option<Creations>,
    /// Only on claims on addresses: the request to the mailbox owner and the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<Confirmation>,
    /// Time at which the release started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub releasing_time: Option<Timestamp>,
    /// Time at which the release was complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub released_time: Option<Timestamp>,
}

impl Claim {
    /// A claim that no tenant has held yet.
    pub fn new(environment: &str, subject: ClaimSubject, account: &Account) -> Self {
        Self {
            environment: environment.to_owned(),
            subject,
            state: State::Released,
            account: account.clone(),
            pending_tenant: None,
            tenant: None,
            holder: None,
            tenure_id: None,
            proof: None,
            provisional_time: None,
            challenge_first: false,
            history: History::default(),
            barred_tenant: None,
            handled_actions: Vec::new(),
            admin_actions: Vec::new(),
            identity: ClaimedIdentity::default(),
            creations: None,
            confirmation: None,
            releasing_time: None,
            released_time: None,
        }
    }

    /// The claim after the first observation of the identity that was created for it.
    #[must_use]
    pub fn with_identity_observed(&self, now: Timestamp) -> Self {
        let identity = ClaimedIdentity { created_time: Some(now), ..self.identity.clone() };
        let counted = self
            .tenant
            .as_ref()
            .or(self.pending_tenant.as_ref())
            .map(|tenant| Creations::another(self.creations.as_ref(), tenant, now));
        Self { identity, creations: counted.or_else(|| self.creations.clone()), ..self.clone() }
    }
}

impl Claim {
    /// Records an admin action that was carried out, with the owners before and after it.
    pub fn record(&mut self, requested: &RequestedAction, before: Option<&Tenant>, now: Timestamp) {
        let after = self.tenant.clone().filter(|_| self.state == State::Held);
        let admin_action = AdminAction { requested: requested.clone(), time: now, before: before.cloned(), after };
        self.admin_actions = with_admin_action(&self.admin_actions, admin_action);
        self.set_aside([requested]);
    }

    /// Marks admin actions as handled without carrying them out: they concern an earlier holder, or a subject that had
    /// no owner.
    pub fn set_aside<'a>(&mut self, annotated: impl IntoIterator<Item = &'a RequestedAction>) {
        for requested in annotated {
            if !self.is_handled(requested) {
                self.handled_actions.push(requested.clone());
            }
        }
    }

    fn is_handled(&self, requested: &RequestedAction) -> bool {
        self.handled_actions.iter().any(|done| requested.is(done))
    }
}

/// The name of the claim object of a domain: at most 40 + 1 + 200 characters.
pub fn claim_name(environment: &str, domain: &Domain) -> String {
    format!("{environment}.{domain}")
}

/// A claim as stored in the cluster, with the metadata that a compare-and-swap needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredClaim {
    /// The record in the claim's spec.
    pub claim: Claim,
    /// Uid of the claim object.
    pub uid: String,
    /// Resource version that a write is conditional on.
    pub version: String,
    /// Creation time of the claim object.
    pub created: Timestamp,
    /// Admin actions that the annotations request.
    pub requested_actions: RequestedActions,
}

impl StoredClaim {
    /// The requested admin actions that were not carried out yet.
    pub fn open_actions(&self) -> impl Iterator<Item = &RequestedAction> {
        self.requested_actions.actions.iter().filter(|requested| !self.claim.is_handled(requested))
    }

    /// The claim without traces of annotations that were removed or changed, if it has any.
    pub fn without_withdrawn(&self) -> Option<Claim> {
        let mut next = self.claim.clone();
        next.handled_actions.retain(|done| self.requested_actions.actions.iter().any(|requested| requested.is(done)));
        if !next.handled_actions.iter().any(|requested| requested.action == ActionKind::ForceRelease) {
            next.barred_tenant = None;
        }
        (next != self.claim).then_some(next)
    }

    /// The open admin action of this kind.
    pub fn open_action(&self, action: ActionKind) -> Option<&RequestedAction> {
        self.open_actions().find(|requested| requested.action == action)
    }

    /// The annotation of an admin action that was requested before the current holder and does not affect it.
    pub fn annotation_set_aside(&self) -> Option<&'static str> {
        let recorded = |requested: &RequestedAction| {
            self.claim.admin_actions.iter().any(|admin_action| requested.is(&admin_action.requested))
        };
        let mut aside = self
            .requested_actions
            .actions
            .iter()
            .filter(|requested| self.claim.is_handled(requested) && !recorded(requested));
        aside.next().map(|requested| requested.action.annotation())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn no_two_domains_or_environments_share_the_name_of_a_claim() {
        let long = format!("{}.example", vec!["a".repeat(63); 3].join("."));
        let domains = [
            "b.c.example",
            "c.example",
            "a.b.c.example",
            "a-b.c.example",
            "xn--b-1ga.c.example",
            "b.c.example.a.b",
            &long,
        ];
        let mut names = BTreeMap::new();
        for environment in ["a", "b", "a-b", "default", &"e".repeat(40)] {
            for text in domains {
                let name = claim_name(environment, &Domain::parse(text).unwrap());
                assert!(name.len() <= 253, "{name}");
                assert_eq!(names.insert(name, (environment, text)), None, "{environment} {text}");
            }
        }
    }
}
