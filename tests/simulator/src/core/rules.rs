//! What differs from account to account, and what AWS leaves open.

use super::account::dkim_tokens;

/// How the DKIM tokens of a domain are made, from account id, region and domain.
pub type Tokens = fn(&str, &str, &str) -> Vec<String>;

/// Settings of an account at SES. The defaults are SES's own limits.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The AWS account id, 12 digits.
    pub account: String,
    pub region: String,
    /// Management calls per second for all clients together; `None` switches throttling off.
    pub rate: Option<f64>,
    /// Calls that may come at once after a pause.
    pub burst: f64,
    /// Whether sending is held to the rate that `GetAccount` names.
    pub throttle_sending: bool,
    /// Whether `PutEmailIdentityDkimSigningAttributes` starts a failed verification again. AWS does not document it.
    pub restart_works: bool,
    /// Whether associating a resource with its tenant once more is refused.
    pub duplicate_association_fails: bool,
    /// Identities an account may have (SES quotas page: 10,000).
    pub max_identities: usize,
    /// Tenants an account may have (AWS SES Developer Guide, "Tenants": 10,000).
    pub max_tenants: usize,
    /// SES gives a domain the same tokens again when it is deleted and created anew, so they are computed.
    pub tokens: Tokens,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            account: "123456789012".to_owned(),
            region: "eu-central-1".to_owned(),
            rate: Some(1.0),
            burst: 1.0,
            throttle_sending: true,
            restart_works: true,
            duplicate_association_fails: true,
            max_identities: 10_000,
            max_tenants: 10_000,
            tokens: dkim_tokens,
        }
    }
}
