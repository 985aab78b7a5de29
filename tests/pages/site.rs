//! The pages under test: the real server on loopback, over the cluster in memory and the clock of the unit tests of
//! `src/web`.

use std::sync::Arc;

use jiff::Timestamp;
use sender_operator::{
    cluster::store::StoreError,
    model::{
        address::Address,
        confirmation::{
            AnswerKind, Attempt,
            evidence::{EvidenceEvent as Kept, Visitor},
        },
    },
    serve::connections,
    web::{PageEvent, PageStore, RequestDetails, Site, WebSettings, rate_limit, router},
};
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::sync::{CancellationToken, DropGuard};

#[path = "../../src/web/harness.rs"]
#[allow(dead_code, unreachable_pub, reason = "the other routes are tested without a browser")]
mod harness;

use self::harness::{Fate, Replica, address_claim, claim_of_address, code, settings, signed};

pub const ENVIRONMENT: &str = harness::ENVIRONMENT;
pub const ADDRESS: &str = harness::ADDRESS;

/// This many hours after the mail.
pub fn at(hours: i64) -> Timestamp {
    harness::at(hours)
}

/// The pages of one environment.
pub struct Pages {
    /// Base URL, without a slash at the end.
    pub origin: String,
    replica: Replica,
    _stop: DropGuard,
}

#[expect(clippy::unused_self, reason = "links and codes belong to this environment")]
impl Pages {
    /// An address whose confirmation was requested an hour ago.
    pub async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let company = Some("Acme & Söhne".to_owned());
        let replica = Replica::with(WebSettings { public_url: origin.clone(), company, ..settings() });
        let stop = CancellationToken::new();
        tokio::spawn(connections::serve(
            listener,
            replica.router.clone(),
            connections::ConnectionLimits::default(),
            stop.clone(),
        ));
        Self { origin, replica, _stop: stop.drop_guard() }
    }

    /// The link of an attempt's mail, sent at hour 0, relative to the path.
    pub fn link(&self, attempt: u32) -> String {
        signed(attempt)
    }

    pub fn code(&self) -> String {
        code()
    }

    pub fn set(&self, time: Timestamp) {
        self.replica.set(time);
    }

    /// Makes the API server unavailable, or available again.
    pub fn away(&self, away: bool) {
        *self.replica.cluster.away.lock().unwrap() = away.then_some(StoreError::Unavailable);
    }

    /// Sets the note of the claimant.
    pub fn says(&self, note: &str) {
        self.replica.cluster.has_details(RequestDetails { note: Some(note.to_owned()), locale: None });
    }

    /// Makes another address the subject of the request.
    pub fn is_about(&self, address: &str) {
        self.replica.changed(|claim| claim.subject.address = Address::parse(address).ok());
    }

    /// Resets the request to its state after the first mail, with this answer and without later writes.
    pub fn is_answered(&self, answer: Option<AnswerKind>) {
        let about = self.replica.cluster.claim_now().subject;
        self.replica.cluster.put(&claim_of_address(), address_claim(answer));
        self.replica.changed(|claim| claim.subject = about);
        self.replica.cluster.writes.store(0, std::sync::atomic::Ordering::Relaxed);
    }

    /// Sends a second mail.
    pub fn is_sent_again(&self) {
        self.replica.changed(|claim| {
            let attempt = Attempt::new(2).begun(at(1)).sent(at(1), at(25));
            claim.confirmation.as_mut().unwrap().request.as_mut().unwrap().attempt = attempt;
        });
    }

    /// The next two writes wait for a permit each.
    pub fn hold_writes(&self) -> Arc<Semaphore> {
        let gate = Arc::new(Semaphore::new(0));
        for _ in 0..2 {
            self.replica.cluster.next_write(Fate::Waits(gate.clone()));
        }
        gate
    }

    pub fn writes(&self) -> usize {
        self.replica.writes()
    }

    pub fn answer(&self) -> Option<AnswerKind> {
        self.replica.cluster.answer()
    }

    /// The evidence in the claim, the newest last, each with its visitor.
    pub fn kept(&self) -> Vec<(Kept, Visitor)> {
        let kept = self.replica.cluster.claim_now().confirmation.unwrap().evidence;
        kept.into_iter().map(|entry| (entry.event, entry.visitor.unwrap())).collect()
    }
}
