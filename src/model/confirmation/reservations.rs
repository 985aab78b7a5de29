//! Reserved times of emails that a limit holds back. Pure.
//!
//! Without them, every request that waits for a limit would wake when the limit ends. All but a few would then wait
//! again, each with a new status. A reserved time counts like an email at that time, so the next one is later.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::limits::{Counted, Limit, MailLimits, RecordedMail};
use crate::model::{address::Address, tenant::Tenant};

/// A reservation that was not used within this time after its start is dropped: its request has ended.
const UNUSED: SignedDuration = SignedDuration::from_mins(2);
/// Upper bound on reservations. Requests beyond it wait until the end of the limit, without a place.
const MOST: usize = 20_000;

/// The reserved times by address. They are kept in memory: after a restart, requests reserve again.
#[derive(Debug, Default)]
pub struct Reservations(BTreeMap<Address, (RecordedMail, Limit)>);

impl Reservations {
    /// Whether the email may begin now; then its reservation ends. Otherwise the limit that holds it back, and the time
    /// that is reserved for it. `own` and `all` as in [`MailLimits::room`].
    pub fn turn<'a>(
        &mut self,
        limits: &MailLimits,
        (tenant, address): (&Tenant, &Address),
        own: &[RecordedMail],
        all: &(impl Iterator<Item = Counted<'a>> + Clone),
        now: Timestamp,
    ) -> Result<(), (Limit, Timestamp)> {
        self.0.retain(|_, (mail, _)| now.duration_since(mail.time) < UNUSED);
        let mine = self.0.remove(address).filter(|(mail, _)| mail.tenant == *tenant);
        if let Some((mail, limit)) = mine.clone().filter(|(mail, _)| mail.time > now) {
            self.0.insert(address.clone(), (mail.clone(), limit));
            return Err((limit, mail.time));
        }
        // Whoever has waited comes before reservations of a later time; a new request comes after all.
        let before = |time: Timestamp| mine.as_ref().is_none_or(|(mail, _)| time <= mail.time);
        let reserved = self.counted().filter(|counted| before(counted.mail.time));
        if limits.room(tenant, address.domain(), own, &all.clone().map(shortened).chain(reserved), now).is_ok() {
            return Ok(());
        }
        let reserved = self.counted();
        let Err((limit, time)) =
            limits.room(tenant, address.domain(), own, &all.clone().map(shortened).chain(reserved), now)
        else {
            return Ok(());
        };
        if time < Timestamp::MAX && self.0.len() < MOST {
            self.0.insert(address.clone(), (RecordedMail { tenant: tenant.clone(), time }, limit));
        }
        Err((limit, time))
    }

    fn counted(&self) -> impl Iterator<Item = Counted<'_>> + Clone {
        self.0.iter().map(|(address, (mail, _))| Counted { domain: address.domain(), mail })
    }
}

/// The same for a shorter time, so that emails and reservations form one sequence.
fn shortened<'s, 'a: 's>(counted: Counted<'a>) -> Counted<'s> {
    counted
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: MailLimits = MailLimits { address: 3, tenant: 2, domain: 100, all: 100 };

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(minutes * 60).unwrap()
    }

    /// Emails of one tenant, with the times at which each may begin.
    #[derive(Default)]
    struct Case {
        reservations: Reservations,
        sent: Vec<(Address, RecordedMail)>,
    }

    impl Case {
        fn ask(&mut self, name: &str, minute: i64) -> Option<i64> {
            let tenant: Tenant = "tenant/acme".parse().unwrap();
            let address = Address::parse(&format!("{name}@example.com")).unwrap();
            let all = self.sent.iter().map(|(address, mail)| Counted { domain: address.domain(), mail });
            match self.reservations.turn(&LIMITS, (&tenant, &address), &[], &all, at(minute)) {
                Ok(()) => {
                    self.sent.push((address, RecordedMail { tenant, time: at(minute) }));
                    None
                }
                Err((limit, time)) => {
                    assert_eq!(limit, Limit::Tenant);
                    Some(time.as_second() / 60)
                }
            }
        }
    }

    #[test]
    fn each_request_that_waits_has_its_own_time_and_keeps_it() {
        let mut case = Case::default();
        for (minute, name, wait) in [
            (0, "a", None),
            (1, "b", None),
            (2, "c", Some(60)),
            (2, "d", Some(61)),
            (2, "e", Some(120)),
            (2, "f", Some(121)),
            // It keeps its time, whatever happens before.
            (30, "e", Some(120)),
            // At its time it goes first, and a new request waits behind all.
            (60, "new", Some(180)),
            (60, "c", None),
            (61, "d", None),
            (120, "e", None),
            (121, "f", None),
            (180, "new", None),
        ] {
            assert_eq!(case.ask(name, minute), wait, "{name} at {minute}");
        }
    }

    #[test]
    fn a_reservation_that_nobody_uses_is_dropped() {
        let mut case = Case::default();
        for (name, minute) in [("a", 0), ("b", 0), ("c", 0), ("d", 0)] {
            case.ask(name, minute);
        }
        assert_eq!(case.ask("late", 1), Some(120));
        // c and d were deleted, so their places are free a little later.
        assert_eq!(case.ask("new", 63), None);
    }
}
