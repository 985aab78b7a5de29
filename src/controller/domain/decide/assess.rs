//! The assessment of one observation: the identity at SES, the records, what blocks. Pure.
//!
//! `decide` acts on an assessment and the report words it, so a status never decides anything a second time. Further
//! parts: [`super::standing`] (the owner), [`super::proof`] (the proof), [`super::due`] (the next reads).

use jiff::Timestamp;

use crate::{
    controller::{
        config::Config,
        domain::observe::{cache::RemoteState, observation::Observation},
    },
    model::{
        creation_limit::next_creation_time,
        records::{Judgement, RecordState, Wanted, default_zone, dkim_records, judge},
    },
    ses::{CLAIM_TAG, ENVIRONMENT_TAG, Identity, OWNER_TAG, SesError, Status},
};

/// Consecutive failures from which on a status reports that SES is unreachable. A shorter failure is not worth a write.
pub const LASTING: u32 = 3;

/// The assessment of one observation.
pub struct Assessment<'a> {
    pub config: &'a Config,
    pub observation: &'a Observation,
    pub now: Timestamp,
    /// The identity, as last observed.
    pub identity: IdentityState<'a>,
    /// The records to publish, each with its assessment; empty until SES has issued tokens.
    pub records: Vec<(Wanted, Judgement)>,
    /// The last error of SES, until a reconcile succeeds.
    pub ses_error: Option<&'a SesError>,
}

/// The identity of the domain at SES, as far as known.
#[derive(Clone, Copy, Debug)]
pub enum IdentityState<'a> {
    /// Not read since the process started.
    Unknown,
    /// Not read since the last write.
    Stale,
    /// It does not exist.
    Absent,
    /// Created by another environment or by hand.
    Foreign(&'a Identity),
    /// Created or adopted by this environment.
    Ours(&'a Identity),
}

impl<'a> Assessment<'a> {
    pub fn of(config: &'a Config, observation: &'a Observation, now: Timestamp) -> Self {
        let identity = match &observation.cache.identity {
            RemoteState::Unknown => IdentityState::Unknown,
            RemoteState::Stale => IdentityState::Stale,
            RemoteState::Absent(_) => IdentityState::Absent,
            RemoteState::Present(_, identity) if is_ours(config, observation, identity) => {
                IdentityState::Ours(identity)
            }
            RemoteState::Present(_, identity) => IdentityState::Foreign(identity),
        };
        let ses_error = observation.progress.attempts.ses_error.as_ref();
        Self { config, observation, now, identity, records: judged(config, observation), ses_error }
    }

    /// The error of SES, once it lasts.
    pub fn lasting_ses_error(&self) -> Option<&'a SesError> {
        self.ses_error.filter(|_| self.observation.progress.attempts.failures >= LASTING)
    }

    /// The identity, if it is ours.
    pub fn ours(&self) -> Option<&'a Identity> {
        match self.identity {
            IdentityState::Ours(identity) => Some(identity),
            _ => None,
        }
    }

    /// Whether the identity was created for this claim. An identity of ours that was not is left over from a lost
    /// claim; only a tenant with a proof takes it over.
    pub fn is_made_for_claim(&self, identity: &Identity) -> bool {
        let uid = self.observation.claim.as_ref().map(|stored| &stored.uid);
        uid.is_some() && identity.tags.get(CLAIM_TAG) == uid
    }

    /// Whether the last lookup found every record.
    pub fn all_found(&self) -> bool {
        !self.records.is_empty() && self.records.iter().all(|(_, judgement)| judgement.state == RecordState::Found)
    }

    /// The record to fix first, and the number of wrong or missing records. A wrong record precedes a missing one: its
    /// publisher believes that the work is done.
    pub fn first_fault(&self) -> Option<(&(Wanted, Judgement), usize)> {
        let faults = |state| self.records.iter().filter(move |(_, judgement)| judgement.state == state);
        let (wrong, missing) = (|| faults(RecordState::Mismatch), || faults(RecordState::Missing));
        let first = wrong().next().or_else(|| missing().next())?;
        Some((first, wrong().count() + missing().count()))
    }

    /// A record that the last lookup could not assess.
    pub fn doubtful_record(&self) -> Option<&(Wanted, Judgement)> {
        self.records.iter().find(|(_, judgement)| judgement.state == RecordState::Unknown)
    }

    /// Whether the domain is in its desired state, so that slow reads suffice.
    pub fn is_settled(&self) -> bool {
        let good = self.observation.identity().is_some_and(|identity| {
            identity.sends() && identity.dkim.signing_enabled && identity.dkim.status == Status::Success
        });
        self.observation.was_verified() && good && self.all_found()
    }

    /// Whether no known fact about the identity prevents sending and signing.
    pub fn may_send(&self) -> bool {
        match self.identity {
            IdentityState::Unknown | IdentityState::Stale => true,
            IdentityState::Absent | IdentityState::Foreign(_) => false,
            IdentityState::Ours(identity) => identity.sends() && identity.dkim.signing_enabled && identity.dkim.easy,
        }
    }

    /// When the tenant may have one more identity created; `None`: now.
    pub fn room_for_creation(&self) -> Option<Timestamp> {
        next_creation_time(self.config.creations_per_tenant, &self.observation.creations, self.now)
    }
}

/// Whether the identity has the tags of this environment, or of the one that created the claim.
fn is_ours(config: &Config, observation: &Observation, identity: &Identity) -> bool {
    let owner = identity.tags.get(OWNER_TAG);
    let claims = observation.claim.as_ref().map(|stored| &stored.claim.account.owner_id);
    owner.is_some()
        && (owner == Some(&config.owner_id) || owner == claims)
        && identity.tags.get(ENVIRONMENT_TAG) == Some(&config.environment)
}

/// The records to publish; empty until SES has issued tokens.
pub fn wanted_records(config: &Config, observation: &Observation) -> Vec<Wanted> {
    let Some(dkim) = observation.identity().map(|identity| &identity.dkim).filter(|dkim| dkim.easy) else {
        return Vec::new();
    };
    let zone = dkim.zone.clone().unwrap_or_else(|| default_zone(&config.caller.region));
    dkim_records(&observation.domain, &dkim.tokens, &zone)
}

fn judged(config: &Config, observation: &Observation) -> Vec<(Wanted, Judgement)> {
    let answers = observation.cache.looked_up.as_ref().map(|(_, answers)| answers);
    let judge_one = |wanted: Wanted| {
        let judgement = judge(&wanted, &observation.domain, answers.and_then(|answers| answers.get(&wanted.name)));
        (wanted, judgement)
    };
    wanted_records(config, observation).into_iter().map(judge_one).collect()
}
