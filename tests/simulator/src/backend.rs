//! The simulator's state, behind two locks: the AWS side and the DNS side.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hickory_proto::op::ResponseCode;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::core::{Ses, Zone};
use crate::journal::{Call, DnsQuery, Journal};
use crate::options::Options;
use crate::scan::{ScanQueue, Scanner, Visit};

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) clock: Clock,
    pub(crate) ses: Ses,
    pub(crate) calls: Journal<Call>,
    pub(crate) queries: Journal<DnsQuery>,
    /// The active scanners.
    pub(crate) scanners: BTreeSet<Scanner>,
    pub(crate) visits: Journal<Visit>,
}

impl State {
    /// Real milliseconds since the start.
    pub(crate) fn millis(&self) -> u64 {
        u64::try_from(self.clock.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// Both sides. Locks are short and never held across an await. Lock order: zone before state.
#[derive(Debug)]
pub(crate) struct Backend {
    state: Mutex<State>,
    zone: Mutex<Zone>,
    /// Queue of jobs for the scanners.
    pub(crate) scans: ScanQueue,
    /// Cancelled when the simulator stops.
    pub(crate) stop: CancellationToken,
}

impl Backend {
    pub(crate) fn new(options: &Options, scans: ScanQueue) -> Self {
        let state = State {
            clock: Clock::new(options.start.unwrap_or_else(Timestamp::now)),
            ses: Ses::new(&options.rules()),
            calls: Journal::default(),
            queries: Journal::default(),
            scanners: BTreeSet::new(),
            visits: Journal::default(),
        };
        let zone = Mutex::new(Zone::new(options.ttl));
        Self { state: Mutex::new(state), zone, scans, stop: CancellationToken::new() }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn zone(&self) -> MutexGuard<'_, Zone> {
        self.zone.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a DNS question and its answer; `None`: no answer.
    pub(crate) fn note_dns(&self, name: String, rtype: String, code: Option<ResponseCode>) {
        let answer = code.map_or_else(|| "timeout".to_owned(), |code| format!("{code:?}").to_ascii_uppercase());
        let mut state = self.state();
        let at_ms = state.millis();
        state.queries.push(|seq| DnsQuery { seq, at_ms, name, rtype, answer });
    }
}
