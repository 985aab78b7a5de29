//! The sweep: lists all identities periodically, and reconciles the domains that the list contradicts.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use tokio::time::sleep;

use super::{
    context::{Context, ReconcileError},
    domain::{DomainSubject, observe::cache::RemoteState},
    engine::Engine,
};
use crate::{
    cluster::{index::ClaimEntry, leadership::Term},
    model::scheduling::lanes::Lane,
    model::{backoff, claim::State, name::Domain},
    serve::metrics::SweepOutcome,
    ses::{
        SesError,
        call_budget::CallRequest,
        sweep::{Doubts, Expected, Listing, compare},
    },
};

/// Lists all identities when the context's timer is due.
pub struct Sweep {
    context: Arc<Context>,
    domains: Arc<Engine<DomainSubject>>,
    last: Mutex<(Listing, Doubts)>,
}

impl Sweep {
    /// A sweep over the identities of these domains.
    pub fn new(context: Arc<Context>, domains: Arc<Engine<DomainSubject>>) -> Self {
        Self { context, domains, last: Mutex::default() }
    }

    /// Sweeps until dropped.
    pub async fn run(&self, term: Term) {
        let (timer, config) = (&self.context.sweep, &self.context.config);
        let mut failures = 0_u32;
        // The events at SES before this term are unknown.
        timer.set(Duration::ZERO);
        loop {
            timer.until_due().await;
            let spread = backoff::spread_of(&config.environment, u64::from(failures));
            // Set before the list begins, so that a reconcile can meanwhile bring the next sweep forward.
            timer.set(config.sweep_interval.mul_f64(0.9 + 0.1 * spread));
            let begun = self.context.ports.clock.now();
            match self.list(term).await {
                Ok(list) => {
                    failures = 0;
                    self.reconcile_what_differs(list, begun);
                }
                Err(error) => {
                    failures = failures.saturating_add(1);
                    tracing::warn!(%error, "the sweep failed: the SES identities could not be listed; the operator keeps the last result");
                    self.context.metrics.sweep(SweepOutcome::Failed);
                    timer.set(backoff::delay(failures, spread).min(config.sweep_interval));
                }
            }
        }
    }

    /// The complete list, or an error.
    async fn list(&self, term: Term) -> Result<Listing, SesError> {
        let (mut list, mut token) = (Listing::default(), None);
        let tenant = "".into();
        loop {
            let place = self.context.last_place();
            let request = CallRequest { lane: Lane::Background, tenant: &tenant, place, subject: "" };
            let ses = &self.context.ports.ses;
            let page = self.context.ses_call(term, request, "ListEmailIdentities", || ses.list(token.as_deref()));
            match page.await {
                Ok(page) => match list.add(page)? {
                    Some(next) => token = Some(next),
                    None => return Ok(list),
                },
                Err(ReconcileError::Ses(error)) => return Err(error),
                Err(ReconcileError::Deferred(wait)) => sleep(wait.max(Duration::from_millis(10))).await,
                // Only reconciles have slots and statuses.
                Err(ReconcileError::NoSlot(_) | ReconcileError::Store(_)) => return Err(SesError::Unreachable),
                // The sweep is dropped when its term ends.
                Err(ReconcileError::NotLeading) => std::future::pending().await,
            }
        }
    }

    fn reconcile_what_differs(&self, list: Listing, begun: Timestamp) {
        let metrics = &self.context.metrics;
        let claims = self.context.index().claims::<Domain>();
        let known: BTreeMap<Domain, Expected> =
            claims.iter().map(|claim| (claim.subject.clone(), self.expected(claim, begun))).collect();
        let mut before = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let findings = compare(&before.0, &list, &known);
        let present = known.values().filter(|expected| matches!(expected, Expected::Present(_))).count();
        let (missing, doubted) = before.1.weigh(findings.missing, present);
        if doubted {
            tracing::warn!(
                present,
                "the sweep is doubtful: too many identities are missing from the list; the operator reads a sample"
            );
        }
        metrics.sweep(if doubted { SweepOutcome::Doubted } else { SweepOutcome::Complete });
        metrics.unclaimed(list.beyond(&known.keys().map(Domain::as_str).collect()));
        self.context.sweep.listed(list.pages());
        before.0 = list;
        drop(before);
        for domain in findings.changed.into_iter().chain(missing) {
            let doubt = |state: &mut RemoteState| *state = std::mem::take(state).doubted();
            self.domains.with_cache(&domain, |cache| doubt(&mut cache.identity));
            let group = self.context.index().group(&domain);
            self.context.domains.schedule(domain, &group, Duration::ZERO);
        }
    }

    /// The expected entry of a claim's domain in the list.
    fn expected(&self, claim: &ClaimEntry<Domain>, begun: Timestamp) -> Expected {
        let state = self.domains.with_cache(&claim.subject, |cache| cache.identity.clone());
        match (claim.state, state) {
            (State::Held | State::Releasing, RemoteState::Present(read_at, identity)) if read_at < begun => {
                Expected::Present(identity.verification)
            }
            (State::Held | State::Releasing, RemoteState::Absent(read_at)) if read_at < begun => Expected::Absent,
            // A late creation: its caller received an error or no longer exists.
            (State::Released, RemoteState::Absent(_) | RemoteState::Unknown) if !claim.details.retained => {
                Expected::Absent
            }
            _ => Expected::Anything,
        }
    }
}
