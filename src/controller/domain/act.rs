//! The third beat of a pass: one read or write, and what it shows.

use std::{collections::BTreeMap, future::Future, sync::Arc, time::Duration};

use super::{
    Turns,
    facts::{Observed, Sight, Trouble},
    notices::{claim_notice, identity_notice},
    step::{Look, Write},
};
use crate::{
    api::reasons::EventReason,
    cluster::{
        index::ClaimSeen,
        mandate::{NotLeading, Term},
        store::{Notice, REQUEST_DEADLINE},
    },
    controller::Controller,
    model::{
        claim::{Claim, StoredClaim, claim_name},
        records::{Answer, LookUp, RecordType, Wanted, doubled_name},
    },
    ses::{
        RETAINED_TAG, SesError, Status,
        budget::{Asking, Lane},
    },
};

/// So many throttled answers in a row put a pass back.
const THROTTLED_TRIES: usize = 3;

impl Controller {
    pub(super) async fn look(&self, seen: &mut Observed, look: Look, turns: &Turns<'_>) -> Result<(), Trouble> {
        match look {
            Look::Related => seen.related = Some(self.live_related(&seen.domain).await.map_err(Trouble::Store)?),
            Look::Candidates => {
                seen.candidates = self.live_candidates(&seen.domain).await.map_err(Trouble::Store)?;
                seen.candidates_live = true;
            }
            Look::Identity => {
                let found =
                    self.call(seen, turns, "GetEmailIdentity", || self.ports.ses.identity(&seen.domain)).await?;
                self.remember_identity(seen, found.map(Box::new));
            }
            Look::Records => self.look_up_records(seen).await,
        }
        Ok(())
    }

    fn remember_identity(&self, seen: &mut Observed, found: Option<Box<crate::ses::Identity>>) {
        let now = self.ports.clock.now();
        seen.identity_live = true;
        if let Some(identity) = &found {
            let failed = identity.dkim.status == Status::Failed || identity.verification == Status::Failed;
            seen.memory.restarts = match seen.memory.restarts {
                (count, last) if failed => (count, last.or(Some(now))),
                _ if identity.dkim.status == Status::Success => (0, None),
                kept => kept,
            };
        }
        seen.memory.identity = found.map_or(Sight::Absent(now), |identity| Sight::Present(now, identity));
    }

    async fn look_up_records(&self, seen: &mut Observed) {
        let mut answers = BTreeMap::new();
        for wanted in seen.records(&self.me) {
            let look_up = self.look_up(seen, &wanted).await;
            answers.insert(wanted.name, look_up);
        }
        let now = self.ports.clock.now();
        seen.memory.looked_up = Some((now, answers));
        let since = seen.memory.found_since.unwrap_or(now);
        seen.memory.found_since = seen.all_found(&self.me).then_some(since);
    }

    /// Asks for the record and, where it is missing, for what usually explains that.
    async fn look_up(&self, seen: &Observed, wanted: &Wanted) -> LookUp {
        let dns = &self.ports.dns;
        let direct = dns.look_up(&wanted.name, wanted.record_type).await;
        self.metrics.look_up(if let Answer::Unknown(doubt) = &direct { Some(*doubt) } else { None });
        let absent = matches!(direct, Answer::NoName | Answer::NoRecord);
        let doubled = if absent {
            Some(dns.look_up(&doubled_name(wanted, &seen.domain), wanted.record_type).await)
        } else {
            None
        };
        let addresses =
            if direct == Answer::NoRecord { Some(dns.look_up(&wanted.name, RecordType::A).await) } else { None };
        LookUp { direct, doubled, addresses }
    }

    pub(super) async fn write(
        &self,
        seen: &mut Observed,
        write: &Write,
        turns: &Turns<'_>,
        notices: &mut Vec<Notice>,
    ) -> Result<(), Trouble> {
        match write {
            Write::Claim(claim, event) => {
                self.lead(turns.term, REQUEST_DEADLINE).await?;
                return self.write_claim(seen, claim, *event, notices).await;
            }
            Write::ForgetClaim => {
                self.lead(turns.term, REQUEST_DEADLINE).await?;
                return self.forget_claim(seen).await;
            }
            _ => {}
        }
        if self.write_to_ses(seen, write, turns).await? {
            notices.extend(identity_notice(seen, write));
        }
        Ok(())
    }

    /// Whether it was this call that changed something.
    async fn write_to_ses(&self, seen: &mut Observed, write: &Write, turns: &Turns<'_>) -> Result<bool, Trouble> {
        let (ses, domain) = (&self.ports.ses, &seen.domain);
        let arn = self.me.caller.identity_arn(domain);
        let tags = self.me.tags();
        let done = match write {
            Write::CreateIdentity(_) => {
                match self.call(seen, turns, "CreateEmailIdentity", || ses.create(domain, &tags)).await {
                    // Somebody was first, perhaps ourselves before a crash: the tags will say.
                    Err(Trouble::Ses(SesError::AlreadyExists)) => Ok(false),
                    other => other.map(|()| true),
                }
            }
            Write::StartEasyDkim(_) => {
                let operation = "PutEmailIdentityDkimSigningAttributes";
                self.call(seen, turns, operation, || ses.start_easy_dkim(domain)).await.map(|()| true)
            }
            Write::EnableSigning => self
                .call(seen, turns, "PutEmailIdentityDkimAttributes", || ses.enable_signing(domain))
                .await
                .map(|()| true),
            Write::MarkRetained(true) => {
                self.call(seen, turns, "TagResource", || ses.tag(&arn, RETAINED_TAG, "true")).await.map(|()| true)
            }
            Write::MarkRetained(false) => {
                self.call(seen, turns, "UntagResource", || ses.untag(&arn, RETAINED_TAG)).await.map(|()| true)
            }
            Write::DeleteIdentity => {
                self.call(seen, turns, "DeleteEmailIdentity", || ses.delete(domain)).await.map(|()| true)
            }
            Write::Claim(..) | Write::ForgetClaim => Ok(false),
        };
        // Also after a failure: the call may have had its effect although its answer was lost.
        if !matches!(done, Err(Trouble::Deferred(_) | Trouble::NoSeat(_) | Trouble::NotLeading)) {
            let before = std::mem::take(&mut seen.memory.identity);
            seen.memory.identity = if done.is_ok() { Sight::Unsure } else { before.doubted() };
            seen.identity_live = false;
            seen.written_to_ses = true;
        }
        if done.is_ok() && *write == Write::StartEasyDkim(true) {
            seen.memory.restarts = (seen.memory.restarts.0.saturating_add(1), Some(self.ports.clock.now()));
        }
        done
    }

    /// One management call on behalf of the claim's tenant, while others work. A pass that had no turn yet needs a seat
    /// first. Once it had one it waits for its next ones: put back, it would begin with the same live read again, find no
    /// turn for the write again, and never get there.
    async fn call<T, F>(
        &self,
        seen: &Observed,
        turns: &Turns<'_>,
        operation: &'static str,
        make: impl Fn() -> F,
    ) -> Result<T, Trouble>
    where
        F: Future<Output = Result<T, SesError>>,
    {
        let tenant: Arc<str> = seen.tenant().map(ToString::to_string).unwrap_or_default().into();
        let begun = seen.identity_live || seen.written_to_ses;
        if !begun && turns.lane == Lane::Interactive && !self.queue.sit_down(&seen.domain, &tenant) {
            return Err(Trouble::NoSeat(tenant));
        }
        let lane = if begun { Lane::Interactive } else { turns.lane };
        let asking = Asking { lane, tenant: &tenant, place: turns.place, subject: seen.domain.as_str() };
        turns.worker.rest(self.in_turn(turns.term, asking, operation, make)).await
    }

    /// Waits for a turn, makes the call under its deadline, and counts both. A throttled call had no effect; it waits
    /// for another turn, which comes later the longer SES throttles, and in the end puts the pass back. Throttling is
    /// nobody's failure and is told in no status.
    pub(crate) async fn in_turn<T, F>(
        &self,
        term: Term,
        mut asking: Asking<'_>,
        operation: &'static str,
        make: impl Fn() -> F,
    ) -> Result<T, Trouble>
    where
        F: Future<Output = Result<T, SesError>>,
    {
        let budget = &self.ports.budget;
        for _ in 0..THROTTLED_TRIES {
            let turn = tokio::select! {
                biased;
                () = self.stopping.cancelled() => return Err(Trouble::Deferred(Duration::ZERO)),
                () = self.ports.mandate.over(term) => return Err(Trouble::NotLeading),
                turn = budget.turn(asking) => turn,
            };
            let waited = turn.map_err(|deferred| Trouble::Deferred(deferred.wait))?;
            self.metrics.budget_wait(asking.lane, waited);
            self.lead(term, self.me.ses_timeout).await?;
            let answer = tokio::time::timeout(self.me.ses_timeout, make()).await.unwrap_or(Err(SesError::Unreachable));
            self.metrics.ses_call(operation, answer.as_ref().err());
            match answer {
                Err(SesError::Throttled) => budget.answered(true),
                // No answer says nothing about the rate.
                Err(SesError::Unreachable) => return Err(Trouble::Ses(SesError::Unreachable)),
                other => {
                    budget.answered(false);
                    return other.map_err(Trouble::Ses);
                }
            }
            // It had a turn, so it waits for the next one.
            asking.lane = Lane::Interactive;
        }
        Err(Trouble::Deferred(Duration::from_secs_f64(1.0 / budget.rate())))
    }

    /// Right before a write that takes at most so long: whether it may begin.
    pub(crate) async fn lead(&self, term: Term, write: Duration) -> Result<(), Trouble> {
        self.ports.mandate.covers(term, write).await.map_err(|NotLeading| Trouble::NotLeading)
    }

    async fn write_claim(
        &self,
        seen: &mut Observed,
        claim: &Claim,
        event: Option<EventReason>,
        notices: &mut Vec<Notice>,
    ) -> Result<(), Trouble> {
        let name = claim_name(&self.me.environment, &seen.domain);
        let written = match &seen.claim {
            None => self.ports.store.create_claim(&name, claim).await,
            Some(old) => self.ports.store.swap_claim(&name, old, claim).await,
        };
        let stored = written.map_err(Trouble::Store)?;
        tracing::info!(domain = %seen.domain, state = claim.state.as_str(), "claim written");
        self.note_claim(seen, &stored);
        seen.claim = Some(stored);
        seen.related = None;
        notices.extend(event.and_then(|reason| claim_notice(seen, &name, reason)));
        Ok(())
    }

    /// Tells the index of our own write, so that its echo by the watch wakes nobody, and those above and below hear
    /// of it at once.
    fn note_claim(&self, seen: &Observed, stored: &StoredClaim) {
        let claim = ClaimSeen::of(&stored.claim, &stored.version);
        let mut index = self.index();
        let woken = index.put_claim(&claim).into_iter().filter(|domain| *domain != seen.domain);
        woken.for_each(|domain| self.queue.wake(domain.clone(), &index.group(&domain)));
    }

    async fn forget_claim(&self, seen: &mut Observed) -> Result<(), Trouble> {
        if let Some(old) = &seen.claim {
            let name = claim_name(&self.me.environment, &seen.domain);
            self.ports.store.delete_claim(&name, old).await.map_err(Trouble::Store)?;
            tracing::info!(domain = %seen.domain, "free claim forgotten");
        }
        seen.claim = None;
        seen.related = None;
        Ok(())
    }
}
