//! Operations on a running simulator: the one implementation behind the library, the control API and the page.

mod mail;
mod mail_from;
mod policies;
mod scanners;
mod tenants;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::backend::{Backend, State};
use crate::checker::{self, Jump};
use crate::core::NoSuch;
use crate::core::account::{AccountPatch, AccountSettings, IdentityPatch, IdentityView};
use crate::core::dns::{DnsFault, RecordError, RecordView};
use crate::core::faults::{ActiveFault, Fault};
use crate::journal::{Call, DnsQuery};

/// A handle to the simulator. It is cheap to clone, and can safely outlive the simulator.
#[derive(Clone)]
pub struct Handle {
    backend: Arc<Backend>,
}

impl Handle {
    pub(crate) fn new(backend: Arc<Backend>) -> Self {
        Self { backend }
    }

    pub(crate) fn backend(&self) -> &Arc<Backend> {
        &self.backend
    }

    /// All AWS calls so far, oldest first.
    pub fn journal(&self) -> Vec<Call> {
        self.backend.state().calls.all()
    }

    pub fn newest_calls(&self, count: usize) -> Vec<Call> {
        self.backend.state().calls.newest(count)
    }

    pub fn call_count(&self) -> u64 {
        self.backend.state().calls.count()
    }

    /// Empties the journal; numbering continues.
    pub fn clear_journal(&self) {
        let mut state = self.backend.state();
        state.calls.clear();
        state.queries.clear();
    }

    pub fn dns_queries(&self) -> Vec<DnsQuery> {
        self.backend.state().queries.all()
    }

    pub fn newest_dns_queries(&self, count: usize) -> Vec<DnsQuery> {
        self.backend.state().queries.newest(count)
    }

    pub fn now(&self) -> Timestamp {
        self.backend.state().clock.now()
    }

    /// Moves the clock forward. SES checks DNS before the jump, and every deadline in between takes effect. When this
    /// returns, the identities have the state of the new time. A jump of zero is an immediate DNS check.
    // A jump is awaited regardless of its duration.
    #[allow(clippy::unused_async)]
    pub async fn advance(&self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        checker::advance(&self.backend, Jump::By(by));
    }

    /// Sets the clock. Forward is a jump as in [`Self::advance`]; backward does not age identities.
    #[allow(clippy::unused_async)]
    pub async fn set_time(&self, to: Timestamp) {
        checker::advance(&self.backend, Jump::To(to));
    }

    /// Replaces the records of a name and type (A, AAAA, CNAME, TXT, MX, NS, SOA). Each value is one record in zone
    /// file notation; a TXT value can be bare text or several quoted strings.
    pub fn set_record(&self, name: &str, rtype: &str, values: &[&str]) -> Result<(), RecordError> {
        self.backend.zone().set(name, rtype, values, None)
    }

    /// Changes the values of a name and type, possibly to none, and keeps their time to live.
    pub fn change_values(
        &self,
        name: &str,
        rtype: &str,
        change: impl FnOnce(&mut Vec<String>),
    ) -> Result<(), RecordError> {
        self.backend.zone().change(name, rtype, change)
    }

    /// Removes the records of a name and type; `false` if there were none.
    pub fn remove_record(&self, name: &str, rtype: &str) -> Result<bool, RecordError> {
        self.backend.zone().remove(name, rtype)
    }

    pub fn records(&self) -> Vec<RecordView> {
        self.backend.zone().views()
    }

    /// Publishes the records that SES requires: the three CNAMEs of a domain (or of an address' domain), or a key
    /// record under the customer's own selector. This also works before the identity exists, because the tokens are
    /// known.
    pub fn publish_dkim(&self, domain: &str) -> Result<(), RecordError> {
        let records = self.dkim_records(domain);
        let mut zone = self.backend.zone();
        for (name, rtype, value) in records {
            zone.set(&name, rtype, &[&value], None)?;
        }
        Ok(())
    }

    /// Removes the records of [`Self::publish_dkim`].
    pub fn unpublish_dkim(&self, domain: &str) -> Result<(), RecordError> {
        let records = self.dkim_records(domain);
        let mut zone = self.backend.zone();
        for (name, rtype, _) in records {
            zone.remove(&name, rtype)?;
        }
        Ok(())
    }

    pub fn dkim_records(&self, domain: &str) -> Vec<(String, &'static str, String)> {
        self.backend.state().ses.dkim_records(domain)
    }

    /// Makes questions about a name fail.
    pub fn dns_fault(&self, name: &str, fault: DnsFault) -> Result<(), RecordError> {
        self.backend.zone().set_fault(name, Some(fault))
    }

    /// Ends the failure of questions about a name.
    pub fn clear_dns_fault(&self, name: &str) -> Result<(), RecordError> {
        self.backend.zone().set_fault(name, None)
    }

    /// Clears all DNS faults and restarts the server.
    pub fn clear_dns_faults(&self) {
        self.backend.zone().clear_faults();
    }

    pub fn dns_down(&self, down: bool) {
        self.backend.zone().set_down(down);
    }

    pub fn dns_is_down(&self) -> bool {
        self.backend.zone().down()
    }

    pub fn dns_faults(&self) -> BTreeMap<String, DnsFault> {
        self.backend.zone().faults().clone()
    }

    pub fn identity(&self, name: &str) -> Option<IdentityView> {
        self.backend.state().ses.identity(name)
    }

    pub fn identities(&self) -> Vec<IdentityView> {
        self.backend.state().ses.identities().collect()
    }

    /// Creates or changes an identity, as in the AWS console. Without a status in the patch, its verification starts as
    /// usual.
    pub fn put_identity(&self, name: &str, patch: IdentityPatch) {
        self.by_hand(|state, now| state.ses.put_identity(name, patch, now));
    }

    /// Changes an identity outside of the API; `false` if it does not exist.
    pub fn change_identity(&self, name: &str, patch: IdentityPatch) -> bool {
        self.by_hand(|state, now| state.ses.change_identity(name, patch, now))
    }

    /// Deletes an identity outside of the API, its associations first; `false` if it does not exist.
    pub fn remove_identity(&self, name: &str) -> bool {
        self.backend.state().ses.remove_identity(name)
    }

    /// Clicks the link in SES's mail to an address, as its owner. The link works for 24 hours; a second click has no
    /// effect.
    pub fn confirm_address(&self, address: &str) -> Result<(), NoSuch> {
        self.by_hand(|state, now| state.ses.confirm_address(address, now))
    }

    fn by_hand<T>(&self, change: impl FnOnce(&mut State, Timestamp) -> T) -> T {
        let mut state = self.backend.state();
        let now = state.clock.now();
        change(&mut state, now)
    }

    /// Creates a configuration set, so that identities can name it.
    pub fn put_configuration_set(&self, name: &str) {
        self.backend.state().ses.put_configuration_set(name);
    }

    /// Removes a configuration set, its associations first. Identities that name it keep the name.
    pub fn remove_configuration_set(&self, name: &str) -> bool {
        self.backend.state().ses.remove_configuration_set(name)
    }

    pub fn configuration_sets(&self) -> Vec<String> {
        self.backend.state().ses.account.configuration_sets.keys().cloned().collect()
    }

    pub fn account(&self) -> AccountSettings {
        self.backend.state().ses.account.settings.clone()
    }

    pub fn change_account(&self, patch: AccountPatch) {
        let mut state = self.backend.state();
        let elapsed = state.clock.elapsed();
        state.ses.change_account(patch, elapsed);
    }

    pub fn fault(&self, fault: Fault) {
        self.backend.state().ses.faults.add(fault);
    }

    /// Ends all faults of the AWS side; for DNS, see [`Self::clear_dns_faults`].
    pub fn clear_faults(&self) {
        self.backend.state().ses.faults.clear();
    }

    pub fn faults(&self) -> Vec<ActiveFault> {
        self.backend.state().ses.faults.active().to_vec()
    }

    /// Sets the number of management calls per second; `None` disables throttling.
    pub fn throttle(&self, rate: Option<f64>) {
        let mut state = self.backend.state();
        let now = state.clock.elapsed();
        state.ses.throttle.set_rate(rate, now);
    }

    pub fn rate(&self) -> Option<f64> {
        self.backend.state().ses.throttle.rate()
    }

    /// Whether sending is limited to the account's rate from now on.
    pub fn throttle_sending(&self, on: bool) {
        let mut state = self.backend.state();
        let elapsed = state.clock.elapsed();
        state.ses.throttle_sending(on, elapsed);
    }

    /// Recipients per second that SES allows; `None`: unlimited.
    pub fn send_rate(&self) -> Option<f64> {
        self.backend.state().ses.send_throttle.rate()
    }
}
