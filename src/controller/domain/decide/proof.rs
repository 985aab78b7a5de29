//! The proof of the domain for each claimant's tenant, from DNS and the settings. Pure.

use super::assess::Assessment;
use crate::model::{
    challenge::{Bearer, shows},
    ownership::DomainClaimant,
    proof::{ProofEvidence, ProofKind, ProofStatus},
    proof_policy::Required,
    records::{DnsAnswer, Judgement, Wanted, challenge_record, judge},
    tenant::Tenant,
};

impl Assessment<'_> {
    /// The claimants, each with the proof status of its tenant.
    pub fn claimants(&self) -> Vec<DomainClaimant> {
        let weigh = |claimant: &DomainClaimant| DomainClaimant {
            proof_status: self.proof_status(&claimant.tenant),
            within_limit: self.observation.within_limit.contains(&claimant.tenant),
            has_foreign_claim: self.observation.foreign_claim_holders.contains(&claimant.object.uid),
            ..claimant.clone()
        };
        self.observation.resources.iter().map(|resource| weigh(&resource.claimant)).collect()
    }

    /// The proof status of the tenant.
    pub fn proof_status(&self, tenant: &Tenant) -> ProofStatus {
        match self.config.policy.required(&self.observation.domain) {
            Required::FirstCome => ProofStatus::Observed(ProofEvidence::of(ProofKind::None)),
            Required::Delegation(tenants) if tenants.contains(tenant) => {
                ProofStatus::Observed(ProofEvidence::of(ProofKind::Delegation))
            }
            Required::Delegation(_) => ProofStatus::Absent,
            Required::Challenge => self.shown(tenant),
        }
    }

    fn shown(&self, tenant: &Tenant) -> ProofStatus {
        let Some((_, look_up)) = &self.observation.cache.challenge else { return ProofStatus::Unknown };
        let records = match &look_up.direct {
            DnsAnswer::Records(records) => records.as_slice(),
            DnsAnswer::NoName | DnsAnswer::NoRecord => &[],
            DnsAnswer::Unknown(_) => return ProofStatus::Unknown,
        };
        // The token observed at the start of the tenure remains valid, even if the keys are lost or changed.
        let stored = self.held_challenge(tenant).map(str::to_owned);
        let mut accepted = stored.into_iter().chain(self.config.keys.accepted(self.bearer(tenant)));
        match accepted.find(|token| shows(records, token)) {
            Some(token) => {
                ProofStatus::Observed(ProofEvidence { kind: ProofKind::DnsChallenge, challenge: Some(token) })
            }
            None => ProofStatus::Absent,
        }
    }

    /// The token under which the tenant holds the domain.
    fn held_challenge(&self, tenant: &Tenant) -> Option<&str> {
        let claim = self.observation.claim.as_ref().map(|stored| &stored.claim);
        let claim = claim.filter(|claim| claim.tenant.as_ref() == Some(tenant));
        claim?.proof.as_ref()?.challenge.as_deref()
    }

    fn bearer<'a>(&'a self, tenant: &'a Tenant) -> Bearer<'a> {
        let tenure = self.observation.claim.as_ref().map_or(0, |stored| stored.claim.history.tenure(tenant));
        Bearer { environment: &self.config.environment, tenant, domain: &self.observation.domain, tenure }
    }

    /// The record that proves this tenant's right, where one is required.
    fn challenge_record(&self, tenant: &Tenant) -> Option<Wanted> {
        let kind = self.observation.claim.as_ref().filter(|stored| stored.claim.tenant.as_ref() == Some(tenant));
        let kind = kind.and_then(|stored| stored.claim.proof.as_ref()).map(|proof| proof.kind);
        let required = self.config.policy.required(&self.observation.domain);
        if required != Required::Challenge || kind == Some(ProofKind::Administrator) {
            return None;
        }
        let held = self.held_challenge(tenant).map(str::to_owned);
        let token = held.unwrap_or_else(|| self.config.keys.token(self.bearer(tenant)));
        Some(challenge_record(&self.observation.domain, &token))
    }

    /// The same record with its assessment.
    pub fn judged_challenge(&self, tenant: &Tenant) -> Option<(Wanted, Judgement)> {
        let wanted = self.challenge_record(tenant)?;
        let answer = self.observation.cache.challenge.as_ref().map(|(_, answer)| answer);
        let judgement = judge(&wanted, &self.observation.domain, answer);
        Some((wanted, judgement))
    }
}
