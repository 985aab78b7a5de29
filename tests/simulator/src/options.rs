//! How a simulator is set up.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use jiff::Timestamp;

/// Settings of a simulator. The defaults are what a test wants: free ports on loopback, SES's own rate limit.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where HTTP listens: SES, STS, control API and page. Port 0 lets the kernel choose.
    pub listen: SocketAddr,
    /// Where DNS listens, UDP and TCP on the same port. Port 0 lets the kernel choose.
    pub dns: SocketAddr,
    /// The AWS account id, 12 digits.
    pub account: String,
    /// The AWS region.
    pub region: String,
    /// Management calls per second for all clients together; `None` switches throttling off.
    pub rate: Option<f64>,
    /// Calls that may come at once after a pause. SES's value is not documented; 1 is the strict reading.
    pub burst: f64,
    /// Whether sending is held to the rate that `GetAccount` names; it has nothing to do with the rate of all other calls.
    pub throttle_sending: bool,
    /// How often SES looks at DNS, in real time. Real SES takes minutes to hours; demos want a second.
    pub check_interval: Duration,
    /// How long SES waits for a DNS answer.
    pub dns_timeout: Duration,
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
        Self {
            listen: loopback,
            dns: loopback,
            account: "123456789012".to_owned(),
            region: "eu-central-1".to_owned(),
            rate: Some(1.0),
            burst: 1.0,
            throttle_sending: true,
            check_interval: Duration::from_secs(1),
            dns_timeout: Duration::from_millis(500),
            ttl: 1,
            restart_works: true,
            duplicate_association_fails: true,
            max_identities: 10_000,
            max_tenants: 10_000,
            start: None,
        }
    }
}
