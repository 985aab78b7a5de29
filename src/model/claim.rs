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
    confirmation::Confirmation,
    creations::Creations,
    name::Domain,
    orders::{Order, Orders, Ruling, Verb, with_ruling},
    proof::{History, Proof},
    tenant::Tenant,
};

/// What is owned: a domain, or an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Subject {
    /// The domain that is claimed, or the one behind the `@` of the address that is.
    #[schemars(length(max = 200))]
    pub domain: Domain,
    /// The address that is claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 265))]
    pub address: Option<Address>,
}

/// Where a claim stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum State {
    /// Somebody asks; nothing may use the subject yet.
    Provisional,
    /// One tenant owns the subject.
    Held,
    /// Rights are withdrawn; the SES identity stays until the release delay is over.
    Releasing,
    /// Nobody owns the subject; the identity is gone or was retained.
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

/// The AWS account a claim was made in. With other credentials nothing is written for this claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// AWS account id, twelve digits.
    #[schemars(length(max = 12))]
    pub id: String,
    /// AWS region, such as `eu-west-1`.
    #[schemars(length(max = 32))]
    pub region: String,
    /// The owner id with which identities of this claim are tagged.
    #[serde(rename = "ownerID")]
    #[schemars(length(max = 64))]
    pub owner_id: String,
}

/// What becomes of the SES identity when this resource is deleted. `Delete` removes it after the release delay of the
/// installation (15 minutes unless set otherwise). `Retain` leaves it at SES, and the next owner of the domain takes
/// it over. Default: `Delete`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DeletionPolicy {
    /// The identity is deleted at SES after the release delay.
    #[default]
    Delete,
    /// The identity stays at SES, tagged as retained; the next owner takes it over.
    Retain,
}

/// What is known of the SES identity of a claim.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct IdentityFacts {
    /// When this operator's identity was first seen at SES. Only such an identity is ever deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_time: Option<Timestamp>,
    /// When SES had verified it and all DKIM records were seen by the operator's own look-ups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified_time: Option<Timestamp>,
    /// When SES stopped sending for it after it had been verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unverified_time: Option<Timestamp>,
    /// It was at SES before, made by somebody else, and was taken in by `adoptionPolicy: IfProven`. It is never deleted.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub adopted: bool,
    /// What a former holder, or whoever made it, set up on the identity is still to be removed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub hand_over: bool,
    /// Kept at SES by `deletionPolicy: Retain` when the claim was released.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub retained: bool,
    /// The holder's last seen `deletionPolicy`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion_policy: Option<DeletionPolicy>,
    /// When the deletion at SES was begun. From then on nobody takes the claim until SES says NotFound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete_time: Option<Timestamp>,
}

/// A claim: who owns a subject in one environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    /// The release (environment) that made the claim.
    #[schemars(length(max = 40))]
    pub environment: String,
    /// What is owned.
    pub subject: Subject,
    /// Where the claim stands: Provisional, Held, Releasing or Released.
    pub state: State,
    /// The AWS account and region of the identity.
    pub account: Account,
    /// The tenant that asks while the claim is Provisional, as `tenant/<label>` or `namespace/<name>/<uid>`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 200))]
    pub sponsor: Option<Tenant>,
    /// The tenant that owns the subject, as `tenant/<label>` or `namespace/<name>/<uid>`. Kept while Releasing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 200))]
    pub tenant: Option<Tenant>,
    /// The object of that tenant that the identity follows. Kept while Releasing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<Holder>,
    /// Random id of this tenure of the tenant: what was granted under an earlier one is void.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub holding: Option<String>,
    /// How and when ownership was proven.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// Since when the claim is Provisional.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provisional_time: Option<Timestamp>,
    /// Nobody proved the domain in time: from now on the proof comes first, and the identity after it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub challenge_first: bool,
    /// Who held the subject before.
    #[serde(flatten)]
    pub history: History,
    /// The tenant from which an administrator took the subject; it gets it back when the annotation is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 200))]
    pub barred: Option<Tenant>,
    /// Orders of administrators that stand as annotations and have been carried out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    pub carried_out: Vec<Order>,
    /// What administrators decided, the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20))]
    pub rulings: Vec<Ruling>,
    /// What is known of the SES identity.
    #[serde(default)]
    pub identity: IdentityFacts,
    /// What was created at SES for this subject lately, and for whom: counts against that tenant's hourly limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creations: Option<Creations>,
    /// Of an address: who was asked to confirm it, and what the owner of the mailbox said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<Confirmation>,
    /// When the holder let go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub releasing_time: Option<Timestamp>,
    /// When the release was complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub released_time: Option<Timestamp>,
}

impl Claim {
    /// A claim that no tenant has held yet.
    pub fn new(environment: &str, subject: Subject, account: &Account) -> Self {
        Self {
            environment: environment.to_owned(),
            subject,
            state: State::Released,
            account: account.clone(),
            sponsor: None,
            tenant: None,
            holder: None,
            holding: None,
            proof: None,
            provisional_time: None,
            challenge_first: false,
            history: History::default(),
            barred: None,
            carried_out: Vec::new(),
            rulings: Vec::new(),
            identity: IdentityFacts::default(),
            creations: None,
            confirmation: None,
            releasing_time: None,
            released_time: None,
        }
    }

    /// The claim after the first observation of the identity that was created for it.
    #[must_use]
    pub fn with_identity_seen(&self, now: Timestamp) -> Self {
        let identity = IdentityFacts { created_time: Some(now), ..self.identity.clone() };
        let counted = self
            .tenant
            .as_ref()
            .or(self.sponsor.as_ref())
            .map(|tenant| Creations::another(self.creations.as_ref(), tenant, now));
        Self { identity, creations: counted.or_else(|| self.creations.clone()), ..self.clone() }
    }
}

impl Claim {
    /// Records an admin action that was carried out, with the owners before and after it.
    pub fn record(&mut self, order: &Order, before: Option<&Tenant>, now: Timestamp) {
        let after = self.tenant.clone().filter(|_| self.state == State::Held);
        let ruling = Ruling { order: order.clone(), time: now, before: before.cloned(), after };
        self.rulings = with_ruling(&self.rulings, ruling);
        self.set_aside([order]);
    }

    /// Marks admin actions as handled without carrying them out: they concern an earlier holder, or a subject that had
    /// no owner.
    pub fn set_aside<'a>(&mut self, standing: impl IntoIterator<Item = &'a Order>) {
        for order in standing {
            if !self.is_carried_out(order) {
                self.carried_out.push(order.clone());
            }
        }
    }

    fn is_carried_out(&self, order: &Order) -> bool {
        self.carried_out.iter().any(|done| order.is(done))
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
    pub orders: Orders,
}

impl StoredClaim {
    /// The requested admin actions that were not carried out yet.
    pub fn open_orders(&self) -> impl Iterator<Item = &Order> {
        self.orders.orders.iter().filter(|order| !self.claim.is_carried_out(order))
    }

    /// The open admin action of this kind.
    pub fn open_order(&self, verb: Verb) -> Option<&Order> {
        self.open_orders().find(|order| order.verb == verb)
    }

    /// The annotation of an admin action that was requested before the present holder and does not affect it.
    pub fn annotation_set_aside(&self) -> Option<&'static str> {
        let recorded = |order: &Order| self.claim.rulings.iter().any(|ruling| order.is(&ruling.order));
        let mut aside = self.orders.orders.iter().filter(|order| self.claim.is_carried_out(order) && !recorded(order));
        aside.next().map(|order| order.verb.annotation())
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
