//! The mailbox of all receivers, the sending quota, and the suppression list.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{Delivery, Mail, SuppressionReason, address};
use crate::core::account::{fnv1a, mix};
use crate::core::time::plus;

/// Maximum number of mails. Older ones are dropped to limit the memory of a long demo.
const KEPT: usize = 5_000;
/// Period of the quota.
const DAY: SignedDuration = SignedDuration::from_hours(24);

#[derive(Debug, Default)]
pub(crate) struct Mailbox {
    mails: VecDeque<Arc<Mail>>,
    /// Numbers of recipients and times of sending, oldest first.
    sent: VecDeque<(Timestamp, u32)>,
    made: u64,
}

impl Mailbox {
    /// A message id like those of SES: a region's digits and the time, a unique part, and a counter.
    pub(crate) fn next_id(&mut self, now: Timestamp) -> String {
        self.made += 1;
        let millis = now.as_millisecond().max(0);
        let (one, two) = (mix(fnv1a(&format!("mail {}", self.made))), mix(self.made));
        format!(
            "0107{millis:012x}-{:08x}-{:04x}-{:04x}-{:04x}-{:012x}-000000",
            one >> 32,
            one >> 16 & 0xffff,
            one & 0xffff,
            two >> 48,
            two & 0xffff_ffff_ffff
        )
    }

    /// Stores a mail and counts its recipients.
    pub(crate) fn put(&mut self, mail: Arc<Mail>) {
        if self.mails.len() == KEPT {
            self.mails.pop_front();
        }
        let recipients = u32::try_from(mail.deliveries.len()).unwrap_or(u32::MAX);
        self.sent.push_back((mail.time, recipients));
        self.mails.push_back(mail);
    }

    /// Recipients within the last 24 hours, including suppressed ones.
    pub(crate) fn sent_lately(&mut self, now: Timestamp) -> u64 {
        let since = plus(now, -DAY);
        self.sent.retain(|(at, _)| *at > since);
        self.sent.iter().map(|(_, recipients)| u64::from(*recipients)).sum()
    }

    /// All mails, oldest first.
    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &Arc<Mail>> {
        self.mails.iter()
    }

    pub(crate) fn get(&self, message_id: &str) -> Option<&Arc<Mail>> {
        self.mails.iter().rev().find(|mail| mail.message_id == message_id)
    }

    /// Clears the mails; the quota stays used.
    pub(crate) fn clear(&mut self) {
        self.mails.clear();
    }
}

/// The suppression list of the account. Entries are case-sensitive and match exactly one address (AWS SES Developer
/// Guide, "Using tenant-level suppression lists").
#[derive(Debug, Default)]
pub(crate) struct Suppressions(pub(crate) BTreeMap<String, SuppressionReason>);

impl Suppressions {
    /// The delivery of a mail to an address if these suppression reasons apply. The mailbox simulator of AWS has a
    /// fixed result for each of its addresses (AWS SES Developer Guide, "Using the mailbox simulator").
    pub(crate) fn fate(&self, written: &str, reasons: &[String]) -> Delivery {
        let recipient = address::spec(written).to_owned();
        let listed = self.0.get(&recipient).filter(|reason| reasons.iter().any(|it| it == reason.as_str()));
        let (delivered, note) = match (listed, simulated(&recipient)) {
            (Some(_), _) => (false, Some("Bounce Permanent OnAccountSuppressionList")),
            (None, Some("suppressionlist")) => (false, Some("Bounce Permanent Suppressed")),
            (None, Some("bounce")) => (false, Some("Bounce Permanent General")),
            (None, Some("complaint")) => (true, Some("Complaint abuse")),
            (None, Some("ooto")) => (true, Some("Bounce Transient General (out of the office)")),
            (None, _) => (true, None),
        };
        Delivery { recipient, delivered, note: note.map(str::to_owned) }
    }
}

/// The address of AWS's mailbox simulator, without its label. These addresses need no verification.
pub(crate) fn simulated(recipient: &str) -> Option<&str> {
    let local = recipient.strip_suffix("@simulator.amazonses.com")?;
    let name = local.split_once('+').map_or(local, |(name, _)| name);
    ["success", "bounce", "ooto", "complaint", "suppressionlist"].contains(&name).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delivery_of_a_mail() {
        let both = ["BOUNCE".to_owned(), "COMPLAINT".to_owned()];
        let mut list = Suppressions::default();
        list.0.insert("gone@a.example".to_owned(), SuppressionReason::Bounce);
        for (recipient, reasons, delivered, note) in [
            ("ann@a.example", &both[..], true, None),
            ("gone@a.example", &both, false, Some("Bounce Permanent OnAccountSuppressionList")),
            ("Gone <gone@a.example>", &both, false, Some("Bounce Permanent OnAccountSuppressionList")),
            ("Gone@a.example", &both, true, None),
            ("gone@a.example", &both[1..], true, None),
            ("gone@a.example", &[], true, None),
            ("bounce+x@simulator.amazonses.com", &both, false, Some("Bounce Permanent General")),
            ("suppressionlist@simulator.amazonses.com", &both, false, Some("Bounce Permanent Suppressed")),
            ("complaint@simulator.amazonses.com", &both, true, Some("Complaint abuse")),
            ("success@simulator.amazonses.com", &both, true, None),
        ] {
            let fate = list.fate(recipient, reasons);
            assert_eq!((fate.delivered, fate.note.as_deref()), (delivered, note), "{recipient} {reasons:?}");
        }
    }

    #[test]
    fn message_ids_differ_and_have_the_shape_of_ses() {
        let mut mailbox = Mailbox::default();
        let ids = [mailbox.next_id(Timestamp::UNIX_EPOCH), mailbox.next_id(Timestamp::UNIX_EPOCH)];
        assert_ne!(ids[0], ids[1]);
        for id in ids {
            let lengths: Vec<usize> = id.split('-').map(str::len).collect();
            assert_eq!(lengths, [16, 8, 4, 4, 4, 12, 6], "{id}");
        }
    }
}
