//! How a simulator is set up.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use jiff::Timestamp;

use crate::core::Rules;

/// Settings of a simulator. The defaults are what a test wants: free ports on loopback, SES's own rate limit.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where HTTP listens: SES, STS, control API and page. Port 0 lets the kernel choose.
    pub listen: SocketAddr,
    /// Where DNS listens, UDP and TCP on the same port. Port 0 lets the kernel choose.
    pub dns: SocketAddr,
    /// The AWS account id, 12 digits.
    pub account: String,
    pub region: String,
    /// Management calls per second for all clients together; `None` switches throttling off.
    pub rate: Option<f64>,
    /// Calls that may come at once after a pause. SES's value is not documented; 1 is the strict reading.
    pub burst: f64,
    /// Whether sending is held to the rate that `GetAccount` names; it has nothing to do with the rate of all other calls.
    pub throttle_sending: bool,
    /// How often SES looks at DNS, in real time. Real SES takes minutes to hours; demos want a second.
    pub check_interval: Duration,
    /// Time to live of DNS records in seconds, also of negative answers.
    pub ttl: u32,
    /// Whether `PutEmailIdentityDkimSigningAttributes` starts a failed verification again. AWS does not document it.
    pub restart_works: bool,
    /// Whether associating a resource with its tenant once more is refused, as AWS documents it. Third parties have
    /// seen a plain success too.
    pub duplicate_association_fails: bool,
    /// Identities an account may have (SES quotas page: 10,000).
    pub max_identities: usize,
    /// Tenants an account may have (AWS SES Developer Guide, "Tenants": 10,000).
    pub max_tenants: usize,
    /// The simulated time at the start; `None` takes the real time.
    pub start: Option<Timestamp>,
}

impl Default for Options {
    fn default() -> Self {
        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let rules = Rules::default();
        Self {
            listen: loopback,
            dns: loopback,
            account: rules.account,
            region: rules.region,
            rate: rules.rate,
            burst: rules.burst,
            throttle_sending: rules.throttle_sending,
            check_interval: Duration::from_secs(1),
            ttl: 1,
            restart_works: rules.restart_works,
            duplicate_association_fails: rules.duplicate_association_fails,
            max_identities: rules.max_identities,
            max_tenants: rules.max_tenants,
            start: None,
        }
    }
}

impl Options {
    pub(crate) fn rules(&self) -> Rules {
        Rules {
            account: self.account.clone(),
            region: self.region.clone(),
            rate: self.rate,
            burst: self.burst,
            throttle_sending: self.throttle_sending,
            restart_works: self.restart_works,
            duplicate_association_fails: self.duplicate_association_fails,
            max_identities: self.max_identities,
            max_tenants: self.max_tenants,
            ..Rules::default()
        }
    }
}
