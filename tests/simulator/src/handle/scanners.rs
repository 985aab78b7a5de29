//! The link scanners at the receivers.

use super::Handle;
use crate::scan::{Scanner, Scanners, Visit};

impl Handle {
    /// Turns a scanner on or off for later mails.
    pub fn scan(&self, scanner: Scanner, on: bool) {
        let scanners = &mut self.backend.state().scanners;
        if on {
            scanners.insert(scanner);
        } else {
            scanners.remove(&scanner);
        }
    }

    pub fn scanners(&self) -> Scanners {
        // Under the lock: once a mail is visible in the mailbox, the scanners have it.
        let state = self.backend.state();
        let on = |scanner| state.scanners.contains(&scanner);
        Scanners { fetch: on(Scanner::Fetch), submit: on(Scanner::Submit), idle: self.backend.scans.idle() }
    }

    /// Returns when the scanners have no more jobs.
    pub async fn scanned(&self) {
        self.backend.scans.until_idle().await;
    }

    pub fn visits(&self) -> Vec<Visit> {
        self.backend.state().visits.all()
    }

    pub fn newest_visits(&self, count: usize) -> Vec<Visit> {
        self.backend.state().visits.newest(count)
    }

    /// Clears the log of the scanners; numbering continues.
    pub fn clear_visits(&self) {
        self.backend.state().visits.clear();
    }
}
