//! Amazon SES as a whole: its account, its rate limits and the faults of its calls.

use std::time::Duration;

use jiff::Timestamp;

use super::account::{Account, AccountPatch, Identity};
use super::api::{ApiError, Call, Context};
use super::dns::Zone;
use super::faults::Faults;
use super::lifecycle::Status;
use super::rules::Rules;
use super::throttle::Throttle;

#[derive(Debug)]
pub struct Ses {
    pub(crate) account: Account,
    pub(crate) faults: Faults,
    pub(crate) throttle: Throttle,
    /// Recipients per second.
    pub(crate) send_throttle: Throttle,
    throttle_sending: bool,
    calls: u64,
}

impl Ses {
    pub fn new(rules: &Rules) -> Self {
        let mut ses = Self {
            account: Account::new(rules),
            faults: Faults::default(),
            throttle: Throttle::new(rules.rate, rules.burst),
            send_throttle: Throttle::new(None, 1.0),
            throttle_sending: rules.throttle_sending,
            calls: 0,
        };
        ses.renew_send_throttle(Duration::ZERO);
        ses
    }

    /// Whether the rate limits allow a call at this time since the start. There is one limit for sending and one for
    /// all other calls.
    pub fn admits(&mut self, sends: bool, elapsed: Duration) -> bool {
        if sends { self.send_throttle.open(elapsed) } else { self.throttle.admit(elapsed) }
    }

    /// Executes a call.
    pub fn call<C: Call>(&mut self, call: C, now: Timestamp) -> Result<C::Answer, ApiError> {
        self.calls += 1;
        call.run(&mut self.context(now, self.calls))
    }

    /// The context of a call. The number differs for each call.
    pub(crate) fn context(&mut self, now: Timestamp, call: u64) -> Context<'_> {
        Context { account: &mut self.account, send_throttle: &mut self.send_throttle, now, call }
    }

    /// Ages all identities with the records of this zone.
    pub fn advance(&mut self, zone: &Zone, from: Timestamp, to: Timestamp) {
        for identity in self.account.identities.values_mut() {
            identity.advance(zone, from, to);
        }
    }

    /// Ages only the identities that were read since their creation. SES can delay the first check.
    pub fn advance_begun(&mut self, zone: &Zone, from: Timestamp, to: Timestamp) {
        let begun = |identity: &&mut Identity| identity.verification.status != Status::NotStarted;
        for identity in self.account.identities.values_mut().filter(begun) {
            identity.advance(zone, from, to);
        }
    }

    pub fn change_account(&mut self, patch: AccountPatch, elapsed: Duration) {
        self.account.change_settings(patch);
        self.renew_send_throttle(elapsed);
    }

    /// Enables or disables the account's sending rate.
    pub(crate) fn throttle_sending(&mut self, on: bool, elapsed: Duration) {
        self.throttle_sending = on;
        self.renew_send_throttle(elapsed);
    }

    fn renew_send_throttle(&mut self, elapsed: Duration) {
        let rate = self.account.settings.quota().max_send_rate;
        self.send_throttle.set(self.throttle_sending.then_some(rate), rate, elapsed);
    }
}
