//! One pass over one address: observe, decide, act, report. It makes no management call at SES but those that say whether the
//! operator's own sender can send; its mails have turns of their own.

mod acknowledging;
pub mod decide;
pub mod facts;
mod notices;
mod observe;
mod report;
mod sender;
mod sending;
pub mod status;

use std::time::Duration;

pub use self::sender::Sender;
use self::{
    decide::{Decision, decide},
    facts::Observed,
};
use super::{
    Controller, PassEnd,
    domain::{facts::Trouble, whole_seconds_until},
    order::Next,
    worker::Worker,
};
use crate::{
    cluster::{
        leadership::Term,
        store::{Notice, REQUEST_DEADLINE, StoreError},
    },
    model::{address::Address, backoff, claim::Claim},
    serve::metrics::Outcome,
    ses::budget::Lane,
};

/// So many steps a pass may take. The longest way has about eight; more means that two steps undo each other.
const MAX_STEPS: usize = 24;
/// A pass that was begun in a term that is over comes again after this.
const NEW_TERM: Duration = Duration::from_secs(1);
/// A claim that somebody else changed in the middle of a pass is looked at again after this.
const CHANGED: Duration = Duration::from_millis(50);

impl Controller {
    /// One pass.
    pub(super) async fn pass_over_address(
        &self,
        address: &Address,
        lane: Lane,
        worker: &Worker,
        term: Term,
    ) -> PassEnd {
        let mut seen = match self.observe_address(address).await {
            Ok(seen) => seen,
            Err(error) => {
                tracing::warn!(domain = %address.domain(), %error, "an address could not be looked at");
                return self.failed_address(address, lane);
            }
        };
        if self.is_of_another_account(&self.name_of_claim(address), seen.claim.as_ref()) {
            let again = self.me.recheck_interval;
            return PassEnd { outcome: Outcome::AccountMismatch, next: Next::After(again, Lane::Background) };
        }
        let mut notices = Vec::new();
        let next = self.address_steps(&mut seen, worker, term, &mut notices).await;
        self.end_address(seen, next, lane, term, notices).await
    }

    /// Decides and acts until nothing more is to be done now. The answer is how long nothing has to be looked at.
    async fn address_steps(
        &self,
        seen: &mut Observed,
        worker: &Worker,
        term: Term,
        notices: &mut Vec<Notice>,
    ) -> Option<Duration> {
        for _ in 0..MAX_STEPS {
            let now = self.ports.clock.now();
            let done = match decide(&self.me, seen, now) {
                Decision::Settled(until) => return until.map(|at| whole_seconds_until(at, now)),
                Decision::LookCandidates => self.look_at_candidates(seen).await,
                Decision::Write(_) | Decision::Forget | Decision::Send if self.me.dry_run => {
                    seen.plan = Some(plan(seen, &decide(&self.me, seen, now)));
                    return Some(self.me.recheck_interval);
                }
                Decision::Write(claim) => self.write_address_claim(seen, &claim, term, notices).await,
                Decision::Forget => self.forget_address_claim(seen, term).await,
                Decision::Send if seen.has_unseen_wish() => {
                    // Statuses first: sends wait for their turn, and a person waits to see that something happens.
                    return Some(Duration::ZERO);
                }
                Decision::Send => self.send(seen, worker, term, notices).await,
            };
            if let Err(trouble) = done {
                seen.trouble = Some(trouble);
                return None;
            }
        }
        tracing::error!(domain = %seen.address.domain(), "a pass over an address did not come to an end; this is a defect, please report it");
        seen.trouble = Some(Trouble::Store(StoreError::Unavailable));
        None
    }

    async fn look_at_candidates(&self, seen: &mut Observed) -> Result<(), Trouble> {
        seen.candidates = self.live_address_candidates(&seen.address).await.map_err(Trouble::Store)?;
        seen.candidates_live = true;
        Ok(())
    }

    /// Creates the claim, or compares and swaps it.
    async fn write_address_claim(
        &self,
        seen: &mut Observed,
        claim: &Claim,
        term: Term,
        notices: &mut Vec<Notice>,
    ) -> Result<(), Trouble> {
        self.lead(term, REQUEST_DEADLINE).await?;
        let name = self.name_of_claim(&seen.address);
        let before = seen.claim.as_ref().map(|stored| stored.claim.clone());
        let written = match &seen.claim {
            None => self.ports.store.create_claim(&name, claim).await,
            Some(old) => self.ports.store.swap_claim(&name, old, claim).await,
        };
        let stored = written.map_err(Trouble::Store)?;
        self.note_claim(&stored);
        notices.extend(notices::of_write(seen, before.as_ref(), &stored, &name));
        seen.claim = Some(stored);
        Ok(())
    }

    async fn forget_address_claim(&self, seen: &mut Observed, term: Term) -> Result<(), Trouble> {
        self.lead(term, REQUEST_DEADLINE).await?;
        if let Some(old) = &seen.claim {
            let name = self.name_of_claim(&seen.address);
            self.ports.store.delete_claim(&name, old).await.map_err(Trouble::Store)?;
        }
        seen.claim = None;
        Ok(())
    }

    /// Says how it went, whatever happened, and keeps what the next pass can use.
    async fn end_address(
        &self,
        mut seen: Observed,
        next: Option<Duration>,
        lane: Lane,
        term: Term,
        notices: Vec<Notice>,
    ) -> PassEnd {
        let address = seen.address.clone();
        let failed = matches!(seen.trouble, Some(Trouble::Ses(_) | Trouble::Store(_)));
        match &seen.trouble {
            None => (seen.memory.failures, seen.memory.ses_error) = (0, None),
            Some(Trouble::Deferred(_) | Trouble::NoSeat(_) | Trouble::NotLeading) => {}
            Some(Trouble::Store(error)) => {
                self.note(address.domain(), "kubernetes", error.class(), error);
                seen.memory.failures = seen.memory.failures.saturating_add(1);
            }
            Some(Trouble::Ses(error)) => {
                self.note(address.domain(), "ses", error.class(), error);
                seen.memory.failures = seen.memory.failures.saturating_add(1);
                seen.memory.ses_error = Some(error.clone());
            }
        }
        let reported = self.report_address(&seen, notices, term).await;
        let gone = seen.claim.is_none() && seen.candidates.is_empty();
        let before = seen.memory.failures.saturating_sub(u32::from(failed));
        self.with_address_memory(&address, |kept| *kept = facts::Memory { failures: before, ..seen.memory });
        let end = |outcome, wait, lane| PassEnd { outcome, next: Next::After(wait, lane) };
        match (seen.trouble, reported) {
            (Some(Trouble::NotLeading), _) | (_, Err(Trouble::NotLeading)) => end(Outcome::Deferred, NEW_TERM, lane),
            (Some(Trouble::Deferred(wait)), Ok(())) => end(Outcome::Deferred, wait, lane),
            (Some(Trouble::Store(StoreError::Conflict)), Ok(())) => end(Outcome::Settled, CHANGED, lane),
            (None, Ok(())) => {
                if gone {
                    self.forget_address(&address);
                }
                let lane = if next == Some(Duration::ZERO) { lane } else { Lane::Background };
                let next = if seen.candidates.is_empty() { next } else { Some(self.slowly(&address, next)) };
                let next = next.map_or(Next::Never, |wait| Next::After(wait, lane));
                PassEnd { outcome: Outcome::Settled, next }
            }
            _ => self.failed_address(&address, lane),
        }
    }

    /// A status that somebody has edited does not last: each is looked at now and then, not all at the same time.
    fn slowly(&self, address: &Address, next: Option<Duration>) -> Duration {
        let spread = 0.9 + 0.1 * backoff::spread_of(&address.to_string(), 0);
        let slow = self.me.refresh_interval.mul_f64(spread);
        next.map_or(slow, |next| next.min(slow))
    }

    /// The end of a failed pass: it comes again after a wait that grows with the failures in a row.
    pub(super) fn failed_address(&self, address: &Address, lane: Lane) -> PassEnd {
        let failures = self.with_address_memory(address, |memory| {
            memory.failures = memory.failures.saturating_add(1);
            memory.failures
        });
        let wait = backoff::delay(failures, backoff::spread_of(&address.to_string(), u64::from(failures)));
        PassEnd { outcome: Outcome::Failed, next: Next::After(wait, lane) }
    }
}

fn plan(seen: &Observed, decision: &Decision) -> String {
    let address = &seen.address;
    match decision {
        Decision::Write(claim) => format!("would make the claim on {address} {}", claim.state.as_str()),
        Decision::Forget => format!("would forget the free claim on {address}"),
        Decision::Send => format!("would ask the owner of {address} by a mail"),
        Decision::LookCandidates | Decision::Settled(_) => format!("would look at {address} again"),
    }
}
