//! One pass over one domain: observe, decide, act, report.

mod act;
mod calling;
mod consent;
pub mod decide;
pub mod facts;
mod holding;
pub(super) mod notices;
mod observe;
mod owning;
mod releasing;
mod signing;
pub mod status;
pub mod step;
mod taking_over;
mod writing;

use std::time::Duration;

use jiff::Timestamp;

use self::{
    decide::decide,
    facts::{Observed, Trouble},
    step::Decision,
};
use super::{Controller, PassEnd, order::Next, worker::Worker};
use crate::{
    cluster::{
        leadership::Term,
        store::{Notice, StoreError},
    },
    model::{name::Domain, trouble::Class},
    serve::metrics::Outcome,
    ses::budget::Lane,
};

/// So many steps a pass may take. A domain's longest way (from nothing to Ready) has about ten; more means that two
/// steps undo each other.
const MAX_STEPS: usize = 24;

/// A pass that was begun in a term that is over comes again after this; a new term begins with a pass over each domain anyway.
const NEW_TERM: Duration = Duration::from_secs(1);

/// How long nothing has to be looked at. The clock tells whole seconds only: a pass that came after the fraction of one
/// would find nothing due yet, and come again after the same fraction, on and on until the second is over.
pub(super) fn whole_seconds_until(at: Timestamp, now: Timestamp) -> Duration {
    let wait = Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO);
    Duration::from_secs(wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)))
}

/// How a pass gets its turns at SES.
pub(super) struct Turns<'a> {
    /// Who waits for it.
    lane: Lane,
    /// Place among its tenant's passes.
    place: u64,
    worker: &'a Worker,
    /// The term of office in which the pass was begun: what it decides is void in another.
    pub(super) term: Term,
}

impl Controller {
    /// One pass.
    pub(super) async fn pass(&self, domain: &Domain, lane: Lane, worker: &Worker, term: Term) -> PassEnd {
        let mut seen = match self.observe(domain).await {
            Ok(seen) => seen,
            Err(error) => {
                tracing::warn!(%domain, %error, "the domain could not be looked at");
                return self.failed(domain, lane);
            }
        };
        if self.is_of_another_account(domain.as_str(), seen.claim.as_ref()) {
            let again = self.me.recheck_interval;
            return PassEnd { outcome: Outcome::AccountMismatch, next: Next::After(again, Lane::Background) };
        }
        let lane = if seen.somebody_waits() { lane } else { Lane::Background };
        let place = seen.memory.place.unwrap_or_else(|| self.last_place());
        let turns = Turns { lane, place, worker, term };
        let mut notices = Vec::new();
        let next = self.steps(&mut seen, &turns, &mut notices).await;
        self.end(seen, next, &turns, notices).await
    }

    /// Decides and acts until nothing more is to be done now. The answer is how long nothing has to be looked at.
    async fn steps(&self, seen: &mut Observed, turns: &Turns<'_>, notices: &mut Vec<Notice>) -> Option<Duration> {
        for _ in 0..MAX_STEPS {
            let now = self.ports.clock.now();
            self.count_creations(seen);
            let done = match decide(&self.me, seen, now) {
                Decision::Settled(until) => {
                    self.tell_held_back(seen, now, notices);
                    if let Some(wait) = seen.awaits_ses(&self.me, now) {
                        self.hasten_sweep(wait);
                    }
                    return until.map(|at| whole_seconds_until(at, now));
                }
                Decision::ReportFirst => {
                    seen.memory.place = Some(turns.place);
                    return Some(Duration::ZERO);
                }
                Decision::Write(write) if self.me.dry_run => {
                    seen.plan = Some(write.plan(seen.domain.as_str()));
                    return Some(self.me.recheck_interval);
                }
                Decision::Look(look) => self.look(seen, look, turns).await,
                Decision::Write(write) => self.write(seen, &write, turns, notices).await,
            };
            if let Err(trouble) = done {
                seen.trouble = Some(trouble);
                return None;
            }
        }
        tracing::error!(domain = %seen.domain, "a pass did not come to an end; this is a defect, please report it");
        // Not Conflict, which is tried again at once: each try may cost many calls.
        seen.trouble = Some(Trouble::Store(StoreError::Unavailable));
        None
    }

    /// For those who run the operator; what tenants are told stands in the status.
    pub(super) fn note(&self, domain: &Domain, place: &'static str, class: Class, error: &dyn std::fmt::Display) {
        self.metrics.failure(place, class);
        match class {
            Class::Wait => tracing::debug!(%domain, place, %error, "a pass comes again"),
            Class::Retry => tracing::warn!(%domain, place, %error, "a pass failed and is repeated"),
            Class::Stalled => tracing::warn!(%domain, place, %error, "a pass failed; somebody has to put this right"),
            Class::Bug => tracing::error!(%domain, place, %error, "a pass failed; this is a defect, please report it"),
        }
    }

    /// Says how it went, whatever happened, and keeps what the next pass can use.
    async fn end(
        &self,
        mut seen: Observed,
        next: Option<Duration>,
        turns: &Turns<'_>,
        notices: Vec<Notice>,
    ) -> PassEnd {
        let domain = seen.domain.clone();
        let lane = turns.lane;
        let failed = matches!(seen.trouble, Some(Trouble::Ses(_) | Trouble::Store(_)));
        if next != Some(Duration::ZERO) {
            seen.memory.place = None;
        }
        match &seen.trouble {
            None => (seen.memory.failures, seen.memory.ses_error) = (0, None),
            // Waiting for a turn is no success: what failed before still counts, and what was told of it still holds.
            Some(Trouble::Deferred(_) | Trouble::NoSeat(_) | Trouble::NotLeading) => {
                seen.memory.place = (lane == Lane::Interactive).then_some(turns.place);
            }
            Some(Trouble::Store(error)) => {
                self.note(&domain, "kubernetes", error.class(), error);
                seen.memory.failures = seen.memory.failures.saturating_add(1);
            }
            Some(Trouble::Ses(error)) => {
                self.note(&domain, "ses", error.class(), error);
                seen.memory.failures = seen.memory.failures.saturating_add(1);
                seen.memory.ses_error = Some(error.clone());
            }
        }
        let reported = self.report(&seen, notices, turns.term).await;
        let gone = seen.claim.is_none() && seen.candidates.is_empty();
        let failures_before = seen.memory.failures.saturating_sub(u32::from(failed));
        let memory = facts::Memory { failures: failures_before, ..seen.memory };
        self.with_memory(&domain, |kept| *kept = memory);
        match (seen.trouble, reported) {
            (Some(Trouble::NotLeading), _) | (_, Err(Trouble::NotLeading)) => {
                PassEnd { outcome: Outcome::Deferred, next: Next::After(NEW_TERM, lane) }
            }
            (Some(Trouble::Deferred(wait)), Ok(())) => {
                PassEnd { outcome: Outcome::Deferred, next: Next::After(wait, lane) }
            }
            (Some(Trouble::NoSeat(tenant)), Ok(())) => {
                PassEnd { outcome: Outcome::Deferred, next: Next::Seat(tenant, turns.place) }
            }
            (Some(Trouble::Store(StoreError::Conflict)), Ok(())) => {
                PassEnd { outcome: Outcome::Settled, next: Next::After(Duration::from_millis(50), lane) }
            }
            (None, Ok(())) => {
                if gone {
                    self.forget(&domain);
                }
                let lane = if next == Some(Duration::ZERO) { lane } else { Lane::Background };
                let next = next.map_or(Next::Never, |wait| Next::After(wait, lane));
                PassEnd { outcome: Outcome::Settled, next }
            }
            _ => self.failed(&domain, lane),
        }
    }
}
