//! The proof of the domain for each claimant's tenant, from DNS and the settings. Pure.

use super::assess::Assessment;
use crate::model::{
    challenge::{Bearer, shows},
    ownership::Asker,
    policy::Required,
    proof::{Consent, Evidence, ProofKind},
    records::{Answer, Judgement, Wanted, challenge_record, judge},
    tenant::Tenant,
};

impl Assessment<'_> {
    /// The claimants, each with the proof status of its tenant.
    pub fn askers(&self) -> Vec<Asker> {
        let weigh = |asker: &Asker| Asker {
            consent: self.consent(&asker.tenant),
            has_room: self.seen.roomy.contains(&asker.tenant),
            elsewhere: self.seen.elsewhere.contains(&asker.object.uid),
            ..asker.clone()
        };
        self.seen.claimants.iter().map(|claimant| weigh(&claimant.asker)).collect()
    }

    /// The proof status of the tenant.
    pub fn consent(&self, tenant: &Tenant) -> Consent {
        match self.config.policy.required(&self.seen.domain) {
            Required::FirstCome => Consent::Seen(Evidence::of(ProofKind::None)),
            Required::Delegation(tenants) if tenants.contains(tenant) => {
                Consent::Seen(Evidence::of(ProofKind::Delegation))
            }
            Required::Delegation(_) => Consent::Absent,
            Required::Challenge => self.shown(tenant),
        }
    }

    fn shown(&self, tenant: &Tenant) -> Consent {
        let Some((_, look_up)) = &self.seen.cache.challenge else { return Consent::Unknown };
        let records = match &look_up.direct {
            Answer::Records(records) => records.as_slice(),
            Answer::NoName | Answer::NoRecord => &[],
            Answer::Unknown(_) => return Consent::Unknown,
        };
        // The token observed at the start of the tenure remains valid, even if the keys are lost or changed.
        let stored = self.held_challenge(tenant).map(str::to_owned);
        let mut accepted = stored.into_iter().chain(self.config.keys.accepted(self.bearer(tenant)));
        match accepted.find(|token| shows(records, token)) {
            Some(token) => Consent::Seen(Evidence { kind: ProofKind::DnsChallenge, challenge: Some(token) }),
            None => Consent::Absent,
        }
    }

    /// The token under which the tenant holds the domain.
    fn held_challenge(&self, tenant: &Tenant) -> Option<&str> {
        let claim = self.seen.claim.as_ref().map(|stored| &stored.claim);
        let claim = claim.filter(|claim| claim.tenant.as_ref() == Some(tenant));
        claim?.proof.as_ref()?.challenge.as_deref()
    }

    fn bearer<'a>(&'a self, tenant: &'a Tenant) -> Bearer<'a> {
        let tenure = self.seen.claim.as_ref().map_or(0, |stored| stored.claim.history.tenure(tenant));
        Bearer { environment: &self.config.environment, tenant, domain: &self.seen.domain, tenure }
    }

    /// The record that proves this tenant's right, where one is required.
    fn challenge_record(&self, tenant: &Tenant) -> Option<Wanted> {
        let kind = self.seen.claim.as_ref().filter(|stored| stored.claim.tenant.as_ref() == Some(tenant));
        let kind = kind.and_then(|stored| stored.claim.proof.as_ref()).map(|proof| proof.kind);
        let required = self.config.policy.required(&self.seen.domain);
        if required != Required::Challenge || kind == Some(ProofKind::Administrator) {
            return None;
        }
        let held = self.held_challenge(tenant).map(str::to_owned);
        let token = held.unwrap_or_else(|| self.config.keys.token(self.bearer(tenant)));
        Some(challenge_record(&self.seen.domain, &token))
    }

    /// The same record with its assessment.
    pub fn judged_challenge(&self, tenant: &Tenant) -> Option<(Wanted, Judgement)> {
        let wanted = self.challenge_record(tenant)?;
        let answer = self.seen.cache.challenge.as_ref().map(|(_, answer)| answer);
        let judgement = judge(&wanted, &self.seen.domain, answer);
        Some((wanted, judgement))
    }
}
