//! When to read again: soon if a person waits for a change, slowly if the domain is only monitored. Pure.

use std::time::Duration;

use jiff::Timestamp;

use super::assess::Assessment;
use crate::{
    clock::after,
    controller::domain::observe::cache::{RemoteState, Unanswered},
    model::{backoff::spread_of, claim::State, proof::ProofKind, proof_policy::Required},
    ses::{Identity, Status},
};

impl Assessment<'_> {
    /// When to read the identity again. Between reads the sweep monitors it.
    pub fn identity_due(&self) -> Timestamp {
        match &self.observation.cache.identity {
            RemoteState::Unknown | RemoteState::Stale => Timestamp::MIN,
            // A list does not show these facts, so they have to be read.
            RemoteState::Present(read_at, identity) if self.lacks_dkim_alone(identity) => {
                after(*read_at, self.patience(*read_at))
            }
            RemoteState::Absent(read_at) | RemoteState::Present(read_at, _) => {
                after(*read_at, self.spread(self.config.refresh_interval))
            }
        }
    }

    /// When to look up the records again.
    pub fn records_due(&self) -> Timestamp {
        let Some((asked, answers)) = &self.observation.cache.looked_up else { return Timestamp::MIN };
        if self.records.iter().any(|(wanted, _)| !answers.contains_key(&wanted.name)) {
            return Timestamp::MIN;
        }
        let claim = self.observation.claim.as_ref().map(|stored| &stored.claim);
        let interval = match () {
            () if claim.is_some_and(|claim| claim.state == State::Provisional) => self.unproven_interval(*asked),
            () if self.is_settled() => self.spread(self.config.recheck_interval),
            () => self.config.poll_interval,
        };
        self.next_lookup(*asked, interval, self.observation.cache.unanswered_records, self.observation.live.records)
    }

    /// When to look up the challenge record again; `None`: nothing depends on it. Soon if a change depends on it,
    /// slowly if it is only monitored.
    pub fn challenge_due(&self) -> Option<Timestamp> {
        let (config, observation) = (self.config, self.observation);
        if config.policy.required(&observation.domain) != Required::Challenge || observation.resources.is_empty() {
            return None;
        }
        // No claimant may gain the domain, and no holder's proof has to be monitored.
        let held = observation.claim.as_ref().is_some_and(|stored| stored.claim.state == State::Held);
        if !held && observation.resources.iter().all(|resource| resource.claimant.beyond_open_limit) {
            return None;
        }
        let Some((asked, _)) = &observation.cache.challenge else { return Some(Timestamp::MIN) };
        let held = observation.claim.as_ref().map(|stored| &stored.claim).filter(|claim| claim.state == State::Held);
        let firm = held.and_then(|claim| claim.proof.as_ref()).is_some_and(|proof| {
            proof.kind == ProofKind::Administrator
                || (proof.lost_time.is_none() && proof.kind == ProofKind::DnsChallenge)
        });
        let interval = if firm { self.spread(config.recheck_interval) } else { self.unproven_interval(*asked) };
        let (unanswered, read) = (observation.cache.unanswered_challenge, observation.live.challenge_read);
        Some(self.next_lookup(*asked, interval, unanswered, read))
    }

    /// The next lookup of a record. While DNS gives no answer, the interval grows up to the recheck interval. A lookup
    /// can take longer than its interval, so a record that was `read` in this reconcile is not due in it again.
    fn next_lookup(&self, asked: Timestamp, interval: Duration, unanswered: Unanswered, read: bool) -> Timestamp {
        let longest = self.spread(self.config.recheck_interval).max(interval);
        let due = after(asked, unanswered.delay(interval).min(longest));
        if read { due.max(after(self.now, self.config.poll_interval)) } else { due }
    }

    /// When the next sweep should check whether SES has found the records: soon if all are published, because SES finds
    /// only published records. A verification that SES gave up does not resume.
    pub fn awaits_ses(&self) -> Option<Duration> {
        let identity = self.ours()?;
        let searching = !matches!(identity.verification, Status::Success | Status::Failed);
        (searching && self.all_found()).then(|| self.patience(self.now).min(self.config.sweep_interval))
    }

    /// SES has verified the domain but not yet found its DKIM records, although all are published.
    fn lacks_dkim_alone(&self, identity: &Identity) -> bool {
        let lacking = !matches!(identity.dkim.status, Status::Success | Status::Failed);
        lacking && identity.verification == Status::Success && self.all_found()
    }

    /// Interval of reads at SES after all records were published at `at`: short at first, then growing. SES mostly
    /// needs minutes. If it needs days, a few such domains must not use up the call budget.
    fn patience(&self, at: Timestamp) -> Duration {
        let waiting = self.observation.cache.found_since.map(|since| at.duration_since(since)).unwrap_or_default();
        let quarter = Duration::try_from(waiting).unwrap_or_default() / 4;
        let poll = self.config.poll_interval;
        quarter.max(poll).min(self.spread(self.config.refresh_interval).max(poll))
    }

    /// Interval of DNS lookups for a domain without a proof: short at first, then growing. Most records appear within
    /// minutes; unpublished ones must not cause four lookups a minute for weeks.
    fn unproven_interval(&self, at: Timestamp) -> Duration {
        let claim = self.observation.claim.as_ref().map(|stored| &stored.claim);
        let lost = claim.and_then(|claim| claim.proof.as_ref()).and_then(|proof| proof.lost_time);
        let newest = self.observation.resources.iter().map(|resource| resource.claimant.created).max();
        let since = lost.or(newest).or_else(|| claim.and_then(|claim| claim.provisional_time)).unwrap_or(at);
        let quarter = Duration::try_from(at.duration_since(since)).unwrap_or_default() / 4;
        quarter.min(self.spread(self.config.recheck_interval)).max(self.config.poll_interval)
    }

    /// An interval between 90 and 100 %, constant for this domain, so that domains are not read simultaneously.
    fn spread(&self, interval: Duration) -> Duration {
        interval.mul_f64(0.9 + 0.1 * spread_of(self.observation.domain.as_str(), 0))
    }
}
