//! When to read again: soon where a person waits for a change, slowly where the domain is only watched over. Pure.

use std::time::Duration;

use jiff::Timestamp;

use super::assess::Assessment;
use crate::{
    clock::after,
    controller::domain::observe::cache::Sight,
    model::{backoff::spread_of, claim::State, policy::Required, proof::ProofKind},
    ses::{Identity, Status},
};

impl Assessment<'_> {
    /// When the identity should be read again. In between the sweep watches over it.
    pub fn identity_due(&self) -> Timestamp {
        match &self.seen.cache.identity {
            Sight::Unseen | Sight::Unsure => Timestamp::MIN,
            // What a list does not show has to be read.
            Sight::Present(seen, identity) if self.lacks_dkim_alone(identity) => after(*seen, self.patience(*seen)),
            Sight::Absent(seen) | Sight::Present(seen, _) => after(*seen, self.spread(self.config.refresh_interval)),
        }
    }

    /// When DNS should be asked again about the records.
    pub fn records_due(&self) -> Timestamp {
        let Some((asked, answers)) = &self.seen.cache.looked_up else { return Timestamp::MIN };
        if self.records.iter().any(|(wanted, _)| !answers.contains_key(&wanted.name)) {
            return Timestamp::MIN;
        }
        let claim = self.seen.claim.as_ref().map(|stored| &stored.claim);
        let interval = match () {
            () if claim.is_some_and(|claim| claim.state == State::Provisional) => self.unproven_interval(*asked),
            () if self.is_settled() => self.spread(self.config.recheck_interval),
            () => self.config.poll_interval,
        };
        after(*asked, interval)
    }

    /// When DNS should be asked again about the challenge record; `None`: nothing depends on it. Soon where something is about
    /// to change by it, slowly where it is only watched over.
    pub fn challenge_due(&self) -> Option<Timestamp> {
        let (config, seen) = (self.config, self.seen);
        if config.policy.required(&seen.domain) != Required::Challenge || seen.claimants.is_empty() {
            return None;
        }
        let Some((asked, _)) = &seen.cache.challenge else { return Some(Timestamp::MIN) };
        let held = seen.claim.as_ref().map(|stored| &stored.claim).filter(|claim| claim.state == State::Held);
        let firm = held.and_then(|claim| claim.proof.as_ref()).is_some_and(|proof| {
            proof.kind == ProofKind::Administrator
                || (proof.lost_time.is_none() && proof.kind == ProofKind::DnsChallenge)
        });
        Some(after(*asked, if firm { self.spread(config.recheck_interval) } else { self.unproven_interval(*asked) }))
    }

    /// How soon the next sweep should show whether SES has found the records: soon where all are published, because SES
    /// finds nothing that DNS does not show. A search that SES gave up does not resume.
    pub fn awaits_ses(&self) -> Option<Duration> {
        let identity = self.ours()?;
        let searching = !matches!(identity.verification, Status::Success | Status::Failed);
        (searching && self.all_found()).then(|| self.patience(self.now).min(self.config.sweep_interval))
    }

    /// SES has verified the domain but has yet to find its DKIM records, although all are published.
    fn lacks_dkim_alone(&self, identity: &Identity) -> bool {
        let lacking = !matches!(identity.dkim.status, Status::Success | Status::Failed);
        lacking && identity.verification == Status::Success && self.all_found()
    }

    /// How long SES is left alone with a domain whose records were all published at `at`: little at first, then more and
    /// more. SES mostly needs minutes; if it needs days, a few such domains must not use up the calls of all others.
    fn patience(&self, at: Timestamp) -> Duration {
        let waiting = self.seen.cache.found_since.map(|since| at.duration_since(since)).unwrap_or_default();
        let quarter = Duration::try_from(waiting).unwrap_or_default() / 4;
        let poll = self.config.poll_interval;
        quarter.max(poll).min(self.spread(self.config.refresh_interval).max(poll))
    }

    /// How long DNS is left alone with a domain that nothing proves: little at first, then more and more. Most people
    /// publish within minutes; those who never do must not be asked after four times a minute for weeks.
    fn unproven_interval(&self, at: Timestamp) -> Duration {
        let claim = self.seen.claim.as_ref().map(|stored| &stored.claim);
        let lost = claim.and_then(|claim| claim.proof.as_ref()).and_then(|proof| proof.lost_time);
        let newest = self.seen.claimants.iter().map(|claimant| claimant.asker.created).max();
        let since = lost.or(newest).or_else(|| claim.and_then(|claim| claim.provisional_time)).unwrap_or(at);
        let quarter = Duration::try_from(at.duration_since(since)).unwrap_or_default() / 4;
        quarter.min(self.spread(self.config.recheck_interval)).max(self.config.poll_interval)
    }

    /// An interval between 90 and 100 %, always the same for this domain, so that domains don't march in step.
    fn spread(&self, interval: Duration) -> Duration {
        interval.mul_f64(0.9 + 0.1 * spread_of(self.seen.domain.as_str(), 0))
    }
}
