//! What can be done to a running simulator: the one implementation behind library, control API and page.

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

/// A share in the simulator. Cheap to clone; outliving the simulator is harmless.
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

    /// Empties the journal; numbers go on.
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

    /// Moves the clock on. SES looks at DNS before the jump, and every deadline on the way takes effect; when this
    /// returns, the identities are as they are at the new time. A jump of zero is a look at DNS right now.
    // A jump is awaited, however long it takes.
    #[allow(clippy::unused_async)]
    pub async fn advance(&self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        checker::advance(&self.backend, Jump::By(by));
    }

    /// Sets the clock. Forward is a jump as in [`Self::advance`]; backward ages nobody.
    #[allow(clippy::unused_async)]
    pub async fn set_time(&self, to: Timestamp) {
        checker::advance(&self.backend, Jump::To(to));
    }

    /// Replaces the records of a name and type (A, AAAA, CNAME, TXT, MX, NS, SOA). Each value is one record in the
    /// notation of zone files; a TXT value may be bare text or several quoted strings.
    pub fn set_record(&self, name: &str, rtype: &str, values: &[&str]) -> Result<(), RecordError> {
        self.backend.zone().set(name, rtype, values, None)
    }

    /// Changes the values of a name and type, which may become none, and keeps their time to live.
    pub fn change_values(
        &self,
        name: &str,
        rtype: &str,
        change: impl FnOnce(&mut Vec<String>),
    ) -> Result<(), RecordError> {
        self.backend.zone().change(name, rtype, change)
    }

    /// Removes the records of a name and type; `false` when there were none.
    pub fn remove_record(&self, name: &str, rtype: &str) -> Result<bool, RecordError> {
        self.backend.zone().remove(name, rtype)
    }

    pub fn records(&self) -> Vec<RecordView> {
        self.backend.zone().views()
    }

    /// Publishes what SES looks for: the three CNAMEs of a domain (or of an address' domain), or a key record under
    /// the customer's own selector. Works before the identity exists too, because the tokens are known.
    pub fn publish_dkim(&self, domain: &str) -> Result<(), RecordError> {
        let records = self.dkim_records(domain);
        let mut zone = self.backend.zone();
        for (name, rtype, value) in records {
            zone.set(&name, rtype, &[&value], None)?;
        }
        Ok(())
    }

    /// Removes what [`Self::publish_dkim`] publishes.
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

    /// Makes questions about a name go wrong.
    pub fn dns_fault(&self, name: &str, fault: DnsFault) -> Result<(), RecordError> {
        self.backend.zone().set_fault(name, Some(fault))
    }

    /// Makes questions about a name go well again.
    pub fn clear_dns_fault(&self, name: &str) -> Result<(), RecordError> {
        self.backend.zone().set_fault(name, None)
    }

    /// Clears all DNS faults and brings the server back.
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

    /// Creates an identity as somebody with the console would, or changes the one that is there. Without a status in
    /// the patch its verification starts as usual.
    pub fn put_identity(&self, name: &str, patch: IdentityPatch) {
        self.by_hand(|state, now| state.ses.put_identity(name, patch, now));
    }

    /// Changes an identity behind everybody's back; `false` when there is none of that name.
    pub fn change_identity(&self, name: &str, patch: IdentityPatch) -> bool {
        self.by_hand(|state, now| state.ses.change_identity(name, patch, now))
    }

    /// Deletes an identity behind everybody's back, its associations first; `false` when there is none of that name.
    pub fn remove_identity(&self, name: &str) -> bool {
        self.backend.state().ses.remove_identity(name)
    }

    /// Clicks the link in the mail SES sent to an address, as its owner. It works for 24 hours; a second click does
    /// nothing.
    pub fn confirm_address(&self, address: &str) -> Result<(), NoSuch> {
        self.by_hand(|state, now| state.ses.confirm_address(address, now))
    }

    fn by_hand<T>(&self, change: impl FnOnce(&mut State, Timestamp) -> T) -> T {
        let mut state = self.backend.state();
        let now = state.clock.now();
        change(&mut state, now)
    }

    /// Makes a configuration set, so that identities can name it.
    pub fn put_configuration_set(&self, name: &str) {
        self.backend.state().ses.put_configuration_set(name);
    }

    /// Removes a configuration set, its associations first; identities that name it keep the name.
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

    /// Ends all faults of the AWS side; see [`Self::clear_dns_faults`] for DNS.
    pub fn clear_faults(&self) {
        self.backend.state().ses.faults.clear();
    }

    pub fn faults(&self) -> Vec<ActiveFault> {
        self.backend.state().ses.faults.active().to_vec()
    }

    /// Management calls per second from now on; `None` switches throttling off.
    pub fn throttle(&self, rate: Option<f64>) {
        let mut state = self.backend.state();
        let now = state.clock.elapsed();
        state.ses.throttle.set_rate(rate, now);
    }

    pub fn rate(&self) -> Option<f64> {
        self.backend.state().ses.throttle.rate()
    }

    /// Whether sending is held to the account's rate from now on.
    pub fn throttle_sending(&self, on: bool) {
        let mut state = self.backend.state();
        let elapsed = state.clock.elapsed();
        state.ses.throttle_sending(on, elapsed);
    }

    /// Recipients a second that SES lets pass; `None`: any number.
    pub fn send_rate(&self) -> Option<f64> {
        self.backend.state().ses.send_throttle.rate()
    }
}
