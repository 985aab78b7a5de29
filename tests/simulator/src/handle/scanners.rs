//! The link scanners at the receivers' side.

use super::Handle;
use crate::scan::{Scanner, Scanners, Visit};

impl Handle {
    /// Switches a scanner on or off, for the mails that come from now on.
    pub fn scan(&self, scanner: Scanner, on: bool) {
        let scanners = &mut self.backend.state().scanners;
        if on {
            scanners.insert(scanner);
        } else {
            scanners.remove(&scanner);
        }
    }

    pub fn scanners(&self) -> Scanners {
        // Under the lock: a mail that is seen in the mailbox has been laid before the scanners.
        let state = self.backend.state();
        let on = |scanner| state.scanners.contains(&scanner);
        Scanners { fetch: on(Scanner::Fetch), submit: on(Scanner::Submit), idle: self.backend.scans.idle() }
    }

    /// Returns when the scanners have done all that there was to do.
    pub async fn scanned(&self) {
        self.backend.scans.until_idle().await;
    }

    pub fn visits(&self) -> Vec<Visit> {
        self.backend.state().visits.all()
    }

    pub fn newest_visits(&self, count: usize) -> Vec<Visit> {
        self.backend.state().visits.newest(count)
    }

    /// Forgets what the scanners did; numbers go on.
    pub fn clear_visits(&self) {
        self.backend.state().visits.clear();
    }
}
