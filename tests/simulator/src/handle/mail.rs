//! The mailbox of all receivers, and the suppression list.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Handle;
use crate::core::mail::{Mail, SuppressionReason};

impl Handle {
    /// All mails that SES accepted, including undelivered ones, oldest first.
    pub fn mails(&self) -> Vec<Arc<Mail>> {
        self.backend.state().ses.account.mailbox.all().cloned().collect()
    }

    /// The mails to one address, oldest first. Addresses are compared without case.
    pub fn mails_to(&self, address: &str) -> Vec<Arc<Mail>> {
        self.backend.state().ses.account.mailbox.all().filter(|mail| mail.is_to(address)).cloned().collect()
    }

    pub fn mail(&self, message_id: &str) -> Option<Arc<Mail>> {
        self.backend.state().ses.account.mailbox.get(message_id).cloned()
    }

    /// Empties the mailbox. Sent mails still count against the quota.
    pub fn clear_mails(&self) {
        self.backend.state().ses.account.mailbox.clear();
    }

    /// Adds an address to the account's suppression list, as a bounce or a complaint does: SES accepts mails to it, but
    /// does not deliver them. The address is case-sensitive.
    pub fn suppress(&self, address: &str, reason: SuppressionReason) {
        self.backend.state().ses.account.suppressions.0.insert(address.to_owned(), reason);
    }

    /// Removes an address from the suppression list; `false` if it was not on the list.
    pub fn unsuppress(&self, address: &str) -> bool {
        self.backend.state().ses.account.suppressions.0.remove(address).is_some()
    }

    pub fn suppressed(&self) -> BTreeMap<String, SuppressionReason> {
        self.backend.state().ses.account.suppressions.0.clone()
    }
}
