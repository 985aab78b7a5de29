//! The mailbox of the whole world, and the suppression list.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Handle;
use crate::core::mail::{Mail, SuppressionReason};

impl Handle {
    /// All mails that SES accepted, oldest first, also those that it did not deliver.
    pub fn mails(&self) -> Vec<Arc<Mail>> {
        self.backend.state().ses.account.mailbox.all().cloned().collect()
    }

    /// The mails to one address, oldest first. The case of the address does not matter.
    pub fn mails_to(&self, address: &str) -> Vec<Arc<Mail>> {
        self.backend.state().ses.account.mailbox.all().filter(|mail| mail.is_to(address)).cloned().collect()
    }

    pub fn mail(&self, message_id: &str) -> Option<Arc<Mail>> {
        self.backend.state().ses.account.mailbox.get(message_id).cloned()
    }

    /// Empties the mailbox. What was sent still counts against the quota.
    pub fn clear_mails(&self) {
        self.backend.state().ses.account.mailbox.clear();
    }

    /// Puts an address on the account's suppression list, as a bounce or a complaint does: SES accepts mails to it and
    /// delivers none. Its case counts.
    pub fn suppress(&self, address: &str, reason: SuppressionReason) {
        self.backend.state().ses.account.suppressions.0.insert(address.to_owned(), reason);
    }

    /// Takes an address off the suppression list; `false` when it was not on it.
    pub fn unsuppress(&self, address: &str) -> bool {
        self.backend.state().ses.account.suppressions.0.remove(address).is_some()
    }

    pub fn suppressed(&self) -> BTreeMap<String, SuppressionReason> {
        self.backend.state().ses.account.suppressions.0.clone()
    }
}
