//! The proof of a tenant's right to a domain, and the history of former tenants. Pure.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tenant::Tenant;

/// Kind of the proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ProofKind {
    /// No proof was required (`--proof none`): the first claimant gets the domain.
    None,
    /// The tenant's TXT record was seen in the domain's DNS.
    #[serde(rename = "DNSChallenge")]
    DnsChallenge,
    /// The settings delegate the zone to the tenant.
    Delegation,
    /// An administrator assigned the subject to the tenant through an annotation on this claim.
    Administrator,
}

/// Proof of a held claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Proof {
    /// `DNSChallenge`: the TXT record of the tenant was found in DNS. `Delegation`: the settings delegate the zone to
    /// the tenant. `Administrator`: an administrator assigned the subject to the tenant. `None`: no proof was required.
    pub kind: ProofKind,
    /// Token that was found in DNS. Later lookups are compared with it, so losing the operator's key does not revoke
    /// the proof.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub challenge: Option<String>,
    /// Time of the proof.
    pub proven_time: Timestamp,
    /// Time at which the proof was found to be lost: the start of the grace period. A failed lookup does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost_time: Option<Timestamp>,
}

/// Evidence of a tenant's right to a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofEvidence {
    /// Source of the evidence.
    pub kind: ProofKind,
    /// The observed token.
    pub challenge: Option<String>,
}

impl ProofEvidence {
    /// Evidence without a token.
    pub fn of(kind: ProofKind) -> Self {
        Self { kind, challenge: None }
    }

    /// The proof that this evidence gives at `now`.
    pub fn proof(&self, now: Timestamp) -> Proof {
        Proof { kind: self.kind, challenge: self.challenge.clone(), proven_time: now, lost_time: None }
    }
}

/// Proof status: whether a tenant's right was observed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProofStatus {
    /// The evidence is present.
    Observed(ProofEvidence),
    /// DNS positively reports no evidence.
    Absent,
    /// Not read yet, or no usable answer.
    Unknown,
}

impl ProofStatus {
    /// The evidence, if it is present.
    pub fn evidence(&self) -> Option<&ProofEvidence> {
        match self {
            Self::Observed(evidence) => Some(evidence),
            Self::Absent | Self::Unknown => None,
        }
    }
}

/// A tenant that held the subject before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FormerTenant {
    /// The tenant, as `tenant/<label>` or `namespace/<name>/<uid>`.
    #[schemars(length(max = 200))]
    pub tenant: Tenant,
    /// Number of times the tenant lost the subject to another tenant. TXT records of an earlier tenure are no longer
    /// valid.
    pub tenure: u32,
}

/// Number of former tenants kept individually; older ones share their highest tenure.
pub const MAX_FORMER_TENANTS: usize = 50;

/// Former tenants of a subject.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct History {
    /// Former tenants with their tenures, most recent last. At most 50.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    pub former_tenants: Vec<FormerTenant>,
    /// Tenure of all tenants that are not listed. It increases when a tenant is dropped from the list. Default: 0.
    #[serde(skip_serializing_if = "is_zero")]
    pub base_tenure: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl History {
    /// Whether no tenant ever held the subject.
    pub fn is_empty(&self) -> bool {
        self.former_tenants.is_empty() && self.base_tenure == 0
    }

    /// The tenure number of a tenant.
    pub fn tenure(&self, tenant: &Tenant) -> u32 {
        let former = self.former_tenants.iter().find(|former| former.tenant == *tenant);
        former.map_or(self.base_tenure, |former| former.tenure)
    }

    /// Whether the tenant lost the subject to another tenant.
    pub fn has_lost(&self, tenant: &Tenant) -> bool {
        self.former_tenants.iter().any(|former| former.tenant == *tenant && former.tenure > 0)
    }

    /// The last holder, if the subject is free now.
    pub fn last(&self) -> Option<&Tenant> {
        self.former_tenants.last().map(|former| &former.tenant)
    }

    /// The history after a holder releases the subject. Its tenure stays the same: it may reclaim the subject.
    #[must_use]
    pub fn left_by(&self, tenant: &Tenant) -> Self {
        self.with(tenant, self.tenure(tenant))
    }

    /// The history after another tenant replaces this one. Its tenure rises, however the subject became free.
    #[must_use]
    pub fn followed_by_another(&self, previous: &Tenant) -> Self {
        self.with(previous, self.tenure(previous).saturating_add(1))
    }

    fn with(&self, tenant: &Tenant, tenure: u32) -> Self {
        let mut history = self.clone();
        history.former_tenants.retain(|former| former.tenant != *tenant);
        history.former_tenants.push(FormerTenant { tenant: tenant.clone(), tenure });
        while history.former_tenants.len() > MAX_FORMER_TENANTS {
            let forgotten = history.former_tenants.remove(0);
            history.base_tenure = history.base_tenure.max(forgotten.tenure.saturating_add(1));
        }
        history
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(name: &str) -> Tenant {
        Tenant::Label(name.to_owned())
    }

    #[test]
    fn a_tenure_rises_only_when_another_tenant_follows() {
        let (a, b) = (tenant("a"), tenant("b"));
        let left = History::default().left_by(&a);
        assert_eq!((left.tenure(&a), left.last(), left.has_lost(&a)), (0, Some(&a), false));
        let lost = left.followed_by_another(&a);
        assert_eq!((lost.tenure(&a), lost.tenure(&b), lost.has_lost(&a)), (1, 0, true));
        let left = lost.left_by(&b);
        assert_eq!((left.last(), left.tenure(&b)), (Some(&b), 0));
        assert_eq!(left.followed_by_another(&b).left_by(&a).tenure(&a), 1, "who comes back keeps it");
    }

    #[test]
    fn who_is_no_longer_remembered_has_no_tenure_that_was_used_before() {
        let mut history =
            History::default().followed_by_another(&tenant("first")).followed_by_another(&tenant("first"));
        for n in 0..MAX_FORMER_TENANTS {
            history = history.left_by(&tenant(&n.to_string()));
        }
        assert_eq!(history.former_tenants.len(), MAX_FORMER_TENANTS);
        assert_eq!((history.tenure(&tenant("first")), history.tenure(&tenant("new"))), (3, 3));
        assert_eq!(history.tenure(&tenant("7")), 0);
    }
}
