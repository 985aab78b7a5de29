//! The knowledge of a process: its later actions have to be based on it.

use std::{collections::BTreeMap, sync::Mutex, time::Duration};

use sender_operator::{model::records::DnsAnswer, ses::SesError};
use tokio::time::Instant;

use super::{SesCall, lock};

/// Answers of DNS and SES to one process.
#[derive(Debug, Default)]
pub struct KnownAnswers {
    texts: Mutex<BTreeMap<String, (Instant, Vec<String>)>>,
    identities: Mutex<BTreeMap<String, bool>>,
}

impl KnownAnswers {
    pub fn answered(&self, name: &str, answer: &DnsAnswer) {
        let records = if let DnsAnswer::Records(records) = answer { records.clone() } else { Vec::new() };
        lock(&self.texts).insert(name.to_owned(), (Instant::now(), records));
    }

    /// The records of a name, if the last DNS lookup of them was within this time.
    pub fn records(&self, name: &str, within: Duration) -> Vec<String> {
        let texts = lock(&self.texts);
        let fresh = texts.get(name).filter(|(asked, _)| asked.elapsed() <= within);
        fresh.map(|(_, records)| records.clone()).unwrap_or_default()
    }

    pub fn read(&self, domain: &str, there: bool) {
        lock(&self.identities).insert(domain.to_owned(), there);
    }

    /// Notes a call, whatever its result.
    pub fn called(&self, call: SesCall, domain: &str, error: Option<&SesError>) {
        // A throttled call had no effect, and foreign settings are removed one by one.
        let one_of_several = error.is_none() && removes_foreign_settings(call);
        if call.is_write() && error != Some(&SesError::Throttled) && !one_of_several {
            lock(&self.identities).remove(domain);
        }
    }

    /// Whether a read showed the identity after the last write about it.
    pub fn has_seen(&self, domain: &str) -> bool {
        lock(&self.identities).get(domain) == Some(&true)
    }
}

/// Calls that remove foreign settings.
pub fn removes_foreign_settings(call: SesCall) -> bool {
    use SesCall::{ClearConfigurationSet, ClearMailFrom, DeletePolicy, Disassociate};
    [ClearConfigurationSet, ClearMailFrom, DeletePolicy, Disassociate].contains(&call)
}
