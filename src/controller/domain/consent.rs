//! What speaks for each tenant that asks, from what DNS and the settings show. Pure.

use std::time::Duration;

use jiff::Timestamp;

use super::facts::{Installation, Observed};
use crate::{
    clock::after,
    model::{
        challenge::{Bearer, shows},
        claim::State,
        ownership::Asker,
        policy::Required,
        proof::{Consent, Evidence, ProofKind},
        records::{Answer, Judgement, Wanted, challenge_record, judge},
        tenant::Tenant,
    },
};

impl Observed {
    /// Those who ask, each with what speaks for its tenant.
    pub fn askers(&self, me: &Installation) -> Vec<Asker> {
        let weigh = |asker: &Asker| Asker {
            consent: self.consent(me, &asker.tenant),
            has_room: self.roomy.contains(&asker.tenant),
            elsewhere: self.elsewhere.contains(&asker.object.uid),
            ..asker.clone()
        };
        self.candidates.iter().map(|candidate| weigh(&candidate.asker)).collect()
    }

    /// Whether the tenant's right is seen.
    pub fn consent(&self, me: &Installation, tenant: &Tenant) -> Consent {
        match me.policy.required(&self.domain) {
            Required::FirstCome => Consent::Seen(Evidence::of(ProofKind::None)),
            Required::Delegation(tenants) if tenants.contains(tenant) => {
                Consent::Seen(Evidence::of(ProofKind::Delegation))
            }
            Required::Delegation(_) => Consent::Absent,
            Required::Challenge => self.shown(me, tenant),
        }
    }

    fn shown(&self, me: &Installation, tenant: &Tenant) -> Consent {
        let Some((_, look_up)) = &self.memory.challenge else { return Consent::Unknown };
        let records = match &look_up.direct {
            Answer::Records(records) => records.as_slice(),
            Answer::NoName | Answer::NoRecord => &[],
            Answer::Unknown(_) => return Consent::Unknown,
        };
        // What was seen when the domain was taken stays good, also when the keys are lost or changed.
        let stored = self.held_challenge(tenant).map(str::to_owned);
        let mut accepted = stored.into_iter().chain(me.keys.accepted(self.bearer(me, tenant)));
        match accepted.find(|token| shows(records, token)) {
            Some(token) => Consent::Seen(Evidence { kind: ProofKind::DnsChallenge, challenge: Some(token) }),
            None => Consent::Absent,
        }
    }

    /// The token under which the tenant holds the domain.
    fn held_challenge(&self, tenant: &Tenant) -> Option<&str> {
        let claim =
            self.claim.as_ref().map(|stored| &stored.claim).filter(|claim| claim.tenant.as_ref() == Some(tenant));
        claim?.proof.as_ref()?.challenge.as_deref()
    }

    fn bearer<'a>(&'a self, me: &'a Installation, tenant: &'a Tenant) -> Bearer<'a> {
        let tenure = self.claim.as_ref().map_or(0, |stored| stored.claim.history.tenure(tenant));
        Bearer { environment: &me.environment, tenant, domain: &self.domain, tenure }
    }

    /// The record that proves this tenant's right, where one is asked for.
    pub fn challenge_record(&self, me: &Installation, tenant: &Tenant) -> Option<Wanted> {
        let kind = self.claim.as_ref().filter(|stored| stored.claim.tenant.as_ref() == Some(tenant));
        let kind = kind.and_then(|stored| stored.claim.proof.as_ref()).map(|proof| proof.kind);
        if me.policy.required(&self.domain) != Required::Challenge || kind == Some(ProofKind::Administrator) {
            return None;
        }
        let held = self.held_challenge(tenant).map(str::to_owned);
        let token = held.unwrap_or_else(|| me.keys.token(self.bearer(me, tenant)));
        Some(challenge_record(&self.domain, &token))
    }

    /// The same with what DNS says of it.
    pub fn judged_challenge(&self, me: &Installation, tenant: &Tenant) -> Option<(Wanted, Judgement)> {
        let wanted = self.challenge_record(me, tenant)?;
        let answer = self.memory.challenge.as_ref().map(|(_, answer)| answer);
        let judgement = judge(&wanted, &self.domain, answer);
        Some((wanted, judgement))
    }

    /// When DNS should be asked again about the challenge record; `None`: nobody needs it. Soon where something is about
    /// to change by it, slowly where it is only watched over.
    pub fn challenge_due(&self, me: &Installation) -> Option<Timestamp> {
        if me.policy.required(&self.domain) != Required::Challenge || self.candidates.is_empty() {
            return None;
        }
        let Some((asked, _)) = &self.memory.challenge else { return Some(Timestamp::MIN) };
        let held = self.claim.as_ref().map(|stored| &stored.claim).filter(|claim| claim.state == State::Held);
        let firm = held.and_then(|claim| claim.proof.as_ref()).is_some_and(|proof| {
            proof.kind == ProofKind::Administrator
                || (proof.lost_time.is_none() && proof.kind == ProofKind::DnsChallenge)
        });
        Some(after(*asked, if firm { self.spread(me.recheck_interval) } else { self.unproven_interval(me, *asked) }))
    }

    /// How long DNS is left alone with a domain that nothing proves: little at first, then more and more. Most people
    /// publish within minutes; those who never do must not be asked after four times a minute for weeks.
    pub(super) fn unproven_interval(&self, me: &Installation, at: Timestamp) -> Duration {
        let claim = self.claim.as_ref().map(|stored| &stored.claim);
        let lost = claim.and_then(|claim| claim.proof.as_ref()).and_then(|proof| proof.lost_time);
        let newest = self.candidates.iter().map(|candidate| candidate.asker.created).max();
        let since = lost.or(newest).or_else(|| claim.and_then(|claim| claim.provisional_time)).unwrap_or(at);
        let quarter = Duration::try_from(at.duration_since(since)).unwrap_or_default() / 4;
        quarter.min(self.spread(me.recheck_interval)).max(me.poll_interval)
    }
}
