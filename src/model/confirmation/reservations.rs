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
/// A reserved time is this much later than the end of the limit, because the emails before it are sent a little late.
const SLACK: SignedDuration = SignedDuration::from_secs(5);
/// A reservation moves forward if that saves more than this. Each move is a new status.
const WORTH_A_MOVE: SignedDuration = SignedDuration::from_mins(1);
/// Upper bound on the reservations of one tenant. Requests beyond it wait for the same time as the last ones.
const PER_TENANT: usize = 2_000;

/// The reserved times by address. They are kept in memory: after a restart, requests reserve again.
#[derive(Debug, Default)]
pub struct Reservations(BTreeMap<Address, RecordedMail>);

impl Reservations {
    /// Whether the email may begin now. Otherwise the limit that holds it back, and the time that is reserved for it.
    /// The caller calls [`Self::release`] once the email is counted. `own` and `all` as in [`MailLimits::room`].
    pub fn turn<'a>(
        &mut self,
        limits: &MailLimits,
        (tenant, address): (&Tenant, &Address),
        own: &[RecordedMail],
        all: &(impl Iterator<Item = Counted<'a>> + Clone),
        now: Timestamp,
    ) -> Result<(), (Limit, Timestamp)> {
        self.0.retain(|_, mail| now.duration_since(mail.time) < UNUSED);
        let mine = self.0.remove(address).filter(|mail| mail.tenant == *tenant).map(|mail| mail.time);
        // A request keeps its place: only earlier reservations count. A new request comes after all.
        let before = |one: &Counted<'_>| mine.is_none_or(|mine| one.mail.time <= mine);
        let room = {
            let reserved = self.counted().filter(before);
            limits.room(tenant, address.domain(), own, &all.clone().map(shortened).chain(reserved), now)
        };
        let time = match (room, mine) {
            (Ok(()), mine) => mine.unwrap_or(now),
            (Err((_, end)), mine) => {
                let time = end.saturating_add(SLACK).unwrap_or(Timestamp::MAX);
                mine.filter(|mine| *mine > now && mine.duration_since(time) < WORTH_A_MOVE).unwrap_or(time)
            }
        };
        let of_tenant = self.0.values().filter(|mail| mail.tenant == *tenant).count();
        if time < Timestamp::MAX && of_tenant < PER_TENANT {
            self.0.insert(address.clone(), RecordedMail { tenant: tenant.clone(), time });
        }
        room.map_err(|(limit, _)| (limit, time))
    }

    /// Ends the reservation of this address.
    pub fn release(&mut self, address: &Address) {
        self.0.remove(address);
    }

    /// Ends all reservations: another replica may have sent emails since.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    fn counted(&self) -> impl Iterator<Item = Counted<'_>> + Clone {
        self.0.iter().map(|(address, mail)| Counted { domain: address.domain(), mail })
    }
}

/// The same for a shorter time, so that emails and reservations form one sequence.
fn shortened<'s, 'a: 's>(counted: Counted<'a>) -> Counted<'s> {
    counted
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: MailLimits = MailLimits { address: 3, tenant: 2, domain: 100, all: 3 };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    /// Emails of tenants, with the times at which each may begin.
    #[derive(Default)]
    struct Case {
        reservations: Reservations,
        sent: Vec<(Address, RecordedMail)>,
    }

    impl Case {
        /// `tenant/name` asks at this second. `None`: it is sent; otherwise the second that is reserved for it.
        #[allow(clippy::unwrap_in_result, reason = "a test fails by panicking")]
        fn ask(&mut self, who: &str, second: i64) -> Option<i64> {
            let (tenant, name) = who.split_once('/').unwrap();
            let tenant: Tenant = format!("tenant/{tenant}").parse().unwrap();
            let address = Address::parse(&format!("{name}@example.com")).unwrap();
            let all = self.sent.iter().map(|(address, mail)| Counted { domain: address.domain(), mail });
            match self.reservations.turn(&LIMITS, (&tenant, &address), &[], &all, at(second)) {
                Ok(()) => {
                    self.reservations.release(&address);
                    self.sent.push((address, RecordedMail { tenant, time: at(second) }));
                    None
                }
                Err((_, time)) => Some(time.as_second()),
            }
        }

        /// Requests in order, each with the answer of [`Self::ask`].
        fn tell(&mut self, rows: &[(i64, &str, Option<i64>)]) {
            for (second, who, wait) in rows {
                assert_eq!(self.ask(who, *second), *wait, "{who} at {second}");
            }
        }
    }

    #[test]
    fn each_request_that_waits_has_its_own_time_and_keeps_it() {
        Case::default().tell(&[
            (0, "acme/a", None),
            (60, "acme/b", None),
            (90, "acme/c", Some(3605)),
            (90, "acme/d", Some(3665)),
            (90, "acme/e", Some(7210)),
            (90, "acme/f", Some(7270)),
            // It keeps its time, whatever happens before.
            (1800, "acme/e", Some(7210)),
            // A tenant that has sent nothing does not wait behind the reservations of another one.
            (1800, "zenith/x", None),
            // At its time a request goes first, although it wakes late, and a new one waits behind all.
            (3606, "acme/new", Some(10_815)),
            (3607, "acme/c", None),
            (3667, "acme/d", None),
            (7211, "acme/e", None),
            (7272, "acme/f", None),
            (10_815, "acme/new", None),
        ]);
    }

    #[test]
    fn a_request_that_is_refused_at_its_time_keeps_its_place() {
        Case::default().tell(&[
            (0, "acme/a", None),
            (60, "acme/b", None),
            (90, "acme/c", Some(3605)),
            (90, "acme/d", Some(3665)),
            (90, "acme/e", Some(7210)),
            // c is sent half a minute late, so e is refused at its time, for that half minute.
            (3640, "acme/c", None),
            (3666, "acme/d", None),
            (7000, "acme/late", Some(7271)),
            (7210, "acme/e", Some(7245)),
            (7245, "acme/e", None),
        ]);
    }

    #[test]
    fn a_reservation_that_is_not_used_gives_its_time_to_the_next_one() {
        let mut case = Case::default();
        for who in ["acme/a", "acme/b", "acme/c", "acme/d"] {
            case.ask(who, 0);
        }
        assert_eq!(case.ask("acme/late", 1), Some(7210));
        case.reservations.release(&Address::parse("c@example.com").unwrap());
        assert_eq!(case.ask("acme/late", 2), Some(3605), "c is answered");
        // d was deleted, so its place is free a little later.
        assert_eq!(case.ask("acme/new", 3605 + 121), None);
    }
}
