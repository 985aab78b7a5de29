//! The journal: every call of the AWS side and every DNS question from outside, in order.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Call {
    /// Number in order of effect, from 1.
    pub seq: u64,
    /// Real milliseconds since the simulator's start at which the call arrived.
    pub at_ms: u64,
    pub time: Timestamp,
    pub service: &'static str,
    /// `GetEmailIdentity`, `GetCallerIdentity` …; `METHOD /path` when SES has no such operation.
    pub operation: String,
    /// The identity of the call, in the caller's spelling; for a mail, its sender's address.
    pub identity: Option<String>,
    pub tenant: Option<String>,
    pub access_key: Option<String>,
    /// HTTP status of the answer; 0 if the connection was closed without one.
    pub status: u16,
    pub error: Option<String>,
    /// The injected fault that shaped the answer, or `throttle`.
    pub fault: Option<String>,
    /// A summary of the request's members, without secrets and mail bodies.
    pub request: String,
    /// The mail of a `SendEmail` request.
    pub email: Option<Email>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Email {
    pub from: Option<String>,
    /// All addresses of `Destination`.
    pub to: Vec<String>,
    pub subject: Option<String>,
    pub configuration_set: Option<String>,
    /// The id of the mail if SES accepted it, regardless of the answer to the caller.
    pub message_id: Option<String>,
}

/// A DNS question from outside (not a lookup of the simulator itself) and its answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DnsQuery {
    pub seq: u64,
    pub at_ms: u64,
    /// The name in the question, in lower case, without the final dot.
    pub name: String,
    pub rtype: String,
    /// The response code; `timeout` if there was no answer.
    pub answer: String,
}

/// Maximum number of entries. Older ones are dropped to limit the memory of a long demo.
const KEPT: usize = 50_000;

/// A list that numbers its entries and drops the oldest.
#[derive(Debug)]
pub(crate) struct Journal<T> {
    entries: VecDeque<T>,
    next: u64,
}

impl<T> Default for Journal<T> {
    fn default() -> Self {
        Self { entries: VecDeque::new(), next: 1 }
    }
}

impl<T: Clone> Journal<T> {
    /// Adds the entry that `make` builds from its number.
    pub(crate) fn push(&mut self, make: impl FnOnce(u64) -> T) {
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(make(self.next));
        self.next += 1;
    }

    /// All entries, oldest first.
    pub(crate) fn all(&self) -> Vec<T> {
        self.entries.iter().cloned().collect()
    }

    /// The newest entries, newest first.
    pub(crate) fn newest(&self, count: usize) -> Vec<T> {
        self.entries.iter().rev().take(count).cloned().collect()
    }

    /// Number of entries ever added, including dropped ones.
    pub(crate) fn count(&self) -> u64 {
        self.next - 1
    }

    /// Clears the entries; numbering continues.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_on_after_clearing_and_the_oldest_entries_are_forgotten() {
        let mut journal = Journal::default();
        for _ in 0..=KEPT {
            journal.push(|seq| seq);
        }
        assert_eq!(journal.all().first(), Some(&2));
        assert_eq!(journal.newest(2), [KEPT as u64 + 1, KEPT as u64]);
        journal.clear();
        journal.push(|seq| seq);
        assert_eq!(journal.all(), [KEPT as u64 + 2]);
        assert_eq!(journal.count(), KEPT as u64 + 2);
    }
}
