//! The sweep: all identities are listed now and then, and what the list contradicts is looked at.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use tokio::{
    sync::Notify,
    time::{Instant, sleep, sleep_until},
};

use super::{
    Controller,
    domain::facts::{Sight, Trouble},
};
use crate::{
    cluster::{index::ClaimEntry, leadership::Term},
    model::{backoff, claim::State, name::Domain},
    serve::metrics::Sweep,
    ses::{
        SesError,
        budget::{Asking, Lane},
        sweep::{Doubts, Expected, Listing, compare},
    },
};

/// When the next sweep is due, and what the last one showed.
#[derive(Debug)]
pub(super) struct Sweeper {
    due: Mutex<Instant>,
    changed: Notify,
    last: Mutex<(Listing, Doubts)>,
}

impl Default for Sweeper {
    fn default() -> Self {
        Self { due: Mutex::new(Instant::now()), changed: Notify::new(), last: Mutex::default() }
    }
}

impl Sweeper {
    fn due(&self) -> Instant {
        *self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, change: impl FnOnce(Instant) -> Instant) {
        {
            let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
            *due = change(*due);
        }
        self.changed.notify_one();
    }

    async fn until_due(&self) {
        loop {
            let due = self.due();
            if due <= Instant::now() {
                return;
            }
            tokio::select! { () = self.changed.notified() => {}, () = sleep_until(due) => {} }
        }
    }
}

impl Controller {
    /// Somebody waits for SES to find a domain's records: the next sweep comes after this wait at the latest. A list of
    /// many pages costs more, and so comes less often.
    pub(super) fn hasten_sweep(&self, wait: Duration) {
        let pages = self.sweeper.last.lock().unwrap_or_else(PoisonError::into_inner).0.pages();
        let shortest = self.me.poll_interval.saturating_mul(u32::try_from(pages).unwrap_or(u32::MAX));
        let at = Instant::now() + wait.max(shortest);
        self.sweeper.set(|due| due.min(at));
    }

    /// Sweeps until dropped.
    pub(super) async fn sweep_on(&self, term: Term) {
        let mut failures = 0_u32;
        // What happened at SES before this term is not known.
        self.sweeper.set(|_| Instant::now());
        loop {
            self.sweeper.until_due().await;
            let spread = backoff::spread_of(&self.me.environment, u64::from(failures));
            // Before the list is begun, so that whoever hastens the next one meanwhile is heard.
            self.sweeper.set(|_| Instant::now() + self.me.sweep_interval.mul_f64(0.9 + 0.1 * spread));
            let begun = self.ports.clock.now();
            match self.list(term).await {
                Ok(list) => {
                    failures = 0;
                    self.look_at_what_differs(list, begun);
                }
                Err(error) => {
                    failures = failures.saturating_add(1);
                    tracing::warn!(%error, "the identities could not be listed; nothing is concluded from that");
                    self.metrics.sweep(Sweep::Failed);
                    let wait = backoff::delay(failures, spread).min(self.me.sweep_interval);
                    self.sweeper.set(|_| Instant::now() + wait);
                }
            }
        }
    }

    /// The complete list, or nothing.
    async fn list(&self, term: Term) -> Result<Listing, SesError> {
        let (mut list, mut token) = (Listing::default(), None);
        loop {
            let place = self.last_place();
            let tenant = "".into();
            let asking = Asking { lane: Lane::Background, tenant: &tenant, place, subject: "" };
            let page = self.in_turn(term, asking, "ListEmailIdentities", || self.ports.ses.list(token.as_deref()));
            match page.await {
                Ok(page) => match list.add(page)? {
                    Some(next) => token = Some(next),
                    None => return Ok(list),
                },
                Err(Trouble::Ses(error)) => return Err(error),
                Err(Trouble::Deferred(wait)) => sleep(wait.max(Duration::from_millis(10))).await,
                // Only passes have seats and statuses.
                Err(Trouble::NoSeat(_) | Trouble::Store(_)) => return Err(SesError::Unreachable),
                // The sweep ends with its term; until it is told so, it waits.
                Err(Trouble::NotLeading) => std::future::pending().await,
            }
        }
    }

    fn look_at_what_differs(&self, list: Listing, begun: Timestamp) {
        let claims = self.index().claims::<Domain>();
        let known: BTreeMap<Domain, Expected> =
            claims.iter().map(|claim| (claim.subject.clone(), self.expected(claim, begun))).collect();
        let mut before = self.sweeper.last.lock().unwrap_or_else(PoisonError::into_inner);
        let findings = compare(&before.0, &list, &known);
        let present = known.values().filter(|expected| matches!(expected, Expected::Present(_))).count();
        let (missing, doubted) = before.1.weigh(findings.missing, present);
        if doubted {
            tracing::warn!(present, "SES's list lacks so many identities that it is doubted; a few are looked at");
        }
        self.metrics.sweep(if doubted { Sweep::Doubted } else { Sweep::Complete });
        self.metrics.unclaimed(list.beyond(&known.keys().map(Domain::as_str).collect()));
        before.0 = list;
        drop(before);
        for domain in findings.changed.into_iter().chain(missing) {
            self.with_memory(&domain, |memory| memory.identity = std::mem::take(&mut memory.identity).doubted());
            self.queue.remind(domain, Duration::ZERO);
        }
    }

    /// What the list should show of a claim's domain.
    fn expected(&self, claim: &ClaimEntry<Domain>, begun: Timestamp) -> Expected {
        let sight = self.with_memory(&claim.subject, |memory| memory.identity.clone());
        match (claim.state, sight) {
            (State::Held | State::Releasing, Sight::Present(seen, identity)) if seen < begun => {
                Expected::Present(identity.verification)
            }
            (State::Held | State::Releasing, Sight::Absent(seen)) if seen < begun => Expected::Absent,
            // A late create: its caller was told that it had failed, or is long gone.
            (State::Released, Sight::Absent(_) | Sight::Unseen) if !claim.facts.retained => Expected::Absent,
            _ => Expected::Anything,
        }
    }
}
