//! Options of a simulator.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use jiff::Timestamp;

use crate::core::Rules;

/// Options of a simulator. The defaults suit tests: free ports on loopback, and SES's own rate limit.
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
    /// Whether sending is limited to the rate in `GetAccount`. It is independent of the rate of all other calls.
    pub throttle_sending: bool,
    /// Interval of SES's DNS checks, in real time. The real SES takes minutes to hours; demos need a second.
    pub check_interval: Duration,
    /// Time to live of DNS records in seconds, also of negative answers.
    pub ttl: u32,
    /// The simulated time at the start; `None`: the real time.
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
            throttle_sending: rules.throttle_sending,
            check_interval: Duration::from_secs(1),
            ttl: 1,
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
            throttle_sending: self.throttle_sending,
            ..Rules::default()
        }
    }
}
